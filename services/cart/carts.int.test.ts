import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { CartChanged } from '@stoa/contracts/cart.ts'
import { newId } from '@stoa/kit/ids.ts'
import { away, money, openCartRoom, priced, restock, shoppersOf, units, wares } from './testing/shop.ts'

let room: Room
beforeAll(async () => {
  room = await openCartRoom()
})
afterAll(() => room.stop())
beforeEach(restock)

const { look, add, change, remove, shopper, cartIdOf } = shoppersOf(() => room)

describe('a guest', () => {
  test('when looking without a cart, sees an empty one, and nothing is written', async () => {
    const answer = await look()
    expect(answer).toMatchObject({
      status: 200,
      body: { id: null, version: 0, items: [], coupons: [], subtotal: money(0), tax: money(0), total: money(0), taxIncluded: true },
    })
    expect(answer.cookies).toEqual([])
    expect(await room.db('cart').rows(sql`SELECT id FROM carts`)).toEqual([])
  })

  test('when putting something in, gets a cookie that names the cart from then on', async () => {
    const first = await add('A', 2)
    expect(first).toMatchObject({
      status: 200,
      body: {
        version: 1,
        items: [{ sku: 'A', name: 'The A', quantity: 2, unitPrice: money(1000), lineTotal: money(2000), available: 50 }],
        subtotal: money(2000),
        total: money(2000),
      },
    })
    expect(first.cookies).toMatchObject([{ name: 'stoa_cart', httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 2_592_000 }])
    const who = { cookies: { stoa_cart: first.cookies[0]?.value ?? '' } }
    expect(await look(who)).toMatchObject({ body: { id: first.body.id, version: 1 } })
    const stored = await room.db('cart').rows<{ row: string }>(sql`SELECT row_to_json(c)::text AS row FROM carts c`)
    expect(stored.some((one) => one.row.includes(who.cookies.stoa_cart))).toBe(false)
  })

  test('when the cookie is made up, sees nobody’s cart and gets a cookie of the shop at the first write', async () => {
    const made = { cookies: { stoa_cart: 'made-up' } }
    expect((await look(made)).body.id).toBeNull()
    expect((await add('A', 1, made)).cookies[0]?.value).not.toBe('made-up')
  })
})

describe('a cart', () => {
  test('when the same SKU comes again it adds; it can be set, and set to nothing, and removed', async () => {
    const who = shopper()
    await add('A', 2, who)
    expect(units(await add('A', 3, who))).toEqual({ A: 5 })
    expect(units(await add('B', 1, who))).toEqual({ A: 5, B: 1 })
    expect(units(await change('A', 1, who))).toEqual({ A: 1, B: 1 })
    expect(units(await change('A', 0, who))).toEqual({ B: 1 })
    expect(await remove('B', who)).toMatchObject({ status: 200, body: { items: [], version: 6, total: money(0) } })
    await room.settled()
    const [cartId, told] = [await cartIdOf(who), await room.events(CartChanged)]
    const own = told.filter((one) => one.cartId === cartId)
    expect(own.map((one) => one.version)).toEqual([1, 2, 3, 4, 5, 6])
    expect(own[2]?.items).toEqual([
      { sku: 'A', quantity: 5 },
      { sku: 'B', quantity: 1 },
    ])
  })

  test('when a SKU is unknown, archived or not in the cart, it is refused with unknown-sku', async () => {
    const who = shopper()
    wares.set('OLD', { price: 1, available: 1, active: false })
    const answers = [await add('NOWHERE', 1, who), await add('OLD', 1, who), await change('A', 1, who), await remove('A', who)]
    expect(answers.map((one) => [one.status, one.body.code])).toEqual(Array.from({ length: 4 }, () => [404, 'unknown-sku']))
  })

  test('when more is wanted than there is, it is refused with insufficient-stock and the units there are', async () => {
    const who = shopper()
    await add('A', 30, who)
    expect(await add('A', 21, who)).toMatchObject({ status: 409, body: { code: 'insufficient-stock', availableUnits: 50 } })
    expect(await change('A', 51, who)).toMatchObject({ status: 409, body: { code: 'insufficient-stock', availableUnits: 50 } })
    expect(units(await look(who))).toEqual({ A: 30 })
  })

  test('when it has a hundred lines, another is refused with cart-full', async () => {
    const who = shopper()
    await add('A', 1, who)
    await room.db('cart').run(sql`
      INSERT INTO cart_items (cart_id, sku, quantity, seen_price_minor, description, added_at)
      SELECT ${await cartIdOf(who)}, 'S' || n, 1, 1, description, now() FROM cart_items, generate_series(1, 99) n WHERE cart_id = ${await cartIdOf(who)}`)
    expect(await add('B', 1, who)).toMatchObject({ status: 409, body: { code: 'cart-full' } })
    expect((await add('A', 1, who)).status).toBe(200)
  })

  test('when price, stock or goods change, the line tells, until it is changed again', async () => {
    const who = shopper()
    await add('A', 2, who)
    wares.set('A', { price: 1200, available: 50, active: true })
    expect((await look(who)).body).toMatchObject({
      items: [{ unitPrice: money(1200), lineTotal: money(2400), problem: 'price-changed' }],
      total: money(2400),
    })
    expect((await change('A', 3, who)).body.items[0]).not.toHaveProperty('problem')
    wares.set('A', { price: 1200, available: 2, active: true })
    expect((await look(who)).body.items[0]).toMatchObject({ available: 2, problem: 'insufficient-stock' })
    wares.delete('A')
    expect((await look(who)).body).toMatchObject({
      items: [{ name: 'The A', problem: 'unavailable', lineTotal: money(0) }],
      total: money(0),
    })
  })

  test('when twenty additions come at once, every unit is kept', async () => {
    const who = shopper()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => add(['A', 'B', 'C', 'D'][index % 4] as string, 1, who)))
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([200]))
    const now = await look(who)
    expect(units(now)).toEqual({ A: 5, B: 5, C: 5, D: 5 })
    expect(now.body).toMatchObject({ version: 20, total: money(20_000), tax: money(20) })
    for (const one of answers)
      expect(one.body.total.amount).toBe(
        one.body.items.reduce((sum: number, item: { lineTotal: { amount: number } }) => sum + item.lineTotal.amount, 0),
      )
  })

  test('when additions at once exceed the stock, only what there is gets in', async () => {
    const who = shopper()
    wares.set('A', { price: 1000, available: 7, active: true })
    const answers = await Promise.all(Array.from({ length: 12 }, () => add('A', 1, who)))
    expect(answers.filter((one) => one.status === 200)).toHaveLength(7)
    expect(units(await look(who))).toEqual({ A: 7 })
  })
})

describe('an addition with an idempotency key', () => {
  test('when it comes again, at once or later, it adds once and answers the same', async () => {
    const who = { ...shopper(), headers: { 'idempotency-key': `key-${newId()}` } }
    const answers = await Promise.all(Array.from({ length: 5 }, () => add('A', 2, who)))
    const replay = await add('A', 2, who)
    expect(replay).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } })
    expect(answers.filter((one) => one.status === 200 && one.body.version === 1).length).toBeGreaterThan(0)
    expect(units(await look({ as: who.as }))).toEqual({ A: 2 })
  })

  test('when the process died after it was written, the retry finds the cart and adds nothing', async () => {
    const headers = { 'idempotency-key': `key-${newId()}` }
    const first = await add('A', 2, { headers })
    await room
      .db('cart')
      .run(sql`UPDATE chassis.idempotency_keys SET answer = NULL, held_until = NULL WHERE key = ${headers['idempotency-key']}`)
    const retry = await add('A', 2, { headers })
    expect(units(retry)).toEqual({ A: 2 })
    expect([retry.body.id, retry.cookies[0]?.value]).toEqual([first.body.id, first.cookies[0]?.value])
  })
})

describe('when a neighbour is away', () => {
  test('without pricing, the cart is unavailable', async () => {
    const who = shopper()
    await add('A', 1, who)
    away.add('pricing')
    const answers = [await look(who), await add('A', 1, who), await change('A', 2, who), await remove('A', who)]
    expect(answers.map((one) => [one.status, one.body.code])).toEqual(Array.from({ length: 4 }, () => [503, 'unavailable']))
  })

  test('without the catalogue, known lines keep their names and change, and a new SKU is unavailable', async () => {
    const who = shopper()
    await add('A', 1, who)
    away.add('catalog')
    expect((await add('A', 1, who)).body.items[0]).toMatchObject({ name: 'The A', quantity: 2 })
    expect(await add('B', 1, who)).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  })

  test('without inventory, lines show no problem and may be added', async () => {
    const who = shopper()
    away.add('inventory')
    expect((await add('A', 60, who)).body.items[0]).toMatchObject({ quantity: 60, available: 60 })
    away.delete('inventory')
    expect((await look(who)).body.items[0]).toMatchObject({ available: 50, problem: 'insufficient-stock' })
  })
})

describe('prices', () => {
  test('when somebody is in groups, or stands at a till, their prices are asked for; a guest’s are everybody’s', async () => {
    const asked = async (who: object) => {
      await add('A', 1, who)
      const added = priced.buyer
      await look(who)
      return [added, priced.buyer]
    }
    expect(await asked({})).toEqual([{}, {}])
    expect(await asked({ as: room.account({ groups: ['trade'] }) })).toEqual(Array(2).fill({ groups: ['trade'] }))
    expect(await asked({ as: room.account({ roles: ['pos'] }) })).toEqual(Array(2).fill({ channel: 'pos' }))
  })
})
