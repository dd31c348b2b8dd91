import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'
import type { ShipmentState, Step } from './domain/tracking.ts'

/** A shipment with its tracking events, oldest first. */
export interface ShipmentRow {
  id: string
  order_id: string
  carrier: string
  tracking_number: string
  state: ShipmentState
  events: { at: string; state: string; place: string; text: string }[]
}

/** What is wanted of a new shipment. */
export interface NewShipment {
  readonly id: string
  readonly orderId: string
  readonly carrier: string
  readonly trackingNumber: string
  readonly lines: readonly { sku: string; quantity: number }[]
}

/** Keeps everybody else from making, moving or cancelling shipments of these orders until the transaction ends. */
export async function lockOrders(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.run(sql`
    SELECT pg_advisory_xact_lock(hashtextextended(id, 0)) FROM unnest(${[...new Set(orderIds)].sort()}::text[]) AS id`)
}

export async function loadShipments(db: Db, orderId: string): Promise<ShipmentRow[]> {
  return db.rows<ShipmentRow>(sql`
    SELECT s.id, s.order_id, s.carrier, s.tracking_number, s.state,
      (SELECT jsonb_agg(jsonb_build_object('at', e.at, 'state', e.state, 'place', e.place, 'text', e.text) ORDER BY e.number)
       FROM tracking_events e WHERE e.shipment_id = s.id) AS events
    FROM shipments s WHERE s.order_id = ${orderId} ORDER BY s.created_at, s.id`)
}

/** The order of the shipment with this number; the newest, should a carrier have given it twice. */
export async function findByTrackingNumber(db: Db, trackingNumber: string): Promise<{ id: string; order_id: string } | undefined> {
  return db.maybe(
    sql`SELECT id, order_id FROM shipments WHERE tracking_number = ${trackingNumber} ORDER BY created_at DESC, id DESC LIMIT 1`,
  )
}

/** Which of `orderIds` have a live shipment, and which were cancelled before they had one. */
export async function findStanding(tx: Tx, orderIds: readonly string[]): Promise<{ live: Set<string>; cancelled: Set<string> }> {
  const rows = await tx.rows<{ order_id: string; live: boolean }>(sql`
    SELECT order_id, true AS live FROM shipments WHERE order_id = ANY(${orderIds}::uuid[]) AND state <> 'cancelled'
    UNION ALL SELECT order_id, false FROM cancelled_orders WHERE order_id = ANY(${orderIds}::uuid[])`)
  const pick = (live: boolean) => new Set(rows.filter((row) => row.live === live).map((row) => row.order_id))
  return { live: pick(true), cancelled: pick(false) }
}

/** Writes a shipment with its first tracking event; answers the moment of it. */
export async function insertShipment(tx: Tx, shipment: NewShipment, step: Step): Promise<Date> {
  const event = await tx.one<{ at: Date }>(sql`
    WITH made AS (
      INSERT INTO shipments (id, order_id, carrier, tracking_number, state, lines)
      VALUES (${shipment.id}, ${shipment.orderId}, ${shipment.carrier}, ${shipment.trackingNumber}, ${step.to}, ${JSON.stringify(shipment.lines)}::jsonb)
      RETURNING id
    )
    INSERT INTO tracking_events (shipment_id, number, state, place, text)
    SELECT id, 1, ${step.to}, ${step.place}, ${step.text} FROM made RETURNING at`)
  return event.at
}

/** Takes a step with every shipment of `orderIds` that may take it, and answers those. */
export async function takeStep(tx: Tx, orderIds: readonly string[], step: Step) {
  return tx.rows<{ id: string; order_id: string; carrier: string; tracking_number: string; at: Date }>(sql`
    WITH moved AS (
      UPDATE shipments SET state = ${step.to}, event_count = event_count + 1
      WHERE order_id = ANY(${orderIds}::uuid[]) AND state = ANY(${step.from}::text[])
      RETURNING id, order_id, carrier, tracking_number, event_count
    ), told AS (
      INSERT INTO tracking_events (shipment_id, number, state, place, text)
      SELECT id, event_count, ${step.to}, ${step.place}, ${step.text} FROM moved RETURNING shipment_id, at
    )
    SELECT moved.id, moved.order_id, moved.carrier, moved.tracking_number, told.at
    FROM moved JOIN told ON told.shipment_id = moved.id ORDER BY moved.order_id`)
}

export async function rememberCancelled(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.run(sql`INSERT INTO cancelled_orders (order_id) SELECT unnest(${orderIds}::uuid[]) ON CONFLICT DO NOTHING`)
}

/** Every shipment has tracking events without a gap, and the last one tells its state. */
export async function checkTracking(db: Db): Promise<CheckResult> {
  const found = await db.one<{ examined: number; broken: number; examples: string[] | null }>(sql`
    WITH told AS (
      SELECT s.id, s.tracking_number, s.state, s.event_count, count(e.number) AS events, (array_agg(e.state ORDER BY e.number DESC))[1] AS last
      FROM shipments s LEFT JOIN tracking_events e ON e.shipment_id = s.id GROUP BY s.id
    ), bad AS (SELECT tracking_number FROM told WHERE events = 0 OR events <> event_count OR last IS DISTINCT FROM state)
    SELECT (SELECT count(*) FROM told) AS examined, (SELECT count(*) FROM bad) AS broken,
      (SELECT array_agg(tracking_number) FROM (SELECT tracking_number FROM bad LIMIT 10) AS few) AS examples`)
  return { examined: found.examined, broken: found.broken, examples: found.examples ?? [] }
}

/** A page of live shipments in order of id, for checks. */
export async function pageLiveShipments(db: Db, after: string, limit: number) {
  return db.rows<{ id: string; order_id: string; tracking_number: string; state: ShipmentState }>(sql`
    SELECT id, order_id, tracking_number, state FROM shipments WHERE id > ${after} AND state <> 'cancelled' ORDER BY id LIMIT ${limit}`)
}
