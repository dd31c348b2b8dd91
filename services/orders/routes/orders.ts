import { createHash } from 'node:crypto'
import { isRefusal, refuse, type Outcome } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { live, orchestrate, read, type LiveEvent, type StepsContext } from '@stoa/chassis/service.ts'
import { Demo } from '@stoa/chassis/settings.ts'
import { CART_COOKIE } from '@stoa/contracts/cart.ts'
import { DefaultAddress } from '@stoa/contracts/identity.ts'
import {
  CancelOrder,
  GetOrder,
  OrderCancelled,
  OrderConfirmed,
  OrderDelivered,
  OrderProcessing,
  OrderRefunded,
  OrderReturned,
  OrderShipped,
  PlaceOrder,
  PlaceSimpleOrder,
  SetOrderStatus,
  WatchOrder,
} from '@stoa/contracts/orders.ts'
import { buyerOf } from '@stoa/contracts/pricing.ts'
import { BookReceipt } from '@stoa/contracts/payments.ts'
import { CreateShipment, MarkDelivered } from '@stoa/contracts/shipping.ts'
import { faultsOf } from '../basket.ts'
import { onPayment, requestCancel, setStatus } from '../domain.ts'
import { saveChanges } from '../store/changes.ts'
import { findOrder, forgetRecentRequest, lockOrders, recentOrderId, timelineOf, type OrderRow } from '../store/orders.ts'
import { placeOrder as place, type Purchase } from '../usecases.ts'
import { showOrder, visibleOrder, visitorOf } from '../view.ts'

export const placeOrder = orchestrate(PlaceOrder, placeAny, { faults: faultsOf })

async function placeAny(context: StepsContext<typeof PlaceOrder>): Promise<Outcome<typeof PlaceOrder>> {
  const { input, caller, cookies, fixedIds, rememberAnswer, reply } = context
  const guest = caller.kind === 'guest'
  const { orderId, guestId } = await fixedIds('orderId', 'guestId')
  const guestToken = cookies[CART_COOKIE.name]
  const placed = await place(
    context,
    {
      orderId,
      accountId: guest ? null : caller.accountId,
      buyer: buyerOf(caller),
      personId: guest ? guestId : caller.accountId,
      basket: input.cart
        ? { cart: { ...(guest ? {} : { accountId: caller.accountId }), ...(guestToken ? { guestToken } : {}) } }
        : { items: input.items ?? [] },
      contact: {
        ...(guest && input.email ? { email: input.email } : {}),
        shippingAddress: input.shippingAddress,
        ...(input.billingAddress ? { billingAddress: input.billingAddress } : {}),
      },
      shippingOption: input.shippingOption,
      method: input.payment.method,
      ...(input.quoteId === undefined ? {} : { quoteId: input.quoteId }),
      ...(input.coupon === undefined ? {} : { coupon: input.coupon }),
      ...(input.currency === undefined ? {} : { currency: input.currency }),
      ...(input.payment.token === undefined ? {} : { token: input.payment.token }),
    },
    (tx, answer) => {
      reply.location(`/api/orders/${orderId}`)
      return rememberAnswer(tx, answer)
    },
  )
  if (!isRefusal(placed)) reply.location(`/api/orders/${orderId}`)
  return placed
}

const METHODS = { CARD: 'card', BANK_TRANSFER: 'bank-transfer', CASH_ON_DELIVERY: 'cash-on-delivery' } as const

export const placeSimpleOrder = orchestrate(PlaceSimpleOrder, async (context) => {
  const { input, caller, call, headers, transaction, fixedIds, rememberAnswer, setting, reply } = context
  if (caller.kind === 'guest' || input.userId !== caller.accountId)
    return refuse('forbidden', { detail: 'An order can only be placed for oneself.' })
  const { accountId } = caller
  const method = METHODS[input.paymentMethod]
  if (method === 'card' && setting(Demo) === 'off') return refuse('payment-method-missing', { detail: 'There is no saved card.' })
  const address = await call(DefaultAddress, { accountId })
  if (isRefusal(address)) return address
  const fresh = await fixedIds('orderId')
  const orderId =
    headers['idempotency-key'] === undefined
      ? await transaction((tx) =>
          recentOrderId(tx, accountId, createHash('sha256').update(JSON.stringify(input)).digest('base64url'), fresh.orderId),
        )
      : fresh.orderId
  const purchase: Purchase = {
    orderId,
    accountId,
    buyer: buyerOf(caller),
    personId: accountId,
    basket: { items: input.items.map((one) => ({ productId: one.productId, quantity: one.qty })) },
    contact: { shippingAddress: address },
    shippingOption: 'standard',
    method,
    ...(method === 'card' ? { token: 'tok_ok' } : {}),
  }
  const trying = { ...context, triedBefore: context.triedBefore || orderId !== fresh.orderId }
  const placed = await place(trying, purchase, (tx, answer) => rememberAnswer(tx, { orderId: answer.orderId, status: answer.status }))
  if (!isRefusal(placed)) {
    reply.location(`/api/orders/${orderId}`)
    return { orderId: placed.orderId, status: placed.status }
  }
  if (headers['idempotency-key'] === undefined) await transaction((tx) => forgetRecentRequest(tx, accountId, orderId))
  return placed.refused in (PlaceSimpleOrder.refusals ?? {})
    ? (placed as never)
    : refuse('unavailable', { detail: placed.detail ?? placed.refused })
})

export const getOrder = read(GetOrder, async (context) => {
  const order = await visibleOrder(context, context.db, context.params.orderId, visitorOf(context))
  return order ? showOrder(context, order) : refuse('not-found')
})

export const cancelOrder = orchestrate(CancelOrder, async (context) => {
  const { params, db, transaction, now } = context
  const seen = await visibleOrder(context, db, params.orderId, visitorOf(context))
  if (!seen) return refuse('not-found')
  const cancelled = await transaction(async (tx) => {
    const order = (await lockOrders(tx, [seen.orderId])).get(seen.orderId) as OrderRow
    const change = requestCancel(order, now)
    if (isRefusal(change)) return change
    await saveChanges(tx, [{ order, change }])
    return undefined
  })
  return cancelled ?? showOrder(context, (await findOrder(db, seen.orderId)) as OrderRow)
})

export const setOrderStatus = orchestrate(SetOrderStatus, async (context) => {
  const { params, input, db, call, transaction } = context
  const seen = await visibleOrder(context, db, params.orderId, visitorOf(context))
  if (!seen) return refuse('not-found')
  const planned = setStatus(seen, input.status)
  if (isRefusal(planned)) return planned
  const { orderId } = seen
  if (input.status === 'CONFIRMED') {
    const booked = await call(BookReceipt, { orderId })
    if (isRefusal(booked)) return refuse('illegal-transition', { detail: 'The receipt of this order cannot be booked.' })
  }
  const shipment =
    input.status === 'SHIPPED'
      ? await call(CreateShipment, {
          orderId,
          lines: seen.lines.map(({ sku, quantity }) => ({ sku, quantity })),
          ...(input.trackingNumber === undefined ? {} : { trackingNumber: input.trackingNumber }),
        })
      : undefined
  const moved = await transaction(async (tx) => {
    const order = (await lockOrders(tx, [orderId])).get(orderId) as OrderRow
    // The news of the booked receipt may have been quicker.
    if (input.status === 'CONFIRMED' && order.status === 'CONFIRMED') return undefined
    const change = setStatus(order, input.status)
    if (isRefusal(change)) return change
    await saveChanges(tx, [{ order, change, ...(shipment ? { trackingNumber: shipment.trackingNumber } : {}) }])
    // Money that went back before the goods came is not told of again.
    if (change.status === 'RETURNED' && order.paymentState === 'refunded') {
      const returned = { ...order, ...change, version: order.version + 1 }
      await saveChanges(tx, [{ order: returned, change: onPayment(returned, 'refunded') }])
    }
    return undefined
  })
  if (moved) return moved
  if (input.status === 'DELIVERED')
    await call(MarkDelivered, { orderId }).catch(() => context.log.warn({ orderId }, 'the shipment hears of it by the event'))
  return showOrder(context, (await findOrder(db, orderId)) as OrderRow)
})

const STATUS_EVENTS = [OrderConfirmed, OrderProcessing, OrderShipped, OrderDelivered, OrderCancelled, OrderReturned, OrderRefunded]

export const watchOrder = live(WatchOrder, async (context) => {
  const { db, params, tail, signal, lastEventId } = context
  const order = await visibleOrder(context, db, params.orderId, visitorOf(context))
  if (!order) return refuse('not-found')
  const news = await tail(STATUS_EVENTS, [order.orderId], signal)
  const last = Number(lastEventId ?? 0)
  return statusEvents(db, order.orderId, Number.isSafeInteger(last) && last > 0 ? last : 0, news)
})

/** The timeline after entry `seen`, then each new entry as it is written. */
async function* statusEvents(db: Db, orderId: string, seen: number, news: AsyncIterable<unknown>): AsyncGenerator<LiveEvent> {
  let last = seen
  const told = async () => {
    const rows = await timelineOf(db, orderId, last)
    last = rows.at(-1)?.n ?? last
    return rows.map(
      (one): LiveEvent => ({ event: 'status', id: String(one.n), data: { at: one.at.toISOString(), status: one.status, text: one.text } }),
    )
  }
  yield* await told()
  for await (const _ of news) yield* await told()
}
