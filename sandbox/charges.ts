import { freshId } from './book.ts'
import type { Book } from './book.ts'
import { Refusal } from './http.ts'

export type ChargeState =
  | 'requires-action'
  | 'declined'
  | 'failed'
  | 'authorized'
  | 'captured'
  | 'voided'
  | 'partially-refunded'
  | 'refunded'

export interface Charge {
  seq: number
  id: string
  key: string
  order_id: string
  state: ChargeState
  reason: string | null
  token: string
  currency: string
  amount_minor: number
  captured_minor: number
  refunded_minor: number
  metadata: string
  late_at: number | null
  capture_before: number | null
  created_at: number
  updated_at: number
  revision: number
}

export interface Operation {
  id: string
  kind: 'authorize' | 'capture' | 'void' | 'refund' | 'expire'
  amount_minor: number
  key: string | null
  at: number
}

export interface NewCharge {
  key: string
  orderId: string
  token: string
  currency: string
  amountMinor: number
  metadata: Record<string, unknown>
}

// Card networks hold an online authorisation for about a week.
const CAPTURE_WINDOW_MS = 7 * 24 * 3600 * 1000

/** Writes a charge in its first state, with its authorisation when money is held. */
export function insertCharge(
  book: Book,
  wanted: NewCharge,
  first: { state: ChargeState; reason?: string; lateAt?: number },
  now: number,
): Charge {
  const id = freshId('ch')
  book.run(
    `INSERT INTO charges (id, key, order_id, state, reason, token, currency, amount_minor, metadata, late_at, created_at, updated_at, revision)
     VALUES (?, ?, ?, 'requires-action', NULL, ?, ?, ?, ?, NULL, ?, ?, ?)`,
    id,
    wanted.key,
    wanted.orderId,
    wanted.token,
    wanted.currency,
    wanted.amountMinor,
    JSON.stringify(wanted.metadata),
    now,
    now,
    nextRevision(book),
  )
  if (first.state === 'authorized') return authorizeCharge(book, chargeById(book, id), now)
  return moveCharge(book, chargeById(book, id), { state: first.state, reason: first.reason ?? null, lateAt: first.lateAt ?? null }, now)
}

/** Holds the money of a charge that waited for the shopper or succeeds late. */
export function authorizeCharge(book: Book, charge: Charge, now: number): Charge {
  recordOperation(book, charge, 'authorize', charge.amount_minor, charge.key, now)
  book.run('UPDATE charges SET capture_before = ? WHERE id = ?', now + CAPTURE_WINDOW_MS, charge.id)
  return moveCharge(book, charge, { state: 'authorized', reason: null, lateAt: null }, now)
}

/** Takes held money, once, at most what is held; the rest is released. Refuses: `illegal-transition`, `amount-too-large`. */
export function captureCharge(book: Book, charge: Charge, amountMinor: number, key: string, now: number): Charge {
  demandState(charge, 'capture', ['authorized'])
  if (amountMinor > charge.amount_minor) throw tooLarge('capture', amountMinor, charge.amount_minor)
  recordOperation(book, charge, 'capture', amountMinor, key, now)
  return moveCharge(book, charge, { state: 'captured', capturedMinor: amountMinor }, now)
}

/** Releases held money that was not taken. Refuses: `illegal-transition`. */
export function voidCharge(book: Book, charge: Charge, kind: 'void' | 'expire', key: string | null, now: number): Charge {
  demandState(charge, kind, ['authorized'])
  recordOperation(book, charge, kind, charge.amount_minor, key, now)
  return moveCharge(book, charge, { state: 'voided' }, now)
}

/** Gives taken money back, in sum at most what was taken. Refuses: `illegal-transition`, `amount-too-large`. */
export function refundCharge(book: Book, charge: Charge, amountMinor: number, key: string, now: number): Charge {
  demandState(charge, 'refund', ['captured', 'partially-refunded'])
  const left = charge.captured_minor - charge.refunded_minor
  if (amountMinor > left) throw tooLarge('refund', amountMinor, left)
  recordOperation(book, charge, 'refund', amountMinor, key, now)
  const refundedMinor = charge.refunded_minor + amountMinor
  return moveCharge(
    book,
    charge,
    { state: refundedMinor === charge.captured_minor ? 'refunded' : 'partially-refunded', refundedMinor },
    now,
  )
}

/** Moves a charge that holds no money to an end without money. */
export function endCharge(book: Book, charge: Charge, state: 'declined' | 'failed', reason: string, now: number): Charge {
  demandState(charge, 'end', ['requires-action'])
  return moveCharge(book, charge, { state, reason }, now)
}

export function chargeById(book: Book, id: string): Charge {
  const charge = book.get<Charge>('SELECT * FROM charges WHERE id = ?', id)
  if (!charge) throw new Refusal(404, 'not-found', `There is no charge ${id}.`)
  return charge
}

export function operationsOf(book: Book, chargeId: string): Operation[] {
  return book.all<Operation>('SELECT id, kind, amount_minor, key, at FROM operations WHERE charge_id = ? ORDER BY seq', chargeId)
}

function moveCharge(
  book: Book,
  charge: Charge,
  to: { state: ChargeState; reason?: string | null; lateAt?: number | null; capturedMinor?: number; refundedMinor?: number },
  now: number,
): Charge {
  book.run(
    'UPDATE charges SET state = ?, reason = ?, late_at = ?, captured_minor = ?, refunded_minor = ?, updated_at = ?, revision = ? WHERE id = ?',
    to.state,
    to.reason === undefined ? charge.reason : to.reason,
    to.lateAt === undefined ? charge.late_at : to.lateAt,
    to.capturedMinor ?? charge.captured_minor,
    to.refundedMinor ?? charge.refunded_minor,
    now,
    nextRevision(book),
    charge.id,
  )
  return chargeById(book, charge.id)
}

function recordOperation(book: Book, charge: Charge, kind: Operation['kind'], amountMinor: number, key: string | null, now: number): void {
  book.run(
    'INSERT INTO operations (id, charge_id, kind, amount_minor, key, at) VALUES (?, ?, ?, ?, ?, ?)',
    freshId('op'),
    charge.id,
    kind,
    amountMinor,
    key,
    now,
  )
}

function nextRevision(book: Book): number {
  return (book.get<{ last: number | null }>('SELECT max(revision) AS last FROM charges')?.last ?? 0) + 1
}

function demandState(charge: Charge, verb: string, allowed: ChargeState[]): void {
  if (!allowed.includes(charge.state)) throw new Refusal(409, 'illegal-transition', `A charge that is ${charge.state} cannot ${verb}.`)
}

function tooLarge(verb: string, wanted: number, left: number): Refusal {
  return new Refusal(409, 'amount-too-large', `Cannot ${verb} ${wanted} minor units; at most ${left} are left.`)
}
