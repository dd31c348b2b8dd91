import { withTrace } from '@stoa/chassis/telemetry/trace.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { newTraceparent, publishTogether, traceIdOf, tracesOf } from '@stoa/chassis/testing/traces.ts'
import { OpenStock, ReserveStock, StockChanged, StockCommitted } from '@stoa/contracts/inventory.ts'
import { OrderConfirmed } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import inventory from './service.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [inventory] })
})
afterAll(() => room.stop())

const productId = newId()
const open = (skus: readonly string[]) => room.call(OpenStock, { items: skus.map((sku) => ({ sku, productId, units: 10 })) })

/** Reserves at once, each order under a trace of its own; answers the trace ids in order. */
async function reserve(wanted: readonly (readonly string[])[]): Promise<(string | undefined)[]> {
  return Promise.all(
    wanted.map(async (skus) => {
      const traceparent = newTraceparent()
      const lines = skus.map((sku) => ({ sku, quantityUnits: 1 }))
      expect(await withTrace(traceparent, () => room.call(ReserveStock, { orderId: newId(), lines }))).not.toHaveProperty('refused')
      return traceIdOf(traceparent)
    }),
  )
}

test('when orders are reserved in one batch, the news of stock that only one of them moved has its trace, and of shared stock none', async () => {
  const skus = Array.from({ length: 10 }, (_, index) => `OWN-${index}`)
  await open([...skus, 'SHARED'])
  const traces = await reserve(skus.map((sku) => [sku, 'SHARED']))
  await room.settled()
  const news = await tracesOf(room, StockChanged)
  expect(skus.map((sku) => news.get(sku))).toEqual(traces)
  expect(news.get('SHARED')).toBeUndefined()
})

test('when an order is reserved alone, all its news have its trace', async () => {
  await open(['ONE', 'TWO'])
  const [id] = await reserve([['ONE', 'TWO']])
  await room.settled()
  const news = await tracesOf(room, StockChanged)
  expect([news.get('ONE'), news.get('TWO')]).toEqual([id, id])
})

test('when many orders are confirmed at once, each commit is told under the trace of its order', async () => {
  await open(['COMMON'])
  const lines = [{ sku: 'COMMON', productId, quantity: 1, unitPriceMinor: 100 }]
  const total = { amount: 100, currency: 'EUR' }
  const told = Array.from({ length: 9 }, () => ({ orderId: newId(), lines, total, method: 'card' as const }))
  for (const { orderId } of told) await room.call(ReserveStock, { orderId, lines: [{ sku: 'COMMON', quantityUnits: 1 }] })
  const traces = await publishTogether(room, OrderConfirmed, told)
  await room.settled()
  expect(await tracesOf(room, StockCommitted)).toEqual(traces)
})
