import { createHash } from 'node:crypto'
import { makeAlarm } from './alarm.ts'
import { freshId } from './book.ts'
import type { Book } from './book.ts'
import { planOf } from './cards.ts'
import type { CardPlan } from './cards.ts'
import { authorizeCharge, captureCharge, chargeById, endCharge, insertCharge, operationsOf, refundCharge, voidCharge } from './charges.ts'
import type { Charge, NewCharge } from './charges.ts'
import { LostAnswer, Refusal } from './http.ts'
import type { Webhooks } from './webhooks.ts'

export interface GatewayOptions {
  book: Book
  webhooks: Webhooks
  payOrigin(): string
  slowMs: number
  lateMs: number
  /** How long `tok_webhook_first` waits for the shop's acknowledgement before it answers all the same. */
  webhookFirstMs: number
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

interface KeyRow {
  request_hash: string | null
  attempts: number
  charge_id: string | null
  closed_at: number | null
}

export type Gateway = ReturnType<typeof makeGateway>

/** The payment provider: every effect is committed to the book before it is answered, and none happens twice under one key. */
export function makeGateway(options: GatewayOptions) {
  const { book, webhooks } = options
  const inFlight = new Set<string>()
  const sleeping = new Set<() => void>()
  const alarm = makeAlarm(() => nextTimed(book), runTimed)

  function runTimed(): void {
    const now = Date.now()
    for (const { id } of book.all<{ id: string }>('SELECT id FROM charges WHERE late_at <= ? ORDER BY late_at LIMIT 100', now)) {
      change(id, (charge) => authorizeCharge(book, charge, now))
    }
    const expired = `SELECT id FROM charges WHERE state = 'authorized' AND capture_before <= ? ORDER BY capture_before LIMIT 100`
    for (const { id } of book.all<{ id: string }>(expired, now)) change(id, (charge) => voidCharge(book, charge, 'expire', null, now))
  }

  /** One change of a charge and its notice, in one transaction. */
  function change(chargeId: string, move: (charge: Charge) => Charge): Charge {
    const moved = book.transact(() => {
      const charge = move(chargeById(book, chargeId))
      webhooks.enqueue(present(charge))
      return charge
    })
    webhooks.wake()
    alarm.refresh()
    return moved
  }

  function present(charge: Charge) {
    return presentCharge(book, charge, options.payOrigin())
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        sleeping.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      sleeping.add(wake)
    })
  }

  /** Writes the first state of a charge, as the card's plan says, with its key and notice; inside a transaction. */
  function writeCharge(wanted: NewCharge, plan: CardPlan, returnUrl: string, hash: string) {
    const now = Date.now()
    const states = {
      authorize: 'authorized',
      decline: 'declined',
      fail: 'failed',
      challenge: 'requires-action',
      nothing: 'failed',
    } as const
    const charge = insertCharge(
      book,
      wanted,
      { state: states[plan.outcome], reason: plan.reason, lateAt: plan.succeedsLater ? now + options.lateMs : undefined },
      now,
    )
    bindKey(book, wanted.key, hash, charge.id, now)
    if (plan.outcome === 'challenge') openSession(wanted, returnUrl, now)
    const eventSeq = plan.silentWebhook ? undefined : webhooks.enqueue(present(charge), plan.answer === 'after-webhook')
    return { charge, eventSeq }
  }

  function openSession(wanted: NewCharge, returnUrl: string, now: number): void {
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

  /** Carries out a card's plan under a key that is known to be free: waits, effect, notice. */
  async function carryOut(wanted: NewCharge, plan: CardPlan, returnUrl: string, hash: string): Promise<Charge> {
    inFlight.add(wanted.key)
    try {
      if (plan.answer === 'slow') await sleep(options.slowMs)
      const { charge, eventSeq } = book.transact(() => writeCharge(wanted, plan, returnUrl, hash))
      alarm.refresh()
      webhooks.wake()
      if (plan.answer === 'after-webhook' && eventSeq !== undefined) await webhooks.delivered(eventSeq, options.webhookFirstMs)
      return charge
    } finally {
      inFlight.delete(wanted.key)
    }
  }

  function operate(chargeId: string, kind: string, amountMinor: number, key: string, move: (charge: Charge, now: number) => Charge) {
    demandFree(key)
    const hash = hashOf({ kind, chargeId, amountMinor })
    const known = checkKey(book, key, hash)
    if (known?.charge_id) return { charge: present(chargeById(book, known.charge_id)), replayed: true }
    const moved = change(chargeId, (charge) => {
      const now = Date.now()
      bindKey(book, key, hash, charge.id, now)
      return move(charge, now)
    })
    return { charge: present(moved), replayed: false }
  }

  function demandFree(key: string): void {
    if (inFlight.has(key)) throw new Refusal(409, 'idempotency-key-in-use', 'A call with this key is still running.')
  }

  return {
    present,
    /** Authorises a card. Refuses: `idempotency-key-in-use`, `idempotency-key-reused`, `key-closed`. Throws: `LostAnswer`. */
    async authorize(wanted: NewCharge, returnUrl: string) {
      demandFree(wanted.key)
      const plan = planOf(wanted.token)
      const hash = hashOf({ ...wanted, returnUrl })
      const known = checkKey(book, wanted.key, hash)
      const attempts = needsAttempts(plan) ? countAttempt(book, wanted.key, hash) : 1
      const lost = new LostAnswer(attempts === 1 ? 'silence' : 'reset')
      if (known?.charge_id) {
        if (plan.answer === 'lost') throw lost
        return { charge: present(chargeById(book, known.charge_id)), replayed: true }
      }
      if (attempts <= (plan.errorsFirst ?? 0)) throw new Refusal(500, 'provider-error', 'The provider failed before anything happened.')
      if (plan.outcome === 'nothing') throw lost
      const charge = await carryOut(wanted, plan, returnUrl, hash)
      if (plan.answer === 'lost') throw lost
      return { charge: present(charge), replayed: false }
    },
    capture: (id: string, amountMinor: number, key: string) =>
      operate(id, 'capture', amountMinor, key, (charge, now) => captureCharge(book, charge, amountMinor, key, now)),
    void: (id: string, key: string) => operate(id, 'void', 0, key, (charge, now) => voidCharge(book, charge, 'void', key, now)),
    refund: (id: string, amountMinor: number, key: string) =>
      operate(id, 'refund', amountMinor, key, (charge, now) => refundCharge(book, charge, amountMinor, key, now)),
    /** Shuts a key under which no money ever moved; from then on every use of it is refused. */
    closeKey(key: string) {
      demandFree(key)
      const now = Date.now()
      const row = book.get<KeyRow>('SELECT * FROM keys WHERE key = ?', key)
      const charge = row?.charge_id ? chargeById(book, row.charge_id) : undefined
      if (row?.closed_at) return { closed: true, charge: charge && present(charge) }
      if (charge && charge.state !== 'requires-action') return { closed: false, charge: present(charge) }
      const shut = () =>
        book.run(
          'INSERT INTO keys (key, created_at, closed_at) VALUES (?1, ?2, ?2) ON CONFLICT (key) DO UPDATE SET closed_at = ?2',
          key,
          now,
        )
      if (!charge) {
        shut()
        return { closed: true }
      }
      const ended = change(charge.id, (waiting) => {
        shut()
        return endCharge(book, waiting, 'failed', 'closed-by-merchant', now)
      })
      return { closed: true, charge: present(ended) }
    },
    /** Makes a hosted page for a card that the shop never sees; the same key gives the same page. */
    createSession(wanted: NewCharge, returnUrl: string): Session {
      demandFree(wanted.key)
      return book.transact(() => {
        const hash = hashOf({ session: true, ...wanted, returnUrl })
        checkKey(book, wanted.key, hash)
        if (countAttempt(book, wanted.key, hash) === 1) openSession(wanted, returnUrl, Date.now())
        return book.get<Session>('SELECT * FROM sessions WHERE key = ?', wanted.key) as Session
      })
    },
    /** What the hosted page shows: the session, its charge if a card was chosen, and whether the shop has closed it. */
    lookUpSession(id: string) {
      const session = book.get<Session>('SELECT * FROM sessions WHERE id = ?', id)
      if (!session) throw new Refusal(404, 'not-found', 'This payment page does not exist.')
      const key = book.get<KeyRow>('SELECT * FROM keys WHERE key = ?', session.key)
      return { session, closed: key?.closed_at != null, charge: key?.charge_id ? chargeById(book, key.charge_id) : undefined }
    },
    /** The shopper chose a card on the hosted page. */
    async payOnPage(session: Session, token: string): Promise<Charge> {
      demandFree(session.key)
      const { order_id: orderId, key, currency, amount_minor: amountMinor } = session
      return await carryOut({ key, orderId, token, currency, amountMinor, metadata: {} }, planOf(token), session.return_url, '')
    },
    /** The shopper's answer to the 3-D Secure question. */
    answerChallenge: (charge: Charge, confirmed: boolean) =>
      change(charge.id, (waiting) =>
        confirmed ? authorizeAfterChallenge(book, waiting) : endCharge(book, waiting, 'declined', 'authentication-failed', Date.now()),
      ),
    /** Lets a late charge succeed now (tests). Refuses: `illegal-transition`. */
    succeedLateNow(id: string) {
      return change(id, (charge) => {
        if (charge.late_at === null) throw new Refusal(409, 'illegal-transition', 'This charge does not wait for a late success.')
        return authorizeCharge(book, charge, Date.now())
      })
    },
    start: () => alarm.refresh(),
    close() {
      alarm.close()
      for (const wake of sleeping) wake()
    },
  }
}

/** A charge as the API shows it. */
export function presentCharge(book: Book, charge: Charge, payOrigin: string) {
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
    actionUrl: session && `${payOrigin}/pay/${session.id}`,
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

function authorizeAfterChallenge(book: Book, charge: Charge): Charge {
  if (charge.state !== 'requires-action') throw new Refusal(409, 'illegal-transition', `A charge that is ${charge.state} needs no step.`)
  return authorizeCharge(book, charge, Date.now())
}

// Only these plans depend on how often a key was tried, so only they pay for a write before the effect.
function needsAttempts(plan: CardPlan): boolean {
  return plan.answer === 'lost' || plan.errorsFirst !== undefined
}

/** The row of a key, if it was used before. Refuses: `key-closed`, `idempotency-key-reused`. */
function checkKey(book: Book, key: string, hash: string): KeyRow | undefined {
  const row = book.get<KeyRow>('SELECT * FROM keys WHERE key = ?', key)
  if (row?.closed_at) throw new Refusal(409, 'key-closed', 'This key was closed; nothing happens under it any more.')
  if (row && row.request_hash !== hash) throw new Refusal(422, 'idempotency-key-reused', 'This key was used with another request.')
  return row
}

/** Counts one try of a key, and says which it is. */
function countAttempt(book: Book, key: string, hash: string): number {
  const row = book.get<{ attempts: number }>(
    `INSERT INTO keys (key, request_hash, attempts, created_at) VALUES (?, ?, 1, ?)
     ON CONFLICT (key) DO UPDATE SET attempts = attempts + 1 RETURNING attempts`,
    key,
    hash,
    Date.now(),
  )
  return row?.attempts ?? 1
}

/** Ties a key to the charge that it made or changed; inside the transaction of that effect. */
function bindKey(book: Book, key: string, hash: string, chargeId: string, now: number): void {
  book.run(
    `INSERT INTO keys (key, request_hash, charge_id, created_at) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (key) DO UPDATE SET charge_id = ?3`,
    key,
    hash,
    chargeId,
    now,
  )
}

function hashOf(request: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}

function nextTimed(book: Book): number | undefined {
  const late = book.get<{ due: number | null }>('SELECT min(late_at) AS due FROM charges WHERE late_at IS NOT NULL')?.due
  const expiring = book.get<{ due: number | null }>(`SELECT min(capture_before) AS due FROM charges WHERE state = 'authorized'`)?.due
  const dues = [late, expiring].filter((due) => typeof due === 'number')
  return dues.length > 0 ? Math.min(...dues) : undefined
}
