import { createHmac, type KeyObject } from 'node:crypto'

/** Where a shipment stands. Cancelled is for one that was announced and never left. */
export type ShipmentState = 'announced' | 'in-transit' | 'delivered' | 'cancelled'

/** The carrier of shipments that name no other. */
export const CARRIER = 'Stoa Sandbox Carrier'

/** A step of a shipment: from which states it is taken, where it leads, and how it is told. */
export interface Step {
  readonly from: readonly ShipmentState[]
  readonly to: ShipmentState
  readonly place: string
  readonly text: string
}

/** How a shipment begins. */
export const ANNOUNCED: Step = { from: [], to: 'announced', place: 'Warehouse', text: 'The parcel was announced to the carrier.' }
/** How a shipment begins whose order was cancelled before. */
export const STILLBORN: Step = {
  from: [],
  to: 'cancelled',
  place: 'Warehouse',
  text: 'The order was cancelled before the parcel was made.',
}
export const HANDED_OVER: Step = {
  from: ['announced'],
  to: 'in-transit',
  place: 'Warehouse',
  text: 'The parcel was handed to the carrier.',
}
export const DELIVERED: Step = {
  from: ['announced', 'in-transit'],
  to: 'delivered',
  place: 'Destination',
  text: 'The parcel was delivered.',
}
/** Only what never left can be cancelled; a parcel under way comes back as a return. */
export const CANCELLED: Step = {
  from: ['announced'],
  to: 'cancelled',
  place: 'Warehouse',
  text: 'The order was cancelled; the parcel did not leave.',
}

/** A tracking number from a shipment's id and a secret: the same again for the same shipment, not guessable from outside. */
export function makeTrackingNumber(secret: KeyObject, shipmentId: string): string {
  const digits = BigInt(`0x${createHmac('sha256', secret).update(shipmentId).digest('hex').slice(0, 16)}`)
  return `ST${(digits % 10n ** 16n).toString().padStart(16, '0')}`
}
