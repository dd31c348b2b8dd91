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

test('when operations stand still and are woken together, each goes on with its own trace', async () => {
  await shop.sandboxDown()
  const prepared = await Promise.all([shop.prepare(), shop.prepare()])
  const orderIds = prepared.map((one) => one.orderId)
  const traces = await publishTogether(shop.room, OrderCreated, orderIds.map(placed))
  const db = shop.room.db('payments')
  const tasks = () =>
    db.rows<{ orderId: string; traceparent: string | null; generation: number }>(sql`
      SELECT order_id AS "orderId", m.traceparent, m.generation FROM chassis.moments m JOIN payment_ops o ON o.id::text = m.key
      WHERE m.name = 'payment-operation' AND order_id = ANY(${orderIds}::uuid[])`)
  await shop.until('the tasks to be there', async () => (await tasks()).length === 2)
  await shop.until('the operations to be woken', async () => {
    // They are tried meanwhile, and then stand still no more.
    await db.run(sql`UPDATE payment_ops SET updated_at = now() - interval '1 hour' WHERE order_id = ANY(${orderIds}::uuid[])`)
    await shop.room.advance(61)
    return (await tasks()).every((one) => one.generation > 1)
  })
  expect(new Map((await tasks()).map((one) => [one.orderId, traceIdOf(one.traceparent)]))).toEqual(traces)
  await shop.sandboxUp()
})
