import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { MeasureBasket, PriceBasket, PriceChanged, PriceItems, PricesOf, PutPrices } from '@stoa/contracts/pricing.ts'
import { newId } from '@stoa/kit/ids.ts'
import pricing from './service.ts'

const away = () => {
  throw new Fault('unavailable', 'away for the test')
}
const berlin = { country: 'DE', postalCode: '10115' }
const option = (id: string, amount: number, currency = 'EUR') => ({
  id,
  name: id,
  price: { amount, currency },
  promise: { earliest: '2026-11-23', latest: '2026-11-25' },
})
const neighbours = {
  facts: [] as { sku: string; productId: string; active: boolean }[],
  cart: [] as { sku: string; quantity: number }[],
  catalogAway: false,
  shippingAway: false,
}
let room: Room

const product = (productId: string, productVersion: number, prices: Record<string, number>, more = {}) => ({
  productId,
  productVersion,
  archived: false,
  variants: Object.entries(prices).map(([sku, amount]) => ({
    sku,
    price: { amount, currency: 'EUR' },
    compareAt: null,
    weightGrams: 300,
    taxClass: 'standard' as const,
  })),
  ...more,
})
const put = (...products: ReturnType<typeof product>[]) => room.call(PutPrices, { products })
const priceOf = async (sku: string) => {
  const found = await room.call(PricesOf, { skus: [sku] })
  return 'items' in found ? found.items[0]?.price.amount : undefined
}
const changesOf = async (sku: string) => (await room.events(PriceChanged)).filter((one) => one.sku === sku).map((one) => one.price.amount)
const versions = new Map<string, number>()
/** Puts a SKU on sale at this price: a product of its own, the same one when asked again. */
const sell = async (sku: string, amount: number) => {
  const productId = neighbours.facts.find((one) => one.sku === sku)?.productId ?? newId()
  const version = (versions.get(productId) ?? 0) + 1
  versions.set(productId, version)
  await put(product(productId, version, { [sku]: amount }))
  if (version === 1) neighbours.facts.push({ sku, productId, active: true })
  return productId
}
const document = (
  productId: string,
  version: number,
  prices: Record<string, number>,
  status: ProductDocument['status'] = 'active',
): ProductDocument => ({
  productId,
  version,
  slug: 'a',
  name: 'A',
  description: '',
  brand: null,
  categories: [],
  attributes: {},
  tags: [],
  image: null,
  status,
  taxClass: 'reduced',
  vendorId: null,
  createdAt: '2026-11-21T12:00:00Z',
  variants: Object.entries(prices).map(([sku, amount]) => ({
    variantId: newId(),
    sku,
    options: {},
    price: { amount, currency: 'EUR' },
    compareAt: null,
    openingStock: 0,
    weightGrams: 100,
  })),
})

beforeAll(async () => {
  room = await openRoom({
    services: [pricing],
    calls: {
      'catalog.DescribeSkus': (input: { skus: string[]; productIds: string[] }) =>
        neighbours.catalogAway
          ? away()
          : { items: neighbours.facts.filter((one) => input.skus.includes(one.sku) || input.productIds.includes(one.productId)) },
      'cart.CartOf': () => ({ cartId: newId(), items: neighbours.cart }),
      'shipping.ShippingRates': (input: { place: { country: string }; subtotal: { currency: string } }) =>
        neighbours.shippingAway
          ? away()
          : { options: input.place.country === 'AQ' ? [] : [option('standard', 490, input.subtotal.currency)] },
    },
  })
})
afterAll(() => room.stop())
afterEach(() => {
  vi.useRealTimers()
  Object.assign(neighbours, { catalogAway: false, shippingAway: false, cart: [] })
})

describe('prices', () => {
  test('when a product comes for the first time, its prices are in force and told', async () => {
    const productId = newId()
    expect(await put(product(productId, 1, { NEW: 1999 }))).toEqual({ changed: 1 })
    expect(await room.call(PricesOf, { skus: ['NEW', 'NOWHERE'] })).toEqual({
      items: [{ sku: 'NEW', productId, price: { amount: 1999, currency: 'EUR' }, compareAt: null, weightGrams: 300, taxClass: 'standard' }],
    })
    await room.settled()
    expect((await room.events(PriceChanged)).filter((one) => one.sku === 'NEW')).toMatchObject([
      { productId, price: { amount: 1999, currency: 'EUR' } },
    ])
  })

  test('when the same prices come again, by call or event, nothing is told', async () => {
    const productId = newId()
    await put(product(productId, 1, { SAME: 500 }))
    expect(await put(product(productId, 1, { SAME: 700 }))).toEqual({ changed: 0 })
    expect(await put(product(productId, 2, { SAME: 500 }))).toEqual({ changed: 0 })
    await room.publish(ProductCreated, document(productId, 3, { SAME: 500 }))
    await room.settled()
    expect(await changesOf('SAME')).toEqual([500])
  })

  test('when only an event brings a product, its price is taken over; an older one is ignored', async () => {
    const productId = newId()
    await room.publish(ProductCreated, document(productId, 1, { NET: 500 }))
    await room.publish(ProductChanged, document(productId, 4, { NET: 700 }))
    await room.publish(ProductChanged, document(productId, 3, { NET: 600 }))
    await room.settled()
    expect(await priceOf('NET')).toBe(700)
    expect(await changesOf('NET')).toEqual([500, 700])
  })

  test('when a variant or the whole product goes, it has no price any more; when it comes back, it is told again', async () => {
    const productId = newId()
    await put(product(productId, 1, { STAYS: 100, GOES: 200 }))
    await put(product(productId, 2, { STAYS: 100 }))
    expect([await priceOf('STAYS'), await priceOf('GOES')]).toEqual([100, undefined])
    await room.publish(ProductArchived, document(productId, 3, { STAYS: 100 }, 'archived'))
    await room.settled()
    expect(await priceOf('STAYS')).toBeUndefined()
    await put(product(productId, 4, { STAYS: 100 }))
    await room.settled()
    expect(await changesOf('STAYS')).toEqual([100, 100])
  })

  test('when a SKU passes to another product, the new one sells it in whatever order the news arrive', async () => {
    const [first, second] = [newId(), newId()]
    await put(product(second, 1, { MOVED: 900 }))
    await put(product(first, 1, { MOVED: 100 }))
    await put(product(first, 2, { OTHER: 100 }))
    await put(product(first, 1, { MOVED: 100 }))
    expect(await priceOf('MOVED')).toBe(900)
  })

  test('when many bring the same news at once, it counts once', async () => {
    const productId = newId()
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(product(productId, 1, { RUSH: 100 }))))
    expect(answers.map((one) => ('changed' in one ? one.changed : -1)).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
    await room.settled()
    expect(await changesOf('RUSH')).toEqual([100])
  })

  test('when a price changes over and over, its version only grows', async () => {
    const productId = newId()
    for (const version of [1, 2, 3, 4]) await put(product(productId, version, { GROWS: 100 * version }))
    await room.settled()
    const versions = (await room.events(PriceChanged)).filter((one) => one.sku === 'GROWS').map((one) => one.version)
    expect(versions).toHaveLength(4)
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  })
})

describe('PriceItems', () => {
  test('when some SKUs have no price, they are left out, and tax is the shop’s own', async () => {
    await sell('CART-1', 1190)
    expect(
      await room.call(PriceItems, {
        items: [
          { sku: 'CART-1', quantity: 2 },
          { sku: 'NOWHERE', quantity: 1 },
        ],
      }),
    ).toMatchObject({
      lines: [{ sku: 'CART-1', quantity: 2, tax: { amount: 380 }, total: { amount: 2380 } }],
      subtotal: { amount: 2380 },
      tax: { amount: 380 },
      taxIncluded: true,
      total: { amount: 2380 },
    })
    expect(await room.call(PriceItems, { items: [] })).toMatchObject({
      lines: [],
      total: { amount: 0, currency: 'EUR' },
      taxIncluded: true,
    })
  })
})

describe('a quote', () => {
  const quote = (body: object, as?: ReturnType<Room['account']>) =>
    room.request('POST /api/checkout/quote', { body: { shippingAddress: berlin, shippingOption: 'standard', ...body }, ...(as && { as }) })
  const order = (quoteId: string, more = {}) =>
    room.call(PriceBasket, { items: [{ sku: 'QUOTED', quantity: 2 }], place: berlin, shippingOption: 'standard', quoteId, ...more })

  test('when it was given, an order costs it even if prices moved, and without it the new price', async () => {
    const productId = await sell('QUOTED', 1999)
    const given = await quote({
      items: [
        { sku: 'QUOTED', quantity: 1 },
        { productId, quantity: 1 },
      ],
    })
    expect(given).toMatchObject({
      status: 200,
      body: {
        lines: [
          {
            sku: 'QUOTED',
            quantity: 2,
            unitPrice: { amount: 1999 },
            discount: { amount: 0 },
            tax: { amount: 638 },
            total: { amount: 3998 },
            why: [expect.any(String), expect.any(String)],
          },
        ],
        shipping: { amount: 490, currency: 'EUR' },
        subtotal: { amount: 3998 },
        discount: { amount: 0 },
        tax: { amount: 638 + 78 },
        taxIncluded: true,
        total: { amount: 4488 },
      },
    })
    await sell('QUOTED', 2999)
    const { quoteId, expiresAt: _, ...figures } = given.body
    expect(await order(quoteId)).toEqual({ ...figures, currency: 'EUR' })
    expect(
      await room.call(PriceBasket, { items: [{ sku: 'QUOTED', quantity: 2 }], place: berlin, shippingOption: 'standard' }),
    ).toMatchObject({
      total: { amount: 5998 + 490 },
    })
  })

  test('when it is altered, or for another basket or place, it is refused with quote-mismatch', async () => {
    await sell('QUOTED', 1999)
    const { quoteId } = (await quote({ items: [{ sku: 'QUOTED', quantity: 2 }] })).body
    expect(await order(`${quoteId}x`)).toMatchObject({ refused: 'quote-mismatch' })
    expect(await order(quoteId, { items: [{ sku: 'QUOTED', quantity: 3 }] })).toMatchObject({ refused: 'quote-mismatch' })
    expect(await order(quoteId, { place: { ...berlin, postalCode: '80331' } })).toMatchObject({ refused: 'quote-mismatch' })
    expect(await order(quoteId)).not.toHaveProperty('refused')
  })

  test('when fifteen minutes have passed, it is refused with quote-expired', async () => {
    await sell('QUOTED', 1999)
    const given = await quote({ items: [{ sku: 'QUOTED', quantity: 2 }] })
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(given.body.expiresAt).getTime() - 1 })
    expect(await order(given.body.quoteId)).not.toHaveProperty('refused')
    vi.setSystemTime(new Date(given.body.expiresAt))
    expect(await order(given.body.quoteId)).toMatchObject({ refused: 'quote-expired' })
  })

  test('when the cart is to be quoted, its lines count, and an empty one is refused with cart-empty', async () => {
    await sell('IN-CART', 500)
    expect(await quote({ cart: true })).toMatchObject({ status: 409, body: { code: 'cart-empty' } })
    neighbours.cart = [{ sku: 'IN-CART', quantity: 3 }]
    expect(await quote({ cart: true }, room.account())).toMatchObject({ status: 200, body: { subtotal: { amount: 1500 } } })
  })

  test('when goods are unknown or archived, it is refused with unknown-sku', async () => {
    expect(await quote({ items: [{ sku: 'NOWHERE', quantity: 1 }] })).toMatchObject({
      status: 404,
      body: { code: 'unknown-sku', skus: ['NOWHERE'] },
    })
    expect(await quote({ items: [{ productId: newId(), quantity: 1 }] })).toMatchObject({ status: 404, body: { code: 'unknown-sku' } })
    expect(
      await room.call(PriceBasket, { items: [{ sku: 'NOWHERE', quantity: 1 }], place: berlin, shippingOption: 'standard' }),
    ).toMatchObject({
      refused: 'unknown-sku',
    })
  })

  test('when something in it cannot be, it is refused with invalid-request naming it', async () => {
    const productId = await sell('ONE', 500)
    const fault = async (body: object) => {
      const answer = await quote(body)
      return [
        answer.status,
        answer.body.code,
        ...answer.body.errors.map((one: { path: string; code: string }) => `${one.path} ${one.code}`),
      ]
    }
    const invalid = (...faults: string[]) => [422, 'invalid-request', ...faults]
    const items = [{ sku: 'ONE', quantity: 1 }]
    expect(await fault({ items, coupon: 'SAVE10' })).toEqual(invalid('coupon unknown-coupon'))
    expect(await fault({ items, coupon: 'SAVE10', shippingOption: 'pigeon' })).toEqual(
      invalid('coupon unknown-coupon', 'shippingOption unknown-option'),
    )
    expect(await fault({ items, shippingOption: 'pigeon' })).toEqual(invalid('shippingOption unknown-option'))
    expect(await fault({ items, shippingAddress: { country: 'AQ', postalCode: '1' } })).toEqual(invalid('shippingOption unknown-option'))
    expect(await fault({ items, currency: 'USD' })).toEqual(invalid('currency no-price'))
    expect(await fault({})).toEqual(invalid('items exactly-one'))
    expect(await fault({ items, cart: true })).toEqual(invalid('items exactly-one'))
    expect(await fault({ items: [{ quantity: 1 }, { sku: 'ONE', productId, quantity: 1 }] })).toEqual(
      invalid('items[0] exactly-one', 'items[1] exactly-one'),
    )
    expect(
      await fault({
        items: [
          { sku: 'ONE', quantity: 6000 },
          { sku: 'ONE', quantity: 6000 },
        ],
      }),
    ).toEqual(invalid('items too-many-units'))
    neighbours.facts.push({ sku: 'TWO', productId, active: true })
    expect(await fault({ items: [{ productId, quantity: 1 }] })).toEqual(invalid('items[0].productId ambiguous'))
    await sell('DEAR', 9_000_000_000_000)
    expect(await fault({ items: [{ sku: 'DEAR', quantity: 1 }] })).toEqual(invalid('items too-large'))
    expect(await room.call(PriceBasket, { items, place: berlin, shippingOption: 'standard', coupon: 'X' })).toMatchObject({
      refused: 'invalid-request',
    })
  })

  test('when the catalogue is away, SKUs are still quoted and products are unavailable', async () => {
    const productId = await sell('LEFT', 500)
    neighbours.catalogAway = true
    expect((await quote({ items: [{ sku: 'LEFT', quantity: 1 }] })).status).toBe(200)
    expect(await quote({ items: [{ productId, quantity: 1 }] })).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  })

  test('when shipping is away, it is unavailable, and what was quoted before is still honoured', async () => {
    await sell('QUOTED', 1999)
    const { quoteId } = (await quote({ items: [{ sku: 'QUOTED', quantity: 2 }] })).body
    neighbours.shippingAway = true
    expect(await quote({ items: [{ sku: 'QUOTED', quantity: 2 }] })).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(await order(quoteId)).not.toHaveProperty('refused')
  })
})

describe('MeasureBasket', () => {
  test('when a basket is measured, weight and subtotal are the sums of its units', async () => {
    await sell('HEAVY', 2500)
    expect(
      await room.call(MeasureBasket, {
        items: [
          { sku: 'HEAVY', quantity: 2 },
          { sku: 'HEAVY', quantity: 1 },
        ],
      }),
    ).toEqual({
      items: [{ sku: 'HEAVY', quantity: 3 }],
      weightGrams: 900,
      subtotal: { amount: 7500, currency: 'EUR' },
    })
    expect(await room.call(MeasureBasket, {})).toMatchObject({ refused: 'invalid-request' })
    expect(await room.call(MeasureBasket, { cart: true })).toMatchObject({ refused: 'cart-empty' })
    expect(await room.call(MeasureBasket, { items: [{ sku: 'NOWHERE', quantity: 1 }] })).toMatchObject({ refused: 'unknown-sku' })
  })
})

describe('the books', () => {
  test('when a withdrawn product keeps a price in force, the check names it', async () => {
    const check = () => (pricing.checks ?? [])[0]?.run({ db: room.db('pricing') } as never)
    const productId = await sell('BOOKED', 500)
    const before = await check()
    expect(before).toMatchObject({ broken: 0 })
    expect(before?.examined).toBeGreaterThan(0)
    await room.db('pricing').run(sql`UPDATE products SET archived = true WHERE product_id = ${productId}`)
    expect(await check()).toMatchObject({ broken: 1, examples: ['BOOKED EUR'] })
  })

  test('when the shop’s country has no taxes in the table, the service does not start', async () => {
    await expect(pricing.prepare?.({ setting: () => 'BR' } as never)).rejects.toThrow('no taxes are known')
  })
})
