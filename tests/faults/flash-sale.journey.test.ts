import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { booksAgree } from '../support/books.ts'
import { ask, logIn, makeProduct, postOrder } from '../support/client.ts'
import { doctor, startShop, type Shop } from '../support/shop.ts'
import { query, type Bought } from '../support/witness.ts'

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
  await booksAgree(shop.dataDir, sold, { secondsMax: 30 })
  const confirmed = await query<{ count: string }>(
    shop.dataDir,
    undefined,
    'orders',
    `SELECT count(*) FROM orders WHERE status = 'CONFIRMED'`,
  )
  expect(confirmed).toEqual([{ count: '50' }])
}, 240_000)
