import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { logIn, makeProduct, postOrder, untilStatus } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'
import { connectPast } from '../support/witness.ts'

const { origin, dataDir } = sharedShop()
const ORDERS = 12
const WAIT_SECONDS = 40

let admin: string
beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
})

/** An event as it lies in the stream of its owner. */
interface Told {
  readonly orderId: string
  readonly type: string
  readonly traceId: string
}

/** What each room told of these orders, by room; `sku` of an order is its own. */
async function toldOf(orders: ReadonlyMap<string, string>): Promise<Record<string, Told[]>> {
  const ids = [...orders.keys()]
  const columns = `type, coalesce(split_part(traceparent, '-', 2), 'none') AS "traceId"`
  const ask = (room: string, text: string, values: unknown[]) =>
    connectPast(dataDir, room, async (client) => (await client.query<Told>(text, values)).rows)
  const byKey = `SELECT key AS "orderId", ${columns} FROM chassis.stream_log WHERE key = ANY($1)`
  const [told, committed, paid, sent] = await Promise.all([
    ask('orders', byKey, [ids]),
    ask(
      'inventory',
      `${byKey} UNION ALL
       SELECT o.id, ${columns} FROM chassis.stream_log JOIN unnest($1::text[], $2::text[]) AS o(id, sku) ON o.sku = key
       WHERE type = 'StockChanged' AND data->>'reserved' = '1'`,
      [ids, [...orders.values()]],
    ),
    ask('payments', byKey, [ids]),
    ask(
      'notifications',
      `SELECT facts->>'orderId' AS "orderId", ${columns} FROM messages JOIN chassis.stream_log ON key = id::text
       WHERE facts->>'orderId' = ANY($1) AND template = 'order-confirmed'`,
      [ids],
    ),
  ])
  return { orders: told, inventory: committed, payments: paid, notifications: sent }
}

/** What every order comes to be told of, room by room. */
const COMPLETE = {
  orders: ['OrderCreated', 'OrderConfirmed'],
  inventory: ['StockChanged', 'StockCommitted'],
  payments: ['PaymentProcessed'],
  notifications: ['MessageSent'],
}

test('when many order at the same moment, each order’s trace id is that of its request in orders, inventory, payments and notifications', async () => {
  const products = await Promise.all(Array.from({ length: ORDERS }, () => makeProduct(origin, admin, 1)))
  const placed = await Promise.all(
    products.map(async ({ sku }) => {
      const traceId = randomBytes(16).toString('hex')
      const answer = await postOrder(origin, {
        sku,
        email: `guest-${randomUUID()}@example.com`,
        headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
      })
      expect([answer.status, answer.headers.get('x-request-id')]).toEqual([201, traceId])
      return { sku, traceId, orderId: answer.body.orderId as string, viewToken: answer.body.viewToken as string }
    }),
  )
  for (const { orderId, viewToken } of placed) await untilStatus(origin, orderId, viewToken, ['CONFIRMED'], WAIT_SECONDS)

  const orders = new Map(placed.map(({ orderId, sku }) => [orderId, sku]))
  const wanted = placed.flatMap(({ orderId, traceId }) =>
    Object.entries(COMPLETE).flatMap(([room, types]) => types.map((type) => `${orderId} ${room} ${type} ${traceId}`)),
  )
  let found: string[] = []
  // The mail comes last; whatever else is told meanwhile must have the right trace as well.
  for (let tries = 0; tries < WAIT_SECONDS * 2; tries++) {
    const told = await toldOf(orders)
    found = Object.entries(told).flatMap(([room, events]) =>
      events.map(({ orderId, type, traceId }) => `${orderId} ${room} ${type} ${traceId}`),
    )
    if ((told.notifications?.length ?? 0) >= ORDERS && found.length >= wanted.length) break
    await sleep(500)
  }
  expect([...new Set(found)].toSorted()).toEqual(wanted.toSorted())
})
