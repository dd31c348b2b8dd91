import { sql } from '@stoa/chassis/database/sql.ts'
import type { Account } from '@stoa/chassis/testing/room.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.room.stop())

const list = (query: string, as?: Account) => shop.room.request(`GET /api/orders${query}`, as ? { as } : {})
const found = async (query: string, as: Account) => {
  const { status, body } = await list(query, as)
  return status === 200 ? body.items.map((one: { orderId: string }) => one.orderId) : body.code
}
const piece = (name: string, sku: string, options: Record<string, string> = {}) => {
  if (!shop.neighbours.products.has(sku)) shop.neighbours.product(100, { name, sku, options })
  return { sku, quantity: 1 }
}

describe('looking for an order', () => {
  test('by words of its number, its goods’ names and SKUs, in any case and order', async () => {
    const as = shop.room.account()
    const lamp = await shop.place({ as, items: [piece('Äolian lamp 100% brass', 'LAMP-7', { colour: 'Schwarz' }), piece('Mug', 'MUG_1')] })
    const mug = await shop.place({ as, items: [piece('Mug', 'MUG_1')] })
    await shop.place({ as: shop.room.account(), items: [piece('Mug', 'MUG_1')] })
    const { number } = (await list('', as)).body.items[1]
    expect(await found('?q=mug', as)).toEqual([mug.orderId, lamp.orderId])
    const of = (q: string) => found(`?q=${encodeURIComponent(q)}`, as)
    for (const q of [
      'äolian',
      'ÄOLIAN',
      'lamp-7',
      'brass  LAMP',
      'schwarz mug',
      '100%',
      '%',
      number,
      number.toLowerCase(),
      number.slice(2),
    ])
      expect([q, await of(q)]).toEqual([q, [lamp.orderId]])
    for (const q of ['MUG%1', 'kettle', 'lamp kettle', 'm_g', '\\']) expect([q, await of(q)]).toEqual([q, []])
    for (const q of ['MUG_1', '_', ' ', '']) expect([q, await of(q)]).toEqual([q, [mug.orderId, lamp.orderId]])
  })

  test('by status, any of several, and by day', async () => {
    const as = shop.room.account()
    const [old, fresh] = [await shop.place({ as }), await shop.place({ as })]
    await shop.paid(fresh.orderId, 'authorized')
    await shop.room.db('orders').run(sql`UPDATE orders SET placed_at = '2024-02-29T23:59:59Z' WHERE order_id = ${old.orderId}`)
    expect(await found('?status=PENDING', as)).toEqual([old.orderId])
    expect(await found('?status=PENDING&status=CONFIRMED', as)).toEqual([fresh.orderId, old.orderId])
    expect(await found('?from=2024-02-29&to=2024-02-29', as)).toEqual([old.orderId])
    expect(await found('?to=2024-02-28', as)).toEqual([])
    expect(await found('?from=2024-03-01', as)).toEqual([fresh.orderId])
    expect(await found('?from=0000-01-01&to=9999-12-31', as)).toHaveLength(2)
    for (const query of ['?from=2023-02-29', '?to=yesterday', '?status=LOST', '?q=%00', '?since=2024-01-01'])
      expect([query, await found(query, as)]).toEqual([query, 'invalid-request'])
  })

  test('in pages; a cursor of another search is invalid-cursor, another limit is fine', async () => {
    const as = shop.room.account()
    const ids: string[] = []
    for (let count = 0; count < 3; count++) ids.unshift((await shop.place({ as, items: [piece('Mug', 'MUG_1')] })).orderId)
    const first = (await list('?q=mug&limit=1', as)).body
    expect(first.items.map((one: { orderId: string }) => one.orderId)).toEqual(ids.slice(0, 1))
    expect(await found(`?q=mug&limit=5&cursor=${first.nextCursor}`, as)).toEqual(ids.slice(1))
    for (const query of ['', 'q=lamp&', 'q=mug&status=PENDING&'])
      expect(await found(`?${query}cursor=${first.nextCursor}`, as)).toBe('invalid-cursor')
  })
})

describe('the orders of an e-mail address', () => {
  test('are found by staff: those of a guest and of the account, in any case', async () => {
    const as = shop.room.account()
    const email = 'sappho@example.com'
    shop.neighbours.contacts.set(as.accountId, email)
    const [own, guest] = [await shop.place({ as }), await shop.place({ email: 'Sappho@Example.com' })]
    await shop.place()
    for (const role of ['admin', 'warehouse', 'pos'] as const)
      expect(await found(`?email=${email}`, shop.room.account({ roles: [role] }))).toEqual([guest.orderId, own.orderId])
    expect(await found(`?email=${email}&q=nothing`, shop.staff)).toEqual([])
    expect(await found('?email=nobody@example.com', shop.staff)).toEqual([])
  })

  test('are found also where nobody has an account with it', async () => {
    const guest = await shop.place({ email: 'corinna@example.com' })
    expect(await found('?email=corinna@example.com', shop.staff)).toEqual([guest.orderId])
  })

  test('are no business of customers, vendors or guests', async () => {
    for (const as of [shop.room.account(), shop.room.account({ roles: ['vendor'] })])
      expect((await list('?email=sappho@example.com', as)).body).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await list('?email=sappho@example.com')).body.code).toBe('unauthenticated')
  })
})

describe('buying again', () => {
  const again = (orderId: string, options: Parameters<Shop['room']['request']>[1] = {}) =>
    shop.room.request(`POST /api/orders/${orderId}/reorder`, { body: {}, ...options })
  const asked = () => shop.neighbours.asked('cart.RefillCart').at(-1)

  test('brings the owner’s cart up to what the order held, and says what is missing by its name of then', async () => {
    const as = shop.room.account()
    const { orderId } = await shop.place({
      as,
      items: [{ ...piece('Lamp', 'LAMP-8', { colour: 'red' }), quantity: 3 }, piece('Gone', 'GONE-1')],
    })
    shop.neighbours.stock.delete('GONE-1')
    const { status, body, cookies } = await again(orderId, { as, cookies: { stoa_cart: 'of-the-guest' } })
    expect([status, body]).toMatchObject([
      200,
      { cart: { items: [] }, notAdded: [{ sku: 'GONE-1', name: 'Gone', wanted: 1, inCart: 0, reason: 'unavailable' }] },
    ])
    expect(asked()).toMatchObject({
      accountId: as.accountId,
      guestToken: 'of-the-guest',
      lines: [
        { sku: 'LAMP-8', quantity: 3 },
        { sku: 'GONE-1', quantity: 1 },
      ],
    })
    expect(cookies).toMatchObject([{ name: 'stoa_cart', value: '' }])
  })

  test('works for a guest with the order’s token, in a cart of the guest’s cookie', async () => {
    const { orderId, viewToken } = await shop.place()
    const { status, cookies } = await again(orderId, { headers: { 'order-token': viewToken }, cookies: { stoa_cart: 'x'.repeat(300) } })
    expect(status).toBe(200)
    expect(cookies).toMatchObject([{ name: 'stoa_cart', value: 'the-guest', httpOnly: true, maxAge: 2_592_000 }])
    expect(asked()).not.toHaveProperty('accountId')
    expect(asked()).not.toHaveProperty('guestToken')
  })

  test('is for the owner alone: staff, strangers and wrong tokens find nothing; without prices it is unavailable', async () => {
    const as = shop.room.account()
    const { orderId } = await shop.place({ as })
    for (const other of [shop.staff, shop.room.account(), undefined])
      expect((await again(orderId, { ...(other ? { as: other } : {}), headers: { 'order-token': 'wrong' } })).body.code).toBe('not-found')
    shop.neighbours.next.set('cart.RefillCart', { refused: 'unavailable' })
    expect((await again(orderId, { as })).body.code).toBe('unavailable')
  })
})
