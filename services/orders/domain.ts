/** The purchase saga as decisions: (what happened, order) → change or refusal. */
import { refuse, type Refusal } from '@stoa/chassis/contract.ts'
import type { CancelReason, OrderStatus, PaymentMethod } from '@stoa/contracts/orders.ts'

/** The part of an order that decisions look at. */
export interface SagaState {
  readonly orderId: string
  readonly status: OrderStatus
  readonly method: PaymentMethod
  readonly paymentState: string
  readonly cancelRequested: boolean
  readonly placedAt: Date
  readonly flags: readonly string[]
}

/** What becomes of an order. Nothing given stays as it is. */
export interface Change {
  readonly status?: OrderStatus
  /** Line of the timeline, when the status changes or something is worth telling. */
  readonly text?: string
  readonly paymentState?: string
  readonly cancelReason?: CancelReason
  readonly cancelRequested?: boolean
  readonly flags?: readonly string[]
  /** How it is paid after all, and by whom that is done. */
  readonly method?: PaymentMethod
  readonly provider?: string
}

export type PaymentOutcome =
  | 'requires-action'
  | 'authorized'
  | 'declined'
  | 'timed-out'
  | 'unknown'
  | 'abandoned'
  | 'captured'
  | 'capture-failed'
  | 'voided'
  | 'partially-refunded'
  | 'refunded'

/** A customer may cancel this long after placing. Source: api.md, "Buying". */
export const CANCEL_WINDOW_SECONDS = 30 * 60
/** A hold and a payment attempt without news last this long. */
export const HOLD_SECONDS = 15 * 60

const CAPTURE_FAILED = 'capture-failed'
const BY_CUSTOMER = 'Cancelled as you asked.'
const NOTHING: Change = {}

/** A payment moved, in the way the shopper chose last. */
export interface PaymentNews {
  readonly outcome: PaymentOutcome
  readonly method: PaymentMethod
  readonly provider: string
}

/** What a payment's news does to an order, when it is paid in another way than it was placed with, too. */
export function onPaymentNews(order: SagaState, { outcome, method, provider }: PaymentNews): Change {
  if (order.status !== 'PENDING' || method === order.method) return onPayment(order, outcome)
  const change = onPayment({ ...order, method }, outcome)
  return Object.keys(change).length === 0 ? change : { ...change, method, provider }
}

/** What a payment's news does to an order. Late news of an ended order only moves the payment's state: payments gives the money back by itself. */
export function onPayment(order: SagaState, outcome: PaymentOutcome): Change {
  switch (outcome) {
    case 'authorized':
    case 'captured':
      return paid(order, outcome)
    case 'declined':
      return order.status === 'PENDING' ? cancelled('payment-declined', 'The payment was declined.', 'failed') : NOTHING
    case 'timed-out':
      return order.status === 'PENDING'
        ? cancelled('payment-timeout', 'The payment did not come through in time; nothing was taken.', 'failed')
        : NOTHING
    case 'abandoned':
      return order.status === 'PENDING'
        ? cancelled('payment-unknown', 'The payment could not be cleared up; should it have gone through, it is given back.', 'unknown')
        : NOTHING
    case 'requires-action':
      return order.status === 'PENDING' ? askShopper(order) : NOTHING
    case 'unknown':
      return order.status === 'PENDING' ? { paymentState: outcome } : NOTHING
    case 'capture-failed':
      return order.flags.includes(CAPTURE_FAILED) ? NOTHING : { flags: [...order.flags, CAPTURE_FAILED] }
    case 'voided':
    case 'partially-refunded':
      return { paymentState: outcome }
    case 'refunded':
      return order.status === 'RETURNED'
        ? { paymentState: outcome, status: 'REFUNDED', text: 'Your money is on its way back.' }
        : { paymentState: outcome }
  }
}

function paid(order: SagaState, outcome: 'authorized' | 'captured'): Change {
  const flags =
    outcome === 'captured' && order.flags.includes(CAPTURE_FAILED) ? { flags: order.flags.filter((one) => one !== CAPTURE_FAILED) } : {}
  if (order.status !== 'PENDING')
    return outcome === 'authorized' && order.paymentState !== 'authorizing' && order.paymentState !== 'unknown'
      ? NOTHING
      : { paymentState: outcome, ...flags }
  if (order.cancelRequested) return cancelled('customer', BY_CUSTOMER, outcome)
  return {
    status: 'CONFIRMED',
    paymentState: outcome,
    text: order.method === 'cash-on-delivery' ? 'Confirmed: you pay on delivery.' : 'Payment received: your order is confirmed.',
  }
}

/** Who asked to cancel meanwhile is not asked for a step: nothing was taken, and payments closes the page. */
function askShopper(order: SagaState): Change {
  const asked: Change = { paymentState: 'requires-action' }
  return order.cancelRequested ? cancelledUnpaid({ ...order, ...asked }, 'customer', BY_CUSTOMER) : asked
}

/** Ends an order that nobody tells of its payment's end any more: a step that was never taken comes to nothing. */
function cancelledUnpaid(order: SagaState, reason: CancelReason, text: string): Change {
  return cancelled(reason, text, order.paymentState === 'requires-action' ? 'failed' : undefined)
}

function cancelled(cancelReason: CancelReason, text: string, paymentState?: string): Change {
  return { status: 'CANCELLED', cancelReason, text, ...(paymentState === undefined ? {} : { paymentState }) }
}

/** A hold ran out before the order was confirmed. While the payment is unknown the order waits: confirming will try to hold again. */
export function onHoldExpired(order: SagaState): Change {
  if (order.status !== 'PENDING' || order.paymentState === 'unknown') return NOTHING
  return cancelledUnpaid(order, 'payment-timeout', 'The payment did not come through in time; nothing was taken.')
}

/** A confirmed order's stock had gone. */
export function onCommitRefused(order: SagaState): Change {
  if (order.status === 'CONFIRMED' || order.status === 'PROCESSING')
    return cancelled('out-of-stock', 'Sold out meanwhile: your money is given back.')
  return order.status === 'SHIPPED' && !order.flags.includes('stock-missing') ? { flags: [...order.flags, 'stock-missing'] } : NOTHING
}

/** Whether a payment is at work that may still take money. */
export function paymentRuns(order: Pick<SagaState, 'paymentState' | 'method'>): boolean {
  return order.method !== 'bank-transfer' && (order.paymentState === 'authorizing' || order.paymentState === 'unknown')
}

/** Until when a customer may cancel, or null when that is over. */
export function cancellableUntil(order: Pick<SagaState, 'status' | 'placedAt'>, now: Date): Date | null {
  const until = new Date(order.placedAt.getTime() + CANCEL_WINDOW_SECONDS * 1000)
  return (order.status === 'PENDING' || order.status === 'CONFIRMED') && until > now ? until : null
}

/** A customer asks to cancel. Refuses: `cancel-window-passed`. An order cancelled before stays so. */
export function requestCancel(order: SagaState, now: Date): Change | Refusal<'cancel-window-passed'> {
  if (order.status === 'CANCELLED') return NOTHING
  if (cancellableUntil(order, now) === null)
    return refuse('cancel-window-passed', { detail: 'This order can no longer be cancelled; please send it back when it arrives.' })
  if (order.status === 'PENDING' && paymentRuns(order)) return order.cancelRequested ? NOTHING : { cancelRequested: true }
  return cancelledUnpaid(order, 'customer', BY_CUSTOMER)
}

const STEPS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PENDING: ['CANCELLED'],
  CONFIRMED: ['PROCESSING', 'SHIPPED', 'CANCELLED'],
  PROCESSING: ['SHIPPED', 'CANCELLED'],
  SHIPPED: ['DELIVERED', 'RETURNED'],
  DELIVERED: ['RETURNED'],
  CANCELLED: [],
  RETURNED: [],
  REFUNDED: [],
}

const TEXTS: Readonly<Partial<Record<OrderStatus, string>>> = {
  CONFIRMED: 'Your transfer arrived: your order is confirmed.',
  PROCESSING: 'We are preparing your order.',
  SHIPPED: 'Your parcel is on its way.',
  DELIVERED: 'Your parcel was delivered.',
  RETURNED: 'Your goods came back to us.',
}

/** Staff move an order on. The receipt of a bank transfer is booked by CONFIRMED. Refuses: `illegal-transition`. */
export function setStatus(order: SagaState, to: OrderStatus): Change | Refusal<'illegal-transition'> {
  const booksReceipt = to === 'CONFIRMED' && order.status === 'PENDING' && order.method === 'bank-transfer'
  if (booksReceipt) return { status: 'CONFIRMED', paymentState: 'captured', text: TEXTS.CONFIRMED as string }
  const legal = STEPS[order.status].includes(to) && !(order.status === 'PENDING' && paymentRuns(order))
  if (!legal)
    return refuse('illegal-transition', { detail: `An order that is ${order.status} cannot become ${to}.`, from: order.status, to })
  if (to === 'CANCELLED') return cancelledUnpaid(order, 'staff', 'Cancelled by the shop.')
  return { status: to, text: TEXTS[to] ?? to }
}
