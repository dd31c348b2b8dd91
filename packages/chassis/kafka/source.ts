/**
 * A producer's stream, read from Kafka. Its readers know numbers only; where a number stands is remembered while they read on, and looked
 * up in the log otherwise (locate.ts). Readers of one process share what was read.
 */
import { PARTITIONS } from '../contract.ts'
import { Fault } from '../fault.ts'
import { UnreadableRecord, type LogRecord, type StreamSource } from '../events/ports.ts'
import type { Signals } from '../signals.ts'
import { Displaced, type Fetcher, WHOLE_TOPIC } from './fetcher.ts'
import { PartitionLog } from './partition-log.ts'
import type { EventSchemas } from './schemas.ts'
import type { Held } from './segment.ts'
import { fromWire, kindOf, valueOf } from './wire.ts'
import type { Watch } from './watch.ts'

/** What the sources of a process share. */
export interface SourceParts {
  readonly fetcher: Fetcher
  readonly watch: Watch
  readonly schemas: EventSchemas
  readonly signals: Signals
}

/** The end of a log in which its head is looked for: repeats may stand last. */
const HEAD_RECORDS = 1000

interface Head {
  readonly end: number
  readonly highest: number
}

export class KafkaSource implements StreamSource {
  readonly stream: string
  readonly #topic: string
  readonly #parts: SourceParts
  readonly #logs = new Map<number, PartitionLog>()
  readonly #heads = new Map<number, Head>()
  #topicId: string | undefined

  constructor(stream: string, topic: string, parts: SourceParts) {
    this.stream = stream
    this.#topic = topic
    this.#parts = parts
  }

  async read(after: ReadonlyMap<number, number>, limit: number): Promise<LogRecord[]> {
    const share = Math.max(1, Math.ceil(limit / Math.max(1, after.size)))
    const runs = new Map<number, readonly Held[]>()
    const lacking: [number, number][] = []
    for (const [part, last] of after) {
      const run = this.#logOf(part).atHand(last + 1, share)
      if (run) runs.set(part, run)
      else lacking.push([part, last + 1])
    }
    const hasSome = [...runs.values()].some((run) => run.length > 0)
    try {
      if (lacking.length > 0) {
        await this.#recognise()
        await Promise.all(lacking.map(async ([part, wanted]) => runs.set(part, await this.#logOf(part).bring(wanted, share))))
      }
    } catch (error) {
      this.#forgetAfter(error)
      // One partition that cannot be read holds up no other.
      if (!hasSome) throw error instanceof Displaced ? new Fault('unavailable', error.message, { cause: error }) : error
    }
    return this.#taken(runs)
  }

  async heads(): Promise<Map<number, number>> {
    try {
      const { leaders } = await this.#recognise()
      const parts = leaders.map((_, part) => part)
      const ends = await this.#parts.fetcher.ends(this.#topic, parts)
      await Promise.all(parts.map((part) => this.#lookForHead(part, ends.get(part) as { first: number; end: number })))
      return new Map(parts.map((part) => [part, this.#heads.get(part)?.highest ?? 0]))
    } catch (error) {
      const isKnown = this.#topicId !== undefined
      this.#forgetAfter(error)
      if (!(error instanceof Displaced)) throw error
      if (isKnown) throw new Fault('unavailable', error.message, { cause: error })
      // A topic that nobody has made yet is an empty stream.
      return new Map(Array.from({ length: PARTITIONS }, (_, part) => [part, 0]))
    }
  }

  async #lookForHead(part: number, { first, end }: { first: number; end: number }): Promise<void> {
    const before = this.#heads.get(part)
    if (before?.end === end) return
    // A log that became shorter is not the log it was.
    const known = before && before.end < end ? before : undefined
    const begin = Math.max(first, end - HEAD_RECORDS, known?.end ?? 0)
    const highest = await this.#logOf(part).highest(begin, end)
    this.#heads.set(part, { end, highest: Math.max(highest, known?.highest ?? 0) })
  }

  #logOf(part: number): PartitionLog {
    let log = this.#logs.get(part)
    if (!log) {
      log = new PartitionLog(this.stream, this.#topic, part, this.#parts)
      this.#logs.set(part, log)
    }
    return log
  }

  /** A topic of another id is another topic: nothing that was known of the old one holds. */
  async #recognise(): Promise<{ id: string; leaders: readonly number[] }> {
    const view = await this.#parts.fetcher.topic(this.#topic)
    if (this.#topicId !== undefined && this.#topicId !== view.id) this.#forgetAll()
    this.#topicId = view.id
    return view
  }

  #forgetAfter(error: unknown): void {
    if (!(error instanceof Displaced)) return
    for (const { part } of error.places) {
      if (part === WHOLE_TOPIC) return this.#forgetAll()
      this.#logs.get(part)?.displaced()
      this.#heads.delete(part)
    }
  }

  #forgetAll(): void {
    for (const log of this.#logs.values()) log.displaced()
    this.#heads.clear()
    this.#topicId = undefined
  }

  /** Events of the runs; a partition ends before a record that cannot be read. */
  async #taken(runs: ReadonlyMap<number, readonly Held[]>): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    let unreadable: UnreadableRecord | undefined
    for (const [part, run] of [...runs].sort(([a], [b]) => a - b)) {
      for (const held of run) {
        try {
          held.record ??= await this.#takeApart(held, part)
        } catch (error) {
          if (!(error instanceof UnreadableRecord)) throw error
          unreadable ??= new UnreadableRecord(`${this.stream}/${part} ${held.seq} (offset ${held.offset}): ${error.message}`, {
            cause: error,
          })
          break
        }
        held.logged = undefined
        records.push(held.record)
      }
    }
    if (records.length === 0 && unreadable) throw unreadable
    return records
  }

  #takeApart(held: Held, part: number): LogRecord | Promise<LogRecord> {
    const raw = (held.logged as NonNullable<typeof held.logged>).raw
    const kind = kindOf(raw, this.stream)
    const value = valueOf(raw)
    const decode = this.#parts.schemas.readerAtHand(kind, value)
    if (decode) return fromWire(raw, this.stream, part, decode)
    return this.#parts.schemas.reader(kind, value).then((found) => fromWire(raw, this.stream, part, found))
  }
}
