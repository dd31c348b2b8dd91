/** The loops of a running service. Each ends at its next boundary when `stop` aborts; each failure is waited out with a growing, bounded delay. */
import { Fault, isTransient } from '../fault.ts'
import type { Signals } from '../signals.ts'
import type { Log } from '../telemetry/log.ts'

export interface LoopOptions {
  readonly name: string
  readonly signals: Signals
  /** Signal that ends the wait early. */
  readonly wakeUp: string
  readonly stop: AbortSignal
  readonly log: Log
  /** Does what there is to do; answers for how long to rest (0: more is waiting). */
  readonly step: () => Promise<number>
  /** Least time from the begin of a step to the next: what comes meanwhile is done together. None unless told. */
  readonly gatherMs?: number
  readonly onFailure?: (error: unknown) => void
}

const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5000
const QUIET_FAILURES = 3

/** Runs `step` until stopped. */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { signals, wakeUp, stop } = options
  let failures = 0
  while (!stop.aborted) {
    const seen = signals.count(wakeUp)
    const began = performance.now()
    try {
      const restMs = await options.step()
      failures = 0
      await gather(options, began)
      if (restMs > 0) await signals.wait(wakeUp, seen, restMs, stop)
    } catch (error) {
      failures++
      options.onFailure?.(error)
      if (!isTransient(error) || failures > QUIET_FAILURES)
        options.log.error({ loop: options.name, failures, error }, 'a loop failed and will try again')
      const rest = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(failures, 10)) * (0.5 + Math.random())
      await signals.wait(`never:${options.name}`, 0, rest, stop)
    }
  }
}

async function gather({ name, gatherMs = 0, signals, stop }: LoopOptions, began: number): Promise<void> {
  const leftMs = gatherMs - (performance.now() - began)
  if (leftMs > 0) await signals.wait(`never:${name}`, 0, leftMs, stop)
}

/** Lets at most `max` run at once and at most `queueMax` wait. Throws: `overloaded` beyond that; the reason of `signal` to one whose wait it ends. */
export class Gate {
  readonly #max: number
  readonly #queueMax: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(max: number, queueMax: number) {
    this.#max = max
    this.#queueMax = queueMax
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (this.#running < this.#max) this.#running++
    else {
      if (this.#waiting.length >= this.#queueMax) throw new Fault('overloaded', 'too many requests are waiting')
      await this.#turn(signal)
    }
    try {
      return await work()
    } finally {
      // The place goes from hand to hand: given back first, a newcomer could take it before the one who waited.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1)
        reject(signal?.reason as Error)
      }
      this.#waiting.push(go)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}
