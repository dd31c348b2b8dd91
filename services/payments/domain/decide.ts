/**
 * The one decision of this room. Whatever is learnt – an order's event, a provider's answer, its webhook, an inquiry, a
 * report – becomes evidence, and `decide` says what moves, what is booked, what is told and what is to be done next.
 * Evidence of a provider is its charge as it stands now with its revision, so repeats and disorder change nothing.
 */
import { ask, change, openDraft, orderRefund, type Draft } from './draft.ts'
import type { Decision, Evidence, Learnt } from './evidence.ts'
import { beginAttempt, cancel, endAttempt, giveUpUnplaced, place, receive } from './order-side.ts'
import { isWanted, stateOf, type Op, type Standing } from './payment.ts'
import { noteAnswer, seeCharge } from './provider-side.ts'

/** Decides what follows from what was learnt, in order. Learning it again changes nothing. */
export function decide(standing: Standing, learnt: readonly Learnt[], newId: () => string): Decision {
  const draft = openDraft(standing, newId)
  for (const { cause, evidence } of learnt) {
    draft.cause = cause
    for (const one of evidence) {
      note(draft, one)
      follow(draft)
    }
  }
  const ops = [...draft.ops.values()]
  const state = stateOf(draft.payment, ops)
  const known = new Map(standing.ops.map((op) => [op.id, op]))
  return {
    payment: state === draft.payment.state ? draft.payment : { ...draft.payment, state },
    ops,
    changed: ops.filter((op) => known.get(op.id) !== op),
    transitions: draft.transitions,
    entries: draft.entries,
    told: draft.told,
    due: [...draft.due],
    unknown: draft.unknown,
  }
}

function note(draft: Draft, evidence: Evidence): void {
  const { provider } = draft.payment
  switch (evidence.kind) {
    case 'attempt-begun':
      return beginAttempt(draft, evidence.op, evidence.method)
    case 'order-placed':
      return place(draft, evidence.number, evidence.total)
    case 'order-cancelled':
      return cancel(draft)
    case 'order-shipped':
      return change(draft, { shipped: true })
    case 'order-delivered':
      return provider === 'cash-on-delivery' ? receive(draft) : undefined
    case 'receipt-booked':
      return provider === 'bank-transfer' ? receive(draft) : undefined
    case 'deadline-passed':
      return endAttempt(draft)
    case 'never-placed':
      return giveUpUnplaced(draft)
    case 'refund-ordered':
      return orderRefund(draft, evidence.opId, evidence.amountMinor, evidence.reason)
    case 'charge':
      return seeCharge(draft, evidence.charge)
    default:
      return noteAnswer(draft, evidence)
  }
}

/** What the known facts ask for by themselves: capture what was shipped, give back what nobody wants. */
function follow(draft: Draft): void {
  for (const op of [...draft.ops.values()]) {
    if (op.kind !== 'authorize' || op.state !== 'succeeded' || op.chargeState !== 'authorized') continue
    const later = [...draft.ops.values()].filter((other) => other.attempt === op.id && other.id !== op.id && !isDropped(other))
    if (isWanted(draft.payment, op)) {
      if (draft.payment.shipped && !later.some((other) => other.kind === 'capture')) ask(draft, op, 'capture')
    } else if (later.length === 0) ask(draft, op, 'void')
  }
  const { cancelled, over, capturedMinor, refundOrderedMinor } = draft.payment
  if ((cancelled || over) && capturedMinor > refundOrderedMinor) {
    orderRefund(draft, draft.newId(), capturedMinor - refundOrderedMinor, 'order-ended')
  }
}

function isDropped(op: Op): boolean {
  return op.state === 'failed' && op.closed
}
