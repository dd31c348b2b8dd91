/**
 * A small process between the shop and the servers beside it. Servers of other makers do not notice that the shop was killed; this one
 * does, by its channel to the shop, and ends them. It has a session of its own, so that Ctrl-C in a terminal reaches the shop alone,
 * which ends its servers in the right order.
 */
import { spawn } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the shop asks for: one program, started. */
export interface StartOrder {
  readonly id: number
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** File that takes all the program says. */
  readonly log: string
}

/** What the keeper tells. */
export type KeeperWord =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'exited'; readonly id: number }

/** How long a program may take to end after it was asked. */
const STOP_MS = 10_000
const POLL_MS = 50

const running = new Set<number>()

function start(order: StartOrder): void {
  const log = openSync(order.log, 'a', 0o600)
  // A group of its own: what the program started goes with it, such as the workers of an NGINX that was killed.
  const child = spawn(order.command, order.args, { cwd: order.cwd, env: order.env, stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  const { pid } = child
  child.once('error', (error) => tell({ kind: 'failed', id: order.id, message: error.message }))
  if (pid === undefined) return
  running.add(pid)
  child.once('exit', () => {
    running.delete(pid)
    send(-pid, 'SIGKILL')
    tell({ kind: 'exited', id: order.id })
  })
  tell({ kind: 'started', id: order.id, pid })
}

async function endAll(): Promise<void> {
  for (const pid of running) send(pid, 'SIGTERM')
  const until = Date.now() + STOP_MS
  while (running.size > 0 && Date.now() < until) await sleep(POLL_MS)
  for (const pid of running) send(-pid, 'SIGKILL')
  process.exit()
}

function tell(word: KeeperWord): void {
  // The shop may be gone already: then nobody needs to know.
  if (process.connected) process.send?.(word, undefined, {}, () => {})
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

let ending: Promise<void> | undefined
const end = () => {
  ending ??= endAll()
}
process.on('message', (order) => {
  try {
    start(order as StartOrder)
  } catch (error) {
    tell({ kind: 'failed', id: (order as StartOrder).id, message: (error as Error).message })
  }
})
process.on('disconnect', end)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
