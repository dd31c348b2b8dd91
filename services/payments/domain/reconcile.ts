/** The three-way match: operations ↔ the provider's book ↔ the ledger. */
import { matches } from './provider-side.ts'
import type { Charge, Op } from './payment.ts'

export type MismatchClass = 'missing-here' | 'missing-there' | 'amount' | 'state' | 'duplicate'

export interface Mismatch {
  readonly class: MismatchClass
  readonly detail: string
}

/** What the ledger holds of one attempt. Units: minor units. */
export interface Booked {
  readonly takenMinor: number
  readonly paidBackMinor: number
}

/**
 * Compares a charge that has come to rest with the operations and the ledger of its order. `alike` are all charges of the order.
 * Call it after the charge was applied as evidence: what it could explain is then explained.
 */
export function compare(charge: Charge, ops: readonly Op[], booked: Booked, alike: readonly Charge[]): Mismatch[] {
  const attempt = ops.find((op) => op.id === charge.key)
  if (!attempt) return [{ class: 'missing-here', detail: `charge ${charge.id} (${charge.state}) has no operation` }]
  if (!matches(attempt, charge))
    return [{ class: 'amount', detail: `charge of ${charge.amountMinor}, operation of ${attempt.amountMinor}` }]
  const found: Mismatch[] = []
  const live = alike.filter(isLive)
  if (live.length > 1 && isLive(charge))
    found.push({ class: 'duplicate', detail: `${live.length} live charges: ${live.map((one) => one.id).join(', ')}` })
  const succeeded = isLive(charge) || charge.state === 'voided'
  if (succeeded !== (attempt.state === 'succeeded'))
    found.push({ class: 'state', detail: `charge is ${charge.state}, operation ${attempt.state}` })
  const sums = [
    { name: 'captured', there: charge.capturedMinor, here: sumOf(ops, attempt, 'capture'), ledger: booked.takenMinor },
    { name: 'refunded', there: charge.refundedMinor, here: sumOf(ops, attempt, 'refund'), ledger: booked.paidBackMinor },
  ]
  for (const { name, there, here, ledger } of sums) {
    if (there !== here || there !== ledger)
      found.push({ class: 'amount', detail: `${name}: provider ${there}, operations ${here}, ledger ${ledger}` })
  }
  return found
}

/** Whether a charge holds or took money. */
export function isLive(charge: Pick<Charge, 'state' | 'capturedMinor'>): boolean {
  return charge.state === 'authorized' || charge.capturedMinor > 0
}

function sumOf(ops: readonly Op[], attempt: Op, kind: Op['kind']): number {
  return ops
    .filter((op) => op.attempt === attempt.id && op.kind === kind && op.state === 'succeeded')
    .reduce((sum, op) => sum + op.amountMinor, 0)
}
