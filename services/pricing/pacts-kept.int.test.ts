import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { PutPrices } from '@stoa/contracts/pricing.ts'
import { newId } from '@stoa/kit/ids.ts'
import pricing from './service.ts'

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const standard = { id: 'standard', name: 'Standard', price: eur(490), promise: { earliest: '2026-11-23', latest: '2026-11-25' } }
const described: { sku: string; productId: string; active: boolean }[] = []
const played = {
  'catalog.DescribeSkus': ({ skus, productIds }: { skus: string[]; productIds: string[] }) => ({
    items: described.filter((one) => skus.includes(one.sku) || productIds.includes(one.productId)),
  }),
  'cart.CartOf': () => ({ cartId: null, items: [] }),
  'shipping.ShippingRates': () => ({ options: [standard] }),
}
let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openRoom({ services: [pricing], calls: played })
  keeper = await openKeeper(room, 'pricing', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const states = {
  'a product has a price': async ({ sku }: { sku: string }) => {
    const productId = newId()
    described.push({ sku, productId, active: true })
    const variant = { sku, price: eur(700), compareAt: null, weightGrams: 300, taxClass: 'standard' as const }
    await room.call(PutPrices, { products: [{ productId, productVersion: 1, archived: false, variants: [variant] }] })
  },
  'a product has several variants': async () => {
    const productId = newId()
    described.push({ sku: 'S', productId, active: true }, { sku: 'M', productId, active: true })
    return { productId }
  },
  /** The played cart holds nothing. */
  'the cart is empty': async () => {},
}

test.each(consumersOf('pricing'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('pricing')))
