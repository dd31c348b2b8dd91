/** A stretch of a partition's log in memory. Repeats are left out, so numbers only rise in it. */
import type { LogRecord } from '../events/ports.ts'
import type { LoggedRecord } from './fetcher.ts'

/** A record as it was read; taken apart when somebody needs it, once for all who do. */
export interface Held {
  readonly offset: number
  readonly seq: number
  readonly bytes: number
  logged: LoggedRecord | undefined
  record?: LogRecord
}

export interface SegmentLimits {
  readonly recordsMax: number
  readonly bytesMax: number
}

export class Segment {
  #from: number
  #next: number
  #held: Held[] = []
  #bytes = 0
  readonly #limits: SegmentLimits

  constructor(from: number, limits: SegmentLimits) {
    this.#from = from
    this.#next = from
    this.#limits = limits
  }

  /** Whatever stands at offsets from here to before `next` is here, but for repeats. */
  get from(): number {
    return this.#from
  }

  get next(): number {
    return this.#next
  }

  get bytes(): number {
    return this.#bytes
  }

  get last(): Held | undefined {
    return this.#held.at(-1)
  }

  /** Adds what follows; the oldest makes room. */
  append(records: readonly LoggedRecord[], next: number): void {
    for (const logged of records) {
      if (logged.seq <= (this.last?.seq ?? 0)) continue
      this.#held.push({ offset: logged.offset, seq: logged.seq, bytes: logged.bytes, logged })
      this.#bytes += logged.bytes
    }
    this.#next = next
    this.#trim()
  }

  /** The record of a number and those that follow it without a gap; none when it is not here. */
  run(seq: number, max: number): Held[] {
    const begin = this.#indexOf(seq)
    const run: Held[] = []
    for (let index = begin; run.length < max && this.#held[index]?.seq === seq + run.length; index++) run.push(this.#held[index] as Held)
    return run
  }

  /** The first record of a larger number. */
  after(seq: number): Held | undefined {
    return this.#held[this.#indexOf(seq + 1)]
  }

  /** Index of the first record whose number is at least `seq`. */
  #indexOf(seq: number): number {
    let [low, high] = [0, this.#held.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#held[middle] as Held).seq < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Cut by quarters, so that not every record moves all the others. */
  #trim(): void {
    const { recordsMax, bytesMax } = this.#limits
    if (this.#held.length <= recordsMax && this.#bytes <= bytesMax) return
    let cut = 0
    while (this.#held.length - cut > recordsMax * 0.75 || this.#bytes > bytesMax * 0.75) this.#bytes -= (this.#held[cut++] as Held).bytes
    this.#held = this.#held.slice(cut)
    this.#from = this.#held[0]?.offset ?? this.#next
  }
}
