import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { OpenStock, ReleaseStock, ReserveStock } from '@stoa/contracts/inventory.ts'
import { OrderConfirmed } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import inventory from './service.ts'

let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openRoom({ services: [inventory] })
  keeper = await openKeeper(room, 'inventory', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const productId = newId()
const held = async () => {
  const orderId = newId()
  await room.call(OpenStock, { items: [{ sku: 'HELD', productId, units: 100 }] })
  await room.call(ReserveStock, { orderId, lines: [{ sku: 'HELD', quantityUnits: 1 }] })
  return { orderId }
}
const states = {
  'units are on hand': async ({ sku, units }: { sku: string; units: number }) => {
    await room.call(OpenStock, { items: [{ sku, productId, units }] })
    const as = room.account({ roles: ['warehouse'] })
    const { reserved } = (await room.request(`GET /api/stock/${sku}`, { as })).body
    const body = { setTo: reserved + units, reason: 'as the pact gives it' }
    await room.request(`POST /api/stock/${sku}/adjustments`, { as, body, headers: { 'idempotency-key': newId() } })
  },
  'nothing is known of the order': async () => ({ orderId: newId() }),
  'an order holds units': held,
  'an order was let go': async () => {
    const orderId = newId()
    await room.call(ReleaseStock, { orderId })
    return { orderId }
  },
  'units of an order are committed': async () => {
    const { orderId } = await held()
    const lines = [{ sku: 'HELD', productId, quantity: 1, unitPriceMinor: 100 }]
    await room.publish(OrderConfirmed, { orderId, lines, total: { amount: 100, currency: 'EUR' }, method: 'card' })
    await room.settled()
    return { orderId }
  },
}

test.each(consumersOf('inventory'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('inventory')))
