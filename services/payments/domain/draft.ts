/** A decision in the making: the few moves that every rule is made of. */
import type { Outcome, Told, Transition } from './evidence.ts'
import { owedEntry, paidBackEntry, takenEntries, type Entry } from './ledger.ts'
import { isOnline, newOp, type Cause, type Op, type OperationState, type Payment, type Standing } from './payment.ts'

/** What is being decided. `ops` by id, in the order in which they began. */
export interface Draft {
  payment: Payment
  readonly ops: Map<string, Op>
  cause: Cause
  readonly newId: () => string
  readonly transitions: Transition[]
  readonly entries: Entry[]
  readonly told: Told[]
  readonly due: Set<string>
  readonly unknown: string[]
}

/** Opens a draft on what is known. */
export function openDraft(standing: Standing, newId: () => string): Draft {
  return {
    payment: standing.payment,
    ops: new Map(standing.ops.map((op) => [op.id, op])),
    cause: 'clock',
    newId,
    transitions: [],
    entries: [],
    told: [],
    due: new Set(),
    unknown: [],
  }
}

/** The running or last attempt. */
export function current(draft: Draft): Op | undefined {
  return draft.payment.attempt === null ? undefined : draft.ops.get(draft.payment.attempt)
}

/** Changes fields of the payment. */
export function change(draft: Draft, fields: Partial<Payment>): void {
  draft.payment = { ...draft.payment, ...fields }
}

/** Adds an operation, with the first line of its history. */
export function begin(draft: Draft, op: Op): void {
  draft.ops.set(op.id, op)
  draft.transitions.push({ opId: op.id, from: null, to: op.state, cause: draft.cause, reason: op.reason })
}

/** Changes fields of an operation that are no step of its history. */
export function amend(draft: Draft, id: string, fields: Partial<Op>): Op {
  const op = draft.ops.get(id)
  if (!op) throw new Error(`operation ${id} is not of this payment`)
  const amended = { ...op, ...fields }
  draft.ops.set(id, amended)
  return amended
}

/** Moves an operation to another state. */
export function move(draft: Draft, id: string, to: OperationState, reason: string | null): void {
  const op = amend(draft, id, {})
  draft.transitions.push({ opId: id, from: op.state, to, cause: draft.cause, reason })
  amend(draft, id, { state: to, reason: reason ?? (to === 'succeeded' ? null : op.reason) })
}

/** Tells an outcome; before the order exists there is nobody to tell. */
export function tell(draft: Draft, outcome: Outcome, op: Op): void {
  if (draft.payment.placed) draft.told.push({ outcome, operationId: op.id, amountMinor: op.amountMinor })
}

/** Tells once that the running attempt came to nothing; what it still brings is given back. */
export function fail(draft: Draft, op: Op, outcome: 'declined' | 'timed-out' | 'abandoned'): void {
  const { placed, over, cancelled, attempt } = draft.payment
  if (!placed || over || cancelled || op.id !== attempt) return
  change(draft, { over: true })
  tell(draft, outcome, op)
}

/** Money has come: books the sale and the payment. */
export function take(draft: Draft, op: Op): void {
  change(draft, { capturedMinor: draft.payment.capturedMinor + op.amountMinor })
  draft.entries.push(...takenEntries(draft.payment, op))
  tell(draft, 'captured', op)
}

/** Orders a refund of at most what is left. A provider that takes no calls is paid out by the shop's own bank run. */
export function orderRefund(draft: Draft, opId: string, amountMinor: number, reason: string): void {
  const attempt = current(draft)
  const left = draft.payment.capturedMinor - draft.payment.refundOrderedMinor
  if (!attempt || draft.ops.has(opId) || amountMinor <= 0 || amountMinor > left) return
  const op = newOp({ ...laterOf(attempt, 'refund', opId), amountMinor, reason })
  begin(draft, op)
  change(draft, { refundOrderedMinor: draft.payment.refundOrderedMinor + amountMinor })
  draft.entries.push(owedEntry(op))
  if (isOnline(op.provider)) draft.due.add(op.id)
  else giveBack(draft, op)
}

/** A refund was paid out. */
export function giveBack(draft: Draft, op: Op): void {
  move(draft, op.id, 'succeeded', op.reason)
  const refundedMinor = draft.payment.refundedMinor + op.amountMinor
  change(draft, { refundedMinor })
  draft.entries.push(paidBackEntry(op))
  tell(draft, refundedMinor === draft.payment.capturedMinor ? 'refunded' : 'partially-refunded', op)
}

/** Asks for the capture or the release of what an attempt holds. */
export function ask(draft: Draft, attempt: Op, kind: 'capture' | 'void'): void {
  const op = newOp({ ...laterOf(attempt, kind, draft.newId()), amountMinor: attempt.amountMinor })
  begin(draft, op)
  draft.due.add(op.id)
}

/** The attempt is to be ended by closing its key at the provider. */
export function endWithProof(draft: Draft, op: Op): void {
  amend(draft, op.id, { ending: true })
  draft.due.add(op.id)
}

/** Whether the provider cannot have heard of an operation: nothing was sent, and no page was asked for. */
export function neverSent(op: Op): boolean {
  return op.state === 'created' && op.tries === 0 && !op.hosted
}

function laterOf(attempt: Op, kind: Op['kind'], id: string) {
  const { orderId, provider, currency, chargeId } = attempt
  return { id, orderId, kind, attempt: attempt.id, provider, currency, chargeId }
}
