import { planOf } from './cards.ts'
import type { CardPlan } from './cards.ts'
import { authorizeCharge, captureCharge, chargeById, endCharge, insertCharge, refundCharge, voidCharge } from './charges.ts'
import type { Charge, NewCharge } from './charges.ts'
import { change, demandFree, openSession, present, sleep } from './desk.ts'
import type { Desk, Session } from './desk.ts'
import { LostAnswer, Refusal } from './http.ts'
import { bindKey, checkKey, countAttempt, hashOf, keyRow, shutKey } from './keys.ts'
import { delivered, enqueue, wake } from './webhooks.ts'

/** Authorises a card. Refuses: `idempotency-key-in-use`, `idempotency-key-reused`, `key-closed`. Throws: `LostAnswer`. */
export async function authorize(desk: Desk, wanted: NewCharge, returnUrl: string) {
  demandFree(desk, wanted.key)
  const plan = planOf(wanted.token)
  const hash = hashOf({ ...wanted, returnUrl })
  const known = checkKey(desk.book, wanted.key, hash)
  const attempts = needsAttempts(plan) ? countAttempt(desk.book, wanted.key, hash) : 1
  const lost = new LostAnswer(attempts === 1 ? 'silence' : 'reset')
  if (known?.charge_id) {
    if (plan.answer === 'lost') throw lost
    return { charge: present(desk, chargeById(desk.book, known.charge_id)), replayed: true }
  }
  if (attempts <= (plan.errorsFirst ?? 0)) throw new Refusal(500, 'provider-error', 'The provider failed before anything happened.')
  if (plan.outcome === 'nothing') throw lost
  const charge = await carryOut(desk, wanted, plan, returnUrl, hash)
  if (plan.answer === 'lost') throw lost
  return { charge: present(desk, charge), replayed: false }
}

export function capture(desk: Desk, id: string, amountMinor: number, key: string) {
  return operate(desk, { kind: 'capture', chargeId: id, amountMinor }, key, (charge, now) =>
    captureCharge(desk.book, charge, amountMinor, key, now),
  )
}

export function voidHold(desk: Desk, id: string, key: string) {
  return operate(desk, { kind: 'void', chargeId: id }, key, (charge, now) => voidCharge(desk.book, charge, 'void', key, now))
}

export function refund(desk: Desk, id: string, amountMinor: number, key: string) {
  return operate(desk, { kind: 'refund', chargeId: id, amountMinor }, key, (charge, now) =>
    refundCharge(desk.book, charge, amountMinor, key, now),
  )
}

/** Shuts a key under which no money ever moved; from then on every use of it is refused. */
export function closeKey(desk: Desk, key: string) {
  const { book } = desk
  demandFree(desk, key)
  const now = Date.now()
  const row = keyRow(book, key)
  const charge = row?.charge_id ? chargeById(book, row.charge_id) : undefined
  if (row?.closed_at) return { closed: true, charge: charge && present(desk, charge) }
  if (charge && charge.state !== 'requires-action') return { closed: false, charge: present(desk, charge) }
  if (!charge) {
    shutKey(book, key, now)
    return { closed: true }
  }
  const ended = change(desk, charge.id, (waiting) => {
    shutKey(book, key, now)
    return endCharge(book, waiting, 'failed', 'closed-by-merchant', now)
  })
  return { closed: true, charge: present(desk, ended) }
}

/** Makes a hosted page for a card that the shop never sees; the same key gives the same page. */
export function createSession(desk: Desk, wanted: NewCharge, returnUrl: string): Session {
  const { book } = desk
  demandFree(desk, wanted.key)
  return book.transact(() => {
    const hash = hashOf({ session: true, ...wanted, returnUrl })
    checkKey(book, wanted.key, hash)
    if (countAttempt(book, wanted.key, hash) === 1) openSession(book, wanted, returnUrl, Date.now())
    return book.get<Session>('SELECT * FROM sessions WHERE key = ?', wanted.key) as Session
  })
}

/** What the hosted page shows: the session, its charge if a card was chosen, and whether the shop has closed it. */
export function lookUpSession(desk: Desk, id: string) {
  const session = desk.book.get<Session>('SELECT * FROM sessions WHERE id = ?', id)
  if (!session) throw new Refusal(404, 'not-found', 'This payment page does not exist.')
  const key = keyRow(desk.book, session.key)
  return { session, closed: key?.closed_at != null, charge: key?.charge_id ? chargeById(desk.book, key.charge_id) : undefined }
}

/** The shopper chose a card on the hosted page. */
export async function payOnPage(desk: Desk, session: Session, token: string): Promise<Charge> {
  demandFree(desk, session.key)
  const { order_id: orderId, key, currency, amount_minor: amountMinor } = session
  const wanted = { key, orderId, token, currency, amountMinor, metadata: {} }
  return carryOut(desk, wanted, planOf(token), session.return_url, '')
}

/** The shopper's answer to the 3-D Secure question. */
export function answerChallenge(desk: Desk, charge: Charge, confirmed: boolean): Charge {
  const now = Date.now()
  return change(desk, charge.id, (waiting) => {
    if (!confirmed) return endCharge(desk.book, waiting, 'declined', 'authentication-failed', now)
    if (waiting.state !== 'requires-action')
      throw new Refusal(409, 'illegal-transition', `A charge that is ${waiting.state} needs no step.`)
    return authorizeCharge(desk.book, waiting, now)
  })
}

/** Lets a late charge succeed now (tests). Refuses: `illegal-transition`. */
export function succeedLateNow(desk: Desk, id: string): Charge {
  return change(desk, id, (charge) => {
    if (charge.late_at === null) throw new Refusal(409, 'illegal-transition', 'This charge does not wait for a late success.')
    return authorizeCharge(desk.book, charge, Date.now())
  })
}

function operate(
  desk: Desk,
  request: { kind: string; chargeId: string; amountMinor?: number },
  key: string,
  move: (charge: Charge, now: number) => Charge,
) {
  demandFree(desk, key)
  const hash = hashOf(request)
  const known = checkKey(desk.book, key, hash)
  if (known?.charge_id) return { charge: present(desk, chargeById(desk.book, known.charge_id)), replayed: true }
  const moved = change(desk, request.chargeId, (charge) => {
    const now = Date.now()
    bindKey(desk.book, key, hash, charge.id, now)
    return move(charge, now)
  })
  return { charge: present(desk, moved), replayed: false }
}

/** Carries out a card's plan under a key that is known to be free: waits, effect, notice. */
async function carryOut(desk: Desk, wanted: NewCharge, plan: CardPlan, returnUrl: string, hash: string): Promise<Charge> {
  desk.inFlight.add(wanted.key)
  try {
    if (plan.answer === 'slow') await sleep(desk, desk.slowMs)
    const { charge, eventSeq } = desk.book.transact(() => writeCharge(desk, wanted, plan, returnUrl, hash))
    desk.alarm.refresh()
    wake(desk.webhooks)
    if (plan.answer === 'after-webhook' && eventSeq !== undefined) await delivered(desk.webhooks, eventSeq, desk.webhookFirstMs)
    return charge
  } finally {
    desk.inFlight.delete(wanted.key)
  }
}

/** Writes the first state of a charge, as the card's plan says, with its key and notice; inside a transaction. */
function writeCharge(desk: Desk, wanted: NewCharge, plan: CardPlan, returnUrl: string, hash: string) {
  const now = Date.now()
  const states = { authorize: 'authorized', decline: 'declined', fail: 'failed', challenge: 'requires-action', nothing: 'failed' } as const
  const charge = insertCharge(
    desk.book,
    wanted,
    { state: states[plan.outcome], reason: plan.reason, lateAt: plan.succeedsLater ? now + desk.lateMs : undefined },
    now,
  )
  bindKey(desk.book, wanted.key, hash, charge.id, now)
  if (plan.outcome === 'challenge') openSession(desk.book, wanted, returnUrl, now)
  const eventSeq = plan.silentWebhook ? undefined : enqueue(desk.webhooks, present(desk, charge), plan.answer === 'after-webhook')
  return { charge, eventSeq }
}

// Only these plans depend on how often a key was tried, so only they pay for a write before the effect.
function needsAttempts(plan: CardPlan): boolean {
  return plan.answer === 'lost' || plan.errorsFirst !== undefined
}
