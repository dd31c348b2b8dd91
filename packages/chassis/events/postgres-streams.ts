/** The event ports over PostgreSQL. SQL of the specification in reliability §2.2. */
import { sql, type Db, type Statement, type Tx } from '../database/sql.ts'
import type { Database } from '../database/database.ts'
import { PARTITIONS } from '../contract.ts'
import { failPoint } from '../fail-point.ts'
import type { ConsumerStore, LogRecord, Move, Position, SequencerStore, StreamSource } from './ports.ts'

/** Makes the heads of a service's streams. Once made, an incarnation stays until the database is restored to an earlier time. */
export async function openStreams(db: Db, streams: readonly string[]): Promise<void> {
  await db.run(sql`
    INSERT INTO chassis.stream_head (stream, part, incarnation)
    SELECT s.stream, p.part, gen_random_uuid() FROM unnest(${streams}::text[]) AS s(stream), generate_series(0, ${PARTITIONS - 1}::int) AS p(part)
    ON CONFLICT DO NOTHING`)
}

/** Channel of a producer's database on which streams that grew are named. */
export const NEW_EVENTS = 'stoa_new_events'

export class PostgresSequencer implements SequencerStore {
  readonly #database: Database
  readonly #announces: boolean

  /** `announces`: other processes listen for new events (`events/ears.ts`). */
  constructor(database: Database, { announces = false }: { announces?: boolean } = {}) {
    this.#database = database
    this.#announces = announces
  }

  async sequence(limit: number): Promise<{ moved: number; streams: readonly string[] }> {
    const waiting = await this.#database.maybe(sql`SELECT 1 AS some FROM chassis.outbox LIMIT 1`)
    if (!waiting) return { moved: 0, streams: [] }
    return this.#database.transaction(async (tx) => {
      // The fence: whoever holds these rows is the only sequencer. Its own statement, so that the next one's snapshot is taken after the wait.
      await tx.rows(sql`SELECT 1 FROM chassis.stream_head ORDER BY stream, part FOR UPDATE`)
      failPoint('sequencer.after-lock')
      const grown = await tx.rows<{ stream: string; moved: number }>(sql`
        WITH taken AS (
          DELETE FROM chassis.outbox WHERE id IN (SELECT o.id FROM chassis.outbox o JOIN chassis.stream_head USING (stream, part) ORDER BY o.id LIMIT ${limit}) RETURNING *
        ), numbered AS (
          SELECT t.*, h.incarnation, h.next_seq + row_number() OVER (PARTITION BY t.stream, t.part ORDER BY t.id) - 1 AS seq
          FROM taken t JOIN chassis.stream_head h USING (stream, part)
        ), written AS (
          INSERT INTO chassis.stream_log (stream, part, seq, incarnation, key, event_id, type, version, data, traceparent, occurred_at)
          SELECT stream, part, seq, incarnation, key, event_id, type, version, data, traceparent, occurred_at FROM numbered
          RETURNING stream, part
        ), counted AS (
          SELECT stream, part, count(*) AS moved FROM written GROUP BY stream, part
        ), moved_heads AS (
          UPDATE chassis.stream_head h SET next_seq = h.next_seq + c.moved FROM counted c WHERE h.stream = c.stream AND h.part = c.part
        )
        SELECT stream, sum(moved)::int AS moved FROM counted GROUP BY stream`)
      // One for a batch and stream: in the transaction of each event it would take turns over the whole database.
      if (this.#announces) for (const { stream } of grown) await tx.rows(sql`SELECT pg_notify(${NEW_EVENTS}, ${stream})`)
      failPoint('sequencer.before-commit')
      return { moved: grown.reduce((sum, one) => sum + one.moved, 0), streams: grown.map((one) => one.stream) }
    })
  }
}

/** A row of `stream_log`. */
export interface LogRow {
  part: number
  seq: number
  incarnation: string
  key: string
  event_id: string
  type: string
  version: number
  data: unknown
  traceparent: string | null
  occurred_at: Date
}

/** Reads a producer's stream_log. */
export class PostgresSource implements StreamSource {
  readonly stream: string
  readonly #db: Db

  constructor(db: Db, stream: string) {
    this.#db = db
    this.stream = stream
  }

  async read(after: ReadonlyMap<number, number>, limit: number): Promise<LogRecord[]> {
    const rows = await this.#db.rows<LogRow>(sql`
      SELECT l.part, l.seq, l.incarnation, l.key, l.event_id, l.type, l.version, l.data, l.traceparent, l.occurred_at
      FROM unnest((SELECT ${[...after.keys()]})::smallint[], (SELECT ${[...after.values()]})::bigint[]) AS p(part, seq)
      JOIN chassis.stream_head h ON h.stream = ${this.stream} AND h.part = p.part AND h.next_seq > p.seq + 1
      CROSS JOIN LATERAL (
        SELECT * FROM chassis.stream_log g WHERE g.stream = h.stream AND g.part = p.part AND g.seq > p.seq ORDER BY g.seq LIMIT (SELECT ${Math.ceil(limit / after.size)}::bigint)
      ) l`)
    return rows.map((row) => toRecord(this.stream, row))
  }

  async heads(): Promise<Map<number, number>> {
    const rows = await this.#db.rows<{ part: number; last: number }>(
      sql`SELECT part, next_seq - 1 AS last FROM chassis.stream_head WHERE stream = ${this.stream}`,
    )
    return new Map(rows.map((row) => [row.part, row.last]))
  }
}

/** A row of `stream_log` as the event it holds. */
export function toRecord(stream: string, row: LogRow): LogRecord {
  return {
    stream,
    part: row.part,
    seq: row.seq,
    incarnation: row.incarnation,
    key: row.key,
    eventId: row.event_id,
    type: row.type,
    version: row.version,
    data: row.data,
    traceparent: row.traceparent,
    occurredAt: row.occurred_at,
  }
}

/** Moves positions by compare-and-set, unless one of `keys` has parked events. */
function advancing(consumer: string, stream: string, moves: readonly Move[], keys: readonly string[]): Statement {
  return sql`
      WITH held AS (
        SELECT part FROM chassis.consumer_position WHERE consumer = ${consumer} AND stream = ${stream} AND part = ANY(${moves.map((one) => one.part)}::smallint[]) ORDER BY part FOR UPDATE
      )
      UPDATE chassis.consumer_position c SET last_seq = m.upto, incarnation = m.incarnation
      FROM unnest(${moves.map((one) => one.part)}::smallint[], ${moves.map((one) => one.from)}::bigint[], ${moves.map((one) => one.to)}::bigint[], ${moves.map((one) => one.incarnation)}::uuid[]) AS m(part, since, upto, incarnation)
      JOIN held USING (part)
      WHERE c.consumer = ${consumer} AND c.stream = ${stream} AND c.part = m.part AND c.last_seq = m.since AND (c.incarnation IS NULL OR c.incarnation = m.incarnation)
        AND NOT EXISTS (SELECT 1 FROM chassis.parked p WHERE p.consumer = ${consumer} AND p.stream = ${stream} AND p.key = ANY(${keys}::text[]))`
}

/** Positions and parked events in the consumer's own database. */
export class PostgresConsumerStore implements ConsumerStore<Tx> {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async positions(consumer: string, stream: string): Promise<Position[]> {
    await this.#database.run(sql`
      INSERT INTO chassis.consumer_position (consumer, stream, part)
      SELECT ${consumer}, ${stream}, p FROM generate_series(0, ${PARTITIONS - 1}::int) AS p
      ON CONFLICT DO NOTHING`)
    const rows = await this.#database.rows<{ part: number; incarnation: string | null; last_seq: number }>(sql`
      SELECT part, incarnation, last_seq FROM chassis.consumer_position WHERE consumer = ${consumer} AND stream = ${stream} ORDER BY part`)
    return rows.map((row) => ({ part: row.part, incarnation: row.incarnation, lastSeq: row.last_seq }))
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#database.transaction(work)
  }

  async advance(tx: Tx, consumer: string, stream: string, moves: readonly Move[]): Promise<boolean> {
    return (await tx.run(advancing(consumer, stream, moves, []))) === moves.length
  }

  async pass(consumer: string, stream: string, moves: readonly Move[], keys: readonly string[]): Promise<boolean> {
    return (await this.#database.run(advancing(consumer, stream, moves, keys))) === moves.length
  }

  async parkedKeys(tx: Tx, consumer: string, stream: string, keys: readonly string[]): Promise<Set<string>> {
    const rows = await tx.rows<{ key: string }>(
      sql`SELECT DISTINCT key FROM chassis.parked WHERE consumer = ${consumer} AND stream = ${stream} AND key = ANY(${keys}::text[])`,
    )
    return new Set(rows.map((row) => row.key))
  }

  async park(tx: Tx, consumer: string, records: readonly LogRecord[], error: string): Promise<void> {
    for (const one of records)
      await tx.run(sql`
        INSERT INTO chassis.parked (consumer, stream, part, seq, key, event_id, type, version, data, traceparent, occurred_at, error)
        VALUES (${consumer}, ${one.stream}, ${one.part}, ${one.seq}, ${one.key}, ${one.eventId}, ${one.type}, ${one.version}, ${JSON.stringify(one.data)}::json, ${one.traceparent}, ${one.occurredAt}, ${error})
        ON CONFLICT DO NOTHING`)
  }

  async fence(tx: Tx, consumer: string, stream: string, part: number): Promise<void> {
    await tx.rows(
      sql`SELECT 1 FROM chassis.consumer_position WHERE consumer = ${consumer} AND stream = ${stream} AND part = ${part} FOR UPDATE`,
    )
  }

  savepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
    return tx.savepoint(work)
  }

  async countParked(consumer: string, stream: string): Promise<{ keys: number; events: number }> {
    return this.#database.one(
      sql`SELECT count(DISTINCT key) AS keys, count(*) AS events FROM chassis.parked WHERE consumer = ${consumer} AND stream = ${stream}`,
    )
  }

  async parkedOf(tx: Tx, consumer: string, stream: string, key: string): Promise<LogRecord[]> {
    const rows = await tx.rows<LogRow>(sql`
      SELECT part, seq, gen_random_uuid() AS incarnation, key, event_id, type, version, data, traceparent, occurred_at
      FROM chassis.parked WHERE consumer = ${consumer} AND stream = ${stream} AND key = ${key} ORDER BY seq FOR UPDATE`)
    return rows.map((row) => toRecord(stream, row))
  }

  async unpark(tx: Tx, consumer: string, record: LogRecord): Promise<void> {
    await tx.run(
      sql`DELETE FROM chassis.parked WHERE consumer = ${consumer} AND stream = ${record.stream} AND part = ${record.part} AND seq = ${record.seq}`,
    )
  }
}
