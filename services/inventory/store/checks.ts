/** The questions of the doctor: each answers how much it looked at and what is broken. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'

interface Found {
  examined: number
  broken: number
  examples: string[]
}

export async function stockEqualsMovements(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    WITH sums AS (SELECT sku, warehouse, sum(delta_units) AS units FROM stock_movements GROUP BY sku, warehouse),
      compared AS (SELECT coalesce(l.sku, s.sku) AS sku, coalesce(l.on_hand_units, 0) AS stock, coalesce(s.units, 0) AS moved FROM stock_levels l FULL JOIN sums s USING (sku, warehouse))
    SELECT count(*) AS examined, count(*) FILTER (WHERE stock <> moved) AS broken,
      coalesce((array_agg(sku || ': ' || stock || ' on hand, ' || moved || ' moved') FILTER (WHERE stock <> moved))[1:10], '{}') AS examples FROM compared`)
}

export async function reservedEqualsLines(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    WITH sums AS (SELECT l.sku, l.warehouse, sum(l.units) AS units FROM reservation_lines l JOIN reservations r USING (order_id) WHERE r.state IN ('held', 'committed') GROUP BY l.sku, l.warehouse),
      compared AS (SELECT coalesce(l.sku, s.sku) AS sku, coalesce(l.reserved_units, 0) AS reserved, coalesce(s.units, 0) AS held FROM stock_levels l FULL JOIN sums s USING (sku, warehouse))
    SELECT count(*) AS examined, count(*) FILTER (WHERE reserved <> held) AS broken,
      coalesce((array_agg(sku || ': ' || reserved || ' reserved, ' || held || ' held or committed') FILTER (WHERE reserved <> held))[1:10], '{}') AS examples FROM compared`)
}

export async function neverOversold(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    SELECT count(*) AS examined, count(*) FILTER (WHERE on_hand_units < reserved_units) AS broken,
      coalesce((array_agg(sku) FILTER (WHERE on_hand_units < reserved_units))[1:10], '{}') AS examples FROM stock_levels`)
}

/** The sweeper looks every second; a hold a minute past its end was forgotten. */
export async function noForgottenHold(db: Db): Promise<CheckResult> {
  return db.one<Found>(sql`
    SELECT count(*) AS examined, count(*) FILTER (WHERE forgotten) AS broken, coalesce((array_agg(order_id::text) FILTER (WHERE forgotten))[1:10], '{}') AS examples
    FROM (SELECT order_id, state = 'held' AND (expires_at IS NULL OR expires_at < now() - interval '1 minute') AS forgotten FROM reservations) r`)
}

/** Orders with committed units, for comparing with what orders says of them. */
export async function committedOrders(db: Db, after: string | null, limit: number): Promise<string[]> {
  const rows = await db.rows<{ order_id: string }>(sql`
    SELECT order_id FROM reservations WHERE state = 'committed' AND (${after}::uuid IS NULL OR order_id > ${after}::uuid) ORDER BY order_id LIMIT ${limit}`)
  return rows.map((row) => row.order_id)
}
