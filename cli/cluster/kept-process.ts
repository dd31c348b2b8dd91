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
}

const LOOK_MS = 100
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
  #child: ChildProcess
  #exited: Promise<string>
  #said = ''
  #stopping = false

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
    this.#stopping = true
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#become('stopping', '')
    const gone = this.#exited
    this.#child.kill('SIGTERM')
    const hard = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX)
    await gone
    clearTimeout(hard)
  }

  async #keep(): Promise<void> {
    for (let restarts = 0; restarts < RESTARTS_MAX; restarts++) {
      const began = Date.now()
      const why = await this.#exited
      this.#become('ended', why)
      if (this.#stopping) return
      // One that dies at once, again and again, is given growing pauses.
      const quick = Date.now() - began < AGAIN_MS_MAX
      await sleep(quick ? Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.min(restarts, 6)) : AGAIN_MS_MIN)
      if (this.#stopping) return
      ;[this.#child, this.#exited] = this.#start()
      void this.#untilServing().catch(() => {})
    }
  }

  #start(): [ChildProcess, Promise<string>] {
    this.#said = ''
    const child = spawn(process.execPath, [join(root, 'cli/launch.mjs'), 'run'], {
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
    const exited = new Promise<string>((done) => {
      child.once('error', (error) => done(error.message))
      child.once('exit', (code, signal) => done(signal ?? `code ${code}`))
    })
    return [child, exited]
  }

  async #firstReady(): Promise<void> {
    const ended = this.#exited.then((why) => {
      throw new Error(`${this.name} did not start (${why}):\n${this.#said.trim()}`)
    })
    await Promise.race([this.#untilServing(), ended])
  }

  async #untilServing(): Promise<void> {
    const until = Date.now() + READY_SECONDS_MAX * 1000
    while (Date.now() < until && !this.#stopping) {
      await sleep(LOOK_MS)
      if (this.state !== 'starting') continue
      const serves = await fetch(this.#options.health, { signal: AbortSignal.timeout(1000) }).then(
        (answer) => answer.ok,
        () => false,
      )
      if (!serves) continue
      if (this.state === 'starting') this.#become('ready', `process ${this.pid}`)
      return
    }
    if (!this.#stopping) throw new Error(`${this.name} did not serve within ${READY_SECONDS_MAX} s:\n${this.#said.trim()}`)
  }

  #become(state: ProcessState, about: string): void {
    this.state = state
    this.#options.onState(this.name, state, about)
  }
}
