/** A shop of many processes over PostgreSQL alone: no Kafka, no Redis, no supervisor. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOLD_SECONDS } from '@stoa/chassis/runtime/idempotency.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, makeProduct, postOrder, until, untilStatus } from '../support/client.ts'
import { ProcessShop } from '../support/process-shop.ts'

const FRONT = ['gateway', 'storefront', 'catalog', 'search', 'cart', 'identity', 'pricing', 'shipping', 'notifications']
const BACK = ['orders', 'inventory', 'payments']

let shop: ProcessShop
let origin: string
beforeAll(async () => {
  shop = await ProcessShop.open([{ services: FRONT }, { services: BACK, replicas: 2 }])
  origin = shop.origin
}, 240_000)
afterAll(() => shop?.stop())

test('they are one shop: a page, a search, an order, and books that are right', async () => {
  const { sku } = await makeProduct(origin, await shop.boss(), 5)
  await until(
    () => ask(origin, `GET /api/products?q=${sku}`),
    (answer) => answer.body.items.length === 1,
    30,
  )
  expect((await ask(origin, 'GET /')).status).toBe(200)
  const { body } = await postOrder(origin, { sku, method: 'cash-on-delivery' })
  await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED'], 30)
  const ready = await ask(origin, 'GET /health/ready')
  expect([ready.status, Object.values<string>(ready.body.services).filter((one) => one !== 'ready')]).toEqual([200, []])
  expect((await shop.checks()).filter((one) => !one.ok)).toEqual([])
})

test('when a replica of orders, stock and payments is killed while orders flow, every order ends once and no request but those under way fails', async () => {
  const { sku } = await makeProduct(origin, await shop.boss(), 10_000)
  const placed: { orderId: string; viewToken: string }[] = []
  const refused: number[] = []
  const over = new AbortController()
  const buyers = Array.from({ length: 4 }, async () => {
    for (let n = 0; !over.signal.aborted && n < 500; n++) {
      const key = randomUUID()
      for (let tries = 0; tries < 600; tries++) {
        const answer = await postOrder(origin, { sku, method: 'cash-on-delivery', key })
        if (answer.status === 201) {
          placed.push(answer.body)
          break
        }
        refused.push(answer.status)
        await sleep(100)
      }
    }
  })
  for (const one of shop.members[1] ?? []) {
    const before = placed.length
    await expect.poll(() => placed.length, { timeout: 30_000 }).toBeGreaterThan(before + 5)
    await one.process.kill()
    const key = randomUUID()
    const newcomer = async () => {
      const { status, body } = await postOrder(origin, { sku, method: 'cash-on-delivery', key })
      if (status === 201) placed.push(body)
      return status
    }
    await expect.poll(newcomer, { timeout: 30_000, message: 'the other replica goes on' }).toBe(201)
    // All others may have been under way in it: then their keys are in use until their holds have lapsed.
    const timeout = HOLD_SECONDS * 1000 + 30_000
    await expect.poll(() => placed.length, { timeout, message: 'those under way go on' }).toBeGreaterThan(before + 15)
    await shop.startAgain(one)
  }
  over.abort()
  await Promise.all(buyers)
  // What was under way when its process died is refused as unavailable, and with its key as in use until its hold has lapsed.
  expect(refused.filter((status) => status !== 503 && status !== 409)).toEqual([])
  for (const { orderId, viewToken } of placed) await untilStatus(origin, orderId, viewToken, ['CONFIRMED', 'PROCESSING', 'SHIPPED'], 60)
  expect((await shop.checks()).filter((one) => !one.ok)).toEqual([])
  const [counted] = await shop.given.query<{ orders: number }>(
    'stoa_orders',
    `SELECT count(*)::int AS orders FROM orders WHERE lines::text LIKE '%"${sku}"%'`,
  )
  expect(counted?.orders).toBe(placed.length)
}, 240_000)
