import type { EventContract } from '@stoa/chassis/contract.ts'
import { onBatch, type Consumer, type Received } from '@stoa/chassis/service.ts'
import { OrderCancelled, OrderCreated, OrderDelivered, OrderShipped, PaymentDeadlinePassed } from '@stoa/contracts/orders.ts'
import type { Evidence } from './domain/evidence.ts'
import { newAttempt, openPayments, settle, type Change } from './usecases.ts'

type Created = Received<typeof OrderCreated>['data']

/** The order exists: its payment begins, or tells what it has come to meanwhile. */
export const authorizeWhenOrderCreated: Consumer = onBatch(OrderCreated, async (events, context) => {
  const orders = events.map((event) => event.data)
  const decided = await settle(
    context.tx,
    context,
    orders.map((order) => placed(order, [])),
  )
  const unprepared = orders.filter((one) => !decided.has(one.orderId))
  if (unprepared.length === 0) return
  await openPayments(
    context.tx,
    unprepared.map(({ orderId, method, total }) => ({ orderId, method, amount: total })),
  )
  await settle(
    context.tx,
    context,
    unprepared.map((order) => placed(order, unpreparedAttempt(order, context.newId()))),
  )
})

/** What is not paid never is; what is held is released, what was taken goes back. */
export const giveBackWhenOrderCancelled = factOf(OrderCancelled, 'order-cancelled')
/** Cards are captured at shipment. */
export const captureWhenOrderShipped = factOf(OrderShipped, 'order-shipped')
/** Cash on delivery is received with the parcel. */
export const receiveWhenOrderDelivered = factOf(OrderDelivered, 'order-delivered')
/** The shopper did not come back: the attempt ends with proof. */
export const endWhenDeadlinePassed = factOf(PaymentDeadlinePassed, 'deadline-passed')

function placed({ orderId, number, total }: Created, before: readonly Evidence[]): Change {
  return { orderId, cause: 'order', evidence: [...before, { kind: 'order-placed', number, total }] }
}

/** Orders prepare before they place; an order that did not has no card to charge, and hears so. */
function unpreparedAttempt({ orderId, method, total }: Created, id: string): Evidence[] {
  const op = newAttempt(id, { orderId, method, amount: total }, false)
  const lost = op.kind === 'authorize' ? { state: 'failed' as const, closed: true, reason: 'never-prepared' } : {}
  return [{ kind: 'attempt-begun', op: { ...op, ...lost }, method }]
}

function factOf<E extends EventContract>(
  event: E,
  kind: 'order-cancelled' | 'order-shipped' | 'order-delivered' | 'deadline-passed',
): Consumer {
  return onBatch(event, async (events, context) => {
    const changes = events.map(
      (one): Change => ({ orderId: (one.data as { orderId: string }).orderId, cause: 'order', evidence: [{ kind }] }),
    )
    await settle(context.tx, context, changes)
  })
}
