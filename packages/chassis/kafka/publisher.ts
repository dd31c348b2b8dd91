/**
 * Copies a service's stream_log to Kafka, each partition in the order of its numbers. A batch goes out when the one before it was
 * acknowledged to somebody, so the first occurrence of a number follows the first occurrence of the one before it, however many publishers
 * are at work and whatever they die of; what is repeated then, readers drop (reliability: P4).
 */
import type { Producer } from '@platformatic/kafka'
import { PARTITIONS } from '../contract.ts'
import { sql, type Db } from '../database/sql.ts'
import { toRecord, type LogRow } from '../events/postgres-streams.ts'
import { failPoint } from '../fail-point.ts'
import type { Log } from '../telemetry/log.ts'
import { brokersAway, codesOf, openProducer, type KafkaAccess } from './client.ts'
import { subjectOf, type Encode, type EventSchemas } from './schemas.ts'
import { sizeOf, toWire, type OutgoingRecord } from './wire.ts'

export interface PublisherOptions {
  readonly db: Db
  readonly stream: string
  /** Whether this process publishes a partition. Rivals only repeat. */
  readonly owns: (stream: string, part: number) => boolean
  readonly log: Log
}

export interface PublisherParts {
  readonly access: KafkaAccess
  readonly schemas: EventSchemas
  readonly topic: string
  /** Makes the topic when it is not there. */
  readonly ensure: () => Promise<void>
}

const RECORDS_MAX = 500
/** Of JSON, in one read: bounds the memory of a step. */
const READ_BYTES_MAX = 1_500_000
const BATCH_BYTES_MAX = 700_000
const REST_MS_MIN = 100
const REST_MS_MAX = 5000

interface Batch {
  readonly part: number
  readonly from: number
  readonly to: number
  /** The partition's last number when it was read. */
  readonly head: number
  readonly records: readonly OutgoingRecord[]
}

interface Row extends LogRow {
  /** The last number that was published before the batch. */
  readonly published: number
  readonly head: number
}

export class Publisher {
  readonly #options: PublisherOptions
  readonly #parts: PublisherParts
  readonly #resting = new Map<number, { until: number; failures: number }>()
  #producer: Producer | undefined
  #opened = false

  constructor(options: PublisherOptions, parts: PublisherParts) {
    this.#options = options
    this.#parts = parts
  }

  /**
   * Publishes the next batch of each partition it owns; answers how many events became published, and whether more may wait.
   * Throws: faults, when nothing could be.
   */
  async step(): Promise<{ published: number; more: boolean }> {
    if (!this.#opened) await this.#open()
    const rows = await this.#read()
    if (rows.length === 0) return { published: 0, more: false }
    failPoint('publisher.after-read')
    const tried = [...byPart(rows)].map(async ([part, own]) => {
      try {
        return await this.#send(await this.#batchOf(part, own))
      } catch (error) {
        throw new PartFailed(part, error)
      }
    })
    const settled = await Promise.allSettled(tried)
    failPoint('publisher.after-ack')
    const sent = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const moved = await this.#move(sent)
    failPoint('publisher.after-move')
    const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as PartFailed] : []))
    if (failed.length > 0) await this.#failed(failed)
    if (moved === 0 && failed[0]) throw failed[0].cause
    return { published: moved, more: moved < rows.length || sent.some((one) => one.to < one.head) }
  }

  async close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.close().catch(() => {})
  }

  async #open(): Promise<void> {
    await this.#parts.ensure()
    await this.#options.db.run(sql`
      INSERT INTO chassis.published (stream, part) SELECT ${this.#options.stream}, p FROM generate_series(0, ${PARTITIONS - 1}::int) AS p
      ON CONFLICT DO NOTHING`)
    this.#opened = true
  }

  /** What follows the last published number of each partition, bounded in records and bytes. */
  #read(): Promise<Row[]> {
    const { db, stream, owns } = this.#options
    const now = Date.now()
    const parts = Array.from({ length: PARTITIONS }, (_, part) => part).filter(
      (part) => owns(stream, part) && (this.#resting.get(part)?.until ?? 0) <= now,
    )
    if (parts.length === 0) return Promise.resolve([])
    return db.rows<Row>(sql`
      SELECT l.* FROM chassis.published p
      JOIN chassis.stream_head h ON h.stream = p.stream AND h.part = p.part AND h.next_seq > p.seq + 1
      CROSS JOIN LATERAL (
        SELECT g.part, p.seq AS published, h.next_seq - 1 AS head, g.seq, g.incarnation, g.key, g.event_id, g.type, g.version, g.data, g.traceparent, g.occurred_at,
          sum(octet_length(g.data::text)) OVER (ORDER BY g.seq) - octet_length(g.data::text) AS before
        FROM (SELECT * FROM chassis.stream_log s WHERE s.stream = p.stream AND s.part = p.part AND s.seq > p.seq ORDER BY s.seq LIMIT ${RECORDS_MAX}::int) g
      ) l
      WHERE p.stream = ${stream} AND p.part = ANY(${parts}::smallint[]) AND l.before < ${READ_BYTES_MAX}::bigint
      ORDER BY l.part, l.seq`)
  }

  /** As many of the rows as one batch may hold. Throws: when a number is missing between them; when an event is not as its contract says. */
  async #batchOf(part: number, rows: readonly Row[]): Promise<Batch> {
    const { stream } = this.#options
    const from = (rows[0] as Row).published
    const encoders = new Map<string, Encode>()
    const records: OutgoingRecord[] = []
    let bytes = 0
    for (const row of rows) {
      const last = from + records.length
      if (row.seq !== last + 1) throw new Error(`GAP in stream_log of ${stream}/${part}: ${row.seq} after ${last}`)
      try {
        const name = `${row.type} ${row.version}`
        const encode = encoders.get(name) ?? (await this.#encoderOf(row))
        encoders.set(name, encode)
        const record = toWire(toRecord(stream, row), this.#parts.topic, encode)
        bytes += sizeOf(record)
        if (bytes > BATCH_BYTES_MAX && records.length > 0) break
        records.push(record)
      } catch (error) {
        // What stands before an event that cannot be written still goes out.
        if (records.length > 0) break
        throw isFault(error) ? error : new Error(`${stream}/${part} ${row.seq} (${row.type}): ${messageOf(error)}`, { cause: error })
      }
    }
    return { part, from, to: from + records.length, head: (rows[0] as Row).head, records }
  }

  #encoderOf(row: Row): Promise<Encode> {
    const kind = { topic: this.#options.stream, type: row.type, version: row.version }
    return this.#parts.schemas.writer(kind, subjectOf({ ...kind, topic: this.#parts.topic }))
  }

  async #send(batch: Batch): Promise<Batch> {
    this.#producer ??= openProducer(this.#parts.access)
    try {
      await this.#producer.send({ messages: [...batch.records], acks: -1 })
    } catch (error) {
      throw codesOf(error).has('MESSAGE_TOO_LARGE') ? error : brokersAway(error, `publishing to ${this.#parts.topic}/${batch.part}`)
    }
    return batch
  }

  /** A rival may have moved it: then what was sent here is a repeat, and the next step begins where the rival came to. */
  async #move(sent: readonly Batch[]): Promise<number> {
    if (sent.length === 0) return 0
    for (const { part } of sent) this.#resting.delete(part)
    const moved = await this.#options.db.rows<{ part: number }>(sql`
      UPDATE chassis.published p SET seq = m.upto
      FROM unnest((SELECT ${sent.map((one) => one.part)})::smallint[], (SELECT ${sent.map((one) => one.from)})::bigint[], (SELECT ${sent.map((one) => one.to)})::bigint[]) AS m(part, since, upto)
      WHERE p.stream = ${this.#options.stream} AND p.part = m.part AND p.seq = m.since
      RETURNING p.part`)
    return sent.filter((one) => moved.some(({ part }) => part === one.part)).reduce((sum, one) => sum + one.records.length, 0)
  }

  /** A partition that failed rests, longer each time, and holds up no other. A client that failed is not trusted again. */
  async #failed(failed: readonly PartFailed[]): Promise<void> {
    await this.close()
    this.#opened = false
    for (const { part, cause } of failed) {
      const failures = (this.#resting.get(part)?.failures ?? 0) + 1
      const restMs = Math.min(REST_MS_MAX, REST_MS_MIN * 2 ** Math.min(failures, 10)) * (0.5 + Math.random())
      this.#resting.set(part, { failures, until: Date.now() + restMs })
      if (!isFault(cause))
        this.#options.log.error({ stream: this.#options.stream, part, failures, error: cause }, 'a partition cannot be published')
    }
  }
}

class PartFailed extends Error {
  readonly part: number

  constructor(part: number, cause: unknown) {
    super(`partition ${part}`, { cause })
    this.part = part
  }
}

function byPart(rows: readonly Row[]): Map<number, Row[]> {
  const parts = new Map<number, Row[]>()
  for (const row of rows) {
    const own = parts.get(row.part)
    if (own) own.push(row)
    else parts.set(row.part, [row])
  }
  return parts
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isFault(error: unknown): boolean {
  return error instanceof Error && error.name === 'Fault'
}
