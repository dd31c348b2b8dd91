import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, SOME_ID, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { TakeOrderedLines } from '@stoa/contracts/cart.ts'
import { DescribeSkus } from '@stoa/contracts/catalog.ts'
import { AvailabilityOf } from '@stoa/contracts/inventory.ts'
import { OrderStates } from '@stoa/contracts/orders.ts'
import { PriceItems } from '@stoa/contracts/pricing.ts'
import { onlyOrdersTake } from './checks.ts'
import { calls, money, openCartRoom, restock, shoppersOf } from './testing/shop.ts'

const needs = new Needs('cart', [DescribeSkus, PriceItems, AvailabilityOf, OrderStates])
let room: Room
beforeAll(async () => {
  room = await openCartRoom({ played: needs.neighbours(calls) })
})
afterAll(() => room.stop())
afterAll(() => needs.close())
beforeEach(restock)

const { add, shopper, cartIdOf } = shoppersOf(() => room)
const image = { url: '/media/a.svg', alt: 'A', width: 800, height: 600 }

test('a line is called, shown and sold as catalog says', () =>
  needs.of(
    DescribeSkus,
    {
      given: { 'a product is on sale': { sku: 'A' } },
      asks: { skus: ['A'], productIds: [] },
      answers: { items: [{ sku: exactly('A'), productId: uuid(), slug: 'a', name: 'The A', options: {}, image, active: exactly(true) }] },
    },
    async () => expect((await add('A', 2)).body).toMatchObject({ items: [{ sku: 'A', slug: 'a', name: 'The A', image }] }),
  ))

test('a line costs what pricing says, for the groups of whoever asks', () =>
  needs.of(
    PriceItems,
    {
      given: { 'a product has a price': { sku: 'A' } },
      asks: { items: [{ sku: 'A', quantity: 2 }], groups: ['trade'] },
      answers: {
        lines: [{ sku: exactly('A'), unitPrice: money(700), discount: { amount: 0 }, tax: { amount: 200 } }],
        taxIncluded: true,
        currency: 'EUR',
      },
    },
    async () =>
      expect((await add('A', 2, { as: room.account({ groups: ['trade'] }) })).body).toMatchObject({
        items: [{ unitPrice: money(700), lineTotal: money(1400) }],
        tax: money(200),
      }),
  ))

test('no more goes in than inventory has', () =>
  needs.of(
    AvailabilityOf,
    {
      given: { 'units are on hand': { sku: 'A', units: 3 } },
      asks: { skus: ['A'] },
      answers: { items: [{ sku: exactly('A'), available: exactly(3) }] },
    },
    async () => expect((await add('A', 4)).body).toMatchObject({ code: 'insufficient-stock', availableUnits: 3 }),
  ))

test('the doctor hears from orders which orders there are', async () => {
  const who = shopper()
  await add('A', 2, who)
  await room.call(TakeOrderedLines, { orderId: SOME_ID, cartId: await cartIdOf(who), lines: [{ sku: 'A', quantity: 1 }] })
  await needs.of(
    OrderStates,
    {
      given: { 'an order was placed': {} },
      asks: { orderIds: [uuidOf('orderId')] },
      answers: { items: [{ orderId: uuid() }] },
    },
    async () => expect(await room.house.services.get('cart')?.runCheck(onlyOrdersTake)).toMatchObject({ examined: 1, broken: 0 }),
  )
})

test('the pacts that are committed say this', () => needs.areCommitted())
