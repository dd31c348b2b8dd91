/** Watches the ends of all logs this process reads: one long poll per broker, whatever the number of topics and readers. */
import { Signals } from '../signals.ts'
import { Displaced, Fetcher, type Page, type Place, WHOLE_TOPIC } from './fetcher.ts'
import type { KafkaAccess } from './client.ts'

/** The end of a partition's log, as somebody keeps it in memory. */
export interface Tape {
  readonly stream: string
  readonly topic: string
  readonly part: number
  /** Where its next record will stand. */
  readonly next: number
  append(page: Page): void
  /** Its place does not exist any more. */
  displaced(): void
}

/** Least time between two polls of a broker: an answer costs about the same for one event as for many, and each event wakes every reader of its topic. */
export const GATHER_MS = 80
const POLL = { waitMs: 500, bytesMax: 4 << 20, partBytesMax: 512 << 10 }
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 2000

/** Leaders move: brokers that were not polled until now are looked for at least this often. */
const SUPERVISE_MS = 1000
const CHANGED = 'tapes'

export class Watch {
  readonly #fetcher: Fetcher
  readonly #signals: Signals
  readonly #own = new Signals()
  readonly #tapes = new Map<string, Tape>()
  readonly #polling = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()
  #supervising: Promise<void> | undefined
  #backoffMs = BACKOFF_MS_MIN

  constructor(access: KafkaAccess, signals: Signals) {
    this.#fetcher = new Fetcher(access)
    this.#signals = signals
  }

  /** Feeds a tape from its `next` on, until it is displaced. */
  follow(tape: Tape): void {
    if (this.#stop.signal.aborted) return
    this.#tapes.set(`${tape.topic}/${tape.part}`, tape)
    this.#own.raise(CHANGED)
    this.#supervising ??= this.#supervise()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#tapes.clear()
    await this.#fetcher.close()
    await Promise.allSettled([this.#supervising, ...this.#polling.values()])
  }

  /** Starts a poll at every broker that leads a tape and is not polled yet. */
  async #supervise(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const seen = this.#own.count(CHANGED)
      try {
        for (const node of (await this.#fetcher.byLeader(this.#places())).keys())
          if (!this.#polling.has(node)) this.#polling.set(node, this.#poll(node))
      } catch (error) {
        await this.#failed(error)
      }
      await this.#own.wait(CHANGED, seen, SUPERVISE_MS, this.#stop.signal)
    }
  }

  /** Polls one broker for as long as it leads a tape. */
  async #poll(node: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const began = performance.now()
      try {
        const own = (await this.#fetcher.byLeader(this.#places())).get(node)
        if (!own) break
        this.#feed(await this.#fetcher.fetchFrom(node, own, POLL))
        this.#backoffMs = BACKOFF_MS_MIN
        await this.#rest(GATHER_MS - (performance.now() - began))
      } catch (error) {
        await this.#failed(error)
      }
    }
    this.#polling.delete(node)
  }

  #feed(pages: readonly Page[]): void {
    const grown = new Set<string>()
    for (const page of pages) {
      const tape = this.#tapes.get(`${page.place.topic}/${page.place.part}`)
      // Another tape may have begun meanwhile: its next place is not where this page was asked for.
      if (!tape || tape.next !== page.place.offset) continue
      tape.append(page)
      grown.add(tape.stream)
    }
    for (const stream of grown) this.#signals.raise(`stream:${stream}`)
  }

  /** Lets go of tapes whose place is void: their readers look anew. Waits then, longer each time. */
  async #failed(error: unknown): Promise<void> {
    if (error instanceof Displaced) this.#release(error.places)
    const restMs = this.#backoffMs * (0.5 + Math.random())
    this.#backoffMs = Math.min(BACKOFF_MS_MAX, this.#backoffMs * 2)
    await this.#rest(restMs)
  }

  async #rest(ms: number): Promise<void> {
    if (ms > 0) await this.#own.wait('never', 0, ms, this.#stop.signal)
  }

  #release(places: readonly Place[]): void {
    for (const [name, tape] of [...this.#tapes]) {
      if (!places.some(({ topic, part }) => topic === tape.topic && (part === WHOLE_TOPIC || part === tape.part))) continue
      this.#tapes.delete(name)
      tape.displaced()
      this.#signals.raise(`stream:${tape.stream}`)
    }
  }

  #places(): Place[] {
    return [...this.#tapes.values()].map(({ topic, part, next }) => ({ topic, part, offset: next }))
  }
}
