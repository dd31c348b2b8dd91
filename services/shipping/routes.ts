import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { read } from '@stoa/chassis/service.ts'
import { ShopCountry } from '@stoa/chassis/settings.ts'
import { AuthorizeOrderAccess } from '@stoa/contracts/orders.ts'
import { buyerOf, MeasureBasket } from '@stoa/contracts/pricing.ts'
import { CalculateShipping, TrackShipment } from '@stoa/contracts/shipping.ts'
import { optionsFor } from './domain/rates.ts'
import { findByTrackingNumber, loadShipments, type ShipmentRow } from './store.ts'
import { told } from './usecases.ts'

export const calculateShipping = read(CalculateShipping, async ({ input, call, caller, cookies, now, setting }) => {
  const accountId = caller.kind === 'account' ? caller.accountId : undefined
  const named = { items: input.items, cart: input.cart, accountId, guestToken: cookies.stoa_cart }
  const basket = await call(MeasureBasket, { ...named, ...buyerOf(caller) })
  if (isRefusal(basket)) return basket
  const parcel = { from: setting(ShopCountry), to: input.address.country, weightGrams: basket.weightGrams, subtotal: basket.subtotal }
  return { options: optionsFor(parcel, now) }
})

const STAFF: ReadonlySet<string> = new Set(['admin', 'warehouse', 'pos'])

export const trackShipment = read(TrackShipment, async ({ input, query, headers, caller, db, call }) => {
  const { trackingNumber, orderId } = input
  if (trackingNumber !== undefined && orderId === undefined) {
    const found = await findByTrackingNumber(db, trackingNumber)
    const shipments = found ? await loadShipments(db, found.order_id) : []
    const shipment = shipments.find((one) => one.id === found?.id)
    return shipment ? whereabouts(shipment) : refuse('not-found')
  }
  if (orderId === undefined || trackingNumber !== undefined) {
    return refuse('invalid-request', {
      errors: [{ path: 'trackingNumber', code: 'exactly-one', message: 'give either trackingNumber or orderId' }],
    })
  }
  const access = await call(AuthorizeOrderAccess, {
    orderId,
    ...(caller.kind === 'account' && { accountId: caller.accountId }),
    token: query.token ?? headers['order-token'],
    staff: caller.kind === 'account' && caller.roles.some((role) => STAFF.has(role)),
  })
  if (isRefusal(access)) return refuse('not-found')
  const shipments = await loadShipments(db, orderId)
  const shipment = shipments.find((one) => one.state !== 'cancelled') ?? shipments.at(-1)
  return shipment ? whereabouts(shipment) : { state: 'not-shipped', trackingNumber: '', carrier: '', events: [] }
})

function whereabouts(shipment: ShipmentRow) {
  return { state: shipment.state, trackingNumber: shipment.tracking_number, carrier: shipment.carrier, events: told(shipment) }
}
