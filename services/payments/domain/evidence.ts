/** What can be learnt about a payment, and what follows from it. */
import type { Static } from 'typebox'
import type { PaymentProcessed } from '@stoa/contracts/payments.ts'
import type { Entry } from './ledger.ts'
import type { Cause, Charge, Op, OperationState, Payment } from './payment.ts'

export type Outcome = Static<(typeof PaymentProcessed)['data']>['outcome']

/** Something learnt. `opId` is the operation it speaks of. */
export type Evidence =
  | { readonly kind: 'attempt-begun'; readonly op: Op; readonly method: Payment['method'] }
  | { readonly kind: 'order-placed'; readonly number: string; readonly total: { readonly amount: number; readonly currency: string } }
  | { readonly kind: 'order-cancelled' | 'order-shipped' | 'order-delivered' | 'deadline-passed' | 'never-placed' | 'receipt-booked' }
  | { readonly kind: 'refund-ordered'; readonly opId: string; readonly amountMinor: number; readonly reason: string }
  | { readonly kind: 'page-opened'; readonly opId: string; readonly url: string }
  | { readonly kind: 'charge'; readonly charge: Charge }
  | { readonly kind: 'no-answer'; readonly opId: string; readonly reached: boolean; readonly reason: string }
  | { readonly kind: 'absent'; readonly opId: string }
  | { readonly kind: 'refused'; readonly opId: string; readonly code: string; readonly closed: boolean }
  | { readonly kind: 'key-closed'; readonly opId: string; readonly why: 'no-charge' | 'superseded' }
  | { readonly kind: 'gave-up'; readonly opId: string }

/** Evidence with the way it came. */
export interface Learnt {
  readonly cause: Cause
  readonly evidence: readonly Evidence[]
}

/** A step of an operation, for the history. */
export interface Transition {
  readonly opId: string
  readonly from: OperationState | null
  readonly to: OperationState
  readonly cause: Cause
  readonly reason: string | null
}

/** An outcome that the world is told. Units: minor units of the payment's currency. */
export interface Told {
  readonly outcome: Outcome
  readonly operationId: string
  readonly amountMinor: number
}

/** What follows from evidence. `due`: operations to work on now; `unknown`: operations that have just become unknown. */
export interface Decision {
  readonly payment: Payment
  readonly ops: readonly Op[]
  readonly changed: readonly Op[]
  readonly transitions: readonly Transition[]
  readonly entries: readonly Entry[]
  readonly told: readonly Told[]
  readonly due: readonly string[]
  readonly unknown: readonly string[]
}
