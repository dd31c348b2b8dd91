/** What is asked of a move: `--to FILE` or `--from FILE`, and the settings in that file. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Direction } from '@stoa/chassis/database/residence.ts'
import { DATABASE_URL, readSettings, type ShopSettings } from '../shop-settings.ts'

export interface MoveRequest {
  /** `to`: out of the data directory. `from`: into it. */
  readonly direction: Direction
  /** As it was typed, for messages. */
  readonly file: string
  /** Whether what is at the other side may be removed. */
  readonly replace: boolean
  /** Whether a move that is not finished is given up. */
  readonly undo: boolean
}

export const USAGE = `npm run move -- --to FILE      moves the shop of the data directory to the databases that FILE names
npm run move -- --from FILE    moves it back
  --replace                    removes what is in the databases it goes to
  --undo                       gives up a move that was not finished`

type Variables = Readonly<Record<string, string | undefined>>

/** Reads the arguments of the command. Throws: naming what is wrong, with the usage. */
export function readRequest(argv: readonly string[]): MoveRequest {
  const wrong = (what: string) => new Error(`${what}\n\n${USAGE}`)
  const given: { direction: Direction; file: string }[] = []
  const flags = new Set<string>()
  for (let index = 0; index < argv.length; index++) {
    const one = argv[index] as string
    if (one === '--to' || one === '--from') {
      const file = argv[++index]
      if (file === undefined || file.startsWith('--')) throw wrong(`${one} needs a file of settings`)
      given.push({ direction: one === '--to' ? 'to' : 'from', file })
    } else if (one === '--settings') index++
    else if (one === '--replace' || one === '--undo') flags.add(one)
    else throw wrong(`'${one}' is not known`)
  }
  const [wish] = given
  if (!wish || given.length > 1) throw wrong('say either --to FILE or --from FILE')
  return { ...wish, replace: flags.has('--replace'), undo: flags.has('--undo') }
}

/** Settings of the side that is not the data directory: databases and key as the file says, everything else as here. Throws: when the file names no databases. */
export function settingsOfFile(
  file: string,
  variables: Variables,
  services: readonly string[],
): { settings: ShopSettings; keyFile?: string } {
  const path = resolve(variables.INIT_CWD ?? process.cwd(), file)
  if (!existsSync(path)) throw new Error(`${path}: there is no such file of settings`)
  const named = parseEnv(readFileSync(path, 'utf8')) as Record<string, string>
  const relevant = Object.entries(named).filter(([name]) => name.startsWith('STOA_DATABASE_') || name === 'STOA_ROOT_KEY_FILE')
  const elsewhere = Object.fromEntries(
    Object.keys(variables).flatMap((name) => (name.startsWith('STOA_DATABASE_') ? [[name, undefined]] : [])),
  )
  const settings = readSettings({ ...variables, ...elsewhere, ...Object.fromEntries(relevant) })
  const missing = services.filter((name) => !settings.databaseUrls.has(name))
  if (settings.databaseUrl === '' && missing.length > 0)
    throw new Error(
      missing.length === services.length
        ? `${path} names no ${DATABASE_URL}`
        : `${path} names neither ${DATABASE_URL} nor a database of its own for ${missing.join(', ')}`,
    )
  const keyFile = named.STOA_ROOT_KEY_FILE ?? variables.STOA_ROOT_KEY_FILE
  return { settings, ...(keyFile ? { keyFile: settings.rootKeyFile } : {}) }
}
