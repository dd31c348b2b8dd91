/** What is known of a payment: the order's wish, its attempts at the provider, what was taken and given back. */
import type { Static } from 'typebox'
import type { Operation, PaymentState as PaymentStateSchema } from '@stoa/contracts/payments.ts'
import type { PaymentMethod } from '@stoa/contracts/orders.ts'

export type Method = PaymentMethod
export type PaymentState = Static<typeof PaymentStateSchema>
export type OperationKind = Static<typeof Operation>['kind']
export type OperationState = Static<typeof Operation>['state']

/** Who serves a payment. `none`: there is nothing to pay. */
export type Provider = 'sandbox' | 'bank-transfer' | 'cash-on-delivery' | 'none'

/** How evidence came to us; every transition carries one. */
export type Cause = 'order' | 'staff' | 'shopper' | 'response' | 'webhook' | 'poll' | 'report' | 'clock'

export type ChargeState =
  | 'requires-action'
  | 'declined'
  | 'failed'
  | 'authorized'
  | 'captured'
  | 'voided'
  | 'partially-refunded'
  | 'refunded'

/** A payment: one per order. */
export interface Payment {
  readonly orderId: string
  readonly number: string | null
  readonly method: Method
  readonly provider: Provider
  readonly amountMinor: number
  readonly currency: string
  readonly state: PaymentState
  /** Operation of the running or last attempt: `authorize` for a card, `receipt` for money that comes by itself. */
  readonly attempt: string | null
  /** The order exists: only now outcomes are told. */
  readonly placed: boolean
  readonly cancelled: boolean
  readonly shipped: boolean
  /** The attempt was told to have failed: whatever it still brings is given back. */
  readonly over: boolean
  readonly capturedMinor: number
  /** Refunds ordered and not refused; at least `refundedMinor`, at most `capturedMinor`. */
  readonly refundOrderedMinor: number
  readonly refundedMinor: number
}

/** One thing asked of a provider. Its id is the idempotency key there, written before the first try. */
export interface Op {
  readonly id: string
  readonly orderId: string
  readonly kind: OperationKind
  /** Attempt that this belongs to; its own id for `authorize` and `receipt`. */
  readonly attempt: string
  readonly provider: Provider
  readonly amountMinor: number
  readonly currency: string
  readonly state: OperationState
  readonly reason: string | null
  /** The card is chosen on the provider's own page. */
  readonly hosted: boolean
  readonly actionUrl: string | null
  /** Times sent, counted before sending. */
  readonly tries: number
  /** Tries that may have reached the provider. */
  readonly reached: number
  /** Inquiries since it is unknown, and how many of them found nothing. */
  readonly inquiries: number
  readonly absences: number
  /** The attempt is to be ended with proof. */
  readonly ending: boolean
  /** Nothing can happen under this key any more: proof of absence. */
  readonly closed: boolean
  /** Unknown for too long; told as such, watched on. */
  readonly abandoned: boolean
  /** The provider's charge, what it was last seen as, and in which of its revisions. */
  readonly chargeId: string | null
  readonly chargeState: ChargeState | null
  readonly revision: number
}

/** What is known of one order's payment, locked. */
export interface Standing {
  readonly payment: Payment
  readonly ops: readonly Op[]
}

/** A charge as a provider shows it now. `key`: the operation that made it. */
export interface Charge {
  readonly id: string
  readonly key: string
  readonly orderId: string
  readonly state: ChargeState
  readonly reason: string | null
  readonly amountMinor: number
  readonly capturedMinor: number
  readonly refundedMinor: number
  readonly currency: string
  readonly actionUrl: string | null
  /** Grows with every change of the charge. */
  readonly revision: number
  readonly at: string
  readonly updatedAt: string
  readonly operations: readonly { readonly kind: string; readonly key: string | null; readonly amountMinor: number }[]
}

/** A payment nobody has begun yet. */
export function newPayment(
  orderId: string,
  method: Method,
  provider: Provider,
  amount: { readonly amount: number; readonly currency: string },
): Payment {
  return {
    orderId,
    number: null,
    method,
    provider,
    amountMinor: amount.amount,
    currency: amount.currency,
    state: 'none',
    attempt: null,
    placed: false,
    cancelled: false,
    shipped: false,
    over: false,
    capturedMinor: 0,
    refundOrderedMinor: 0,
    refundedMinor: 0,
  }
}

/** An operation nobody has sent yet. */
export function newOp(fields: Pick<Op, 'id' | 'orderId' | 'kind' | 'attempt' | 'provider' | 'amountMinor' | 'currency'> & Partial<Op>): Op {
  return {
    state: 'created',
    reason: null,
    hosted: false,
    actionUrl: null,
    tries: 0,
    reached: 0,
    inquiries: 0,
    absences: 0,
    ending: false,
    closed: false,
    abandoned: false,
    chargeId: null,
    chargeState: null,
    revision: 0,
    ...fields,
  }
}

/** Strategy of a method (AR3): who serves it. An order that costs nothing needs nobody. */
export function providerOf(method: Method, amountMinor: number): Provider {
  if (amountMinor === 0) return 'none'
  return method === 'card' ? 'sandbox' : method
}

/** Whether a provider is asked by calls; the others are booked by the shop itself. */
export function isOnline(provider: Provider): boolean {
  return provider === 'sandbox'
}

/** Whether nothing can change an operation any more, save a provider that goes back on its word. */
export function isFinal(op: Op): boolean {
  if (op.state === 'succeeded') return true
  if (op.state !== 'failed') return false
  return op.kind === 'capture' || op.kind === 'void' ? op.closed : true
}

/** Whether what the attempt `op` brings is still wanted. */
export function isWanted(payment: Payment, op: Op): boolean {
  return op.id === payment.attempt && !payment.cancelled && !payment.over
}

/** State of a payment: a projection of its operations, never moved by itself. */
export function stateOf(payment: Payment, ops: readonly Op[]): PaymentState {
  if (payment.capturedMinor > 0) {
    if (payment.refundedMinor === 0) return 'captured'
    return payment.refundedMinor === payment.capturedMinor ? 'refunded' : 'partially-refunded'
  }
  const attempt = ops.find((op) => op.id === payment.attempt)
  if (!attempt) return 'none'
  if (attempt.kind === 'receipt') return receiptState(payment, attempt)
  if (attempt.state === 'succeeded') return attempt.chargeState === 'voided' ? 'voided' : 'authorized'
  if (attempt.state === 'created' && attempt.hosted) return 'none'
  return attempt.state === 'created' || attempt.state === 'sent' ? 'authorizing' : attempt.state
}

function receiptState(payment: Payment, attempt: Op): PaymentState {
  if (attempt.state === 'failed') return payment.cancelled ? 'voided' : 'failed'
  if (attempt.state === 'succeeded') return 'captured'
  return payment.provider === 'bank-transfer' ? 'none' : 'authorized'
}

/** Refuses a refund that may not be: `illegal-transition` (nothing taken), `amount-too-high`, `invalid-request` (other currency, or nothing). */
export function refundFault(
  payment: Payment,
  amount: { readonly amount: number; readonly currency: string } | undefined,
): 'illegal-transition' | 'amount-too-high' | 'invalid-request' | undefined {
  if (amount !== undefined && (amount.currency !== payment.currency || amount.amount <= 0)) return 'invalid-request'
  if (payment.capturedMinor === 0) return 'illegal-transition'
  const left = payment.capturedMinor - payment.refundOrderedMinor
  if ((amount?.amount ?? 1) > left) return 'amount-too-high'
  return undefined
}

/** Whether another attempt may begin: the order stands, and nothing is taken, held or under way. */
export function mayTryAgain(payment: Payment): boolean {
  if (payment.cancelled || payment.over) return false
  return payment.state === 'none' || payment.state === 'requires-action' || payment.state === 'failed'
}
