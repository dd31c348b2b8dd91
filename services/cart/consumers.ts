import { on } from '@stoa/chassis/service.ts'
import { OrderCancelled, OrderCreated } from '@stoa/contracts/orders.ts'
import { giveBackOrdered, takeOrdered } from './usecases.ts'

/** The safety net behind the call `TakeOrderedLines`. */
export const takeWithOrder = on(OrderCreated, async ({ data }, { tx }) => {
  if (data.cartId !== null) await takeOrdered(tx, { cartId: data.cartId, orderId: data.orderId, lines: data.lines })
})

export const giveBackDeclined = on(OrderCancelled, async ({ data }, { tx }) => {
  if (data.reason === 'payment-declined' && data.cartId !== null) await giveBackOrdered(tx, data.orderId)
})
