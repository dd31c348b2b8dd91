import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { CreateShipment } from '@stoa/contracts/shipping.ts'
import { newId } from '@stoa/kit/ids.ts'
import shipping from './service.ts'

let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openRoom({ services: [shipping] })
  keeper = await openKeeper(room, 'shipping', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const states = {
  'nothing is known of the order': async () => ({ orderId: newId() }),
  'a parcel is under way': async () => {
    const orderId = newId()
    await room.call(CreateShipment, { orderId, lines: [{ sku: 'A', quantity: 2 }] })
    return { orderId }
  },
}

test.each(consumersOf('shipping'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('shipping')))
