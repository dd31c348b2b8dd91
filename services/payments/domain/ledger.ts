/** Double entry: what a movement of money writes. Positive is debit, negative is credit; every entry sums to zero. */
import type { Op, Payment, Provider } from './payment.ts'

export type Account = 'customer_receivable' | 'gateway_clearing:sandbox' | 'bank_clearing' | 'cash_clearing' | 'revenue' | 'refunds_payable'

export type EntryKind = 'sale' | 'payment' | 'refund-owed' | 'refund-paid' | 'refund-dropped'

/** One entry. `externalRef` is unique per kind, so that nothing is booked twice. */
export interface Entry {
  readonly kind: EntryKind
  readonly externalRef: string
  readonly orderId: string
  readonly operationId: string
  readonly postings: readonly Posting[]
}

/** Units: minor units of `currency`, signed. */
export interface Posting {
  readonly account: Account
  readonly amountMinor: number
  readonly currency: string
}

/** Where money of a provider is until it reaches the shop's bank. */
export function clearingOf(provider: Provider): Account {
  if (provider === 'sandbox') return 'gateway_clearing:sandbox'
  return provider === 'bank-transfer' ? 'bank_clearing' : 'cash_clearing'
}

/** Money was taken: the sale (revenue is gross; tax is split later), and the receivable cleared. */
export function takenEntries(payment: Payment, op: Op): Entry[] {
  if (op.amountMinor === 0) return []
  return [
    entry('sale', payment.orderId, op, 'customer_receivable', 'revenue'),
    entry('payment', op.id, op, clearingOf(op.provider), 'customer_receivable'),
  ]
}

/** A refund was ordered: the shop owes it. */
export function owedEntry(op: Op): Entry {
  return entry('refund-owed', op.id, op, 'revenue', 'refunds_payable')
}

/** A refund was paid out. */
export function paidBackEntry(op: Op): Entry {
  return entry('refund-paid', op.id, op, 'refunds_payable', clearingOf(op.provider))
}

/** A refund was refused for good: the shop owes nothing by it any more. */
export function droppedEntry(op: Op): Entry {
  return entry('refund-dropped', op.id, op, 'refunds_payable', 'revenue')
}

function entry(kind: EntryKind, externalRef: string, op: Op, debit: Account, credit: Account): Entry {
  return {
    kind,
    externalRef,
    orderId: op.orderId,
    operationId: op.id,
    postings: [
      { account: debit, amountMinor: op.amountMinor, currency: op.currency },
      { account: credit, amountMinor: -op.amountMinor, currency: op.currency },
    ],
  }
}
