import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
let keeper: Keeper
beforeAll(async () => {
  shop = await openShop()
  keeper = await openKeeper(shop.room, 'orders', states)
})
afterAll(async () => {
  await keeper.close()
  await shop.room.stop()
})

const states = {
  'an order was placed': () => shop.place(),
  'an order was confirmed': async () => {
    const order = await shop.place()
    await shop.paid(order.orderId, 'authorized')
    return order
  },
  'there is no such order': async () => ({ orderId: newId(), viewToken: 'of-no-order' }),
}

test.each(consumersOf('orders'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('orders')))
