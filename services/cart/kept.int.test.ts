/** A cart that is looked at again is not asked for again, and never shown as it was before something changed. */
import { MemoryKeeper } from '@stoa/chassis/cache/memory-keeper.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { OrderCancelled, OrderCreated } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { away, both, money, openCartRoom, priced, productId, restock, shoppersOf, units, wares, type Who } from './testing/shop.ts'

let now = 0
const keeper = new MemoryKeeper({ now: () => now })
let room: Room
beforeAll(async () => {
  room = await openCartRoom({ keeper })
})
afterAll(() => room.stop())
beforeEach(restock)

const { look, add, change, remove, shopper, guestWith } = shoppersOf(() => room)

/** How often the neighbours were asked while `work` was done. */
async function askings(work: () => Promise<unknown>): Promise<number> {
  const before = priced.times
  await work()
  return priced.times - before
}

describe('a cart that is looked at again', () => {
  test('is shown without asking anybody, to its owner alone', async () => {
    const [who, other] = [shopper(), await guestWith('B', 1)]
    await add('A', 2, who)
    const first = await look(who)
    expect(await askings(async () => expect((await look(who)).body).toEqual(first.body))).toBe(0)
    expect(units(await look(other))).toEqual({ B: 1 })
    expect((await look(shopper())).body.id).toBeNull()
    expect((await look()).body.id).toBeNull()
    expect(first.headers['cache-control']).toBe('no-store')
  })

  test('shows each change of it at once', async () => {
    for (const who of [shopper(), await guestWith('A', 1)]) {
      await look(who)
      await add('B', 2, who)
      expect(units(await look(who))).toMatchObject({ B: 2 })
      await change('B', 5, who)
      expect(units(await look(who))).toMatchObject({ B: 5 })
      await remove('B', who)
      expect(units(await look(who))).not.toHaveProperty('B')
    }
  })

  test('shows each change of its goods at once', async () => {
    const who = await guestWith('A', 2)
    await look(who)
    wares.set('A', { price: 1500, available: 1, active: true })
    await keeper.forget([productId])
    expect((await look(who)).body.items).toMatchObject([{ unitPrice: money(1500), available: 1, problem: 'insufficient-stock' }])
  })

  test('is asked for again after five seconds', async () => {
    const who = await guestWith('A', 2)
    await look(who)
    now += 4999
    expect(await askings(() => look(who))).toBe(0)
    now += 1
    expect(await askings(() => look(who))).toBe(1)
  })

  test('is not kept as it was while somebody was away', async () => {
    const who = await guestWith('A', 2)
    for (const service of ['pricing', 'inventory', 'catalog']) {
      await add('A', 1, who)
      away.add(service)
      expect((await look(who)).status).toBe(service === 'pricing' ? 503 : 200)
      away.clear()
      expect(await askings(() => look(who))).toBe(1)
    }
  })

  test('is priced for whoever looks: another group has other prices', async () => {
    const { accountId } = room.account()
    const [plain, trader] = [{ as: room.account({ accountId }) }, { as: room.account({ accountId, groups: ['trade'] }) }]
    await add('A', 1, plain)
    await look(plain)
    expect(await askings(() => look(trader))).toBe(1)
    expect(priced.buyer).toEqual({ groups: ['trade'] })
  })
})

test('when a guest logs in, the cart is merged at the first look, and neither cart is shown as it was', async () => {
  const [account, guest] = [shopper(), await guestWith('B', 1)]
  await add('A', 2, account)
  await Promise.all([look(account), look(guest)])
  expect(units(await look(both(account, guest)))).toEqual({ A: 2, B: 1 })
  expect(units(await look(account))).toEqual({ A: 2, B: 1 })
  expect((await look(guest)).body.id).toBeNull()
})

test('when an order takes lines and gives them back, the cart shows it', async () => {
  const who: Who = shopper()
  await add('A', 2, who)
  const [{ body: cart }, orderId] = [await look(who), newId()]
  const order = { orderId, number: 'S-1', accountId: null, total: money(2000), method: 'card' as const, placedAt: new Date().toISOString() }
  const lines = [{ sku: 'A', productId, quantity: 2, unitPriceMinor: 1000 }]
  await room.publish(OrderCreated, { ...order, cartId: cart.id, lines })
  await room.settled()
  expect(units(await look(who))).toEqual({})
  await room.publish(OrderCancelled, {
    orderId,
    accountId: null,
    cartId: cart.id,
    from: 'PENDING',
    reason: 'payment-declined',
    lines,
  })
  await room.settled()
  expect(units(await look(who))).toEqual({ A: 2 })
})
