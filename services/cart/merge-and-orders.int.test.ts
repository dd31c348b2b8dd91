import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { CartOf, RefillCart, TakeOrderedLines } from '@stoa/contracts/cart.ts'
import { OrderCancelled, OrderCreated, type CancelReason } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import cart from './service.ts'
import { away, both, money, openCartRoom, orders, productId, restock, shoppersOf, units } from './testing/shop.ts'

let room: Room
beforeAll(async () => {
  room = await openCartRoom()
})
afterAll(() => room.stop())
beforeEach(restock)

const { look, add, shopper, guestWith, cartIdOf } = shoppersOf(() => room)
const created = (orderId: string, cartId: string | null, lines: { sku: string; quantity: number }[]) =>
  room.publish(OrderCreated, {
    orderId,
    number: 'S-100001',
    accountId: null,
    cartId,
    lines: lines.map((one) => ({ ...one, productId, unitPriceMinor: 1000 })),
    total: money(1000),
    method: 'card',
    placedAt: '2026-11-21T12:00:00Z',
  })
const cancelled = (orderId: string, cartId: string | null, reason: CancelReason = 'payment-declined') =>
  room.publish(OrderCancelled, { orderId, reason, from: 'PENDING', cartId, accountId: null, lines: [] })

describe('a guest who logs in', () => {
  test('when both have a cart, the first request with both adds units up to what there is and clears the cookie', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 30)]
    await add('A', 30, account)
    await add('B', 1, account)
    await add('C', 2, guest)
    const merged = await look(both(account, guest))
    expect(units(merged)).toEqual({ A: 50, B: 1, C: 2 })
    expect(merged.cookies).toMatchObject([{ name: 'stoa_cart', value: '' }])
    expect((await look(guest)).body.id).toBeNull()
    expect(units(await look(both(account, guest)))).toEqual({ A: 50, B: 1, C: 2 })
  })

  test('when the first request is an addition, it comes on top', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 2)]
    expect(units(await add('A', 1, both(account, guest)))).toEqual({ A: 3 })
  })

  test('when many requests carry both at once, while the guest still adds, every unit is there once', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 3)]
    await add('A', 4, account)
    const late = await Promise.all([
      ...Array.from({ length: 6 }, () => look(both(account, guest))),
      ...Array.from({ length: 4 }, () => add('B', 1, guest)),
      add('A', 1, account),
    ])
    expect(new Set(late.map((one) => one.status))).toEqual(new Set([200]))
    expect(units(await look(both(account, guest)))).toEqual({ A: 8, B: 4 })
  })

  test('when inventory is away, units add up in full', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 30)]
    await add('A', 30, account)
    away.add('inventory')
    expect(units(await look(both(account, guest)))).toEqual({ A: 60 })
  })

  test('when checkout asks by call with both, it sees them as one', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 2)]
    await add('B', 1, account)
    const seen = await room.call(CartOf, { accountId: account.as?.accountId, guestToken: guest.cookies?.stoa_cart })
    expect(seen).toEqual({
      cartId: await cartIdOf(account),
      items: [
        { sku: 'A', quantity: 2 },
        { sku: 'B', quantity: 1 },
      ],
    })
    expect(await room.call(CartOf, {})).toEqual({ cartId: null, items: [] })
  })
})

describe('an order made from a cart', () => {
  const take = (orderId: string, cartId: string, lines: { sku: string; quantity: number }[]) =>
    room.call(TakeOrderedLines, { orderId, cartId, lines })

  test('when it is placed, its lines leave the cart once, by call and by event', async () => {
    const [who, orderId] = [shopper(), newId()]
    await add('A', 3, who)
    await add('B', 1, who)
    const lines = [
      { sku: 'A', quantity: 2 },
      { sku: 'B', quantity: 1 },
    ]
    const cartId = await cartIdOf(who)
    expect(await Promise.all([take(orderId, cartId, lines), take(orderId, cartId, lines)])).toEqual([{ taken: true }, { taken: true }])
    await created(orderId, cartId, lines)
    await room.settled()
    expect(units(await look(who))).toEqual({ A: 1 })
  })

  test('when only the event tells of it, its lines leave the cart too; an order without a cart takes nothing', async () => {
    const [who, orderId] = [shopper(), newId()]
    await add('A', 3, who)
    await created(newId(), null, [{ sku: 'A', quantity: 3 }])
    await created(orderId, await cartIdOf(who), [{ sku: 'A', quantity: 2 }])
    await room.settled()
    expect(units(await look(who))).toEqual({ A: 1 })
  })

  test('when its payment is declined, what it took comes back once, on top of what came in meanwhile', async () => {
    const [who, orderId] = [shopper(), newId()]
    await add('A', 2, who)
    const cartId = await cartIdOf(who)
    await take(orderId, cartId, [{ sku: 'A', quantity: 2 }])
    expect(units(await look(who))).toEqual({})
    await add('A', 1, who)
    await cancelled(orderId, cartId)
    await cancelled(orderId, cartId)
    await room.settled()
    expect(units(await look(who))).toEqual({ A: 3 })
  })

  test('when it ends for another reason, nothing comes back', async () => {
    const [who, orderId] = [shopper(), newId()]
    await add('A', 2, who)
    const cartId = await cartIdOf(who)
    await take(orderId, cartId, [{ sku: 'A', quantity: 2 }])
    await cancelled(orderId, cartId, 'customer')
    await room.settled()
    expect(units(await look(who))).toEqual({})
  })

  test('when the guest has logged in meanwhile, the lines come back into the account’s cart', async () => {
    const [account, guest, orderId] = [shopper(), await guestWith('A', 2), newId()]
    const cartId = await cartIdOf(guest)
    await take(orderId, cartId, [{ sku: 'A', quantity: 2 }])
    await look(both(account, guest))
    await cancelled(orderId, cartId)
    await room.settled()
    expect(units(await look(account))).toEqual({ A: 2 })
  })

  test('when the guest logged in before the order’s event came, its lines leave the account’s cart', async () => {
    const [account, guest, orderId] = [shopper(), await guestWith('A', 2), newId()]
    const cartId = await cartIdOf(guest)
    await look(both(account, guest))
    await created(orderId, cartId, [{ sku: 'A', quantity: 2 }])
    await room.settled()
    expect(units(await look(account))).toEqual({})
  })

  test('when the cart is gone, there is nothing to take', async () => {
    expect(await take(newId(), newId(), [{ sku: 'A', quantity: 1 }])).toEqual({ taken: false })
  })
})

describe('the books and the years', () => {
  const check = (index: number) =>
    (cart.checks ?? [])[index]?.run({ db: room.db('cart'), call: (contract: never, input: never) => room.call(contract, input) } as never)

  test('when a merged cart holds something, the check names it', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 2)]
    const id = await cartIdOf(guest)
    await look(both(account, guest))
    expect(await check(0)).toMatchObject({ broken: 0, examined: expect.any(Number) })
    await room.db('cart').run(sql`
      INSERT INTO cart_items (cart_id, sku, quantity, seen_price_minor, description, added_at) VALUES (${id}, 'A', 1, 1, '{}', now())`)
    expect(await check(0)).toMatchObject({ broken: 1, examples: [id] })
    await room.db('cart').run(sql`DELETE FROM cart_items WHERE cart_id = ${id}`)
  })

  test('when lines left a cart for an order that does not exist, the check names it', async () => {
    const [who, orderId] = [shopper(), newId()]
    await add('A', 2, who)
    await room.call(TakeOrderedLines, { orderId, cartId: await cartIdOf(who), lines: [{ sku: 'A', quantity: 1 }] })
    for (const row of await room.db('cart').rows<{ order_id: string }>(sql`SELECT order_id FROM taken_orders`)) orders.add(row.order_id)
    expect(await check(1)).toMatchObject({ broken: 0 })
    orders.delete(orderId)
    expect(await check(1)).toMatchObject({ broken: 1, examples: [orderId] })
  })

  test('when a guest’s cart was not touched for 60 days, it goes; an account’s stays', async () => {
    const [account, guest] = [shopper(), await guestWith('A', 2)]
    await add('A', 1, account)
    await room.advance(59 * 24 * 3600)
    const fresh = await guestWith('B', 1)
    await room.advance(2 * 24 * 3600)
    const carts = () =>
      room.db('cart').one<{ guests: number; accounts: number }>(sql`
      SELECT count(guest_token_hash) AS guests, count(account_id) AS accounts FROM carts`)
    await expect.poll(async () => (await carts()).guests, { timeout: 10_000 }).toBe(1)
    expect((await carts()).accounts).toBeGreaterThan(0)
    expect((await look(guest)).body.id).toBeNull()
    expect(units(await look(fresh))).toEqual({ B: 1 })
    expect(units(await look(account))).toEqual({ A: 1 })
  })
})

describe('an order bought again', () => {
  const refill = (input: object, quantity = 2) =>
    room.call(RefillCart, {
      cartId: newId(),
      lines: [
        { sku: 'A', quantity },
        { sku: 'GONE', quantity: 1 },
      ],
      ...input,
    })

  test('when the account has a cart, it then holds at least that, however often it is asked', async () => {
    const account = shopper()
    await add('A', 1, account)
    await add('B', 1, account)
    for (let time = 0; time < 2; time++)
      expect(await refill({ accountId: account.as?.accountId })).toMatchObject({
        cart: {
          items: [
            { sku: 'A', quantity: 2 },
            { sku: 'B', quantity: 1 },
          ],
        },
        guestToken: null,
        short: [{ sku: 'GONE', wanted: 1, inCart: 0, reason: 'unavailable' }],
      })
    expect(await refill({ accountId: account.as?.accountId }, 60)).toMatchObject({
      cart: { items: [{ sku: 'A', quantity: 50 }, { sku: 'B' }] },
      short: [{ sku: 'A', wanted: 60, inCart: 50, reason: 'insufficient-stock' }, { sku: 'GONE' }],
    })
  })

  test('when a guest asks without a cart, one is made, named by the cookie that is told', async () => {
    const made = await refill({})
    if ('refused' in made) throw new Error(made.refused)
    expect(units(await look({ cookies: { stoa_cart: made.guestToken ?? '' } }))).toEqual({ A: 2 })
  })

  test('when prices cannot be asked for, it is unavailable', async () => {
    away.add('pricing')
    expect(await refill({})).toMatchObject({ refused: 'unavailable' })
  })
})
