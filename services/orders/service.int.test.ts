import { sql } from '@stoa/chassis/database/sql.ts'
import { ExtendHold } from '@stoa/contracts/inventory.ts'
import {
  OrderCancelled,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderProcessing,
  OrderRefunded,
  OrderReturned,
  OrderShipped,
  PaymentDeadlinePassed,
  type OrderStatus,
} from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuse } from '@stoa/chassis/contract.ts'
import type { PaymentOutcome } from './domain.ts'
import { eur, TRANSFER } from './testing/neighbours.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.room.stop())

const timelineOf = async (orderId: string) => (await shop.see(orderId)).timeline.map((one: { status: string }) => one.status)
const booksAreRight = async () => {
  for (const check of await shop.doctor()) expect(check).toMatchObject({ broken: 0 })
}
/** An order brought to this status on its usual way. */
async function orderThatIs(status: OrderStatus): Promise<{ orderId: string; viewToken: string }> {
  const placed = await shop.place()
  const { orderId } = placed
  const way: readonly OrderStatus[] = ['PROCESSING', 'SHIPPED', 'DELIVERED', 'RETURNED']
  if (status === 'PENDING') return placed
  if (status === 'CANCELLED') await shop.paid(orderId, 'declined')
  else await shop.paid(orderId, 'authorized')
  for (const step of status === 'REFUNDED' ? way : way.slice(0, way.indexOf(status) + 1))
    expect(await shop.move(orderId, step)).toMatchObject({ status: 200, body: { status: step } })
  if (status === 'REFUNDED') await shop.paid(orderId, 'refunded')
  expect((await shop.see(orderId)).status).toBe(status)
  return placed
}

describe('a purchase from placing to its end', () => {
  test('when its payment is authorized, the order is confirmed, once however often that is told', async () => {
    const { orderId } = await shop.place()
    await shop.paid(orderId, 'authorized')
    await shop.paid(orderId, 'authorized')
    expect(await shop.see(orderId)).toMatchObject({ status: 'CONFIRMED', payment: { state: 'authorized' } })
    expect(await timelineOf(orderId)).toEqual(['PENDING', 'CONFIRMED'])
    expect((await shop.room.events(OrderConfirmed)).filter((one) => one.orderId === orderId)).toEqual([
      { orderId, total: eur(2490), method: 'card', lines: [expect.objectContaining({ quantity: 2, unitPriceMinor: 1000 })] },
    ])
    await booksAreRight()
  })

  test('when staff take it all the way and the money goes back, every step is told once and in order', async () => {
    const { orderId } = await orderThatIs('REFUNDED')
    expect(await timelineOf(orderId)).toEqual(['PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'RETURNED', 'REFUNDED'])
    for (const event of [OrderCreated, OrderConfirmed, OrderProcessing, OrderShipped, OrderDelivered, OrderReturned, OrderRefunded])
      expect((await shop.room.events(event)).filter((one) => one.orderId === orderId)).toHaveLength(1)
    expect(shop.neighbours.shipments.get(orderId)).toEqual({ trackingNumber: 'MADE-UP-1', delivered: true })
    await booksAreRight()
  })

  test('when the money went back before the goods, the order is refunded as soon as they have come', async () => {
    const { orderId } = await orderThatIs('DELIVERED')
    await shop.paid(orderId, 'refunded')
    expect((await shop.see(orderId)).status).toBe('DELIVERED')
    expect(await shop.move(orderId, 'RETURNED')).toMatchObject({ status: 200, body: { status: 'REFUNDED' } })
    expect((await timelineOf(orderId)).slice(-2)).toEqual(['RETURNED', 'REFUNDED'])
    for (const event of [OrderReturned, OrderRefunded])
      expect((await shop.room.events(event)).filter((one) => one.orderId === orderId)).toHaveLength(1)
    await booksAreRight()
  })

  test('when staff ship with a number of their own, it is the one that is told and shown', async () => {
    const { orderId } = await orderThatIs('CONFIRMED')
    const shipped = await shop.move(orderId, 'SHIPPED', { trackingNumber: 'TRACK-9' })
    expect(shipped.body).toMatchObject({ status: 'SHIPPED', shipments: [{ trackingNumber: 'TRACK-9' }], cancellableUntil: null })
    expect((await shop.room.events(OrderShipped)).find((one) => one.orderId === orderId)).toMatchObject({ trackingNumber: 'TRACK-9' })
  })

  test('when the shipment hears nothing of the delivery, the order is delivered all the same', async () => {
    const { orderId } = await orderThatIs('SHIPPED')
    shop.neighbours.away.add('shipping.MarkDelivered')
    expect(await shop.move(orderId, 'DELIVERED')).toMatchObject({ status: 200, body: { status: 'DELIVERED' } })
    shop.neighbours.away.clear()
  })

  test.each([
    ['declined', 'payment-declined', 'failed'],
    ['timed-out', 'payment-timeout', 'failed'],
    ['abandoned', 'payment-unknown', 'unknown'],
  ] as const)('when the payment is %s, the order ends as %s', async (outcome, reason, state) => {
    const { orderId } = await shop.place()
    await shop.paid(orderId, outcome)
    expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: reason, payment: { state } })
    expect((await shop.room.events(OrderCancelled)).find((one) => one.orderId === orderId)).toMatchObject({ reason, from: 'PENDING' })
    await booksAreRight()
  })

  test.each(['authorizing', 'requires-action'] as const)(
    'when the hold runs out while the payment is %s, the order ends',
    async (state) => {
      const { orderId } = await shop.place({ token: state === 'authorizing' ? 'tok_ok' : null })
      await shop.expired(orderId)
      expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-timeout' })
    },
  )

  test('when the hold runs out while the payment is unknown, the order waits and can still be confirmed', async () => {
    const { orderId } = await shop.place()
    await shop.paid(orderId, 'unknown')
    await shop.expired(orderId)
    expect(await shop.see(orderId)).toMatchObject({ status: 'PENDING', payment: { state: 'unknown' } })
    await shop.paid(orderId, 'authorized')
    expect(await shop.see(orderId)).toMatchObject({ status: 'CONFIRMED' })
  })

  test('when the stock of a confirmed order had gone, it ends as out-of-stock', async () => {
    const { orderId } = await orderThatIs('CONFIRMED')
    await shop.commitRefused(orderId)
    await shop.commitRefused(orderId)
    expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'out-of-stock' })
    expect((await shop.room.events(OrderCancelled)).filter((one) => one.orderId === orderId)).toHaveLength(1)
  })

  test('when a capture fails and then succeeds, the order is flagged meanwhile', async () => {
    const { orderId } = await orderThatIs('SHIPPED')
    await shop.paid(orderId, 'capture-failed')
    expect(await shop.see(orderId)).toMatchObject({ status: 'SHIPPED', flags: ['capture-failed'] })
    await shop.paid(orderId, 'captured')
    const after = await shop.see(orderId)
    expect([after.status, after.payment.state, after.flags]).toEqual(['SHIPPED', 'captured', undefined])
  })

  test('when cash on delivery is chosen, the promise alone confirms', async () => {
    const { orderId } = await shop.place({ method: 'cash-on-delivery' })
    await shop.paid(orderId, 'authorized', 'cash-on-delivery', 'cash-on-delivery')
    expect(await shop.see(orderId)).toMatchObject({ status: 'CONFIRMED', payment: { method: 'cash-on-delivery' } })
    expect((await shop.see(orderId)).timeline.at(-1).text).toContain('you pay on delivery')
  })

  test('when a late payment of a cancelled order is told, the order stays cancelled', async () => {
    const { orderId } = await orderThatIs('CANCELLED')
    for (const outcome of ['authorized', 'voided'] satisfies PaymentOutcome[]) await shop.paid(orderId, outcome)
    expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-declined', payment: { state: 'voided' } })
  })

  test('when news comes of an order that nobody placed, nothing happens and nothing is parked', async () => {
    await shop.paid(newId(), 'authorized')
    await shop.expired(newId())
    expect(await shop.room.db('orders').rows(sql`SELECT 1 FROM chassis.parked`)).toEqual([])
  })
})

describe('a bank transfer', () => {
  const placed = async () => {
    const order = await shop.place({ method: 'bank-transfer' })
    shop.neighbours.payments.set(order.orderId, {
      orderId: order.orderId,
      state: 'none',
      method: 'bank-transfer',
      provider: 'bank-transfer',
      amount: eur(2490),
      refunded: eur(0),
      transfer: TRANSFER,
      operations: [],
    })
    return order
  }

  test('when it is chosen, the order waits a week with its stock held and shows where to pay', async () => {
    const { orderId } = await placed()
    const order = await shop.see(orderId)
    expect(order).toMatchObject({ status: 'PENDING', payment: { transfer: TRANSFER } })
    expect(Date.parse(order.payBy) - Date.parse(order.placedAt)).toBe(7 * 24 * 3600 * 1000)
    expect(shop.neighbours.held.get(orderId)?.holdSeconds).toBeGreaterThan(7 * 24 * 3600)
  })

  test('when payments are away, the order is shown without where to pay', async () => {
    const { orderId } = await placed()
    shop.neighbours.away.add('payments.PaymentsOf')
    expect((await shop.see(orderId)).payment.transfer).toBeUndefined()
    shop.neighbours.away.clear()
  })

  test('when staff book its receipt, it is confirmed, once', async () => {
    const { orderId } = await placed()
    expect(await shop.move(orderId, 'CONFIRMED')).toMatchObject({
      status: 200,
      body: { status: 'CONFIRMED', payment: { state: 'captured' } },
    })
    await shop.paid(orderId, 'captured', 'bank-transfer', 'bank-transfer')
    expect(await timelineOf(orderId)).toEqual(['PENDING', 'CONFIRMED'])
    expect(shop.neighbours.asked('payments.BookReceipt', orderId)).toHaveLength(1)
  })

  test('when payments await no transfer, booking is refused as illegal-transition', async () => {
    const { orderId } = await placed()
    shop.neighbours.next.set('payments.BookReceipt', refuse('illegal-transition'))
    expect(await shop.move(orderId, 'CONFIRMED')).toMatchObject({ status: 409, body: { code: 'illegal-transition' } })
    expect((await shop.see(orderId)).status).toBe('PENDING')
  })

  test('when the shop gives another number of days, order and hold keep to it', async () => {
    const patient = await openShop({ STOA_PAYMENTS_TRANSFER_DAYS: '14' })
    const { orderId } = await patient.place({ method: 'bank-transfer' })
    const order = await patient.see(orderId)
    expect(Date.parse(order.payBy) - Date.parse(order.placedAt)).toBe(14 * 24 * 3600 * 1000)
    await patient.room.advance(8 * 24 * 3600)
    await patient.room.settled()
    expect((await patient.see(orderId)).status).toBe('PENDING')
    await patient.room.stop()
  })

  test('when nothing has come by payBy, the order ends as payment-timeout', async () => {
    const { orderId } = await placed()
    await shop.room.advance(7 * 24 * 3600 - 60)
    await shop.room.settled()
    expect((await shop.see(orderId)).status).toBe('PENDING')
    await shop.room.advance(120)
    await shop.room.settled()
    expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-timeout' })
  })

  test('when its buyer pays by card after all, the order is one paid by card', async () => {
    const { orderId } = await placed()
    await shop.paid(orderId, 'authorized', 'card', 'sandbox')
    expect(await shop.see(orderId)).toMatchObject({ status: 'CONFIRMED', payment: { method: 'card', provider: 'sandbox' } })
    expect((await shop.room.events(OrderConfirmed)).find((one) => one.orderId === orderId)).toMatchObject({ method: 'card' })
  })

  test('when the card tried instead is unknown at payBy, the order waits until that is known', async () => {
    const { orderId } = await placed()
    await shop.paid(orderId, 'unknown', 'card', 'sandbox')
    await shop.room.advance(7 * 24 * 3600 + 60)
    await shop.room.settled()
    expect((await shop.see(orderId)).status).toBe('PENDING')
    expect(shop.neighbours.asked('inventory.ExtendHold', orderId).length).toBeGreaterThan(0)
    await shop.paid(orderId, 'timed-out', 'card', 'sandbox')
    expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-timeout' })
  })
})

describe('steps of staff', () => {
  const all: readonly OrderStatus[] = ['PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED', 'REFUNDED']
  const legal: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
    PENDING: [],
    CONFIRMED: ['PROCESSING', 'SHIPPED', 'CANCELLED'],
    PROCESSING: ['SHIPPED', 'CANCELLED'],
    SHIPPED: ['DELIVERED', 'RETURNED'],
    DELIVERED: ['RETURNED'],
    CANCELLED: [],
    RETURNED: [],
    REFUNDED: [],
  }
  test.each(all)('when an order is %s, every step that is not in the table is refused as illegal-transition', async (from) => {
    const { orderId } = await orderThatIs(from)
    for (const to of all.filter((one) => !legal[from].includes(one)))
      expect([to, (await shop.move(orderId, to)).body.code]).toEqual([to, 'illegal-transition'])
    expect((await shop.see(orderId)).status).toBe(from)
  })

  test.each(['CONFIRMED', 'PROCESSING'] as const)('when staff cancel one that is %s, it ends as staff', async (from) => {
    const { orderId } = await orderThatIs(from)
    expect((await shop.move(orderId, 'CANCELLED')).body).toMatchObject({ status: 'CANCELLED', cancelReason: 'staff' })
    expect((await shop.room.events(OrderCancelled)).find((one) => one.orderId === orderId)).toMatchObject({ reason: 'staff', from })
  })

  test('when staff cancel one whose shopper has not paid yet, it ends as staff', async () => {
    const { orderId } = await shop.place({ token: null })
    expect((await shop.move(orderId, 'CANCELLED')).body).toMatchObject({ status: 'CANCELLED', cancelReason: 'staff' })
  })

  test('when two of the staff ship at once, one ships and the other is told', async () => {
    const { orderId } = await orderThatIs('CONFIRMED')
    const answers = await Promise.all([shop.move(orderId, 'SHIPPED'), shop.move(orderId, 'SHIPPED')])
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409])
    expect((await shop.room.events(OrderShipped)).filter((one) => one.orderId === orderId)).toHaveLength(1)
  })

  test('when the order does not exist, it is not-found; a customer is forbidden, a guest unauthenticated', async () => {
    expect(await shop.move(newId(), 'SHIPPED')).toMatchObject({ status: 404, body: { code: 'not-found' } })
    const { orderId, viewToken } = await shop.place()
    const door = `PUT /api/orders/${orderId}/status?token=${viewToken}`
    expect((await shop.room.request(door, { body: { status: 'CANCELLED' } })).body.code).toBe('unauthenticated')
    expect((await shop.room.request(door, { as: shop.room.account(), body: { status: 'CANCELLED' } })).body.code).toBe('forbidden')
  })
})

describe('orders that wait', () => {
  const MINUTE = 60
  const extended = (orderId: string) => shop.neighbours.asked(`inventory.${ExtendHold.name}`, orderId).length

  test('when the payment runs or is unknown, hold and deadline are prolonged again and again', async () => {
    const { orderId } = await shop.place()
    await shop.room.advance(14 * MINUTE)
    await shop.room.settled()
    expect(extended(orderId)).toBe(1)
    await shop.paid(orderId, 'unknown')
    for (let round = 0; round < 4; round++) {
      const before = extended(orderId)
      await shop.room.advance(14 * MINUTE)
      await shop.room.settled()
      expect(extended(orderId)).toBeGreaterThan(before)
      await booksAreRight()
    }
    expect((await shop.see(orderId)).status).toBe('PENDING')
    await shop.paid(orderId, 'authorized')
    expect((await shop.see(orderId)).status).toBe('CONFIRMED')
  })

  test('when a redirect is forgotten, payments are told before the hold ends, and end the order with proof', async () => {
    const { orderId } = await shop.place({ token: null })
    const passed = async () => (await shop.room.events(PaymentDeadlinePassed)).filter((one) => one.orderId === orderId)
    await shop.room.advance(13 * MINUTE)
    await shop.room.settled()
    expect(await passed()).toEqual([])
    await shop.room.advance(MINUTE)
    await shop.room.settled()
    expect(await passed()).toEqual([{ orderId }])
    expect((await shop.see(orderId)).status).toBe('PENDING')
    await shop.paid(orderId, 'timed-out')
    expect(await shop.see(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-timeout' })
    await shop.room.advance(10 * MINUTE)
    await shop.room.settled()
    expect(await passed()).toHaveLength(1)
  })

  test('when inventory is away, the wait is prolonged once it is back', async () => {
    const { orderId } = await shop.place()
    shop.neighbours.away.add('inventory.ExtendHold')
    await shop.room.advance(14 * MINUTE)
    await new Promise((go) => setTimeout(go, 200))
    shop.neighbours.away.clear()
    await shop.room.advance(MINUTE)
    await shop.room.settled()
    expect(extended(orderId)).toBe(1)
  })

  test('when an order is forgotten past its deadline, the doctor names it', async () => {
    const { orderId } = await shop.place()
    const db = shop.room.db('orders')
    await db.run(sql`UPDATE orders SET deadline_at = now() - interval '3 minutes' WHERE order_id = ${orderId}`)
    expect((await shop.doctor())[0]?.examples).toContain(orderId)
    await shop.paid(orderId, 'declined')
    expect((await shop.doctor())[0]?.examples).not.toContain(orderId)
  })

  test('when the stock of a confirmed order is not committed, the doctor names it', async () => {
    const { orderId } = await orderThatIs('CONFIRMED')
    const hold = shop.neighbours.held.get(orderId)
    shop.neighbours.held.delete(orderId)
    expect((await shop.doctor())[3]).toMatchObject({ broken: 1, examples: [orderId] })
    if (hold) shop.neighbours.held.set(orderId, hold)
  })
})
