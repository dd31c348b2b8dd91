/** A process of the shop that is started again when it dies, and ended with us. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../paths.ts'

export type ProcessState = 'starting' | 'ready' | 'stopping' | 'ended'

export interface KeptProcess {
  readonly name: string
  /** Of the present process. */
  readonly pid: number
  readonly state: ProcessState
  /** Resolves when it serves for the first time. Throws: with its last words when it ends before. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

export interface KeptOptions {
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where it says whether it serves. */
  readonly health: string
  /** Hears of each change of state, with a word on why. */
  readonly onState: (name: string, state: ProcessState, about: string) => void
  /** Hears what it prints. */
  readonly onOutput: (chunk: Buffer) => void
  /** What is run by Node; a process of the shop unless told. */
  readonly command?: readonly string[]
}

const LOOK_MS = 100
const LOOK_MS_MAX = 1000
const READY_SECONDS_MAX = 120
const STOP_MS_MAX = 40_000
const AGAIN_MS_MIN = 200
const AGAIN_MS_MAX = 5000
const RESTARTS_MAX = 10_000
const LAST_WORDS = 4000

/** Starts a process and keeps it. */
export function keepProcess(options: KeptOptions): KeptProcess {
  return new Keeper(options)
}

class Keeper implements KeptProcess {
  readonly ready: Promise<void>
  state: ProcessState = 'starting'
  readonly #options: KeptOptions
  readonly #stopping = new AbortController()
  #child: ChildProcess
  #exited: Promise<string>
  #said = ''

  constructor(options: KeptOptions) {
    this.#options = options
    ;[this.#child, this.#exited] = this.#start()
    this.ready = this.#firstReady()
    this.ready.catch(() => {})
    void this.#keep()
  }

  get name(): string {
    return this.#options.name
  }

  get pid(): number {
    return this.#child.pid as number
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#end()
  }

  async #end(): Promise<void> {
    const child = this.#child
    const gone = this.#exited
    if (this.state !== 'ended') this.#become('stopping', '')
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    await gone
    clearTimeout(hard)
  }

  async #keep(): Promise<void> {
    let vainStarts = 0
    for (let restarts = 0; restarts < RESTARTS_MAX; restarts++) {
      const why = await this.#exited
      // One that dies before it serves, again and again, is given growing pauses.
      vainStarts = this.state === 'starting' ? vainStarts + 1 : 0
      this.#become('ended', why)
      const pause = Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.min(Math.max(0, vainStarts - 1), 6))
      await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#stopping.signal.aborted) return
      ;[this.#child, this.#exited] = this.#start()
    }
    this.#become('ended', 'it died too often')
  }

  #start(): [ChildProcess, Promise<string>] {
    this.#said = ''
    const child = spawn(process.execPath, [...(this.#options.command ?? [join(root, 'cli/launch.mjs'), 'run'])], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...this.#options.env, STOA_LAUNCHED_BY: String(process.pid) },
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-LAST_WORDS)
        this.#options.onOutput(chunk)
      })
    this.#become('starting', '')
    const life = { isOver: false }
    const exited = new Promise<string>((done) => {
      child.once('error', (error) => done(error.message))
      child.once('exit', (code, signal) => done(signal ?? `code ${code}`))
    }).finally(() => {
      life.isOver = true
    })
    void this.#watch(child, life)
    return [child, exited]
  }

  /** Looks until a process serves. One that never comes to it is ended, to be started anew. */
  async #watch(child: ChildProcess, life: { readonly isOver: boolean }): Promise<void> {
    const until = Date.now() + READY_SECONDS_MAX * 1000
    const isStarting = () => !life.isOver && this.state === 'starting'
    while (Date.now() < until) {
      await sleep(LOOK_MS)
      if (!isStarting()) return
      const serves = await fetch(this.#options.health, { signal: AbortSignal.timeout(LOOK_MS_MAX) }).then(
        async (answer) => {
          await answer.body?.cancel()
          return answer.ok
        },
        () => false,
      )
      if (serves && isStarting()) return this.#become('ready', `process ${child.pid}`)
    }
    if (isStarting()) child.kill('SIGKILL')
  }

  async #firstReady(): Promise<void> {
    const ended = this.#exited.then((why) => {
      throw new Error(`${this.name} did not start (${why}):\n${this.#said.trim()}`)
    })
    await Promise.race([this.#untilServing(), ended])
  }

  /** Throws: when it is stopped before, or takes too long. */
  async #untilServing(): Promise<void> {
    const until = Date.now() + READY_SECONDS_MAX * 1000
    while (this.state !== 'ready') {
      if (this.#stopping.signal.aborted) throw new Error(`${this.name} was stopped before it served`)
      if (Date.now() > until) throw new Error(`${this.name} did not serve within ${READY_SECONDS_MAX} s:\n${this.#said.trim()}`)
      await sleep(LOOK_MS)
    }
  }

  #become(state: ProcessState, about: string): void {
    this.state = state
    this.#options.onState(this.name, state, about)
  }
}
