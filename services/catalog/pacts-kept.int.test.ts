import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import catalog from './service.ts'
import { euro, playNeighbours } from './testing/neighbours.ts'

let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openRoom({ services: [catalog], calls: playNeighbours().calls })
  keeper = await openKeeper(room, 'catalog', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const made = new Map<string, string>()
const states = {
  'a product is on sale': async ({ sku }: { sku: string }) => {
    const known = made.get(sku)
    if (known) return { productId: known }
    const body = {
      name: `The ${sku}`,
      description: 'For mountains.',
      categories: ['Cameras'],
      images: [{ url: '/media/camera.svg', alt: 'A camera', width: 800, height: 600 }],
      status: 'active',
      variants: [{ sku, options: { colour: 'black' }, price: euro(1000), stock: 7, weightGrams: 640 }],
    }
    const { id } = (await room.request('POST /api/products', { as: room.account({ roles: ['admin'] }), body })).body
    made.set(sku, id)
    return { productId: id }
  },
}

test.each(consumersOf('catalog'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('catalog')))
