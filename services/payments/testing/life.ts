/** One payment's life for tests of the pure decision: what it stands at, and all that ever followed. */
import { decide } from '../domain/decide.ts'
import type { Decision, Evidence, Told } from '../domain/evidence.ts'
import type { Entry } from '../domain/ledger.ts'
import { isOnline, newOp, newPayment, providerOf, type Method, type Op, type Standing } from '../domain/payment.ts'
import { authorize, openBook, type Book, type Plan } from './book.ts'

export const AMOUNT = { amount: 1299, currency: 'EUR' }
export const ORDER = '00000000-0000-7000-8000-000000000000'
export const placed: Evidence = { kind: 'order-placed', number: 'S-1', total: AMOUNT }
export const cancelled: Evidence = { kind: 'order-cancelled' }
export const shipped: Evidence = { kind: 'order-shipped' }

/** Ids that only depend on how many were taken. */
export function numberedIds(): () => string {
  let last = 0
  return () => `00000000-0000-7000-8000-${String(++last).padStart(12, '0')}`
}

/** The operation of an attempt. */
export function attemptOf(id: string, method: Method = 'card', hosted = false): Op {
  const provider = providerOf(method, AMOUNT.amount)
  const kind = isOnline(provider) ? 'authorize' : 'receipt'
  return newOp({ id, orderId: ORDER, kind, attempt: id, provider, amountMinor: AMOUNT.amount, currency: AMOUNT.currency, hosted })
}

export type Life = ReturnType<typeof startLife>

/** A payment whose first attempt has begun. */
export function startLife(method: Method = 'card', hosted = false) {
  const newId = numberedIds()
  const first = attemptOf(newId(), method, hosted)
  let standing: Standing = { payment: newPayment(ORDER, method, first.provider, AMOUNT), ops: [] }
  const entries: Entry[] = []
  const told: Told[] = []
  const life = {
    first,
    newId,
    entries,
    told,
    get standing() {
      return standing
    },
    get payment() {
      return standing.payment
    },
    get ops() {
      return standing.ops
    },
    get outcomes() {
      return told.map((one) => one.outcome)
    },
    op: (id: string) => standing.ops.find((one) => one.id === id) as Op,
    later: (kind: Op['kind']) => standing.ops.filter((one) => one.kind === kind),
    learn(...evidence: Evidence[]): Decision {
      const decision = decide(standing, [{ cause: 'response', evidence }], newId)
      standing = { payment: decision.payment, ops: decision.ops }
      entries.push(...decision.entries)
      told.push(...decision.told)
      return decision
    },
    /** What the worker does before a call. */
    sent(id: string) {
      const note = (op: Op): Op => ({ ...op, tries: op.tries + 1, state: op.state === 'created' ? 'sent' : op.state })
      standing = { ...standing, ops: standing.ops.map((op) => (op.id === id ? note(op) : op)) }
    },
    /** The charge under a key, as the book shows it now. */
    see(book: Book, key: string): Decision {
      const charge = book.charges.get(key)
      if (!charge) throw new Error(`no charge under ${key}`)
      return life.learn({ kind: 'charge', charge })
    },
  }
  life.learn({ kind: 'attempt-begun', op: first, method })
  return life
}

/** A placed order whose card was sent, and the book that took it; the answer is not seen yet. */
export function sentLife(plan: Plan = 'authorize') {
  const book = openBook()
  const life = startLife()
  life.learn(placed)
  life.sent(life.first.id)
  authorize(book, life.first, plan)
  return { book, life, see: () => life.see(book, life.first.id) }
}

/** Accounts that are not at zero. */
export function balances(entries: readonly Entry[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { account, amountMinor } of entries.flatMap((one) => one.postings)) sums[account] = (sums[account] ?? 0) + amountMinor
  return Object.fromEntries(Object.entries(sums).filter(([, total]) => total !== 0))
}
