import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuse } from '@stoa/chassis/contract.ts'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, integer, SOME_ID, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { CartOf, RefillCart, TakeOrderedLines } from '@stoa/contracts/cart.ts'
import { DescribeSkus } from '@stoa/contracts/catalog.ts'
import { ExtendHold, ReleaseStock, ReservationsOf, ReserveStock } from '@stoa/contracts/inventory.ts'
import { PriceBasket } from '@stoa/contracts/pricing.ts'
import { CreateShipment, MarkDelivered, ShipmentsOf } from '@stoa/contracts/shipping.ts'
import { ADDRESS, eur } from './testing/neighbours.ts'
import { openShop, type Shop } from './testing/shop.ts'

const needs = new Needs('orders', [
  CartOf,
  TakeOrderedLines,
  RefillCart,
  DescribeSkus,
  PriceBasket,
  ReserveStock,
  ReleaseStock,
  ExtendHold,
  ReservationsOf,
  CreateShipment,
  MarkDelivered,
  ShipmentsOf,
])
let shop: Shop
beforeAll(async () => {
  shop = await openShop({}, { among: (played) => needs.neighbours(played) })
  shop.neighbours.product(1000, { sku: 'A' })
})
afterAll(() => shop.room.stop())
afterAll(() => needs.close())

const items = [{ sku: 'A', quantity: 2 }]
const buy = (more: object = {}) => shop.post({ items, ...more })
/** An order that came to be shipped. */
const shipped = async () => {
  const order = await shop.place({ items })
  await shop.paid(order.orderId, 'authorized')
  await shop.move(order.orderId, 'PROCESSING')
  await shop.move(order.orderId, 'SHIPPED')
  return order
}

describe('cart', () => {
  const buyCart = (accountId: string) => shop.post({ as: shop.room.account({ accountId }), body: { items: undefined, cart: true } })

  test('says what is bought when a cart is', () =>
    needs.of(
      CartOf,
      {
        given: { 'an account has a cart': {} },
        asks: { accountId: uuidOf('accountId') },
        answers: { cartId: uuid(), items: [{ sku: 'A', quantity: 2 }] },
      },
      async () => expect(await buyCart(SOME_ID)).toMatchObject({ status: 201, body: { total: eur(2490) } }),
    ))

  test('is told which lines became an order', async () => {
    shop.neighbours.cart = { cartId: SOME_ID, items }
    await needs.of(TakeOrderedLines, { asks: { cartId: uuid(), orderId: uuid(), lines: items }, answers: {} }, async () =>
      expect((await buyCart(SOME_ID)).status).toBe(201),
    )
  })

  const reorder = async () => {
    const as = shop.room.account({ accountId: SOME_ID })
    const { orderId } = await shop.place({ as, items })
    return () => shop.room.request(`POST /api/orders/${orderId}/reorder`, { as, body: {} })
  }
  const asks = { accountId: uuidOf('accountId'), cartId: uuid(), lines: items }
  const given = { 'an account has no cart': {} }

  test('takes the lines of an order that is bought again, and says which it could not', async () => {
    const line = { sku: 'A', productId: uuid(), slug: 'a', name: 'The A', options: {}, image: null, quantity: 1 }
    const cart = {
      id: uuid(),
      version: 1,
      items: [{ ...line, unitPrice: eur(1000), lineTotal: eur(1000), available: 1 }],
      coupons: [],
      subtotal: eur(1000),
      discount: eur(0),
      tax: eur(160),
      taxIncluded: true,
      total: eur(1000),
      currency: 'EUR',
    }
    const again = await reorder()
    await needs.of(
      RefillCart,
      {
        given: { ...given, 'units are on hand': { sku: 'A', units: 1 } },
        asks,
        answers: { cart, guestToken: null, short: [{ sku: 'A', wanted: 2, inCart: 1, reason: exactly('insufficient-stock') }] },
      },
      async () =>
        expect((await again()).body).toMatchObject({
          cart: { items: [{ sku: 'A', quantity: 1 }] },
          notAdded: [{ sku: 'A', wanted: 2, inCart: 1, reason: 'insufficient-stock' }],
        }),
    )
  })

  test('refuses while it cannot find out what may go in', async () => {
    const again = await reorder()
    await needs.of(
      RefillCart,
      { given: { ...given, 'no prices can be had': {} }, asks, refuses: { refused: exactly('unavailable') } },
      async () => expect(await again()).toMatchObject({ status: 503, body: { code: 'unavailable' } }),
    )
  })
})

test('catalog says what is bought, and that it is on sale', () =>
  needs.of(
    DescribeSkus,
    {
      given: { 'a product is on sale': { sku: 'A' } },
      asks: { skus: ['A'], productIds: [] },
      answers: { items: [{ sku: exactly('A'), productId: uuid(), name: 'The A', options: { colour: 'black' }, active: exactly(true) }] },
    },
    async () => {
      const { orderId } = (await buy()).body
      expect(await shop.see(orderId)).toMatchObject({ lines: [{ name: 'The A, black' }] })
    },
  ))

describe('pricing', () => {
  const asks = { items, place: ADDRESS, shippingOption: 'standard' }
  const given = { 'a product has a price': { sku: 'A' } }

  test('says what an order costs, line by line', () =>
    needs.of(
      PriceBasket,
      {
        given,
        asks,
        answers: {
          lines: [{ sku: exactly('A'), quantity: exactly(2), unitPrice: eur(700), discount: eur(0), tax: eur(224), total: eur(1400) }],
          subtotal: eur(1400),
          discount: eur(0),
          shipping: eur(490),
          tax: eur(302),
          taxIncluded: true,
          total: eur(1890),
        },
      },
      async () => expect(await buy()).toMatchObject({ status: 201, body: { total: eur(1890) } }),
    ))

  const refusing = (code: string, more: object, need: object) => async () =>
    needs.of(PriceBasket, { given, asks, refuses: { refused: exactly(code) }, ...need }, async () =>
      expect((await buy(more)).body).toMatchObject({ code }),
    )
  test('refuses what it has no price for', async () => {
    const { sku } = shop.neighbours.product(1, { sku: 'NOWHERE' })
    const lines = [{ sku, quantity: 1 }]
    await refusing('unknown-sku', { items: lines }, { given: {}, asks: { ...asks, items: lines } })()
  })
  test(
    'refuses an option that is not offered',
    refusing(
      'invalid-request',
      { body: { shippingOption: 'by-air' } },
      {
        asks: { ...asks, shippingOption: 'by-air' },
        refuses: {
          refused: exactly('invalid-request'),
          errors: [{ path: exactly('shippingOption'), code: exactly('unknown-option'), message: 'Not offered.' }],
        },
      },
    ),
  )
  test(
    'refuses a quote that it did not make',
    refusing('quote-mismatch', { body: { quoteId: 'made-up' } }, { asks: { ...asks, quoteId: 'made-up' } }),
  )
})

describe('inventory', () => {
  const fresh = { 'nothing is known of the order': {} }
  const hold = (sku: string) => ({ orderId: uuidOf('orderId'), lines: [{ sku, quantityUnits: 2 }], holdSeconds: integer(900) })
  const buyOf = (sku: string) => {
    shop.neighbours.product(1000, { sku })
    return shop.post({ items: [{ sku, quantity: 2 }] })
  }

  test('holds what is ordered', () =>
    needs.of(ReserveStock, { given: { ...fresh, 'units are on hand': { sku: 'A', units: 3 } }, asks: hold('A'), answers: {} }, async () =>
      expect((await buy()).status).toBe(201),
    ))

  test('refuses what it has not enough of, and says how much there is', () =>
    needs.of(
      ReserveStock,
      {
        given: { ...fresh, 'units are on hand': { sku: 'SCARCE', units: 1 } },
        asks: hold('SCARCE'),
        refuses: { refused: exactly('insufficient-stock'), lines: [{ sku: exactly('SCARCE'), availableUnits: exactly(1) }] },
      },
      async () =>
        expect(await buyOf('SCARCE')).toMatchObject({
          status: 409,
          body: { code: 'insufficient-stock', lines: [{ sku: 'SCARCE', availableUnits: 1 }] },
        }),
    ))

  test('refuses what it has never heard of', () =>
    needs.of(ReserveStock, { given: fresh, asks: hold('NOWHERE'), refuses: { refused: exactly('unknown-sku') } }, async () =>
      expect(await buyOf('NOWHERE')).toMatchObject({ status: 404, body: { code: 'unknown-sku' } }),
    ))

  test('refuses an order that it once let go', () =>
    needs.of(
      ReserveStock,
      { given: { 'an order was let go': {} }, asks: hold('A'), refuses: { refused: exactly('reservation-released') } },
      async () => expect(await buy()).toMatchObject({ status: 503, body: { code: 'unavailable' } }),
    ))

  test('gets back what was held for an order that cannot be paid', async () => {
    shop.neighbours.next.set('payments.PreparePayment', refuse('unavailable'))
    await needs.of(ReleaseStock, { given: { 'an order holds units': {} }, asks: { orderId: uuidOf('orderId') }, answers: {} }, async () =>
      expect((await buy()).status).toBe(503),
    )
  })

  test('holds longer what is being paid for', async () => {
    const { orderId } = await shop.place({ items })
    await needs.of(
      ExtendHold,
      { given: { 'an order holds units': {} }, asks: { orderId: uuidOf('orderId'), holdSeconds: integer(960) }, answers: {} },
      async () => {
        await shop.room.advance(15 * 60)
        await shop.room.settled()
        expect(await shop.see(orderId)).toMatchObject({ status: 'PENDING' })
      },
    )
  })

  test('tells the doctor that a confirmed order has its units', async () => {
    const { orderId } = await shop.place({ items })
    await shop.paid(orderId, 'authorized')
    await needs.of(
      ReservationsOf,
      {
        own: orderId,
        given: { 'units of an order are committed': {} },
        asks: { orderIds: [uuidOf('orderId')] },
        answers: { items: [{ orderId: uuid(orderId), state: exactly('committed') }] },
      },
      async () => expect((await shop.doctor()).filter((one) => one.broken !== 0)).toEqual([]),
    )
  })
})

describe('shipping', () => {
  const shipment = {
    id: uuid(),
    carrier: 'parcel',
    trackingNumber: 'T-1',
    state: 'announced',
    events: [{ at: '2026-11-22T00:00:00.000Z', state: 'announced', place: 'Berlin', text: 'Announced' }],
  }

  test('makes the parcel of an order, and says how it is found', async () => {
    const order = await shop.place({ items })
    await shop.paid(order.orderId, 'authorized')
    await shop.move(order.orderId, 'PROCESSING')
    await needs.of(
      CreateShipment,
      {
        given: { 'nothing is known of the order': {} },
        asks: { orderId: uuidOf('orderId'), lines: items },
        answers: { trackingNumber: 'T-1' },
      },
      async () => expect((await shop.move(order.orderId, 'SHIPPED')).status).toBe(200),
    )
  })

  test('is told that a parcel has arrived', async () => {
    const { orderId } = await shipped()
    await needs.of(MarkDelivered, { given: { 'a parcel is under way': {} }, asks: { orderId: uuidOf('orderId') }, answers: {} }, async () =>
      expect((await shop.move(orderId, 'DELIVERED')).status).toBe(200),
    )
  })

  test('says where the parcels of an order are', async () => {
    const { orderId } = await shipped()
    await needs.of(
      ShipmentsOf,
      { given: { 'a parcel is under way': {} }, asks: { orderId: uuidOf('orderId') }, answers: { items: [shipment] } },
      async () => expect(await shop.see(orderId)).toMatchObject({ shipments: [{ trackingNumber: 'T-1', events: [{ place: 'Berlin' }] }] }),
    )
  })
})

test('the pacts that are committed say this', () => needs.areCommitted())
