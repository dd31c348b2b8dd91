import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { add, openMarket } from './testing/market.ts'

let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openMarket()
  keeper = await openKeeper(room, 'search', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const image = { url: '/media/camera.svg', alt: 'A camera', width: 800, height: 600 }
const states = {
  'two products are alike': async () => {
    const camera = { path: 'Cameras > Digital', brand: 'Ersatz', tags: ['field'], image }
    const [one] = await add({ name: 'Field camera', ...camera }, { name: 'Field camera, small', ...camera })
    return { productId: one?.productId }
  },
}

test.each(consumersOf('search'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('search')))
