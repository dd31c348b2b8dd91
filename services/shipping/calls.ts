import { handle, read } from '@stoa/chassis/service.ts'
import { ShopCountry } from '@stoa/chassis/settings.ts'
import { CreateShipment, MarkDelivered, ShipmentsOf, ShippingRates } from '@stoa/contracts/shipping.ts'
import { optionsFor } from './domain/rates.ts'
import { DELIVERED } from './domain/tracking.ts'
import { loadShipments, lockOrders, type ShipmentRow } from './store.ts'
import { makeMissingShipments, moveShipments, told } from './usecases.ts'

export const shippingRates = read(ShippingRates, async ({ input, now, setting }) => ({
  options: optionsFor(
    { from: setting(ShopCountry), to: input.place.country, weightGrams: input.weightGrams, subtotal: input.subtotal },
    now,
  ),
}))

export const createShipment = handle(CreateShipment, async ({ input, tx, ...common }) => {
  await lockOrders(tx, [input.orderId])
  await makeMissingShipments(tx, [input], common)
  const shipments = await loadShipments(tx, input.orderId)
  return shipmentOf(shipments.find((one) => one.state !== 'cancelled') ?? (shipments.at(-1) as ShipmentRow))
})

export const markDelivered = handle(MarkDelivered, async ({ input, tx }) => {
  await lockOrders(tx, [input.orderId])
  await moveShipments(tx, [input.orderId], DELIVERED)
  const shipments = await loadShipments(tx, input.orderId)
  return { delivered: shipments.some((one) => one.state === 'delivered') }
})

export const shipmentsOf = read(ShipmentsOf, async ({ input, db }) => ({ items: (await loadShipments(db, input.orderId)).map(shipmentOf) }))

function shipmentOf(shipment: ShipmentRow) {
  return {
    id: shipment.id,
    carrier: shipment.carrier,
    trackingNumber: shipment.tracking_number,
    state: shipment.state,
    events: told(shipment),
  }
}
