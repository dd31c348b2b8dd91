/** A provider's book as plain data, for tests of the pure decision: charges by key, each change a revision. */
import type { Charge, ChargeState, Op } from '../domain/payment.ts'

/** What the provider does when a key is first used. */
export type Plan = 'authorize' | 'decline' | 'fail' | 'challenge' | 'nothing'

/** `history` holds every state that any charge ever had. */
export interface Book {
  readonly charges: Map<string, Charge>
  readonly closed: Set<string>
  readonly history: Charge[]
}

const FIRST_STATES: Record<Exclude<Plan, 'nothing'>, ChargeState> = {
  authorize: 'authorized',
  decline: 'declined',
  fail: 'failed',
  challenge: 'requires-action',
}

/** Makes an empty book. */
export function openBook(): Book {
  return { charges: new Map(), closed: new Set(), history: [] }
}

/** The first use of a key makes a charge; later uses answer it. */
export function authorize(book: Book, op: Op, plan: Plan): Charge | 'closed' | 'absent' {
  if (book.closed.has(op.id)) return 'closed'
  const known = book.charges.get(op.id)
  if (known) return known
  if (plan === 'nothing') return 'absent'
  return write(book, {
    id: `ch_${op.id}`,
    key: op.id,
    orderId: op.orderId,
    state: FIRST_STATES[plan],
    reason: plan === 'decline' ? 'card-declined' : null,
    amountMinor: op.amountMinor,
    capturedMinor: 0,
    refundedMinor: 0,
    currency: op.currency,
    actionUrl: null,
    revision: 0,
    at: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    operations: [],
  })
}

/** A late success, or the shopper's step. */
export function succeed(book: Book, key: string): void {
  const charge = book.charges.get(key)
  if (charge?.state === 'failed' || charge?.state === 'requires-action') write(book, { ...charge, state: 'authorized', reason: null })
}

/** Carries out a capture, void or refund once; false when it may not be. */
export function operate(book: Book, op: Op): boolean {
  const charge = chargeOf(book, op)
  if (!charge) return false
  if (charge.operations.some((one) => one.key === op.id)) return true
  const done = { ...charge, operations: [...charge.operations, { kind: op.kind, key: op.id, amountMinor: op.amountMinor }] }
  const refundedMinor = charge.refundedMinor + op.amountMinor
  if (op.kind === 'capture' && charge.state === 'authorized') write(book, { ...done, state: 'captured', capturedMinor: op.amountMinor })
  else if (op.kind === 'void' && charge.state === 'authorized') write(book, { ...done, state: 'voided' })
  else if (op.kind === 'refund' && refundedMinor <= charge.capturedMinor) {
    write(book, { ...done, state: refundedMinor === charge.capturedMinor ? 'refunded' : 'partially-refunded', refundedMinor })
  } else return false
  return true
}

/** Closes a key, unless something happened under it. */
export function close(book: Book, key: string): { closed: boolean; charge: Charge | undefined } {
  const charge = book.charges.get(key)
  if (charge && charge.state !== 'requires-action') return { closed: book.closed.has(key), charge }
  book.closed.add(key)
  return { closed: true, charge: charge && write(book, { ...charge, state: 'failed', reason: 'closed-by-merchant' }) }
}

/** The charge that an operation is about. */
export function chargeOf(book: Book, op: Op): Charge | undefined {
  return [...book.charges.values()].find((one) => one.id === op.chargeId)
}

function write(book: Book, charge: Charge): Charge {
  const written = { ...charge, revision: book.history.length + 1 }
  book.charges.set(charge.key, written)
  book.history.push(written)
  return written
}
