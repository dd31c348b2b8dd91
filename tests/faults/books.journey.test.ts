import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, postOrder, untilStatus } from '../support/client.ts'
import { doctor, startShop, type Shop } from '../support/shop.ts'
import { disagreements, query, type Bought } from '../support/witness.ts'

let shop: Shop
let admin: string
beforeAll(async () => {
  shop = await startShop()
  admin = (await logIn(shop.origin, 'admin@stoa.example')).token
})
afterAll(async () => {
  await shop.stop()
})

test('when 600 guests want 50 pieces at once and a tenth of their cards is declined, exactly 50 are sold in the end', async () => {
  const { sku } = await makeProduct(shop.origin, admin, 50)
  const sold: Bought[] = []
  const waiting = Array.from({ length: 600 }, (_, index) => ({
    key: randomUUID(),
    card: index % 10 === 0 ? 'tok_declined' : 'tok_ok',
    done: false,
  }))
  // Guests who found it sold out look again while declined orders give their pieces back.
  for (let round = 0; round < 20; round++) {
    const open = waiting.filter((one) => !one.done)
    const answers = await Promise.all(open.map((one) => postOrder(shop.origin, { sku, key: one.key, cardToken: one.card }, 120_000)))
    answers.forEach((answer, index) => {
      const guest = open[index] as (typeof waiting)[number]
      if (answer.status === 201) {
        guest.done = true
        sold.push({ key: guest.key, sku, quantity: 1, orderId: answer.body.orderId })
      } else expect(['insufficient-stock', 'unavailable', 'idempotency-key-in-use']).toContain(answer.body.code)
    })
    // No answer is no refusal: who heard nothing certain asks again with the same key.
    if (answers.some((answer) => answer.status === 503 || answer.body.code === 'idempotency-key-in-use')) continue
    const books = await doctor(shop.dataDir, 30)
    expect(books.checks.filter((one) => !one.ok)).toEqual([])
    const stock = (await ask(shop.origin, `GET /api/stock/${sku}`, { token: admin })).body
    expect(stock.reserved).toBeLessThanOrEqual(50)
    if (stock.available === 0) break
  }
  expect(await ask(shop.origin, `GET /api/stock/${sku}`, { token: admin })).toMatchObject({
    body: { onHand: 50, reserved: 50, available: 0 },
  })
  expect(await disagreements(shop.dataDir, sold)).toEqual([])
  const confirmed = await query<{ count: string }>(
    shop.dataDir,
    undefined,
    'orders',
    `SELECT count(*) FROM orders WHERE status = 'CONFIRMED'`,
  )
  expect(confirmed).toEqual([{ count: '50' }])
}, 240_000)

test('when the shop is at rest, every check has looked at something', async () => {
  const { sku } = await makeProduct(shop.origin, admin, 5)
  const filled = await ask(shop.origin, 'POST /api/cart/items', { body: { sku, quantity: 1 } })
  const cookie = filled.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const shopper = await logIn(shop.origin, 'shopper@stoa.example')
  expect((await ask(shop.origin, 'GET /api/cart', { token: shopper.token, headers: { cookie } })).body.items).toHaveLength(1)
  const bought = await ask(shop.origin, 'POST /api/orders', {
    token: shopper.token,
    key: randomUUID(),
    body: { cart: true, shippingAddress: ADDRESS, shippingOption: 'standard', payment: { method: 'card', token: 'tok_ok' } },
  })
  expect(bought.status).toBe(201)
  const { body } = await postOrder(shop.origin, { sku })
  await untilStatus(shop.origin, body.orderId, body.viewToken, ['CONFIRMED'], 30)
  await ask(shop.origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status: 'SHIPPED' } })
  const books = await doctor(shop.dataDir, 60)
  expect(books.checks.filter((one) => !one.ok)).toEqual([])
  expect(books.checks.filter((one) => one.examined === 0).map((one) => one.name)).toEqual([])
}, 100_000)

/** Each corrupts one book by one statement, and undoes it by another. */
const CORRUPTIONS: readonly [check: string, database: string, corrupt: string, mend: string][] = [
  [
    'inventory: stock = sum of movements',
    'inventory',
    `UPDATE stock_levels SET on_hand_units = on_hand_units + 1 WHERE (sku, warehouse) = (SELECT sku, warehouse FROM stock_levels ORDER BY sku LIMIT 1)`,
    `UPDATE stock_levels SET on_hand_units = on_hand_units - 1 WHERE (sku, warehouse) = (SELECT sku, warehouse FROM stock_levels ORDER BY sku LIMIT 1)`,
  ],
  [
    'inventory: reserved = held + committed and not yet shipped',
    'inventory',
    `UPDATE stock_levels SET reserved_units = reserved_units + 1 WHERE (sku, warehouse) = (SELECT sku, warehouse FROM stock_levels WHERE on_hand_units > reserved_units ORDER BY sku LIMIT 1)`,
    `UPDATE stock_levels SET reserved_units = reserved_units - 1 WHERE (sku, warehouse) = (SELECT sku, warehouse FROM stock_levels WHERE reserved_units > 0 AND on_hand_units > 0 ORDER BY sku LIMIT 1)`,
  ],
  [
    'orders: totals add up',
    'orders',
    `UPDATE orders SET total_minor = total_minor + 1 WHERE order_id = (SELECT min(order_id::text)::uuid FROM orders WHERE status = 'CANCELLED')`,
    `UPDATE orders SET total_minor = total_minor - 1 WHERE order_id = (SELECT min(order_id::text)::uuid FROM orders WHERE status = 'CANCELLED')`,
  ],
  [
    'orders: the timeline ends with the status',
    'orders',
    `INSERT INTO order_timeline (order_id, n, status, text) SELECT min(order_id::text)::uuid, 99, 'DELIVERED', 'x' FROM orders`,
    `DELETE FROM order_timeline WHERE n = 99`,
  ],
  [
    'orders: no gap in its streams',
    'orders',
    `UPDATE chassis.stream_head SET next_seq = next_seq + 1 WHERE stream = 'review.events' OR (stream = 'order.events' AND part = 0)`,
    `UPDATE chassis.stream_head SET next_seq = next_seq - 1 WHERE stream = 'order.events' AND part = 0`,
  ],
]
test.each(CORRUPTIONS)(
  'when one statement corrupts a book, the doctor sees it: %s',
  async (check, database, corrupt, mend) => {
    await query(shop.dataDir, undefined, database, corrupt)
    const books = await doctor(shop.dataDir, 0)
    await query(shop.dataDir, undefined, database, mend)
    expect(books.ok).toBe(false)
    expect(books.checks.filter((one) => !one.ok).map((one) => one.name)).toContain(check)
  },
  60_000,
)
