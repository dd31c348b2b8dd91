import { afterAll, beforeAll, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, including, SOME_ID, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { CartOf } from '@stoa/contracts/cart.ts'
import { DescribeSkus } from '@stoa/contracts/catalog.ts'
import { PutPrices } from '@stoa/contracts/pricing.ts'
import { ShippingRates } from '@stoa/contracts/shipping.ts'
import { newId } from '@stoa/kit/ids.ts'
import pricing from './service.ts'

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const standard = { id: 'standard', name: 'Standard', price: eur(490), promise: { earliest: '2026-11-23', latest: '2026-11-25' } }
const productId = newId()
const played = {
  'catalog.DescribeSkus': () => ({ items: [{ sku: 'A', productId, active: true }] }),
  'cart.CartOf': () => ({ cartId: null, items: [] }),
  'shipping.ShippingRates': () => ({ options: [standard] }),
}
const needs = new Needs('pricing', [CartOf, DescribeSkus, ShippingRates])
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [pricing], calls: needs.neighbours(played) })
  const variant = { sku: 'A', price: eur(1000), compareAt: null, weightGrams: 300, taxClass: 'standard' as const }
  await room.call(PutPrices, { products: [{ productId, productVersion: 1, archived: false, variants: [variant] }] })
})
afterAll(() => room.stop())
afterAll(() => needs.close())

const shippingAddress = { country: 'DE', postalCode: '10115' }
const quote = async (body: object, who: object = {}) =>
  (await room.request('POST /api/checkout/quote', { body: { shippingAddress, shippingOption: 'standard', ...body }, ...who })).body

test('a cart is quoted as cart says it stands', () =>
  needs.of(
    CartOf,
    {
      given: { 'an account has a cart': {} },
      asks: { accountId: uuidOf('accountId') },
      answers: { items: [{ sku: 'A', quantity: 3 }] },
    },
    async () =>
      expect(await quote({ cart: true }, { as: room.account({ accountId: SOME_ID }) })).toMatchObject({
        lines: [{ sku: 'A', quantity: 3 }],
        subtotal: eur(3000),
      }),
  ))

test('a product is quoted as the SKU that catalog knows it by', () =>
  needs.of(
    DescribeSkus,
    {
      given: { 'a product is on sale': { sku: 'A' } },
      asks: { skus: [], productIds: [uuidOf('productId')] },
      answers: { items: [{ sku: exactly('A'), productId: uuid(), active: exactly(true) }] },
    },
    async () => expect(await quote({ items: [{ productId: SOME_ID, quantity: 1 }] })).toMatchObject({ lines: [{ sku: 'A' }] }),
  ))

test('a parcel costs what shipping says of its weight, worth and place', () =>
  needs.of(
    ShippingRates,
    {
      asks: { place: shippingAddress, weightGrams: 600, subtotal: eur(2000) },
      answers: { options: including({ id: exactly('standard'), price: eur(350) }) },
    },
    async () => expect(await quote({ items: [{ sku: 'A', quantity: 2 }] })).toMatchObject({ shipping: eur(350) }),
  ))

test('the pacts that are committed say this', () => needs.areCommitted())
