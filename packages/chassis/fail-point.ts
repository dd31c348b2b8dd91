/**
 * Named places where fault tests let the process die or stumble. Nothing happens unless STOA_FAIL_POINTS names them:
 * `name=kill`, `name=kill:3` (the third time), `name=throw`, separated by commas. `@folder` reads them from the file there that bears
 * the process's STOA_SERVICES, so that a process that is started again finds what it is to die of next.
 */
import { existsSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

type Action = { readonly kind: 'kill' | 'throw'; readonly after: number }

const set = new Map<string, Action>()
const seen = new Map<string, number>()
let hook: ((name: string) => void) | undefined

setFailPoints(wanted(process.env.STOA_FAIL_POINTS ?? ''))

/** Passes a named point. Throws: where a test asked for it. */
export function failPoint(name: string): void {
  if (hook) hook(name)
  if (set.size === 0) return
  const action = set.get(name)
  if (!action) return
  const times = (seen.get(name) ?? 0) + 1
  seen.set(name, times)
  if (times !== action.after) return
  if (action.kind === 'kill') {
    writeSync(2, `fail-point ${name} ends ${process.env.STOA_SERVICES ?? 'the shop'}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  throw new Error(`fail-point ${name}`)
}

/** Sets fail-points from text, replacing earlier ones. For tests. */
export function setFailPoints(text: string): void {
  set.clear()
  seen.clear()
  for (const part of text.split(',').filter((one) => one.length > 0)) {
    const [name, how] = part.split('=') as [string, string | undefined]
    const [kind, times] = (how ?? 'kill').split(':') as [string, string | undefined]
    if (kind !== 'kill' && kind !== 'throw') throw new Error(`fail-point '${part}': kill or throw`)
    set.set(name, { kind, after: Number(times ?? 1) })
  }
}

/** Lets a simulation decide at every fail-point; undefined ends it. */
export function onFailPoint(decide: ((name: string) => void) | undefined): void {
  hook = decide
}

function wanted(text: string): string {
  if (!text.startsWith('@')) return text
  const file = join(text.slice(1), process.env.STOA_SERVICES ?? 'shop')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}
