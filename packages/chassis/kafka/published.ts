/** How far a service's streams were published: for metrics, checks of the books and the operator. */
import { sql, type Db } from '../database/sql.ts'
import type { StreamSource } from '../events/ports.ts'
import type { CheckResult } from '../service.ts'

export interface Unpublished {
  readonly stream: string
  readonly events: number
  /** Age of the oldest; 0 when there is none. */
  readonly seconds: number
}

/** What of each stream is not yet published. */
export function unpublished(db: Db, streams: readonly string[]): Promise<Unpublished[]> {
  return db.rows<Unpublished>(sql`
    SELECT h.stream, sum(h.next_seq - 1 - coalesce(p.seq, 0))::float8 AS events,
      coalesce(extract(epoch FROM clock_timestamp() - min(l.occurred_at)), 0)::float8 AS seconds
    FROM chassis.stream_head h
    LEFT JOIN chassis.published p USING (stream, part)
    LEFT JOIN chassis.stream_log l ON l.stream = h.stream AND l.part = h.part AND l.seq = coalesce(p.seq, 0) + 1
    WHERE h.stream = ANY(${streams}::text[]) GROUP BY h.stream`)
}

/** Every event is published, and Kafka holds what was. */
export async function publishedCheck(db: Db, sources: readonly StreamSource[]): Promise<CheckResult> {
  const astray: string[] = []
  let examined = 0
  for (const source of sources) {
    const rows = await db.rows<{ part: number; head: number; published: number }>(sql`
      SELECT h.part, h.next_seq - 1 AS head, coalesce(p.seq, 0) AS published
      FROM chassis.stream_head h LEFT JOIN chassis.published p USING (stream, part) WHERE h.stream = ${source.stream} ORDER BY h.part`)
    const carried = await source.heads()
    for (const { part, head, published } of rows) {
      examined++
      const held = carried.get(part) ?? 0
      if (published !== head || held < published)
        astray.push(`${source.stream}/${part}: ${published} of ${head} published, Kafka holds ${held}`)
    }
  }
  return { examined, broken: astray.length, examples: astray }
}

/**
 * Publishes a stream again from a number on, in one partition or in all: the way out when Kafka lost events and readers halt at a gap.
 * Readers drop what they have. Answers how many events will come again.
 */
export async function republish(db: Db, stream: string, fromSeq: number, part?: number): Promise<number> {
  const again = await db.rows<{ events: number }>(sql`
    WITH back AS (
      SELECT p.part, p.seq AS before FROM chassis.published p
      WHERE p.stream = ${stream} AND p.seq >= ${fromSeq}::bigint AND (${part ?? null}::smallint IS NULL OR p.part = ${part ?? null}::smallint) FOR UPDATE
    ), moved AS (
      UPDATE chassis.published p SET seq = ${fromSeq}::bigint - 1 FROM back WHERE p.stream = ${stream} AND p.part = back.part RETURNING p.part
    )
    SELECT back.before - ${fromSeq}::bigint + 1 AS events FROM back`)
  return again.reduce((sum, one) => sum + Number(one.events), 0)
}
