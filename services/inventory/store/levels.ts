import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Allocation, StockLevel } from '../domain.ts'

interface LevelRow {
  sku: string
  warehouse: string
  product_id: string
  on_hand_units: number
  reserved_units: number
  threshold_units: number
  version: number
}

function toLevel(row: LevelRow): StockLevel {
  return {
    sku: row.sku,
    warehouse: row.warehouse,
    productId: row.product_id,
    onHandUnits: row.on_hand_units,
    reservedUnits: row.reserved_units,
    thresholdUnits: row.threshold_units,
    version: row.version,
  }
}

/** Locks every warehouse's row of the SKUs, always in the same order, so that two who want the same rows wait and never deadlock. */
export async function lockLevels(tx: Tx, skus: readonly string[]): Promise<StockLevel[]> {
  const rows = await tx.rows<LevelRow>(sql`SELECT * FROM stock_levels WHERE sku = ANY(${skus}::text[]) ORDER BY sku, warehouse FOR UPDATE`)
  return rows.map(toLevel)
}

export async function levelsOf(db: Db, skus: readonly string[]): Promise<StockLevel[]> {
  const rows = await db.rows<LevelRow>(sql`SELECT * FROM stock_levels WHERE sku = ANY(${skus}::text[]) ORDER BY sku, warehouse`)
  return rows.map(toLevel)
}

/** Adds to what is reserved and on hand; both may be negative. The rows must be locked. */
export async function changeLevels(
  tx: Tx,
  changes: readonly { sku: string; warehouse: string; onHand: number; reserved: number }[],
): Promise<void> {
  const touched = await tx.run(sql`
    UPDATE stock_levels l SET on_hand_units = l.on_hand_units + c.on_hand, reserved_units = l.reserved_units + c.reserved, version = l.version + 1
    FROM unnest((SELECT ${changes.map((one) => one.sku)})::text[], ${changes.map((one) => one.warehouse)}::text[], ${changes.map((one) => one.onHand)}::bigint[], ${changes.map((one) => one.reserved)}::bigint[]) AS c(sku, warehouse, on_hand, reserved)
    WHERE l.sku = c.sku AND l.warehouse = c.warehouse`)
  if (touched !== changes.length) throw new Error(`${changes.length - touched} stock levels are missing`)
}

/** The same units of a SKU and warehouse added up. */
export function added(allocations: readonly Allocation[]): Allocation[] {
  const sums = new Map<string, Allocation>()
  for (const one of allocations) {
    const key = `${one.sku}\0${one.warehouse}`
    sums.set(key, { ...one, units: (sums.get(key)?.units ?? 0) + one.units })
  }
  return [...sums.values()]
}

/** Makes levels of SKUs that have none; answers those made. */
export async function openLevels(
  tx: Tx,
  items: readonly { sku: string; productId: string; units: number }[],
): Promise<{ sku: string; productId: string; units: number }[]> {
  return tx.rows<{ sku: string; productId: string; units: number }>(sql`
    INSERT INTO stock_levels (sku, product_id, on_hand_units)
    SELECT DISTINCT ON (sku) sku, product_id, units FROM unnest(${items.map((one) => one.sku)}::text[], ${items.map((one) => one.productId)}::uuid[], ${items.map((one) => one.units)}::bigint[]) AS o(sku, product_id, units)
    WHERE NOT EXISTS (SELECT 1 FROM stock_levels l WHERE l.sku = o.sku)
    ORDER BY sku
    ON CONFLICT DO NOTHING RETURNING sku, product_id AS "productId", on_hand_units AS units`)
}

/** Makes the row of another warehouse for a known SKU. */
export async function openWarehouse(tx: Tx, of: StockLevel, warehouse: string): Promise<void> {
  await tx.run(sql`
    INSERT INTO stock_levels (sku, warehouse, product_id, on_hand_units, threshold_units) VALUES (${of.sku}, ${warehouse}, ${of.productId}, 0, ${of.thresholdUnits}) ON CONFLICT DO NOTHING`)
}

export async function setThreshold(tx: Tx, sku: string, units: number): Promise<number> {
  return tx.run(sql`UPDATE stock_levels SET threshold_units = ${units} WHERE sku = ${sku}`)
}

export interface MovementRow {
  readonly id: string
  readonly sku: string
  readonly warehouse: string
  readonly delta: number
  readonly onHandAfter: number
  readonly kind: 'opening' | 'adjustment' | 'shipment' | 'return'
  readonly reason: string
  readonly orderId: string | null
  readonly by: string | null
}

/** Writes movements. A second shipment of the same order and SKU is refused by a unique index. */
export async function writeMovements(tx: Tx, movements: readonly MovementRow[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO stock_movements (id, sku, warehouse, delta_units, on_hand_after_units, kind, reason, order_id, moved_by)
    SELECT * FROM unnest(${movements.map((one) => one.id)}::uuid[], ${movements.map((one) => one.sku)}::text[], ${movements.map((one) => one.warehouse)}::text[], ${movements.map((one) => one.delta)}::bigint[],
      ${movements.map((one) => one.onHandAfter)}::bigint[], ${movements.map((one) => one.kind)}::text[], ${movements.map((one) => one.reason)}::text[], ${movements.map((one) => one.orderId)}::uuid[], ${movements.map((one) => one.by)}::uuid[])`)
}

/** Movements of a SKU before (older than) a given one, newest first. */
export async function movementsOf(db: Db, sku: string, before: string | null, limit: number): Promise<(MovementRow & { at: Date })[]> {
  return db.rows(sql`
    SELECT id, sku, warehouse, delta_units AS delta, on_hand_after_units AS "onHandAfter", kind, reason, order_id AS "orderId", moved_by AS by, moved_at AS at
    FROM stock_movements WHERE sku = ${sku} AND (${before}::uuid IS NULL OR id < ${before}::uuid) ORDER BY id DESC LIMIT ${limit}`)
}
