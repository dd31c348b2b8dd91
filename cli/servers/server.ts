/** A server of another maker as a process beside the shop: started, awaited until it answers, ended with us. */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from '@stoa/chassis/database/postmaster.ts'
import { endGroup, keep } from './keeping.ts'

/** A server that runs beside the shop, ended with it. */
export interface RunningServer {
  readonly name: string
  /** Of the present process. */
  readonly pid: number
  /** Clean, within 10 s; then by force. */
  stop(): Promise<void>
  /** Resolves when the process ended, whoever ended it. */
  readonly exited: Promise<void>
}

/** A program to run, with what it needs in its environment. */
export interface Program {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

/** How one server is run. */
export interface ServerPlan {
  readonly name: string
  readonly program: Program
  readonly args: readonly string[]
  /** Where it works, and where its log and its pid are kept. */
  readonly folder: string
  /** Looks whether it may start, after what an earlier run left behind is gone. */
  readonly before?: () => Promise<unknown>
  /** Rejects as long as the server does not answer as it should. */
  readonly ready: (signal: AbortSignal) => Promise<unknown>
  /** How long it may take to answer; a minute unless told. */
  readonly readySeconds?: number
  /** The server's own log files in `folder`, beside what it prints. */
  readonly logs?: readonly string[]
  /** What asks it to end, and how long it has before SIGTERM follows. */
  readonly gentle?: { readonly signal: NodeJS.Signals; readonly ms: number }
}

const READY_SECONDS_MAX = 60
/** One try of `ready`; a server that hangs is asked again. */
const TRY_MS_MAX = 5000
const POLL_MS = 50
const STOP_MS_MAX = 10_000
/** A log is put aside at a start, once it has grown to this. */
const LOG_BYTES_MAX = 5_000_000
const TAIL_BYTES = 3000

/**
 * Starts a server and waits until it answers. One that an earlier run left behind on the same folder is ended first, so the caller must
 * hold the folder. Throws: with the end of the server's log, when it does not come to answer in time.
 */
export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  mkdirSync(plan.folder, { recursive: true, mode: 0o700 })
  await endLeftOver(plan)
  await plan.before?.()
  const log = join(plan.folder, `${plan.name}.log`)
  const logs = [log, ...(plan.logs ?? []).map((name) => join(plan.folder, name))]
  for (const file of logs) putAside(file)
  const began = logs.map((file) => (existsSync(file) ? statSync(file).size : 0))
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? plan.folder, LANG: 'C.UTF-8', TZ: 'UTC', ...plan.program.env }
  const kept = await keep({ command: plan.program.path, args: plan.args, env, cwd: plan.folder, log })
  writeFileSync(pidFile(plan), JSON.stringify({ pid: kept.pid, birth: birthOf(kept.pid) }))
  const server: RunningServer = { name: plan.name, ...kept, stop: () => stop(plan, kept.pid, kept.exited) }
  try {
    await untilReady(plan, kept.exited)
  } catch (error) {
    await server.stop()
    const said = logs.map((file, index) => tail(file, began[index] ?? 0)).join('')
    throw new Error(`${plan.name} did not start: ${(error as Error).message}\n${said.trim()}`)
  }
  return server
}

async function untilReady(plan: ServerPlan, exited: Promise<void>): Promise<void> {
  let ended = false
  void exited.then(() => (ended = true))
  const { readySeconds = READY_SECONDS_MAX } = plan
  const until = Date.now() + readySeconds * 1000
  let last: unknown
  while (Date.now() < until) {
    if (ended) throw new Error('it ended')
    try {
      await plan.ready(AbortSignal.timeout(TRY_MS_MAX))
      // Another server on the same port would answer too, while ours ended for want of it.
      await sleep(POLL_MS)
      if (!ended) return
    } catch (error) {
      last = error
      await sleep(POLL_MS)
    }
  }
  throw new Error(`it did not answer within ${readySeconds} s (${last instanceof Error ? last.message : String(last)})`)
}

async function stop(plan: ServerPlan, pid: number, exited: Promise<void>): Promise<void> {
  let ended = false
  const end = exited.then(() => (ended = true))
  const wait = (ms: number) => {
    const timer = new AbortController()
    return Promise.race([end, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]).finally(() => timer.abort())
  }
  const steps: readonly { signal: NodeJS.Signals; ms: number }[] = plan.gentle
    ? [plan.gentle, { signal: 'SIGTERM', ms: STOP_MS_MAX - plan.gentle.ms }]
    : [{ signal: 'SIGTERM', ms: STOP_MS_MAX }]
  await wait(0)
  for (const { signal, ms } of steps) {
    if (ended) break
    signalTo(pid, signal)
    await wait(ms)
  }
  if (!ended) {
    endGroup(pid)
    await wait(STOP_MS_MAX)
  }
  rmSync(pidFile(plan), { force: true })
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

function pidFile(plan: Pick<ServerPlan, 'folder' | 'name'>): string {
  return join(plan.folder, `${plan.name}.pid`)
}

/** A server whose shop and keeper were both killed still has the port and the data. */
async function endLeftOver(plan: ServerPlan): Promise<void> {
  const left = readLeftOver(pidFile(plan))
  if (left && left.birth !== undefined && birthOf(left.pid) === left.birth) {
    signalTo(left.pid, 'SIGTERM')
    const until = Date.now() + STOP_MS_MAX
    while (isRunning(left.pid) && Date.now() < until) await sleep(POLL_MS)
    // Its workers too, which may have the port.
    endGroup(left.pid)
  }
  rmSync(pidFile(plan), { force: true })
}

function readLeftOver(file: string): { pid: number; birth?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; birth?: string }
  } catch {
    // Absent, or cut short by a crash: then the port tells, if a server is left.
    return undefined
  }
}

/** When a process was started, in the system's own count: a pid is used again, both together are not. Undefined where there is no /proc. */
function birthOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function putAside(file: string): void {
  if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.1`)
}

/** The end of what was written since `from`. */
function tail(file: string, from: number): string {
  if (!existsSync(file)) return ''
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const begin = Math.max(size < from ? 0 : from, size - TAIL_BYTES)
    const bytes = Buffer.alloc(Math.max(0, size - begin))
    readSync(handle, bytes, 0, bytes.length, begin)
    return bytes.toString()
  } finally {
    closeSync(handle)
  }
}
