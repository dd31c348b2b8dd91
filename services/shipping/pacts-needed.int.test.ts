import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, SOME_ID, textOf, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { AuthorizeOrderAccess, OrderStates } from '@stoa/contracts/orders.ts'
import { MeasureBasket } from '@stoa/contracts/pricing.ts'
import { CreateShipment } from '@stoa/contracts/shipping.ts'
import { parcelsFollowOrders } from './checks.ts'
import shipping from './service.ts'

const needs = new Needs('shipping', [MeasureBasket, AuthorizeOrderAccess, OrderStates])
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [shipping], calls: needs.neighbours() })
})
afterAll(() => room.stop())
afterAll(() => needs.close())

describe('rates', () => {
  const address = { country: 'DE', postalCode: '10115' }
  const items = [{ sku: 'A', quantity: 2 }]
  const unknown = [{ sku: 'NOWHERE', quantity: 1 }]
  const calculate = (body: object) => room.request('POST /api/shipping/calculate', { body: { address, ...body } })

  test('are found by what pricing says that a basket weighs and costs', () =>
    needs.of(
      MeasureBasket,
      {
        given: { 'a product has a price': { sku: 'A' } },
        asks: { items },
        answers: { weightGrams: 900, subtotal: { amount: 2000, currency: 'EUR' } },
      },
      async () =>
        expect(await calculate({ items })).toMatchObject({ status: 200, body: { options: [{ id: 'standard' }, { id: 'express' }] } }),
    ))

  test('of what pricing does not know are refused', () =>
    needs.of(
      MeasureBasket,
      { asks: { items: unknown }, refuses: { refused: exactly('unknown-sku'), detail: 'Not sold here: NOWHERE.' } },
      async () => expect(await calculate({ items: unknown })).toMatchObject({ status: 404, body: { code: 'unknown-sku' } }),
    ))

  test('of a product that may be one of several are refused, naming the line', () =>
    needs.of(
      MeasureBasket,
      {
        given: { 'a product has several variants': {} },
        asks: { items: [{ productId: uuidOf('productId'), quantity: 1 }] },
        refuses: {
          refused: exactly('invalid-request'),
          errors: [{ path: 'items[0].productId', code: 'ambiguous', message: 'has several' }],
        },
      },
      async () =>
        expect((await calculate({ items: [{ productId: SOME_ID, quantity: 1 }] })).body).toMatchObject({
          code: 'invalid-request',
          errors: [{ path: 'items[0].productId', code: 'ambiguous' }],
        }),
    ))

  test('of an empty cart are refused', () =>
    needs.of(
      MeasureBasket,
      { given: { 'the cart is empty': {} }, asks: { cart: true }, refuses: { refused: exactly('cart-empty') } },
      async () => expect(await calculate({ cart: true })).toMatchObject({ status: 409, body: { code: 'cart-empty' } }),
    ))
})

describe('where a parcel is', () => {
  const track = () => room.request('POST /api/shipping/track?token=the-token', { body: { orderId: SOME_ID } })
  const asks = { orderId: uuidOf('orderId'), token: textOf('viewToken', 'the-token'), staff: false }

  test('hears whoever orders lets see the order', () =>
    needs.of(AuthorizeOrderAccess, { given: { 'an order was placed': {} }, asks, answers: {} }, async () =>
      expect(await track()).toMatchObject({ status: 200, body: { state: 'not-shipped' } }),
    ))

  test('hears nobody else', () =>
    needs.of(
      AuthorizeOrderAccess,
      { given: { 'there is no such order': {} }, asks, refuses: { refused: exactly('not-found') } },
      async () => expect(await track()).toMatchObject({ status: 404 }),
    ))
})

test('the doctor hears from orders whose parcels may be under way', async () => {
  await room.call(CreateShipment, { orderId: SOME_ID, lines: [{ sku: 'A', quantity: 1 }] })
  await needs.of(
    OrderStates,
    {
      given: { 'an order was confirmed': {} },
      asks: { orderIds: [uuidOf('orderId')] },
      answers: { items: [{ orderId: uuid(), status: exactly('CONFIRMED') }] },
    },
    async () => expect(await room.house.services.get('shipping')?.runCheck(parcelsFollowOrders)).toMatchObject({ examined: 1, broken: 0 }),
  )
})

test('the pacts that are committed say this', () => needs.areCommitted())
