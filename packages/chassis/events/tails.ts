/** Live tails of streams, for server-sent events: one reader per stream and process, however many pages watch. Not durable. */
import type { EventContract } from '../contract.ts'
import { isTransient } from '../fault.ts'
import { received } from '../runtime/readers.ts'
import type { Received, TailFn } from '../service.ts'
import type { Signals } from '../signals.ts'
import type { LogRecord, StreamSource } from './ports.ts'

const QUEUE_MAX = 1000
const BATCH = 200
const REST_MS = 2000
const FAILED_REST_MS = 500

/** One page that watches. Ends when its client falls too far behind: it will come back. */
class Watcher {
  readonly types: ReadonlySet<string>
  readonly keys: ReadonlySet<string>
  readonly #queue: LogRecord[] = []
  #wake: (() => void) | undefined
  #ended = false

  constructor(types: ReadonlySet<string>, keys: ReadonlySet<string>) {
    this.types = types
    this.keys = keys
  }

  offer(record: LogRecord): void {
    if (!this.types.has(record.type) || !this.keys.has(record.key)) return
    if (this.#queue.length >= QUEUE_MAX) return this.end()
    this.#queue.push(record)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *read(): AsyncGenerator<Received<EventContract>> {
    while (!this.#ended) {
      const record = this.#queue.shift()
      if (record) yield received(record)
      else
        await new Promise<void>((wake) => {
          this.#wake = wake
        })
    }
  }
}

interface Tailed {
  readonly watchers: Set<Watcher>
  readonly started: Promise<void>
  readonly stop: AbortController
}

export class Tails {
  readonly #signals: Signals
  readonly #sourceOf: (stream: string) => StreamSource | undefined
  readonly #tailed = new Map<string, Tailed>()

  constructor(signals: Signals, sourceOf: (stream: string) => StreamSource | undefined) {
    this.#signals = signals
    this.#sourceOf = sourceOf
  }

  readonly tail: TailFn = async <E extends EventContract>(events: readonly E[], keys: readonly string[], signal: AbortSignal) => {
    const watcher = new Watcher(new Set(events.map((one) => one.name)), new Set(keys))
    const streams = [...new Set(events.map((one) => one.topic))]
    for (const stream of streams) await this.#watch(stream, watcher)
    signal.addEventListener(
      'abort',
      () => {
        watcher.end()
        for (const stream of streams) this.#leave(stream, watcher)
      },
      { once: true },
    )
    if (signal.aborted) watcher.end()
    return watcher.read() as AsyncIterable<Received<E>>
  }

  /** Ends every tail. */
  close(): void {
    for (const tailed of this.#tailed.values()) {
      tailed.stop.abort()
      for (const watcher of tailed.watchers) watcher.end()
    }
    this.#tailed.clear()
  }

  async #watch(stream: string, watcher: Watcher): Promise<void> {
    let tailed = this.#tailed.get(stream)
    if (!tailed) {
      const source = this.#sourceOf(stream)
      if (!source) return
      const watchers = new Set<Watcher>()
      const stop = new AbortController()
      const heads = source.heads()
      tailed = { watchers, stop, started: heads.then(() => {}) }
      this.#tailed.set(stream, tailed)
      heads.then(
        (positions) => void this.#follow(source, positions, watchers, stop.signal),
        () => this.#tailed.delete(stream),
      )
    }
    tailed.watchers.add(watcher)
    await tailed.started
  }

  #leave(stream: string, watcher: Watcher): void {
    const tailed = this.#tailed.get(stream)
    tailed?.watchers.delete(watcher)
    if (tailed?.watchers.size !== 0) return
    tailed.stop.abort()
    this.#tailed.delete(stream)
  }

  async #follow(source: StreamSource, positions: Map<number, number>, watchers: ReadonlySet<Watcher>, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const seen = this.#signals.count(`stream:${source.stream}`)
      try {
        const records = await source.read(positions, BATCH)
        for (const record of records) {
          positions.set(record.part, record.seq)
          for (const watcher of watchers) watcher.offer(record)
        }
        if (records.length === 0) await this.#signals.wait(`stream:${source.stream}`, seen, REST_MS, stop)
      } catch (error) {
        if (!isTransient(error)) for (const watcher of watchers) watcher.end()
        await this.#signals.wait('never:tail', 0, FAILED_REST_MS, stop)
      }
    }
  }
}
