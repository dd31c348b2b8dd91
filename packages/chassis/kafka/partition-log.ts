/** One partition of a topic as the readers of this process share it: the end of its log, pages further back, and who was where. */
import { Displaced, type LoggedRecord, type Page } from './fetcher.ts'
import { locate, scan, type Located, type LogView } from './locate.ts'
import { Segment, type Held } from './segment.ts'
import type { SourceParts } from './source.ts'

const TAPE = { recordsMax: 1500, bytesMax: 1 << 20 }
const PAGE = { recordsMax: 20_000, bytesMax: 2 << 20 }
/** Pages kept for readers far behind; each reads in smaller bites than a page. */
const PAGES_MAX = 2
const PLACES_MAX = 64
const ROUNDS_MAX = 20
const WIDE = { waitMs: 0, bytesMax: 1 << 20, partBytesMax: 1 << 20 }
/** The broker answers one batch at least, however little is asked for. */
const NARROW = { waitMs: 0, bytesMax: 1, partBytesMax: 1 }

/** A number that is missing: what stands where it should, and how far it was looked for. */
interface Gap {
  readonly wanted: number
  readonly end: number
  readonly beyond: Held
}

export class PartitionLog {
  readonly stream: string
  readonly topic: string
  readonly part: number
  readonly #shared: SourceParts
  #tape: Segment | undefined
  #pages: Segment[] = []
  /** By the number a reader wants next: the offset from which on it will stand. */
  #places = new Map<number, number>()
  #gap: Gap | undefined

  constructor(stream: string, topic: string, part: number, shared: SourceParts) {
    this.stream = stream
    this.topic = topic
    this.part = part
    this.#shared = shared
  }

  get next(): number {
    return this.#tape?.next ?? -1
  }

  append(page: Page): void {
    this.#tape?.append(page.records, page.next)
  }

  displaced(): void {
    this.#tape = undefined
    this.#pages = []
    this.#places = new Map()
    this.#gap = undefined
  }

  /** What is in memory from `wanted` on; empty when the reader is at the end; undefined when the broker must be asked. */
  atHand(wanted: number, max: number): readonly Held[] | undefined {
    for (const segment of [this.#tape, ...this.#pages]) {
      const run = segment?.run(wanted, max)
      if (run && run.length > 0) return this.#served(wanted, run)
    }
    const place = this.#places.get(wanted)
    if (place === undefined || !this.#tape || place < this.#tape.from || this.#tape.after(wanted)) return undefined
    this.#remember(wanted, this.#tape.next)
    return []
  }

  /** What the log holds from `wanted` on, in memory or not; a lone record of a larger number when `wanted` is missing. Throws: `Displaced`; faults. */
  async bring(wanted: number, max: number): Promise<readonly Held[]> {
    let place = this.#places.get(wanted)
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (place === undefined) {
        const located = await this.#locate(wanted)
        if ('missing' in located) return [(this.#gap as Gap).beyond]
        if ('notYet' in located) return this.#atEnd(wanted, located.notYet)
        place = located.found
      }
      const page = await this.#page(place, true)
      if (!page) {
        if (place >= (await this.#ends()).end) return this.#atEnd(wanted, place)
        continue
      }
      const run = this.#keep(page).run(wanted, max)
      if (run.length > 0) return this.#served(wanted, run)
      // Something larger and not the wanted: the place was wrong, or there is a gap. The whole log decides.
      place = page.records.some((one) => one.seq > wanted) ? undefined : page.next
      if (place === undefined) this.#places.delete(wanted)
      else this.#remember(wanted, place)
    }
    // A long stretch of repeats: the next read goes on from here, soon.
    this.#shared.signals.raise(`stream:${this.stream}`)
    return []
  }

  /** The highest number between two offsets. */
  async highest(from: number, to: number): Promise<number> {
    return (await scan({ page: (offset) => this.#view(offset, true) }, from, to, Number.POSITIVE_INFINITY)).highest
  }

  async #locate(wanted: number): Promise<Located> {
    const { first, end } = await this.#ends()
    const log: LogView = { first, end, page: (offset, wide) => this.#view(offset, wide) }
    const gap = this.#gap
    // What was looked through once is not looked through again while its reader stands still.
    if (gap?.wanted === wanted && gap.end <= end) {
      const { found } = await scan(log, gap.end, end, wanted)
      if (found !== undefined) return { found }
      this.#gap = { ...gap, end }
      return { missing: { above: gap.beyond.offset, end } }
    }
    const located = await locate(log, wanted)
    if ('missing' in located) await this.#noteGap(wanted, located.missing)
    return located
  }

  async #noteGap(wanted: number, { above, end }: { above: number; end: number }): Promise<void> {
    const logged = (await this.#page(above, false))?.records.find((one) => one.offset === above && one.seq > wanted)
    if (!logged) throw new Displaced([{ topic: this.topic, part: this.part, offset: above }], undefined)
    this.#gap = { wanted, end, beyond: heldOf(logged) }
  }

  /** The reader has come to the end: from here on the watch reads for all. */
  #atEnd(wanted: number, offset: number): readonly Held[] {
    this.#remember(wanted, offset)
    if (!this.#tape) {
      this.#tape = new Segment(offset, TAPE)
      this.#shared.watch.follow(this)
    }
    return []
  }

  #served(wanted: number, run: readonly Held[]): readonly Held[] {
    const last = run.at(-1) as Held
    this.#places.delete(wanted)
    this.#remember(last.seq + 1, last.offset + 1)
    if (this.#gap && this.#gap.wanted <= last.seq) this.#gap = undefined
    return run
  }

  #remember(wanted: number, offset: number): void {
    this.#places.delete(wanted)
    this.#places.set(wanted, offset)
    if (this.#places.size <= PLACES_MAX) return
    const [oldest] = this.#places.keys()
    this.#places.delete(oldest as number)
  }

  #keep(page: Page): Segment {
    const segment = new Segment(page.place.offset, PAGE)
    segment.append(page.records, page.next)
    this.#pages = [segment, ...this.#pages].slice(0, PAGES_MAX)
    return segment
  }

  async #page(offset: number, wide: boolean): Promise<Page | undefined> {
    const [page] = await this.#shared.fetcher.fetch([{ topic: this.topic, part: this.part, offset }], wide ? WIDE : NARROW)
    return page
  }

  async #view(offset: number, wide: boolean): Promise<{ seqs: readonly LoggedRecord[]; next: number }> {
    const page = await this.#page(offset, wide)
    return { seqs: page?.records ?? [], next: page?.next ?? offset }
  }

  async #ends(): Promise<{ first: number; end: number }> {
    return (await this.#shared.fetcher.ends(this.topic, [this.part])).get(this.part) as { first: number; end: number }
  }
}

function heldOf(logged: LoggedRecord): Held {
  return { offset: logged.offset, seq: logged.seq, bytes: logged.bytes, logged }
}
