import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Allocation } from '../domain.ts'

export type ReservationState = 'held' | 'committed' | 'shipped' | 'returned' | 'released'

export interface ReservationRow {
  readonly orderId: string
  readonly state: ReservationState
  readonly expiresAt: Date | null
  readonly releaseReason: string | null
  readonly lines: readonly Allocation[]
}

/** Reservations that exist already, with their lines. */
export async function findReservations(db: Db, orderIds: readonly string[]): Promise<Map<string, ReservationRow>> {
  const rows = await db.rows<ReservationRow>(sql`
    SELECT r.order_id AS "orderId", r.state, r.expires_at AS "expiresAt", r.release_reason AS "releaseReason",
      coalesce((SELECT json_agg(json_build_object('sku', l.sku, 'warehouse', l.warehouse, 'units', l.units) ORDER BY l.sku, l.warehouse) FROM reservation_lines l WHERE l.order_id = r.order_id), '[]') AS lines
    FROM reservations r WHERE r.order_id = ANY(${orderIds}::uuid[])`)
  return new Map(rows.map((row) => [row.orderId, row]))
}

export interface NewHold {
  readonly orderId: string
  readonly holdSeconds: number
  readonly allocations: readonly Allocation[]
}

/** Writes holds by the database's clock; answers when each runs out. Fewer answers than holds: somebody wrote the same order meanwhile, begin anew. */
export async function insertHolds(tx: Tx, holds: readonly NewHold[]): Promise<Map<string, Date>> {
  const lines = holds.flatMap((hold) => hold.allocations.map((one) => ({ ...one, orderId: hold.orderId })))
  const [rows] = await Promise.all([
    tx.rows<{ order_id: string; expires_at: Date }>(sql`
      INSERT INTO reservations (order_id, state, expires_at)
      SELECT order_id, 'held', now() + make_interval(secs => seconds) FROM unnest(${holds.map((one) => one.orderId)}::uuid[], ${holds.map((one) => one.holdSeconds)}::float8[]) AS h(order_id, seconds)
      ON CONFLICT DO NOTHING RETURNING order_id, expires_at`),
    insertLines(tx, lines),
  ])
  return new Map(rows.map((row) => [row.order_id, row.expires_at]))
}

export async function insertLines(tx: Tx, lines: readonly (Allocation & { orderId: string })[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO reservation_lines (order_id, sku, warehouse, units)
    SELECT * FROM unnest(${lines.map((one) => one.orderId)}::uuid[], ${lines.map((one) => one.sku)}::text[], ${lines.map((one) => one.warehouse)}::text[], ${lines.map((one) => one.units)}::bigint[])`)
}

/** The compare-and-set of every change of state: only rows that are in one of `from` move. Answers the orders that did. */
export async function moveReservations(
  tx: Tx,
  orderIds: readonly string[],
  from: readonly ReservationState[],
  to: ReservationState,
  reason: string | null = null,
): Promise<string[]> {
  const rows = await tx.rows<{ order_id: string }>(sql`
    UPDATE reservations SET state = ${to}, expires_at = NULL, release_reason = coalesce(${reason}, release_reason)
    WHERE order_id = ANY(${orderIds}::uuid[]) AND state = ANY(${from}::text[]) RETURNING order_id`)
  return rows.map((row) => row.order_id)
}

/** Leaves a tombstone for orders never seen: their reservation, should it come late, is refused. */
export async function insertTombstones(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.run(
    sql`INSERT INTO reservations (order_id, state, release_reason) SELECT id, 'released', 'cancelled' FROM unnest(${orderIds}::uuid[]) AS t(id) ON CONFLICT DO NOTHING`,
  )
}

export async function linesOf(tx: Tx, orderIds: readonly string[]): Promise<(Allocation & { orderId: string })[]> {
  return tx.rows(sql`SELECT order_id AS "orderId", sku, warehouse, units FROM reservation_lines WHERE order_id = ANY(${orderIds}::uuid[])`)
}

export async function deleteLines(tx: Tx, orderId: string): Promise<void> {
  await tx.run(sql`DELETE FROM reservation_lines WHERE order_id = ${orderId}`)
}

/** Moves the expiry of a hold; false when nothing is held. */
export async function extendHold(tx: Tx, orderId: string, seconds: number): Promise<boolean> {
  return (
    (await tx.run(
      sql`UPDATE reservations SET expires_at = greatest(expires_at, now() + make_interval(secs => ${seconds}::float8)) WHERE order_id = ${orderId} AND state = 'held'`,
    )) === 1
  )
}

/** Holds that ran out by the database's clock, locked; rivals take others. */
export async function expiredHolds(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.rows<{ order_id: string }>(
    sql`SELECT order_id FROM reservations WHERE state = 'held' AND expires_at <= now() ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
  )
  return rows.map((row) => row.order_id)
}
