/** Callers: a closed loop (each waits for its answer before it asks again) and an open one (asks by the clock, whatever the answers do). */
import { setTimeout as sleep } from 'node:timers/promises'

/** One operation; true when it did what it should. */
export type Operation = () => Promise<boolean>

export interface Loop {
  readonly operations: number
  readonly failed: number
  readonly seconds: number
  /** Of operations that did what they should. Units: milliseconds, sorted. */
  readonly latenciesMs: readonly number[]
}

export interface ClosedOptions {
  readonly callers: number
  readonly secondsMax: number
  readonly operationsMax: number
}

export interface OpenOptions {
  readonly perSecond: number
  readonly seconds: number
}

/** Beyond it an open loop counts failures instead of piling up requests. */
const IN_FLIGHT_MAX = 2000

/** A fixed number of callers, until the time or the count is over. */
export async function closedLoop(options: ClosedOptions, operation: Operation): Promise<Loop> {
  const record = new Recorder()
  const until = performance.now() + options.secondsMax * 1000
  let started = 0
  const caller = async () => {
    while (started < options.operationsMax && performance.now() < until) {
      started++
      await record.watch(operation, performance.now())
    }
  }
  await Promise.all(Array.from({ length: options.callers }, caller))
  return record.end()
}

/** A fixed rate. Latency counts from the moment a request was due, so that a stalled shop is not flattered by requests that were never sent. */
export async function openLoop(options: OpenOptions, operation: Operation): Promise<Loop> {
  const record = new Recorder()
  const start = performance.now()
  const count = Math.round(options.perSecond * options.seconds)
  const running = new Set<Promise<void>>()
  for (let n = 0; n < count; n++) {
    const due = start + (n * 1000) / options.perSecond
    const early = due - performance.now()
    if (early > 0.5) await sleep(early)
    if (running.size >= IN_FLIGHT_MAX) {
      record.fail()
      continue
    }
    const one = record.watch(operation, due).finally(() => running.delete(one))
    running.add(one)
  }
  await Promise.all(running)
  return record.end()
}

/** The value below which that share of sorted values lies; 0 for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

class Recorder {
  readonly #start = performance.now()
  readonly #latencies: number[] = []
  #failed = 0

  async watch(operation: Operation, since: number): Promise<void> {
    const well = await operation().catch(() => false)
    if (well) this.#latencies.push(performance.now() - since)
    else this.#failed++
  }

  fail(): void {
    this.#failed++
  }

  end(): Loop {
    const seconds = (performance.now() - this.#start) / 1000
    this.#latencies.sort((a, b) => a - b)
    return { operations: this.#latencies.length, failed: this.#failed, seconds, latenciesMs: this.#latencies }
  }
}
