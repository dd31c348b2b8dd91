import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
let keeper: Keeper
beforeAll(async () => {
  shop = await openShop()
  keeper = await openKeeper(shop.room, 'payments', states)
})
afterAll(async () => {
  await keeper.close()
  await shop.stop()
})

const states = {
  'nothing is known of the order': async () => {
    await shop.control('outage', { seconds: 0 })
    return { orderId: newId() }
  },
  'the card provider is away': () => shop.control('outage', { seconds: 60, mode: 'reset' }).then(() => undefined),
  'a transfer is awaited': async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    await shop.room.settled()
    return { orderId }
  },
}

test.each(consumersOf('payments'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('payments')))
