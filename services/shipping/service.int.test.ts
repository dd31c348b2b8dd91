import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { refuse } from '@stoa/chassis/contract.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { OrderCancelled, OrderDelivered, OrderShipped, type OrderStatus } from '@stoa/contracts/orders.ts'
import { CreateShipment, MarkDelivered, ShipmentsOf, ShippingRates, ShippingUpdated } from '@stoa/contracts/shipping.ts'
import { newId } from '@stoa/kit/ids.ts'
import shipping from './service.ts'

const away = () => {
  throw new Fault('unavailable', 'away for the test')
}
const total = { amount: 1000, currency: 'EUR' }
const neighbours = { away: false, measured: {} as unknown, asked: [] as unknown[], states: new Map<string, OrderStatus>() }
const owner = newId()
let room: Room

beforeAll(async () => {
  room = await openRoom({
    services: [shipping],
    calls: {
      'pricing.MeasureBasket': (input: unknown) => {
        neighbours.asked.push(input)
        return neighbours.away ? away() : neighbours.measured
      },
      'orders.AuthorizeOrderAccess': (input: { orderId: string; accountId?: string; token?: string; staff: boolean }) => {
        if (neighbours.away) away()
        const known = input.staff || input.accountId === owner || input.token === 'token-of-the-order'
        return known ? { orderId: input.orderId, status: 'SHIPPED', number: 'S-100001', total } : refuse('not-found')
      },
      'orders.OrderStates': (input: { orderIds: string[] }) => ({
        items: input.orderIds
          .flatMap((orderId) => ({ orderId, status: neighbours.states.get(orderId), total }))
          .filter((one) => one.status),
      }),
    },
  })
})
afterAll(() => room.stop())
afterEach(() => {
  neighbours.away = false
  neighbours.asked.length = 0
})

const create = async (orderId: string, more = {}) => {
  const made = await room.call(CreateShipment, { orderId, lines: [{ sku: 'A', quantity: 1 }], ...more })
  if ('refused' in made) throw new Error(String(made.refused))
  return made
}
const shipmentsOf = async (orderId: string) => {
  const found = await room.call(ShipmentsOf, { orderId })
  return 'items' in found ? found.items : []
}
const shipped = (orderId: string, trackingNumber = 'X-1') => room.publish(OrderShipped, { orderId, trackingNumber, total, method: 'card' })
const delivered = (orderId: string) => room.publish(OrderDelivered, { orderId, total, method: 'card' })
const cancelled = (orderId: string) =>
  room.publish(OrderCancelled, { orderId, reason: 'customer', from: 'CONFIRMED', cartId: null, accountId: null, lines: [] })
const updatesOf = async (orderId: string) =>
  (await room.events(ShippingUpdated)).filter((one) => one.orderId === orderId).map((one) => one.state)

describe('rates', () => {
  const calculate = (body: object, options = {}) =>
    room.request('POST /api/shipping/calculate', { body: { address: { country: 'DE', postalCode: '10115' }, ...body }, ...options })

  test('when a basket is measured, its options are answered, and whose cart is told to pricing', async () => {
    neighbours.measured = { items: [], weightGrams: 900, subtotal: { amount: 2000, currency: 'EUR' } }
    const answer = await calculate(
      { cart: true },
      { as: room.account({ accountId: owner, groups: ['trade'] }), cookies: { stoa_cart: 'abc' } },
    )
    expect(answer).toMatchObject({
      status: 200,
      body: { options: [{ id: 'standard', price: { amount: 390, currency: 'EUR' } }, { id: 'express' }] },
    })
    expect(neighbours.asked).toEqual([{ cart: true, accountId: owner, guestToken: 'abc', groups: ['trade'] }])
  })

  test('when the country is not served, there are no options', async () => {
    neighbours.measured = { items: [], weightGrams: 900, subtotal: { amount: 2000, currency: 'EUR' } }
    expect((await calculate({ items: [{ sku: 'A', quantity: 1 }], address: { country: 'AQ', postalCode: '1' } })).body).toEqual({
      options: [],
    })
  })

  test.each([
    ['unknown-sku', 404],
    ['invalid-request', 422],
    ['cart-empty', 409],
  ] as const)('when pricing refuses the basket with %s, so does the answer', async (code, status) => {
    neighbours.measured = refuse(code)
    expect(await calculate({ cart: true })).toMatchObject({ status, body: { code } })
  })

  test('when pricing is away, the answer is unavailable', async () => {
    neighbours.away = true
    expect(await calculate({ cart: true })).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  })

  test('when rates are asked for by call, they are those of the card', async () => {
    const answer = await room.call(ShippingRates, { place: { country: 'FR', postalCode: '75001' }, weightGrams: 100, subtotal: total })
    expect(answer).toMatchObject({
      options: [
        { id: 'standard', price: { amount: 990 } },
        { id: 'express', price: { amount: 2490 } },
      ],
    })
  })
})

describe('a shipment', () => {
  test('when it is asked for again and again, at once too, it is one with its first tracking event', async () => {
    const orderId = newId()
    const made = await Promise.all(Array.from({ length: 8 }, () => create(orderId)))
    expect(new Set(made.map((one) => one.id)).size).toBe(1)
    expect(made[0]).toMatchObject({
      state: 'announced',
      trackingNumber: expect.stringMatching(/^ST\d{16}$/),
      events: [{ state: 'announced', place: 'Warehouse' }],
    })
    expect(await shipmentsOf(orderId)).toEqual([made[0]])
    await room.settled()
    expect(await updatesOf(orderId)).toEqual(['announced'])
  })

  test('when a number is given, it is kept', async () => {
    expect((await create(newId(), { trackingNumber: 'DHL-7' })).trackingNumber).toBe('DHL-7')
  })

  test('when the order ships and arrives, the parcel goes along, each step once', async () => {
    const orderId = newId()
    await create(orderId)
    for (const tell of [shipped, shipped, delivered, delivered]) await tell(orderId)
    await room.settled()
    const [shipment] = await shipmentsOf(orderId)
    expect(shipment).toMatchObject({ state: 'delivered', trackingNumber: expect.stringMatching(/^ST/) })
    expect(shipment?.events.map((event) => event.state)).toEqual(['announced', 'in-transit', 'delivered'])
    expect(await updatesOf(orderId)).toEqual(['announced', 'in-transit', 'delivered'])
  })

  test('when no call made it, the order’s events do', async () => {
    const [first, second] = [newId(), newId()]
    await shipped(first, 'LATE-1')
    await delivered(second)
    await room.settled()
    expect(await shipmentsOf(first)).toMatchObject([{ state: 'in-transit', trackingNumber: 'LATE-1' }])
    expect(await shipmentsOf(second)).toMatchObject([{ state: 'delivered' }])
  })

  test('when it is marked delivered, it says so, and nothing that was not made is delivered', async () => {
    const orderId = newId()
    await create(orderId)
    expect(await room.call(MarkDelivered, { orderId })).toEqual({ delivered: true })
    expect(await room.call(MarkDelivered, { orderId })).toEqual({ delivered: true })
    expect((await shipmentsOf(orderId))[0]?.events).toHaveLength(2)
    expect(await room.call(MarkDelivered, { orderId: newId() })).toEqual({ delivered: false })
  })

  test('when the order is cancelled before it left, it is cancelled; afterwards it stays', async () => {
    const [made, sent] = [newId(), newId()]
    await create(made)
    await create(sent)
    await shipped(sent)
    await cancelled(made)
    await cancelled(sent)
    await room.settled()
    expect(await shipmentsOf(made)).toMatchObject([{ state: 'cancelled' }])
    expect(await shipmentsOf(sent)).toMatchObject([{ state: 'in-transit' }])
  })

  test('when the call comes after the cancellation, or with it, no parcel stays under way', async () => {
    const late = newId()
    await cancelled(late)
    await room.settled()
    expect(await create(late)).toMatchObject({ state: 'cancelled' })
    const racing = Array.from({ length: 10 }, () => newId())
    await Promise.all(racing.flatMap((orderId) => [create(orderId), cancelled(orderId)]))
    await room.settled()
    for (const orderId of racing) expect((await shipmentsOf(orderId)).map((one) => one.state)).toEqual(['cancelled'])
  })
})

describe('tracking', () => {
  const track = (body: object, options = {}, query = '') => room.request(`POST /api/shipping/track${query}`, { body, ...options })

  test('when somebody knows the number, the parcel is shown; another number is not-found', async () => {
    const { trackingNumber } = await create(newId())
    expect(await track({ trackingNumber })).toMatchObject({
      status: 200,
      body: { state: 'announced', trackingNumber, carrier: expect.any(String), events: [{ text: expect.any(String) }] },
    })
    expect(await track({ trackingNumber: 'NOBODY-KNOWS' })).toMatchObject({ status: 404, body: { code: 'not-found' } })
  })

  test('when the owner, staff or the holder of the token asks by order, the parcel is shown; anybody else gets not-found', async () => {
    const orderId = newId()
    await create(orderId)
    const shown = [
      await track({ orderId }, { as: room.account({ accountId: owner }) }),
      await track({ orderId }, { as: room.account({ roles: ['warehouse'] }) }),
      await track({ orderId }, {}, '?token=token-of-the-order'),
      await track({ orderId }, { headers: { 'order-token': 'token-of-the-order' } }),
    ]
    expect(shown.map((one) => [one.status, one.body.state])).toEqual(Array.from({ length: 4 }, () => [200, 'announced']))
    const hidden = [
      await track({ orderId }),
      await track({ orderId }, { as: room.account() }),
      await track({ orderId }, {}, '?token=other'),
    ]
    expect(hidden.map((one) => [one.status, one.body.code])).toEqual(Array.from({ length: 3 }, () => [404, 'not-found']))
  })

  test('when an order has no parcel yet, it is not shipped', async () => {
    expect((await track({ orderId: newId() }, { as: room.account({ accountId: owner }) })).body).toEqual({
      state: 'not-shipped',
      trackingNumber: '',
      carrier: '',
      events: [],
    })
  })

  test('when neither or both are given, it is refused with invalid-request', async () => {
    expect(await track({})).toMatchObject({ status: 422, body: { code: 'invalid-request' } })
    expect(await track({ orderId: newId(), trackingNumber: 'X' })).toMatchObject({ status: 422, body: { code: 'invalid-request' } })
  })

  test('when orders is away, tracking by order is unavailable and by number goes on', async () => {
    const orderId = newId()
    const { trackingNumber } = await create(orderId)
    neighbours.away = true
    expect((await track({ orderId })).status).toBe(503)
    expect((await track({ trackingNumber })).status).toBe(200)
  })
})

describe('the books', () => {
  const check = (index: number) =>
    (shipping.checks ?? [])[index]?.run({
      db: room.db('shipping'),
      call: (contract: never, input: never) => room.call(contract, input),
    } as never)

  test('when a shipment loses its tracking events, the check names it', async () => {
    const { id, trackingNumber } = await create(newId())
    expect(await check(0)).toMatchObject({ broken: 0, examined: expect.any(Number) })
    await room.db('shipping').run(sql`DELETE FROM tracking_events WHERE shipment_id = ${id}`)
    expect(await check(0)).toMatchObject({ broken: 1, examples: [trackingNumber] })
    await room.db('shipping').run(sql`DELETE FROM shipments WHERE id = ${id}`)
  })

  test('when a parcel is under way for an order that was not shipped, the check names it', async () => {
    const states: Record<string, OrderStatus> = { announced: 'PROCESSING', 'in-transit': 'SHIPPED', delivered: 'DELIVERED' }
    const rows = await room.db('shipping').rows<{ order_id: string; state: string }>(sql`SELECT order_id, state FROM shipments`)
    for (const row of rows) neighbours.states.set(row.order_id, states[row.state] ?? 'CANCELLED')
    const orderId = newId()
    neighbours.states.set(orderId, 'PROCESSING')
    const { id, trackingNumber } = await create(orderId)
    expect(await check(1)).toMatchObject({ broken: 0 })
    await room.db('shipping').run(sql`UPDATE shipments SET state = 'in-transit' WHERE id = ${id}`)
    expect(await check(1)).toMatchObject({ broken: 1, examples: [trackingNumber] })
  })
})
