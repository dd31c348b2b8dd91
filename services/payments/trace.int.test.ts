import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { withTrace } from '@stoa/chassis/telemetry/trace.ts'
import { newTraceparent, publishTogether, traceIdOf, tracesOf } from '@stoa/chassis/testing/traces.ts'
import { OrderCreated, OrderShipped } from '@stoa/contracts/orders.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  // Nobody asks what the shopper did on the provider's page: its notice tells.
  shop = await openShop({ env: { STOA_PAYMENTS_SHOPPER_EVERY: '3600' } })
})
afterAll(() => shop.stop())

type Wish = NonNullable<Parameters<Shop['prepare']>[0]>
const ofThese = (traces: Map<string, string | undefined>, orderIds: readonly string[]) =>
  new Map(orderIds.map((orderId) => [orderId, traces.get(orderId)]))
const placed = (orderId: string) => {
  const { number, total } = shop.orderOf(orderId)
  return { orderId, number, accountId: null, cartId: null, lines: [], total, method: 'card' as const, placedAt: new Date().toISOString() }
}

test('when many orders are placed, paid and shipped at once, what is told of each payment has the trace of what caused it', async () => {
  const prepared = await Promise.all(Array.from({ length: 12 }, () => shop.prepare()))
  const orderIds = prepared.map((one) => one.orderId)
  const asked = await publishTogether(shop.room, OrderCreated, orderIds.map(placed))
  for (const orderId of orderIds) await shop.told(orderId, 'authorized')
  expect(ofThese(await tracesOf(shop.room, PaymentProcessed), orderIds)).toEqual(asked)
  const shipped = await publishTogether(
    shop.room,
    OrderShipped,
    orderIds.map((orderId) => ({ orderId, trackingNumber: 'T1', total: shop.orderOf(orderId).total, method: 'card' as const })),
  )
  for (const orderId of orderIds) await shop.told(orderId, 'captured')
  expect(ofThese(await tracesOf(shop.room, PaymentProcessed), orderIds)).toEqual(shipped)
})

test('what a notice of the provider tells has the trace of the request that began the payment, not that of the notice', async () => {
  const traces = new Map<string, string | undefined>()
  const prepare = async (wish: Wish) => {
    const traceparent = newTraceparent()
    const { orderId } = await withTrace(traceparent, () => shop.prepare(wish))
    traces.set(orderId, traceIdOf(traceparent))
    return orderId
  }
  const orderIds = await Promise.all(Array.from({ length: 8 }, () => prepare({ token: 'tok_3ds' })))
  await publishTogether(shop.room, OrderCreated, orderIds.map(placed))
  for (const orderId of orderIds) await shop.told(orderId, 'requires-action')
  const steps = await Promise.all(orderIds.map(async (orderId) => (await shop.status(orderId)).nextAction.url as string))
  await Promise.all(
    steps.map((url) => fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'confirm' }), redirect: 'manual' })),
  )
  for (const orderId of orderIds) await shop.told(orderId, 'authorized')
  expect(ofThese(await tracesOf(shop.room, PaymentProcessed), orderIds)).toEqual(traces)
  const causes = await shop.room
    .db('payments')
    .rows(
      sql`SELECT DISTINCT h.cause FROM op_history h JOIN payment_ops o ON o.id = op_id WHERE to_state = 'succeeded' AND order_id = ANY(${orderIds}::uuid[])`,
    )
  expect(causes).toEqual([{ cause: 'webhook' }])
})
