/**
 * Lines on their way to whoever reads a file descriptor: written in order and together, without holding the process up. A reader that is
 * slow costs bounded memory, and one that is gone never keeps the process from ending.
 */
import { write, writeSync } from 'node:fs'

/** Beyond this nothing more is kept for a reader that does not read. */
const KEPT_CHARS_MAX = 16_000_000
/** A reader that takes nothing more is asked again after this time. */
const FULL_MS = 20
/** How often at the end of the process, before what it did not take is lost. */
const LAST_TRIES_MAX = 50

const NOTHING = Buffer.alloc(0)

export class Lines {
  readonly #fd: number
  #kept: string[] = []
  #chars = 0
  #dropped = 0
  /** What is left of what was taken from the kept ones to be written. */
  #taken: Buffer = NOTHING
  #state: 'idle' | 'writing' | 'resting' | 'gone' = 'idle'

  constructor(fd: number) {
    this.#fd = fd
    process.on('exit', () => this.#writeLast())
  }

  /** Takes a line with its end. */
  write(line: string): void {
    if (this.#state === 'gone') return
    if (this.#chars > KEPT_CHARS_MAX) this.#dropped++
    else {
      this.#kept.push(line)
      this.#chars += line.length
    }
    if (this.#state === 'idle') this.#go()
  }

  #go(): void {
    if (this.#taken.length === 0) this.#taken = this.#take()
    this.#state = this.#taken.length > 0 ? 'writing' : 'idle'
    if (this.#state === 'idle') return
    write(this.#fd, this.#taken, (error, written) => {
      if (error === null) {
        this.#taken = this.#taken.subarray(written)
        return this.#go()
      }
      this.#state = isFull(error) ? 'resting' : 'gone'
      if (this.#state === 'resting') setTimeout(() => this.#go(), FULL_MS).unref()
      else this.#kept = []
    })
  }

  #take(): Buffer {
    const lost =
      this.#dropped === 0 ? '' : `${JSON.stringify({ level: 'warn', lines: this.#dropped, msg: 'lines were lost: nobody read' })}\n`
    const all = Buffer.from(this.#kept.join('') + lost)
    this.#kept = []
    this.#chars = 0
    this.#dropped = 0
    return all
  }

  /** What the system has not been given yet. */
  #writeLast(): void {
    let left = Buffer.concat([this.#state === 'resting' ? this.#taken : NOTHING, this.#take()])
    for (let tries = 0; left.length > 0 && tries < LAST_TRIES_MAX; ) {
      try {
        left = left.subarray(writeSync(this.#fd, left))
        tries = 0
      } catch (error) {
        if (!isFull(error as NodeJS.ErrnoException)) return
        tries++
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS)
      }
    }
  }
}

function isFull({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN'
}
