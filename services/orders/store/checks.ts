/** The questions of the doctor about orders. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'

interface Found {
  examined: number
  broken: number
  examples: string[]
}

/** Each wait is prolonged before it ends; one two minutes past its end was forgotten. */
export async function noneOverdue(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    SELECT count(*) AS examined, count(*) FILTER (WHERE late) AS broken, coalesce((array_agg(order_id::text) FILTER (WHERE late))[1:10], '{}') AS examples
    FROM (SELECT order_id, status = 'PENDING' AND (deadline_at IS NULL OR deadline_at < now() - interval '2 minutes') AS late FROM orders) o`)
}

export async function timelineTellsStatus(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    SELECT count(*) AS examined, count(*) FILTER (WHERE off) AS broken, coalesce((array_agg(order_id::text) FILTER (WHERE off))[1:10], '{}') AS examples
    FROM (SELECT o.order_id, o.status IS DISTINCT FROM (SELECT t.status FROM order_timeline t WHERE t.order_id = o.order_id ORDER BY n DESC LIMIT 1) AS off FROM orders o) o`)
}

/** The sum of the lines and shipping is the total. */
export async function totalsAddUp(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    WITH sums AS (
      SELECT order_id, total_minor, (totals->'subtotal'->>'amount')::bigint - (totals->'discount'->>'amount')::bigint + (totals->'shipping'->>'amount')::bigint
        + CASE WHEN (totals->>'taxIncluded')::boolean THEN 0 ELSE (totals->'tax'->>'amount')::bigint END AS added FROM orders)
    SELECT count(*) AS examined, count(*) FILTER (WHERE total_minor <> added) AS broken, coalesce((array_agg(order_id::text) FILTER (WHERE total_minor <> added))[1:10], '{}') AS examples FROM sums`)
}

/** Confirmed orders not shipped yet, for comparing with what inventory holds. */
export async function confirmedOrders(db: Db, after: string | null, limit: number): Promise<string[]> {
  const rows = await db.rows<{ order_id: string }>(
    sql`SELECT order_id FROM orders WHERE status IN ('CONFIRMED', 'PROCESSING') AND (${after}::uuid IS NULL OR order_id > ${after}::uuid) ORDER BY order_id LIMIT ${limit}`,
  )
  return rows.map((row) => row.order_id)
}
