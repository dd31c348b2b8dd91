import type { Tx } from '@stoa/chassis/database/sql.ts'
import type { Common } from '@stoa/chassis/service.ts'
import { ShippingUpdated } from '@stoa/contracts/shipping.ts'
import { ANNOUNCED, CARRIER, makeTrackingNumber, STILLBORN, type Step } from './domain/tracking.ts'
import { findStanding, insertShipment, takeStep, type ShipmentRow } from './store.ts'

/** An order whose shipment is wanted. */
export interface WantedShipment {
  readonly orderId: string
  readonly trackingNumber?: string | undefined
  readonly lines: readonly { sku: string; quantity: number }[]
}

/** Makes the shipments that are missing. The orders must be locked. */
export async function makeMissingShipments(tx: Tx, wanted: readonly WantedShipment[], { newId, secret }: Common): Promise<void> {
  const standing = await findStanding(
    tx,
    wanted.map((one) => one.orderId),
  )
  for (const one of wanted) {
    if (standing.live.has(one.orderId)) continue
    standing.live.add(one.orderId)
    const step = standing.cancelled.has(one.orderId) ? STILLBORN : ANNOUNCED
    const id = newId()
    const trackingNumber = one.trackingNumber ?? makeTrackingNumber(secret('tracking-numbers'), id)
    const at = await insertShipment(tx, { id, orderId: one.orderId, carrier: CARRIER, trackingNumber, lines: one.lines }, step)
    announce(tx, { id, order_id: one.orderId, carrier: CARRIER, tracking_number: trackingNumber, at }, step)
  }
}

/** Takes `step` with the shipments of these orders that may take it; answers how many did. The orders must be locked. */
export async function moveShipments(tx: Tx, orderIds: readonly string[], step: Step): Promise<number> {
  const moved = await takeStep(tx, orderIds, step)
  for (const shipment of moved) announce(tx, shipment, step)
  return moved.length
}

/** Tracking events as they leave the room. */
export function told(shipment: ShipmentRow) {
  return shipment.events.map((event) => ({ ...event, at: new Date(event.at).toISOString() }))
}

function announce(tx: Tx, shipment: Awaited<ReturnType<typeof takeStep>>[number], step: Step) {
  tx.publish(ShippingUpdated, {
    orderId: shipment.order_id,
    shipmentId: shipment.id,
    carrier: shipment.carrier,
    trackingNumber: shipment.tracking_number,
    state: step.to,
    place: step.place,
    at: shipment.at.toISOString(),
  })
}
