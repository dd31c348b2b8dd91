import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { away, openCartRoom, restock, shoppersOf, wares } from './testing/shop.ts'

let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openCartRoom()
  keeper = await openKeeper(room, 'cart', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const { add } = shoppersOf(() => room)
const states = {
  'an account has a cart': async () => {
    restock()
    const as = room.account()
    await add('A', 2, { as })
    return { accountId: as.accountId }
  },
  'an account has no cart': async () => {
    restock()
    return { accountId: room.account().accountId }
  },
  'units are on hand': async ({ sku, units }: { sku: string; units: number }) =>
    void wares.set(sku, { price: 1000, available: units, active: true }),
  'no prices can be had': async () => void away.add('pricing'),
}

test.each(consumersOf('cart'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('cart')))
