import { afterAll, beforeAll, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, SOME_ID, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { OpenStock, ReserveStock } from '@stoa/contracts/inventory.ts'
import { OrderConfirmed, OrderStates } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { checks } from './checks.ts'
import inventory from './service.ts'

const needs = new Needs('inventory', [OrderStates])
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [inventory], calls: needs.neighbours() })
})
afterAll(() => room.stop())
afterAll(() => needs.close())

test('the doctor hears from orders that an order lives whose units are committed', async () => {
  const productId = newId()
  const total = { amount: 100, currency: 'EUR' }
  await room.call(OpenStock, { items: [{ sku: 'A', productId, units: 5 }] })
  await room.call(ReserveStock, { orderId: SOME_ID, lines: [{ sku: 'A', quantityUnits: 1 }] })
  const lines = [{ sku: 'A', productId, quantity: 1, unitPriceMinor: 100 }]
  await room.publish(OrderConfirmed, { orderId: SOME_ID, lines, total, method: 'card' })
  await room.settled()
  const committed = checks.find(({ name }) => name.includes('committed belongs')) as (typeof checks)[number]
  await needs.of(
    OrderStates,
    {
      given: { 'an order was confirmed': {} },
      asks: { orderIds: [uuidOf('orderId')] },
      answers: { items: [{ orderId: uuid(), status: exactly('CONFIRMED') }] },
    },
    async () => expect(await room.house.services.get('inventory')?.runCheck(committed)).toMatchObject({ examined: 1, broken: 0 }),
  )
})

test('the pacts that are committed say this', () => needs.areCommitted())
