/** Orders and stock lose each other in one direction: what is asked does not arrive in time, or is done and its answer is lost. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProduct, postOrder, untilStatus } from '../support/client.ts'
import { ProcessShop } from '../support/process-shop.ts'

const FRONT = ['gateway', 'storefront', 'catalog', 'search', 'cart', 'identity', 'pricing', 'shipping', 'notifications']
/** Twice the deadline of a call, and more. */
const CUT_MS = 6000
const BUYERS = 4
const TRIES_MAX = 600

let shop: ProcessShop
beforeAll(async () => {
  shop = await ProcessShop.open([{ services: FRONT }, { services: ['orders'] }, { services: ['inventory', 'payments'], wired: true }])
}, 240_000)
afterAll(() => shop?.stop())

test.each([
  ['nothing that orders asks reaches stock and payments', 'there'],
  ['no answer of stock and payments reaches orders', 'back'],
] as const)(
  'when %s for a while, buyers are told to come again, and nothing is lost or done twice',
  async (_, way) => {
    const { sku } = await makeProduct(shop.origin, await shop.boss(), 10_000)
    const placed: { orderId: string; viewToken: string }[] = []
    const refused: number[] = []
    const over = new AbortController()
    const buy = async () => {
      const key = randomUUID()
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const answer = await postOrder(shop.origin, { sku, quantity: 2, method: 'cash-on-delivery', key })
        if (answer.status === 201) return void placed.push(answer.body)
        refused.push(answer.status)
        await sleep(100)
      }
      throw new Error(`no answer for key ${key}`)
    }
    const buyers = Array.from({ length: BUYERS }, async () => {
      while (!over.signal.aborted) await buy()
    })
    await expect.poll(() => placed.length, { timeout: 30_000 }).toBeGreaterThan(10)
    const [wire] = shop.wires[2] ?? []
    wire?.freeze([way])
    await sleep(CUT_MS)
    expect(refused.length, 'buyers noticed').toBeGreaterThan(0)
    wire?.thaw()
    const before = placed.length
    await expect.poll(() => placed.length, { timeout: 60_000, message: 'orders flow afterwards' }).toBeGreaterThan(before + 10)
    over.abort()
    await Promise.all(buyers)
    expect(refused.filter((status) => status !== 503 && status !== 409)).toEqual([])
    for (const { orderId, viewToken } of placed)
      await untilStatus(shop.origin, orderId, viewToken, ['CONFIRMED', 'PROCESSING', 'SHIPPED'], 60)
    expect((await shop.checks()).filter((one) => !one.ok)).toEqual([])
    const [counted] = await shop.given.query<{ orders: number }>(
      'stoa_orders',
      `SELECT count(*)::int AS orders FROM orders WHERE lines::text LIKE '%"${sku}"%'`,
    )
    expect(counted?.orders).toBe(placed.length)
    const [level] = await shop.given.query<{ taken: number }>(
      'stoa_inventory',
      `SELECT (10000 - on_hand_units + reserved_units)::int AS taken FROM stock_levels WHERE sku = '${sku}'`,
    )
    expect(level?.taken).toBe(placed.length * 2)
  },
  240_000,
)
