/** What the order's life asks of its payment. */
import { amend, begin, change, current, endWithProof, fail, move, neverSent, take, tell, type Draft } from './draft.ts'
import { isFinal, isWanted, type Op, type Payment } from './payment.ts'

/** Another attempt takes the place of the former one, which ends with proof if anything of it was sent. */
export function beginAttempt(draft: Draft, op: Op, method: Payment['method']): void {
  if (draft.ops.has(op.id)) return
  drop(draft, 'superseded')
  begin(draft, op)
  change(draft, { attempt: op.id, method, provider: op.provider, amountMinor: op.amountMinor, currency: op.currency })
  if (draft.payment.placed) start(draft)
}

/** The order exists: it waits for its payment, and hears what has come of it meanwhile. */
export function place(draft: Draft, number: string, total: { readonly amount: number; readonly currency: string }): void {
  if (draft.payment.placed) return
  change(draft, { placed: true, number })
  const op = current(draft)
  const { over, amountMinor, currency } = draft.payment
  if (over && op) return tell(draft, 'timed-out', op)
  if (total.amount === amountMinor && total.currency === currency) return start(draft)
  // Never charge another sum than the order's.
  drop(draft, 'amount-mismatch')
  if (op) fail(draft, op, 'declined')
}

function start(draft: Draft): void {
  const op = current(draft)
  if (!op || !isWanted(draft.payment, op)) return
  if (op.kind === 'receipt') {
    if (op.state === 'succeeded') tell(draft, 'captured', op)
    else if (op.state === 'failed') fail(draft, op, 'timed-out')
    else if (op.provider !== 'bank-transfer') tell(draft, 'authorized', op)
    return
  }
  if (op.state === 'succeeded') return tell(draft, 'authorized', op)
  if (op.state === 'failed') return fail(draft, op, op.closed ? 'timed-out' : 'declined')
  if (op.state === 'requires-action') tell(draft, 'requires-action', op)
  if (op.state === 'unknown') tell(draft, 'unknown', op)
  draft.due.add(op.id)
}

/** The order ended: what is not sent never is, what waits for the shopper is closed, what is held or taken goes back. */
export function cancel(draft: Draft): void {
  if (draft.payment.cancelled) return
  const op = current(draft)
  change(draft, { cancelled: true })
  for (const capture of [...draft.ops.values()]) {
    if (capture.kind !== 'capture' || capture.state !== 'created') continue
    amend(draft, capture.id, { closed: true })
    move(draft, capture.id, 'failed', 'cancelled')
  }
  if (!op || isFinal(op)) return
  if (op.kind === 'receipt') {
    move(draft, op.id, 'failed', 'cancelled')
    return tell(draft, 'voided', op)
  }
  if (neverSent(op)) move(draft, op.id, 'failed', 'cancelled')
  else if (op.state === 'requires-action' || op.state === 'created') endWithProof(draft, op)
}

/** The order has waited long enough: the attempt ends, by proof where anything was sent. */
export function endAttempt(draft: Draft): void {
  const op = current(draft)
  if (!op || !isWanted(draft.payment, op) || op.state === 'succeeded') return
  if (op.kind === 'receipt' && op.provider !== 'bank-transfer') return
  if (op.state === 'failed') return fail(draft, op, 'timed-out')
  if (op.kind === 'authorize' && !neverSent(op)) return endWithProof(draft, op)
  move(draft, op.id, 'failed', 'deadline-passed')
  fail(draft, op, 'timed-out')
}

/** The order that was prepared for never came. */
export function giveUpUnplaced(draft: Draft): void {
  if (draft.payment.placed || draft.payment.over) return
  change(draft, { over: true })
  drop(draft, 'never-placed')
}

/** Money that comes by itself has come. */
export function receive(draft: Draft): void {
  const op = current(draft)
  if (op?.kind !== 'receipt' || op.state !== 'created' || !isWanted(draft.payment, op)) return
  move(draft, op.id, 'succeeded', null)
  take(draft, op)
}

/** Ends the running attempt without a word about it. */
function drop(draft: Draft, reason: string): void {
  const op = current(draft)
  if (!op || isFinal(op)) return
  if (op.kind === 'receipt' || neverSent(op)) move(draft, op.id, 'failed', reason)
  else endWithProof(draft, op)
}
