/** Our end of the keeper: programs started by it, known by their own pid. */
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { KeeperWord, StartOrder } from './keeper.ts'

/** A program that the keeper started. */
export interface Kept {
  readonly pid: number
  readonly exited: Promise<void>
}

interface Waiting {
  readonly started: (kept: Kept) => void
  readonly failed: (error: Error) => void
  readonly exited: () => void
  readonly whenExited: Promise<void>
  pid: number | undefined
}

const START_MS_MAX = 20_000

let keeper: ChildProcess | undefined
let lastId = 0
const programs = new Map<number, Waiting>()

/** Starts a program that ends with this process, however this process ends. Throws: when it cannot be run. */
export function keep(order: Omit<StartOrder, 'id'>): Promise<Kept> {
  const id = ++lastId
  const { promise: whenExited, resolve: exited } = Promise.withResolvers<void>()
  const { promise, resolve: started, reject } = Promise.withResolvers<Kept>()
  const late = setTimeout(() => reject(new Error(`${order.command} was not started within ${START_MS_MAX / 1000} s`)), START_MS_MAX)
  programs.set(id, { started, failed: reject, exited, whenExited, pid: undefined })
  keeper ??= hire()
  keeper.send({ id, ...order }, (error) => {
    if (error) reject(error)
  })
  return promise.finally(() => clearTimeout(late))
}

function hire(): ChildProcess {
  const { NODE_OPTIONS: _options, ...env } = process.env
  const child = fork(join(import.meta.dirname, 'keeper.ts'), [], {
    execArgv: [],
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.on('message', (word) => hear(word as KeeperWord))
  child.once('error', () => lose(child))
  child.once('disconnect', () => lose(child))
  // Servers alone do not keep the shop running.
  child.unref()
  child.channel?.unref()
  return child
}

function hear(word: KeeperWord): void {
  const program = programs.get(word.id)
  if (!program) return
  if (word.kind === 'started') {
    program.pid = word.pid
    program.started({ pid: word.pid, exited: program.whenExited })
    return
  }
  programs.delete(word.id)
  if (word.kind === 'failed') program.failed(new Error(word.message))
  program.exited()
  if (programs.size > 0) return
  keeper?.disconnect()
  keeper = undefined
}

/** Without its keeper a program could outlive the shop: it is ended, and whoever watches it starts it again. */
function lose(child: ChildProcess): void {
  if (child !== keeper) return
  keeper = undefined
  for (const program of programs.values()) {
    if (program.pid !== undefined) endGroup(program.pid)
    program.failed(new Error('the keeper of the servers ended'))
    program.exited()
  }
  programs.clear()
}

/** Ends a program and all that it started, at once. */
export function endGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}
