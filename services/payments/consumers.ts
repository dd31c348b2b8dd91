import type { EventContract } from '@stoa/chassis/contract.ts'
import { onBatch, type Consumer, type Received } from '@stoa/chassis/service.ts'
import { OrderCancelled, OrderCreated, OrderDelivered, OrderShipped, PaymentDeadlinePassed } from '@stoa/contracts/orders.ts'
import type { Evidence } from './domain/evidence.ts'
import { newOp, providerOf, type Op } from './domain/payment.ts'
import { beginsWith, openPayments, settle } from './usecases.ts'
import { readStandings } from './store/payments.ts'

type Created = Received<typeof OrderCreated>['data']

/** The order exists: its payment begins, or tells what it has come to meanwhile. */
export const authorizeWhenOrderCreated: Consumer = onBatch(OrderCreated, async (events, context) => {
  const orders = events.map((event) => event.data)
  const known = await readStandings(
    context.tx,
    orders.map((one) => one.orderId),
  )
  const unknown = orders.filter((one) => !known.has(one.orderId))
  await openPayments(
    context.tx,
    unknown.map(({ orderId, method, total }) => ({ orderId, method, amount: total })),
  )
  const unprepared = new Set(unknown.map((one) => one.orderId))
  await settle(
    context.tx,
    context,
    'order',
    orders.map((order) => ({
      orderId: order.orderId,
      evidence: [...(unprepared.has(order.orderId) ? unpreparedAttempt(order, context.newId()) : []), placed(order)],
    })),
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

function placed({ number, total }: Created): Evidence {
  return { kind: 'order-placed', number, total }
}

/** Orders prepare before they place; an order that did not has no card to charge, and hears so. */
function unpreparedAttempt({ orderId, method, total }: Created, id: string): Evidence[] {
  const begun = beginsWith(method, total.amount)
  const lost: Partial<Op> = begun === 'authorize' ? { state: 'failed', closed: true, reason: 'never-prepared' } : {}
  const provider = providerOf(method, total.amount)
  const op = newOp({ id, orderId, kind: begun, attempt: id, provider, amountMinor: total.amount, currency: total.currency, ...lost })
  return [{ kind: 'attempt-begun', op, method }]
}

function factOf<E extends EventContract>(
  event: E,
  kind: 'order-cancelled' | 'order-shipped' | 'order-delivered' | 'deadline-passed',
): Consumer {
  return onBatch(event, async (events, context) => {
    await settle(
      context.tx,
      context,
      'order',
      events.map((one) => ({ orderId: (one.data as { orderId: string }).orderId, evidence: [{ kind }] })),
    )
  })
}
