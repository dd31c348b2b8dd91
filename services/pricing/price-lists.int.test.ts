import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { MeasureBasket, PriceBasket, PriceChanged, PriceItems, PricesOf, PutPrices } from '@stoa/contracts/pricing.ts'
import { newId } from '@stoa/kit/ids.ts'
import pricing from './service.ts'

const berlin = { country: 'DE', postalCode: '10115' }
let room: Room
let admin: ReturnType<Room['account']>
let count = 0

beforeAll(async () => {
  room = await openRoom({
    services: [pricing],
    deadlines: { pricing: ['price_lists.valid_from', 'price_lists.valid_until'] },
    calls: {
      'catalog.DescribeSkus': ({ skus }: { skus: string[] }) => ({ items: skus.map((sku) => ({ sku, productId: newId(), active: true })) }),
      'shipping.ShippingRates': ({ subtotal }: { subtotal: { currency: string } }) => ({
        options: [{ id: 'standard', name: 'Standard', price: { amount: 490, currency: subtotal.currency }, promise: {} }],
      }),
    },
  })
  admin = room.account({ roles: ['admin'] })
})
afterAll(() => room.stop())

/** A SKU of its own for a test, at this price. */
async function sell(amount: number, sku = `LISTED-${count++}`, currency = 'EUR', productId = newId(), productVersion = 1): Promise<string> {
  const price = { amount, currency }
  const variants = [{ sku, price, compareAt: null, weightGrams: 300, taxClass: 'standard' as const }]
  await room.call(PutPrices, { products: [{ productId, productVersion, archived: false, variants }] })
  return sku
}
const list = (prices: object[], more: object = {}) => ({ name: 'Trade', currency: 'EUR', prices, ...more })
const make = async (prices: object[], more: object = {}) => {
  const made = await room.request('POST /api/price-lists', { body: list(prices, more), as: admin })
  expect([made.status, made.body.errors]).toEqual([201, undefined])
  return made.body
}
const put = (id: string, version: number, body: object) =>
  room.request(`PUT /api/price-lists/${id}`, { body, as: admin, headers: { 'if-match': `"${version}"` } })
const drop = (id: string) => room.request(`DELETE /api/price-lists/${id}`, { as: admin })
const priceOf = async (sku: string, asked: object = {}) => {
  const found = await room.call(PricesOf, { skus: [sku], ...asked })
  return 'items' in found ? found.items[0]?.price.amount : undefined
}
const told = async (sku: string) => {
  await room.settled()
  return (await room.events(PriceChanged)).filter((one) => one.sku === sku).map((one) => one.price.amount)
}
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const checks = async () =>
  (await Promise.all((pricing.checks ?? []).map((one) => one.run({ db: room.db('pricing'), setting: () => 'EUR' } as never)))).map(
    (one) => one.broken,
  )

describe('the doors of price lists', () => {
  test('when a list is made, it is read, listed, replaced by its version and deleted', async () => {
    const made = await room.request('POST /api/price-lists', {
      body: list(
        [
          { sku: 'B', price: 5 },
          { sku: 'A', minQuantity: 10, price: 7, compareAt: 9 },
        ],
        { group: 'trade' },
      ),
      as: admin,
    })
    const { id } = made.body
    expect([made.status, made.headers.location, made.headers.etag]).toEqual([201, `/api/price-lists/${id}`, '"1"'])
    const whole = {
      ...{ id, name: 'Trade', currency: 'EUR', group: 'trade', channel: null, validFrom: null, validUntil: null, version: 1 },
      prices: [
        { sku: 'A', minQuantity: 10, price: 7, compareAt: 9 },
        { sku: 'B', minQuantity: 1, price: 5 },
      ],
    }
    expect(made.body).toEqual(whole)
    const read = await room.request(`GET /api/price-lists/${id}`, { as: admin })
    expect([read.body, read.headers.etag]).toEqual([whole, '"1"'])
    const { prices: _, ...terms } = whole
    expect((await room.request('GET /api/price-lists', { as: admin })).body.items).toContainEqual({ ...terms, priceCount: 2 })

    expect((await put(id, 7, whole)).body).toMatchObject({ code: 'stale', currentVersion: 1 })
    const replaced = await put(id, 1, { ...whole, name: 'Traders', prices: [] })
    expect([replaced.status, replaced.headers.etag]).toEqual([200, '"2"'])
    expect(replaced.body).toEqual({ ...whole, name: 'Traders', prices: [], version: 2 })
    expect((await drop(id)).status).toBe(204)
    for (const gone of [await drop(id), await put(id, 2, whole), await room.request(`GET /api/price-lists/${id}`, { as: admin })])
      expect(gone.body.code).toBe('not-found')
  })

  test('when there are many lists, a cursor leads through them, newest first; a foreign one is refused', async () => {
    const made = [await make([]), await make([]), await make([])].map((one) => one.id).reverse()
    const first = await room.request('GET /api/price-lists?limit=2', { as: admin })
    const second = await room.request(`GET /api/price-lists?limit=2&cursor=${first.body.nextCursor}`, { as: admin })
    expect([...first.body.items, ...second.body.items].slice(0, 3).map((one: { id: string }) => one.id)).toEqual(made)
    expect((await room.request('GET /api/price-lists?cursor=abc', { as: admin })).body.code).toBe('invalid-cursor')
  })

  test('when a list contradicts itself, every fault is named; whoever is no administrator is turned away', async () => {
    const faulty = list(
      [
        { sku: 'A', price: 1 },
        { sku: 'A', minQuantity: 1, price: 2 },
      ],
      {
        validFrom: '2026-11-21T12:00:00Z',
        validUntil: '2026-11-21T12:00:00+01:00',
      },
    )
    const refused = await room.request('POST /api/price-lists', { body: faulty, as: admin })
    expect(refused.body.errors.map((one: { path: string }) => one.path)).toEqual(['validUntil', 'prices[1]'])
    const early = await room.request('POST /api/price-lists', { body: list([], { validFrom: '0000-01-01T00:00:00Z' }), as: admin })
    expect([early.status, early.body.errors?.[0].path]).toEqual([422, 'validFrom'])
    for (const door of ['GET /api/price-lists', `GET /api/price-lists/${newId()}`, `DELETE /api/price-lists/${newId()}`])
      expect((await room.request(door, { as: room.account({ roles: ['vendor', 'warehouse'] }) })).status).toBe(403)
    expect((await room.request('POST /api/price-lists', { body: faulty })).status).toBe(401)
  })

  test('when a list holds ten thousand prices of the longest SKUs, it is taken whole', async () => {
    const prices = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ sku: `${index}`.padStart(64, 'X'), minQuantity: 10_000, price: 9_000_000_000_000, compareAt: 9_000_000_000_000 },
    }))
    const { id } = await make(prices)
    expect((await room.request(`GET /api/price-lists/${id}`, { as: admin })).body.prices).toHaveLength(10_000)
    await drop(id)
  })

  test('when there are as many lists as a shop may have, another is refused', async () => {
    const db = room.db('pricing')
    const filler = sql`INSERT INTO price_lists (list_id, version, name, currency) SELECT gen_random_uuid(), 1, 'filler', 'EUR' FROM generate_series(1, 500)`
    await db.run(filler)
    const refused = await room.request('POST /api/price-lists', { body: list([]), as: admin })
    expect([refused.status, refused.body.code]).toEqual([409, 'too-many-price-lists'])
    await db.run(sql`DELETE FROM price_lists WHERE name = 'filler'`)
  })
})

describe('the price that counts', () => {
  test('when a buyer is in the group, buys enough or stands at the till, lists count for them alone', async () => {
    const sku = await sell(1000)
    await make(
      [
        { sku, price: 900 },
        { sku, minQuantity: 10, price: 800 },
      ],
      { group: 'trade' },
    )
    await make([{ sku, price: 950 }], { channel: 'pos' })
    expect(await priceOf(sku)).toBe(1000)
    expect(await priceOf(sku, { groups: ['trade', 'vip'] })).toBe(900)
    expect(await priceOf(sku, { channel: 'pos' })).toBe(950)
    const lines = async (quantity: number, groups: string[]) => (await room.call(PriceItems, { items: [{ sku, quantity }], groups })).lines
    expect(await lines(10, [])).toMatchObject([{ unitPrice: { amount: 1000 }, why: ['List price', expect.any(String)] }])
    expect(await lines(9, ['trade'])).toMatchObject([{ unitPrice: { amount: 900 }, why: ['Trade price', expect.any(String)] }])
    expect(await lines(10, ['trade'])).toMatchObject([
      { unitPrice: { amount: 800 }, total: { amount: 8000 }, why: ['Trade price from 10 pieces', expect.any(String)] },
    ])
    const items = [{ sku, quantity: 10 }]
    expect(await room.call(MeasureBasket, { items, groups: ['trade'] })).toMatchObject({ subtotal: { amount: 8000 }, weightGrams: 3000 })
    expect(await told(sku)).toEqual([1000])
  })

  test('when a list is dearer than the own price, it changes nothing', async () => {
    const sku = await sell(500)
    await make([
      { sku, price: 600 },
      { sku: 'NOT-SOLD', price: 1 },
    ])
    expect([await priceOf(sku), await priceOf('NOT-SOLD'), await told(sku), await told('NOT-SOLD')]).toEqual([500, undefined, [500], []])
  })

  test('when a list is in another currency, the SKU has a price in it', async () => {
    const sku = await sell(1000)
    expect(await priceOf(sku, { currency: 'USD' })).toBeUndefined()
    await make([{ sku, price: 1100 }], { currency: 'USD' })
    expect(await priceOf(sku, { currency: 'USD' })).toBe(1100)
    const basket = { items: [{ sku, quantity: 2 }], place: berlin, shippingOption: 'standard' }
    expect(await room.call(PriceBasket, { ...basket, currency: 'USD' })).toMatchObject({ subtotal: { amount: 2200, currency: 'USD' } })
    expect(await room.call(PriceBasket, { ...basket, currency: 'CHF' })).toMatchObject({ refused: 'invalid-request' })
    expect(await told(sku)).toEqual([1000])
  })

  test('when a quote was given, it keeps its price though the list is deleted', async () => {
    const sku = await sell(1000)
    const { id } = await make([{ sku, minQuantity: 2, price: 700 }], { group: 'trade' })
    const asked = { items: [{ sku, quantity: 2 }], shippingAddress: berlin, shippingOption: 'standard' }
    const quote = (as?: ReturnType<Room['account']>) => room.request('POST /api/checkout/quote', { body: asked, ...(as && { as }) })
    const trader = room.account({ groups: ['trade'] })
    const given = await quote(trader)
    expect(given.body.lines[0]).toMatchObject({ unitPrice: { amount: 700 }, why: ['Trade price from 2 pieces', expect.any(String)] })
    expect((await quote()).body.subtotal.amount).toBe(2000)
    await drop(id)
    expect((await quote(trader)).body.subtotal.amount).toBe(2000)
    const { quoteId } = given.body
    expect(await room.call(PriceBasket, { items: asked.items, place: berlin, shippingOption: 'standard', quoteId })).toMatchObject({
      lines: [{ unitPrice: { amount: 700 }, why: ['Quoted price from 2 pieces', expect.any(String)] }],
      total: given.body.total,
    })
  })
})

describe('the public price', () => {
  test('when a list for everybody comes, changes or goes, the new price is told, and nothing when it stays', async () => {
    const sku = await sell(1000)
    const { id, ...whole } = await make([{ sku, price: 900, compareAt: 1000 }])
    await put(id, 1, { ...whole, name: 'Another name' })
    await put(id, 2, { ...whole, prices: [{ sku, price: 850 }] })
    await make([{ sku, price: 870 }])
    await put(id, 3, { ...whole, group: 'trade' })
    await drop(id)
    expect(await told(sku)).toEqual([1000, 900, 850, 870])
    const last = (await room.events(PriceChanged)).filter((one) => one.sku === sku)
    expect(last.map((one) => one.compareAt?.amount)).toEqual([undefined, 1000, undefined, undefined])
    expect(last.map((one) => one.version)).toEqual(last.map((one) => one.version).toSorted((a, b) => a - b))
  })

  test('when a list begins and ends, both are told at the moment they come, and not before', async () => {
    const sku = await sell(1000)
    await make([{ sku, price: 800 }], { validFrom: inSeconds(3600), validUntil: inSeconds(7200) })
    expect([await priceOf(sku), await told(sku)]).toEqual([1000, [1000]])
    await room.advance(3601)
    expect([await told(sku), await priceOf(sku)]).toEqual([[1000, 800], 800])
    await room.advance(3600)
    expect([await told(sku), await priceOf(sku)]).toEqual([[1000, 800, 1000], 1000])
    expect(await checks()).toEqual([0, 0])
  })

  test('when a list ends by the clock, it is told within a moment', async () => {
    const sku = await sell(1000)
    await make([{ sku, price: 800 }], { validUntil: inSeconds(1.5) })
    expect(await told(sku)).toEqual([1000, 800])
    for (let tries = 0; tries < 100 && (await told(sku)).length < 3; tries++) await new Promise((go) => setTimeout(go, 50))
    expect(await told(sku)).toEqual([1000, 800, 1000])
  })

  test('when a list waited for the product, its price is told at once', async () => {
    await make([{ sku: 'AWAITED', price: 300 }])
    await sell(500, 'AWAITED')
    expect(await told('AWAITED')).toEqual([300])
  })

  test('when the own price moves above a list’s, nothing is told; below it, its own is', async () => {
    const productId = newId()
    const sku = await sell(1000, 'MOVES', 'EUR', productId)
    await make([{ sku, price: 900 }])
    await sell(1100, sku, 'EUR', productId, 2)
    await sell(850, sku, 'EUR', productId, 3)
    expect(await told(sku)).toEqual([1000, 900, 850])
  })

  test('when a product in another currency is on a list in the shop’s, it is listed in the shop’s', async () => {
    const sku = await sell(1000, 'ABROAD', 'USD')
    await make([{ sku, price: 950 }])
    await room.settled()
    const prices = (await room.events(PriceChanged)).filter((one) => one.sku === sku).map((one) => one.price)
    expect(prices).toEqual([
      { amount: 1000, currency: 'USD' },
      { amount: 950, currency: 'EUR' },
    ])
  })

  test('when lists and products change at once, what was told last is what counts', async () => {
    const productIds = new Map(Array.from({ length: 6 }, (_, index) => [`RUSHED-${index}`, newId()]))
    const skus = [...productIds.keys()]
    await Promise.all(skus.map((sku) => sell(1000, sku, 'EUR', productIds.get(sku))))
    const lists = await Promise.all([make(skus.map((sku) => ({ sku, price: 900 }))), make(skus.map((sku) => ({ sku, price: 950 })))])
    await Promise.all([
      ...lists.map((one) => drop(one.id)),
      ...[5, 4, 3, 2].flatMap((version) => skus.map((sku) => sell(700 + version, sku, 'EUR', productIds.get(sku), version))),
      make(skus.toReversed().map((sku, index) => ({ sku, price: 500 + index }))).then((one) => put(one.id, 1, list([]))),
    ])
    for (const sku of skus) expect([sku, (await told(sku)).at(-1)]).toEqual([sku, await priceOf(sku)])
    expect(await checks()).toEqual([0, 0])
  })

  test('when a public price is not the one in force, the check names it', async () => {
    const sku = await sell(1000, 'A-WRONG-ONE')
    await room.db('pricing').run(sql`UPDATE public_prices SET amount_minor = 999 WHERE sku = ${sku}`)
    const [, check] = pricing.checks ?? []
    expect(await check?.run({ db: room.db('pricing'), setting: () => 'EUR' } as never)).toMatchObject({ broken: 1, examples: [sku] })
    await room.db('pricing').run(sql`UPDATE public_prices SET amount_minor = 1000 WHERE sku = ${sku}`)
  })

  test('when the shop starts with another currency, listed prices are told in it', async () => {
    const sku = await sell(1000)
    await make([{ sku, price: 1200 }], { currency: 'CHF' })
    const transaction = room.house.services.get('pricing')?.database.transaction.bind(room.house.services.get('pricing')?.database)
    const start = (currency: string) =>
      pricing.prepare?.({
        ...{ db: room.db('pricing'), transaction },
        setting: (one: { name: string }) => (one.name === 'STOA_SHOP_CURRENCY' ? currency : 'DE'),
      } as never)
    await start('CHF')
    expect(await told(sku)).toEqual([1000, 1200])
    await start('CHF')
    await start('EUR')
    expect(await told(sku)).toEqual([1000, 1200, 1000])
  })
})
