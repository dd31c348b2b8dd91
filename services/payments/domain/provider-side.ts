/** What a provider's answers, notices and book say about a payment. */
import { amend, change, endWithProof, fail, giveBack, move, take, tell, type Draft } from './draft.ts'
import type { Evidence } from './evidence.ts'
import { droppedEntry } from './ledger.ts'
import { isFinal, isWanted, type Charge, type Op } from './payment.ts'

/** Tries of the fast phase; then an operation is `unknown`. Source: the sandbox table of the API. */
export const FAST_TRIES = 3

/** The charge of an attempt as it stands now. An older revision than the one known says nothing new. */
export function seeCharge(draft: Draft, charge: Charge): void {
  const op = draft.ops.get(charge.key)
  if (op?.kind !== 'authorize' || charge.revision <= op.revision || !matches(op, charge)) return
  amend(draft, op.id, { chargeId: charge.id, chargeState: charge.state, revision: charge.revision })
  if (charge.state === 'requires-action') return seeChallenge(draft, op, charge)
  if (charge.state === 'declined' || charge.state === 'failed') return seeNo(draft, op, charge)
  if (op.state !== 'succeeded') {
    move(draft, op.id, 'succeeded', null)
    if (isWanted(draft.payment, op)) tell(draft, 'authorized', op)
  }
  for (const done of charge.operations) seeOperation(draft, done.key)
  if (charge.state === 'voided') seeVoided(draft, op)
  if (charge.capturedMinor > 0) seeCaptured(draft, op)
}

/** Whether a charge is what the operation asked for. Anything else is for the reconciliation to report. */
export function matches(op: Op, charge: Charge): boolean {
  return charge.key === op.id && charge.orderId === op.orderId && charge.amountMinor === op.amountMinor && charge.currency === op.currency
}

function seeChallenge(draft: Draft, op: Op, charge: Charge): void {
  amend(draft, op.id, { actionUrl: charge.actionUrl ?? op.actionUrl })
  if (op.state === 'requires-action' || isFinal(op)) return
  move(draft, op.id, 'requires-action', null)
  if (isWanted(draft.payment, op)) tell(draft, 'requires-action', op)
  // The shopper is not to be asked for what nobody wants any more; nothing else would ever end it.
  else endWithProof(draft, op)
}

function seeNo(draft: Draft, op: Op, charge: Charge): void {
  if (isFinal(op)) return
  move(draft, op.id, 'failed', charge.reason)
  if (charge.reason !== 'closed-by-merchant') return fail(draft, op, 'declined')
  amend(draft, op.id, { closed: true })
  // A page given up for another attempt is closed without a word: that attempt will speak.
  if (op.ending) fail(draft, op, 'timed-out')
}

/** The provider's book says that an operation of ours was carried out. */
function seeOperation(draft: Draft, key: string | null): void {
  const op = key === null ? undefined : draft.ops.get(key)
  if (!op || op.state === 'succeeded') return
  if (op.kind === 'refund') return giveBack(draft, op)
  if (op.kind !== 'capture' && op.kind !== 'void') return
  move(draft, op.id, 'succeeded', null)
  if (op.kind === 'capture') take(draft, op)
  else tell(draft, 'voided', op)
}

/** The held money is released, maybe not by us: the provider keeps it for some days only. */
function seeVoided(draft: Draft, attempt: Op): void {
  const later = [...draft.ops.values()].filter((op) => op.attempt === attempt.id && op.id !== attempt.id)
  for (const op of later) {
    if (op.state === 'succeeded' || op.closed) continue
    if (op.kind === 'void') {
      move(draft, op.id, 'succeeded', 'lapsed')
      tell(draft, 'voided', op)
    }
    if (op.kind === 'capture') {
      amend(draft, op.id, { closed: true })
      if (op.state !== 'failed') move(draft, op.id, 'failed', 'lapsed')
      if (op.state !== 'failed' && op.state !== 'unknown') tell(draft, 'capture-failed', op)
    }
  }
  if (!later.some((op) => op.kind === 'void') && isWanted(draft.payment, attempt)) tell(draft, 'voided', attempt)
}

/** What is taken cannot be released any more; it goes back as a refund. */
function seeCaptured(draft: Draft, attempt: Op): void {
  for (const op of [...draft.ops.values()]) {
    if (op.attempt !== attempt.id || op.kind !== 'void' || op.state === 'succeeded' || op.closed) continue
    amend(draft, op.id, { closed: true })
    if (op.state !== 'failed') move(draft, op.id, 'failed', 'captured')
  }
}

/** An answer that tells of one operation only. */
export function noteAnswer(draft: Draft, evidence: Extract<Evidence, { opId: string }>): void {
  const op = draft.ops.get(evidence.opId)
  if (!op || isFinal(op)) return
  switch (evidence.kind) {
    case 'page-opened':
      if (op.state !== 'created') return
      amend(draft, op.id, { actionUrl: evidence.url })
      return move(draft, op.id, 'requires-action', null)
    case 'no-answer':
      return goUnanswered(draft, op, evidence.reached, evidence.reason)
    case 'absent':
      if (op.state === 'unknown') amend(draft, op.id, { inquiries: op.inquiries + 1, absences: op.absences + 1 })
      return
    case 'refused':
      return refusedBy(draft, op, evidence.code, evidence.closed)
    case 'key-closed':
      amend(draft, op.id, { closed: true })
      move(draft, op.id, 'failed', evidence.why)
      return evidence.why === 'no-charge' ? fail(draft, op, 'timed-out') : undefined
    case 'gave-up':
      return giveUp(draft, op)
    default:
      return
  }
}

function goUnanswered(draft: Draft, op: Op, reached: boolean, reason: string): void {
  amend(draft, op.id, {
    reached: op.reached + (reached ? 1 : 0),
    inquiries: op.state === 'unknown' ? op.inquiries + 1 : op.inquiries,
  })
  if ((op.state !== 'created' && op.state !== 'sent') || op.tries < FAST_TRIES) return
  move(draft, op.id, 'unknown', reason)
  if (op.kind === 'capture') tell(draft, 'capture-failed', op)
  if (op.kind !== 'authorize') return
  draft.unknown.push(op.id)
  if (isWanted(draft.payment, op)) tell(draft, 'unknown', op)
}

/** The provider said no. `closed`: its key was closed afterwards, so this is its last word. */
function refusedBy(draft: Draft, op: Op, code: string, closed: boolean): void {
  if (op.kind === 'refund' && !closed) return
  amend(draft, op.id, { closed: op.closed || closed })
  if (op.state !== 'failed') move(draft, op.id, 'failed', code)
  if (op.kind === 'authorize') return fail(draft, op, 'declined')
  if (op.kind === 'capture' && op.state !== 'failed' && op.state !== 'unknown') return tell(draft, 'capture-failed', op)
  if (op.kind !== 'refund') return
  change(draft, { refundOrderedMinor: draft.payment.refundOrderedMinor - op.amountMinor })
  draft.entries.push(droppedEntry(op))
}

/** A day without evidence: the order is let go, the operation is watched on. */
function giveUp(draft: Draft, op: Op): void {
  if (op.kind !== 'authorize' || op.state !== 'unknown' || op.abandoned) return
  amend(draft, op.id, { abandoned: true })
  fail(draft, op, 'abandoned')
}
