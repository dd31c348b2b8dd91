import { makeAlarm } from './alarm.ts'
import type { Alarm } from './alarm.ts'
import { freshId } from './book.ts'
import type { Book } from './book.ts'
import { authorizeCharge, chargeById, operationsOf, voidCharge } from './charges.ts'
import type { Charge, NewCharge } from './charges.ts'
import { Refusal } from './http.ts'
import { enqueue, wake } from './webhooks.ts'
import type { Webhooks } from './webhooks.ts'

/** What the gateway works with. */
export interface Desk {
  book: Book
  webhooks: Webhooks
  payOrigin: () => string
  slowMs: number
  lateMs: number
  /** How long `tok_webhook_first` waits for the shop's acknowledgement before it answers all the same. */
  webhookFirstMs: number
  alarm: Alarm
  /** Keys whose call is being carried out. */
  inFlight: Set<string>
  /** Ends the waits of slow cards when the process ends. */
  wakeSleepers: Set<() => void>
}

export interface Session {
  id: string
  key: string
  order_id: string
  amount_minor: number
  currency: string
  return_url: string
  created_at: number
}

/** Opens the desk: from now on late successes and expiries happen by themselves. */
export function openDesk(parts: Omit<Desk, 'alarm' | 'inFlight' | 'wakeSleepers'>): Desk {
  const alarm = makeAlarm(
    () => nextTimed(parts.book),
    () => runTimed(desk),
  )
  const desk: Desk = { ...parts, alarm, inFlight: new Set(), wakeSleepers: new Set() }
  alarm.refresh()
  return desk
}

export function closeDesk(desk: Desk): void {
  desk.alarm.close()
  for (const wakeUp of desk.wakeSleepers) wakeUp()
}

/** One change of a charge and its notice, in one transaction. */
export function change(desk: Desk, chargeId: string, move: (charge: Charge) => Charge): Charge {
  const moved = desk.book.transact(() => {
    const charge = move(chargeById(desk.book, chargeId))
    enqueue(desk.webhooks, present(desk, charge))
    return charge
  })
  wake(desk.webhooks)
  desk.alarm.refresh()
  return moved
}

/** Refuses a key whose call is still running: `idempotency-key-in-use`. */
export function demandFree(desk: Desk, key: string): void {
  if (desk.inFlight.has(key)) throw new Refusal(409, 'idempotency-key-in-use', 'A call with this key is still running.')
}

export function sleep(desk: Desk, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const wakeUp = () => {
      clearTimeout(timer)
      desk.wakeSleepers.delete(wakeUp)
      resolve()
    }
    const timer = setTimeout(wakeUp, ms)
    desk.wakeSleepers.add(wakeUp)
  })
}

/** Makes the hosted page of a key, once; inside a transaction. */
export function openSession(book: Book, wanted: NewCharge, returnUrl: string, now: number): void {
  book.run(
    'INSERT OR IGNORE INTO sessions (id, key, order_id, amount_minor, currency, return_url, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    freshId('ps'),
    wanted.key,
    wanted.orderId,
    wanted.amountMinor,
    wanted.currency,
    returnUrl,
    now,
  )
}

/** A charge as the API shows it. */
export function present(desk: Desk, charge: Charge) {
  const { book } = desk
  const money = (amount: number) => ({ amount, currency: charge.currency })
  const session = charge.state === 'requires-action' ? book.get<Session>('SELECT * FROM sessions WHERE key = ?', charge.key) : undefined
  return {
    id: charge.id,
    orderId: charge.order_id,
    state: charge.state,
    declineReason: charge.reason ?? undefined,
    amount: money(charge.amount_minor),
    captured: money(charge.captured_minor),
    refunded: money(charge.refunded_minor),
    captureBefore: charge.capture_before === null ? undefined : new Date(charge.capture_before).toISOString(),
    actionUrl: session && `${desk.payOrigin()}/pay/${session.id}`,
    idempotencyKey: charge.key,
    metadata: JSON.parse(charge.metadata) as Record<string, unknown>,
    at: new Date(charge.created_at).toISOString(),
    updatedAt: new Date(charge.updated_at).toISOString(),
    revision: charge.revision,
    operations: operationsOf(book, charge.id).map((operation) => ({
      id: operation.id,
      kind: operation.kind,
      amount: money(operation.amount_minor),
      idempotencyKey: operation.key,
      at: new Date(operation.at).toISOString(),
    })),
  }
}

function runTimed(desk: Desk): void {
  const { book } = desk
  const now = Date.now()
  for (const { id } of book.all<{ id: string }>('SELECT id FROM charges WHERE late_at <= ? ORDER BY late_at LIMIT 100', now)) {
    change(desk, id, (charge) => authorizeCharge(book, charge, now))
  }
  const expired = `SELECT id FROM charges WHERE state = 'authorized' AND capture_before <= ? ORDER BY capture_before LIMIT 100`
  for (const { id } of book.all<{ id: string }>(expired, now)) change(desk, id, (charge) => voidCharge(book, charge, 'expire', null, now))
}

function nextTimed(book: Book): number | undefined {
  const late = book.get<{ due: number | null }>('SELECT min(late_at) AS due FROM charges WHERE late_at IS NOT NULL')?.due
  const expiring = book.get<{ due: number | null }>(`SELECT min(capture_before) AS due FROM charges WHERE state = 'authorized'`)?.due
  const dues = [late, expiring].filter((due) => typeof due === 'number')
  return dues.length > 0 ? Math.min(...dues) : undefined
}
