/** Rates, shipments, tracking. */
import { Type } from 'typebox'
import { call, event, object, route } from '@stoa/chassis/contract.ts'
import { BasketItems, Id, Line, Moment, Money, Place, Quantity } from './shared.ts'
import { Shipment } from './orders.ts'

export const ShippingOption = object({
  id: Type.String(),
  name: Type.String(),
  price: Money,
  promise: object({ earliest: Type.String({ format: 'date' }), latest: Type.String({ format: 'date' }) }),
})
export const CalculateShipping = route('POST /shipping/calculate', {
  summary: 'Options, prices and promised dates for a basket and a place.',
  permission: 'public',
  class: 'checkout',
  body: object({ address: Place, items: Type.Optional(BasketItems), cart: Type.Optional(Type.Literal(true)) }),
  output: object({ options: Type.Array(ShippingOption) }),
  refusals: { 'unknown-sku': 404, 'invalid-request': 422, 'cart-empty': 409, unavailable: 503 },
})
export const TrackShipment = route('POST /shipping/track', {
  summary: 'Where a parcel is. By tracking number for anybody who knows it; by order for its owner, staff, or the holder of its token.',
  permission: 'public',
  class: 'checkout',
  query: object({ token: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })) }),
  body: object({ trackingNumber: Type.Optional(Line), orderId: Type.Optional(Id) }),
  output: object({
    state: Type.String(),
    trackingNumber: Type.String(),
    carrier: Type.String(),
    events: Type.Array(object({ at: Moment, state: Type.String(), place: Type.String(), text: Type.String() })),
  }),
  refusals: { 'not-found': 404, 'invalid-request': 422 },
})

export const ShippingRates = call('shipping.ShippingRates', {
  summary: 'Options for a parcel of this weight and worth; empty when no method serves the place.',
  input: object({ place: Place, weightGrams: Type.Integer({ minimum: 0 }), subtotal: Money }),
  output: object({ options: Type.Array(ShippingOption) }),
  repeatable: true,
})
export const CreateShipment = call('shipping.CreateShipment', {
  summary: 'The shipment of an order, made if there is none, with its first tracking event. Repeatable.',
  input: object({
    orderId: Id,
    trackingNumber: Type.Optional(Type.String()),
    lines: Type.Array(object({ sku: Type.String(), quantity: Quantity })),
  }),
  output: Shipment,
  repeatable: true,
})
export const MarkDelivered = call('shipping.MarkDelivered', {
  summary: 'The last tracking event of an order’s shipment. Repeatable.',
  input: object({ orderId: Id }),
  output: object({ delivered: Type.Boolean() }),
  repeatable: true,
})
export const ShipmentsOf = call('shipping.ShipmentsOf', {
  summary: 'Shipments of an order.',
  input: object({ orderId: Id }),
  output: object({ items: Type.Array(Shipment) }),
  repeatable: true,
})

export const ShippingUpdated = event('ShippingUpdated', {
  summary: 'A shipment moved.',
  topic: 'shipping.events',
  version: 1,
  key: 'orderId',
  data: object({
    orderId: Id,
    shipmentId: Id,
    carrier: Type.String(),
    trackingNumber: Type.String(),
    state: Type.String(),
    place: Type.String(),
    at: Moment,
  }),
})
