import { afterAll, beforeAll, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, SOME_ID, textOf, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { AuthorizeOrderAccess, OrderStates } from '@stoa/contracts/orders.ts'
import { openShop, type Shop } from './testing/shop.ts'

const needs = new Needs('payments', [AuthorizeOrderAccess, OrderStates])
let shop: Shop
beforeAll(async () => {
  shop = await openShop({ among: (played) => needs.neighbours(played) })
  await shop.place({ orderId: SOME_ID, method: 'bank-transfer' })
  await shop.room.settled()
})
afterAll(() => shop.stop())
afterAll(() => needs.close())

const asks = { orderId: uuidOf('orderId'), token: textOf('viewToken', 'the-token'), staff: false }
const checkout = () =>
  shop.room.request('POST /api/payment/checkout?token=the-token', { body: { orderId: SOME_ID, method: 'card', token: 'tok_ok' } })

test('the doctor hears from orders how orders stand that were paid for', () =>
  needs.of(
    OrderStates,
    {
      given: { 'an order was placed': {} },
      asks: { orderIds: [uuidOf('orderId')] },
      answers: { items: [{ orderId: uuid(), status: exactly('PENDING') }] },
    },
    async () => expect((await shop.doctor()).filter((one) => one.broken > 0)).toEqual([]),
  ))

test('whoever orders lets see an order may pay for it, as long as it waits, and as much as it costs', () =>
  needs.of(
    AuthorizeOrderAccess,
    {
      given: { 'an order was placed': {} },
      asks,
      answers: { status: exactly('PENDING'), total: { amount: 1750, currency: 'EUR' } },
    },
    async () =>
      expect(await checkout()).toMatchObject({ status: 200, body: { method: 'card', amount: { amount: 1750, currency: 'EUR' } } }),
  ))

test('nobody else learns that there is such an order', () =>
  needs.of(AuthorizeOrderAccess, { given: { 'there is no such order': {} }, asks, refuses: { refused: exactly('not-found') } }, async () =>
    expect(await checkout()).toMatchObject({ status: 404, body: { code: 'not-found' } }),
  ))

test('the pacts that are committed say this', () => needs.areCommitted())
