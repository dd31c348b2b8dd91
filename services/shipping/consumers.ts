import { onBatch } from '@stoa/chassis/service.ts'
import { OrderCancelled, OrderDelivered, OrderShipped } from '@stoa/contracts/orders.ts'
import { CANCELLED, DELIVERED, HANDED_OVER } from './domain/tracking.ts'
import { lockOrders, rememberCancelled } from './store.ts'
import { makeMissingShipments, moveShipments } from './usecases.ts'

/** The parcel leaves with the order; one that no call has made is made here. */
export const sendShipped = onBatch(OrderShipped, async (events, { tx, ...common }) => {
  const orderIds = events.map(({ data }) => data.orderId)
  await lockOrders(tx, orderIds)
  await makeMissingShipments(
    tx,
    events.map(({ data }) => ({ orderId: data.orderId, trackingNumber: data.trackingNumber, lines: [] })),
    common,
  )
  await moveShipments(tx, orderIds, HANDED_OVER)
})

export const closeDelivered = onBatch(OrderDelivered, async (events, { tx, ...common }) => {
  const orderIds = events.map(({ data }) => data.orderId)
  await lockOrders(tx, orderIds)
  await makeMissingShipments(
    tx,
    orderIds.map((orderId) => ({ orderId, lines: [] })),
    common,
  )
  await moveShipments(tx, orderIds, DELIVERED)
})

export const stopCancelled = onBatch(OrderCancelled, async (events, { tx }) => {
  const orderIds = events.map(({ data }) => data.orderId)
  await lockOrders(tx, orderIds)
  await rememberCancelled(tx, orderIds)
  await moveShipments(tx, orderIds, CANCELLED)
})
