/** What is sold out is asked for once in a tenth of a second, and never refused when it is there. */
import { MemoryKeeper } from '@stoa/chassis/cache/memory-keeper.ts'
import { setFailPoints } from '@stoa/chassis/fail-point.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShop, type Shop } from './testing/shop.ts'

let now = 0
const keeper = new MemoryKeeper({ now: () => now })
let shop: Shop
beforeAll(async () => {
  shop = await openShop({}, { keeper })
})
afterAll(() => shop.room.stop())
beforeEach(() => {
  now += 1000
})
afterEach(() => {
  setFailPoints('')
  shop.neighbours.away.clear()
})

const asked = (sku: string) =>
  shop.neighbours.heard.filter(({ call, input }) => call === 'inventory.ReserveStock' && JSON.stringify(input).includes(`"${sku}"`)).length
const want = (sku: string, quantity = 1, more: object = {}) => shop.post({ items: [{ sku, quantity }], ...more })

describe('when a crowd wants what is sold out', () => {
  test('inventory is asked once, and all are told the same in its words', async () => {
    const { sku } = shop.neighbours.product(0)
    const answers = [await want(sku), await want(sku), await want(sku)]
    expect(answers.map(({ status, body }) => [status, body.code, body.detail, body.lines])).toEqual(
      Array.from({ length: 3 }, () => [409, 'insufficient-stock', answers[0]?.body.detail, [{ sku, availableUnits: 0 }]]),
    )
    expect(asked(sku)).toBe(1)
  })

  test('it is asked again as soon as stock of the product moves', async () => {
    const { sku, productId } = shop.neighbours.product(0)
    await want(sku)
    shop.neighbours.stock.set(sku, 1)
    await keeper.forget([productId])
    expect((await want(sku)).status).toBe(201)
    await want(sku)
    expect(asked(sku)).toBe(3)
  })

  test('it is asked again after a tenth of a second', async () => {
    const { sku } = shop.neighbours.product(0)
    await want(sku)
    now += 99
    await want(sku)
    expect(asked(sku)).toBe(1)
    now += 1
    await want(sku)
    expect(asked(sku)).toBe(2)
  })

  test('it is asked by whoever wants less, or something else beside it', async () => {
    const [{ sku }, other] = [shop.neighbours.product(1), shop.neighbours.product()]
    expect((await want(sku, 2)).status).toBe(409)
    expect((await shop.post({ items: [sku, other.sku].map((one) => ({ sku: one, quantity: one === sku ? 2 : 1 })) })).status).toBe(409)
    expect(asked(sku)).toBe(2)
    expect((await want(sku, 1)).status).toBe(201)
  })

  test('an order that was tried before asks, and gets what it holds', async () => {
    const { sku } = shop.neighbours.product(1)
    const key = newId()
    setFailPoints('orders.after-reserve=throw')
    expect((await want(sku, 1, { key })).status).toBe(500)
    setFailPoints('')
    expect((await want(sku)).status).toBe(409)
    expect((await want(sku, 1, { key })).status).toBe(201)
  })
})
