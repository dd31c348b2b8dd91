import { newId } from '@stoa/kit/ids.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import {
  CommitRefused,
  ExtendHold,
  OpenStock,
  ReleaseStock,
  ReservationExpired,
  ReserveStock,
  StockChanged,
  StockCommitted,
  StockLow,
} from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed, OrderReturned, OrderShipped } from '@stoa/contracts/orders.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import inventory from './service.ts'

let room: Room
const states = new Map<string, string>()
beforeAll(async () => {
  room = await openRoom({
    services: [inventory],
    deadlines: { inventory: ['reservations.expires_at', 'reservations.created_at'] },
    calls: {
      'orders.OrderStates': ({ orderIds }: { orderIds: string[] }) => ({
        items: orderIds.flatMap((orderId) =>
          states.has(orderId) ? [{ orderId, status: states.get(orderId), total: { amount: 1, currency: 'EUR' } }] : [],
        ),
      }),
    },
  })
})
afterAll(() => room.stop())

const productId = newId()
let made = 0
const opened = async (units: number) => {
  const sku = `SKU-${++made}`
  await room.call(OpenStock, { items: [{ sku, productId, units }] })
  return sku
}
const reserveOne = (sku: string, orderId = newId(), quantityUnits = 1) =>
  room.call(ReserveStock, { orderId, lines: [{ sku, quantityUnits }] })
const stock = async (sku: string) => (await room.request(`GET /api/stock/${sku}`, { as: room.account({ roles: ['warehouse'] }) })).body
const total = { amount: 100, currency: 'EUR' }
const confirmed = (orderId: string, sku: string, quantity = 1) => ({
  orderId,
  lines: [{ sku, productId, quantity, unitPriceMinor: 100 }],
  total,
  method: 'card' as const,
})
const cancelled = (orderId: string) => ({
  orderId,
  reason: 'customer' as const,
  from: 'PENDING' as const,
  cartId: null,
  accountId: null,
  lines: [],
})
const booksAreRight = async () => {
  for (const check of inventory.checks ?? [])
    expect({ name: check.name, ...(await room.house.services.get('inventory')?.runCheck(check)) }).toMatchObject({ broken: 0 })
}

test('when 200 orders want 50 units at once, exactly 50 are held and the others are refused', async () => {
  const sku = await opened(50)
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => reserveOne(sku)))
  expect(outcomes.filter((one) => !('refused' in one))).toHaveLength(50)
  expect(outcomes.filter((one) => 'refused' in one && one.refused === 'insufficient-stock')).toHaveLength(150)
  expect(await stock(sku)).toMatchObject({ onHand: 50, reserved: 50, available: 0 })
  await booksAreRight()
})

test('when the same order asks again, also at the same moment, it holds once and gets the same answer', async () => {
  const sku = await opened(10)
  const orderId = newId()
  const answers = await Promise.all(Array.from({ length: 20 }, () => reserveOne(sku, orderId, 3)))
  expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
  expect(await stock(sku)).toMatchObject({ reserved: 3 })
})

test('when orders want crossing sets of SKUs, none waits for ever and no unit is counted twice', async () => {
  const skus = await Promise.all([opened(30), opened(30), opened(30)])
  await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      room.call(ReserveStock, {
        orderId: newId(),
        lines: [skus[index % 3], skus[(index + 1) % 3]].map((sku) => ({ sku: sku as string, quantityUnits: 1 })),
      }),
    ),
  )
  for (const sku of skus) expect(await stock(sku)).toMatchObject({ reserved: 30, available: 0 })
  await booksAreRight()
})

test('when an order is confirmed, shipped and returned, its units move through every book', async () => {
  const sku = await opened(5)
  const orderId = newId()
  await reserveOne(sku, orderId, 2)
  await room.publish(OrderConfirmed, confirmed(orderId, sku, 2))
  await room.settled()
  states.set(orderId, 'CONFIRMED')
  expect(await stock(sku)).toMatchObject({ onHand: 5, reserved: 2 })
  expect(await room.events(StockCommitted)).toContainEqual({ orderId })
  await room.publish(OrderShipped, { orderId, trackingNumber: 'T', total, method: 'card' })
  await room.settled()
  expect(await stock(sku)).toMatchObject({ onHand: 3, reserved: 0 })
  await room.publish(OrderReturned, { orderId, lines: [] })
  await room.settled()
  expect(await stock(sku)).toMatchObject({ onHand: 5, reserved: 0 })
  const movements = await room.request(`GET /api/stock/${sku}/movements`, { as: room.account({ roles: ['admin'] }) })
  expect(movements.body.items.map((one: { kind: string; delta: number }) => [one.kind, one.delta])).toEqual([
    ['return', 2],
    ['shipment', -2],
    ['opening', 5],
  ])
  await booksAreRight()
})

test('when an order is cancelled, its units come back once, however often it is said', async () => {
  const sku = await opened(4)
  const orderId = newId()
  await reserveOne(sku, orderId, 4)
  await room.publish(OrderCancelled, cancelled(orderId))
  await room.call(ReleaseStock, { orderId })
  await room.settled()
  expect(await stock(sku)).toMatchObject({ onHand: 4, reserved: 0, available: 4 })
  await booksAreRight()
})

test('when a cancel overtakes its order, the late reservation is refused as reservation-released', async () => {
  const sku = await opened(4)
  const orderId = newId()
  await room.call(ReleaseStock, { orderId })
  expect(await reserveOne(sku, orderId)).toMatchObject({ refused: 'reservation-released' })
})

test('when a hold runs out, its units are on sale again and the order hears of it', async () => {
  const sku = await opened(1)
  const orderId = newId()
  await reserveOne(sku, orderId)
  await room.advance(16 * 60)
  await expect.poll(async () => (await stock(sku)).available, { timeout: 10_000 }).toBe(1)
  await room.settled()
  expect(await room.events(ReservationExpired)).toContainEqual({ orderId })
})

test('when a hold is extended in time, it does not run out', async () => {
  const sku = await opened(1)
  const orderId = newId()
  await reserveOne(sku, orderId)
  expect(await room.call(ExtendHold, { orderId, holdSeconds: 3600 })).toEqual({ held: true })
  await room.advance(16 * 60)
  await room.settled()
  expect(await stock(sku)).toMatchObject({ reserved: 1 })
})

test('when an order is confirmed after its hold ran out, it gets the units if they are there, else it is told', async () => {
  const sku = await opened(1)
  const [late, rival, lost] = [newId(), newId(), newId()]
  await reserveOne(sku, lost)
  await room.advance(16 * 60)
  await expect.poll(async () => (await stock(sku)).available, { timeout: 10_000 }).toBe(1)
  await room.publish(OrderConfirmed, confirmed(late, sku))
  await room.settled()
  states.set(late, 'CONFIRMED')
  expect(await stock(sku)).toMatchObject({ reserved: 1, available: 0 })
  await room.publish(OrderConfirmed, confirmed(lost, sku))
  await room.settled()
  expect(await room.events(CommitRefused)).toContainEqual({ orderId: lost })
  expect(await reserveOne(sku, rival)).toMatchObject({ refused: 'insufficient-stock' })
  await booksAreRight()
})

test('when stock falls below its threshold, one alert is published', async () => {
  const sku = await opened(10)
  await room.request(`PUT /api/stock/${sku}/threshold`, { body: { units: 8 }, as: room.account({ roles: ['warehouse'] }) })
  await reserveOne(sku, newId(), 2)
  await reserveOne(sku, newId(), 1)
  await reserveOne(sku, newId(), 1)
  await room.settled()
  const alerts = (await room.events(StockLow)).filter((one) => one.sku === sku)
  expect(alerts).toEqual([{ sku, productId, available: 7, threshold: 8 }])
  const versions = (await room.events(StockChanged)).filter((one) => one.sku === sku).map((one) => one.version)
  expect(versions).toEqual([...versions].sort((a, b) => a - b))
})

test('when staff correct stock, a movement with reason and author is written; with neither or both of delta and setTo it is refused', async () => {
  const sku = await opened(10)
  const as = room.account({ roles: ['warehouse'] })
  const headers = { 'idempotency-key': `correct-${sku}` }
  const first = await room.request(`POST /api/stock/${sku}/adjustments`, {
    body: { delta: -3, reason: 'broken in the store' },
    as,
    headers,
  })
  expect(first).toMatchObject({ status: 201, body: { delta: -3, onHandAfter: 7, reason: 'broken in the store', by: as.accountId } })
  const again = await room.request(`POST /api/stock/${sku}/adjustments`, {
    body: { delta: -3, reason: 'broken in the store' },
    as,
    headers,
  })
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(await stock(sku)).toMatchObject({ onHand: 7 })
  expect(
    (await room.request(`POST /api/stock/${sku}/adjustments`, { body: { reason: 'x' }, as, headers: { 'idempotency-key': 'neither-nor' } }))
      .body.code,
  ).toBe('invalid-request')
  expect(
    (
      await room.request('POST /api/stock/NOPE/adjustments', {
        body: { delta: 1, reason: 'x' },
        as,
        headers: { 'idempotency-key': 'no-such-sku' },
      })
    ).body.code,
  ).toBe('not-found')
  expect(
    (
      await room.request(`POST /api/stock/${sku}/adjustments`, {
        body: { delta: -8, reason: 'x' },
        as,
        headers: { 'idempotency-key': 'too-many-out' },
      })
    ).body,
  ).toMatchObject({ code: 'insufficient-stock', availableUnits: 7 })
  await booksAreRight()
})

test('when a shopper asks for stock, it is forbidden; an unknown SKU is not-found; a foreign cursor is invalid-cursor', async () => {
  const sku = await opened(1)
  expect((await room.request(`GET /api/stock/${sku}`, { as: room.account() })).status).toBe(403)
  const as = room.account({ roles: ['admin'] })
  expect((await room.request('GET /api/stock/NOPE', { as })).body.code).toBe('not-found')
  expect((await room.request(`GET /api/stock/${sku}/movements?cursor=abc`, { as })).body.code).toBe('invalid-cursor')
  expect(await reserveOne('NOPE')).toMatchObject({ refused: 'unknown-sku' })
})

test('when a movement is changed behind our back, the database refuses it', async () => {
  await expect(room.db('inventory').run(sql`UPDATE stock_movements SET delta_units = 0`)).rejects.toThrow('never changed')
  await expect(room.db('inventory').run(sql`UPDATE stock_levels SET reserved_units = on_hand_units + 1`)).rejects.toThrow('never_oversold')
})
