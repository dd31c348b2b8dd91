/** `stoa move`: a shop's data goes to other databases, and back. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { leaveDataDir, putRootKey, takeDataDir } from '../data-dir.ts'
import { serviceNames } from '../discover.ts'
import type { ShopSettings } from '../shop-settings.ts'
import { unwind, type Undo } from '../unwind.ts'
import { carryOut, type Stopped } from './move.ts'
import { readRequest, settingsOfFile, type MoveRequest } from './request.ts'
import { findingsOf, keyFits, keyOfMove, markOfShop, nameOfGiven, openSide } from './sides.ts'
import { decide, type Verdict } from './verdict.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Runs the command; resolves with the exit code. */
export async function moveCommand(settings: ShopSettings, variables: Variables, argv: readonly string[]): Promise<number> {
  const undo: Undo[] = []
  const stopped = listenForSignals(undo)
  try {
    await move(settings, variables, readRequest(argv), { undo, stopped })
    return 0
  } catch (error) {
    console.error((error as Error).message)
    if (settings.logLevel === 'debug') console.error(error)
    return stopped.by === undefined ? 1 : 130
  } finally {
    await unwind(undo)
  }
}

interface Site {
  readonly undo: Undo[]
  readonly stopped: Stopped
}

async function move(here: ShopSettings, variables: Variables, request: MoveRequest, { undo, stopped }: Site): Promise<void> {
  const { dataDir } = here
  const out = request.direction === 'to'
  const { settings: there, keyFile } = settingsOfFile(request.file, variables, serviceNames())
  const lonely = [...here.databaseUrls.keys()]
  if (out && here.databaseUrl === '' && lonely.length > 0)
    throw new Error(
      `only the whole shop of a data directory is moved, and ${lonely.join(', ')} has a database elsewhere (STOA_DATABASE_URL_…)`,
    )
  if (out && !existsSync(join(dataDir, 'postgres'))) throw new Error(`no shop lies in ${dataDir}`)
  const secret = keyOfMove(dataDir, keyFile)
  await takeDataDir(dataDir)
  undo.push(() => leaveDataDir(dataDir))
  const shop = markOfShop(secret)
  const log = createLog({ level: here.logLevel === 'debug' ? 'debug' : 'error' })
  const far = await openSide({ settings: there, nameOf: (databases) => nameOfGiven(there, databases), secret, log, undo })
  const embedded = { ...here, databaseUrl: '', databaseUrls: new Map() }
  const near = await openSide({ settings: embedded, nameOf: () => `the data directory ${dataDir}`, secret, log, undo })
  const [source, target] = out ? [near, far] : [far, near]
  const [from, to] = [source.name, target.name]
  const [sources, targets] = [await findingsOf(source), await findingsOf(target)]
  const verdict = decide(sources, targets, request, shop)
  const wrongKey = sources.every((one) => one.ground === 'current') && !(await keyFits(source, secret))
  const faults = [...verdict.faults, ...(wrongKey ? [`the root key of ${dataDir} does not open what is sealed at ${from}`] : [])]
  if (faults.length > 0) throw new Error(`The shop was not moved from ${from} to ${to}:\n${faults.map((one) => `  - ${one}`).join('\n')}`)
  if (!out && !existsSync(join(dataDir, 'root.key'))) putRootKey(dataDir, secret)
  tellPlan(verdict, from, to)
  await carryOut({ plan: verdict.plan, direction: request.direction, shop, source, target, stopped, say: console.log })
  tellEnd(verdict, request, here)
}

function tellPlan({ plan, removes }: Verdict, from: string, to: string): void {
  if (plan === 'copy') console.log(`Moving the shop from ${from} to ${to}`)
  if (removes.length > 0) console.log(`Removed there:\n${removes.map((one) => `  ${one}`).join('\n')}`)
}

function tellEnd({ plan }: Verdict, { direction, file }: MoveRequest, { dataDir, demo }: ShopSettings): void {
  const back = `npm run move -- --${direction === 'to' ? 'from' : 'to'} ${file} --replace`
  if (plan === 'undo') return console.log('The move is given up: the shop starts where it was')
  if (plan === 'done') console.log('The shop was moved already')
  const key = join(dataDir, 'root.key')
  console.log(
    direction === 'to'
      ? `Start it with the settings of ${file}. ${key} goes with it: each process needs it at STOA_ROOT_KEY_FILE, and without it nothing sealed can be read.`
      : `Start it with STOA_DATA_DIR=${dataDir}, without STOA_DATABASE_URL.`,
  )
  if (demo) console.log(`The book of the sandbox is not in the databases: it lies in the folder sandbox of the data directory of the shop.`)
  console.log(`The way back: ${back}`)
}

/** The first signal ends the copying at the next table, cleanly; another one ends the process: the next run finds everything. */
function listenForSignals(undo: Undo[]): Stopped {
  const stopped: { by?: string } = {}
  const hear = (signal: string) => {
    if (stopped.by !== undefined) process.exit(130)
    // npm and the terminal may both send it: the echo is not another one.
    setTimeout(() => (stopped.by = signal), 300)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, hear)
    undo.push(() => void process.off(signal, hear))
  }
  return stopped
}
