/** A provider's book as plain data, for tests of the pure decision: charges by key, each change a revision. */
import type { Charge, ChargeState, Op } from '../domain/payment.ts'

interface Entry {
  charge: Charge
  readonly history: Charge[]
}

/** What the provider does when a key is first used. */
export type Plan = 'authorize' | 'decline' | 'fail' | 'challenge' | 'nothing'

/** Makes an empty book. */
export function openBook() {
  const entries = new Map<string, Entry>()
  const closed = new Set<string>()
  let revision = 0

  function write(key: string, fields: Partial<Charge>): Charge {
    const entry = entries.get(key)
    if (!entry) throw new Error(`no charge under ${key}`)
    entry.charge = { ...entry.charge, ...fields, revision: ++revision }
    entry.history.push(entry.charge)
    return entry.charge
  }

  function entryOf(op: Op): Entry | undefined {
    return [...entries.values()].find((one) => one.charge.id === op.chargeId)
  }

  const api = {
    /** The first use of a key; later uses answer what is there. */
    authorize(op: Op, plan: Plan): Charge | 'closed' | 'absent' {
      if (closed.has(op.id)) return 'closed'
      const known = entries.get(op.id)
      if (known) return known.charge
      if (plan === 'nothing') return 'absent'
      const states: Record<Exclude<Plan, 'nothing'>, ChargeState> = {
        authorize: 'authorized',
        decline: 'declined',
        fail: 'failed',
        challenge: 'requires-action',
      }
      const charge: Charge = {
        id: `ch_${op.id}`,
        key: op.id,
        orderId: op.orderId,
        state: states[plan],
        reason: plan === 'decline' ? 'card-declined' : null,
        amountMinor: op.amountMinor,
        capturedMinor: 0,
        refundedMinor: 0,
        currency: op.currency,
        actionUrl: null,
        revision: ++revision,
        at: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
        operations: [],
      }
      entries.set(op.id, { charge, history: [charge] })
      return charge
    },
    /** A late success, or the shopper's step. */
    succeed(key: string): void {
      const state = entries.get(key)?.charge.state
      if (state === 'failed' || state === 'requires-action') write(key, { state: 'authorized', reason: null })
    },
    /** Carries out a capture, void or refund once; false when it may not be. */
    operate(op: Op): boolean {
      const entry = entryOf(op)
      if (!entry) return false
      const { charge } = entry
      if (charge.operations.some((one) => one.key === op.id)) return true
      const operations = [...charge.operations, { kind: op.kind, key: op.id, amountMinor: op.amountMinor }]
      if (op.kind === 'capture' && charge.state === 'authorized')
        write(charge.key, { state: 'captured', capturedMinor: op.amountMinor, operations })
      else if (op.kind === 'void' && charge.state === 'authorized') write(charge.key, { state: 'voided', operations })
      else if (op.kind === 'refund' && charge.capturedMinor - charge.refundedMinor >= op.amountMinor) {
        const refundedMinor = charge.refundedMinor + op.amountMinor
        write(charge.key, { state: refundedMinor === charge.capturedMinor ? 'refunded' : 'partially-refunded', refundedMinor, operations })
      } else return false
      return true
    },
    /** Closes a key, unless something happened under it. */
    close(key: string): { closed: boolean; charge: Charge | null } {
      const charge = entries.get(key)?.charge
      if (charge && charge.state !== 'requires-action') return { closed: closed.has(key), charge }
      closed.add(key)
      return { closed: true, charge: charge ? write(key, { state: 'failed', reason: 'closed-by-merchant' }) : null }
    },
    find: (key: string): Charge | undefined => entries.get(key)?.charge,
    chargeOf: (op: Op): Charge | undefined => entryOf(op)?.charge,
    charges: (): Charge[] => [...entries.values()].map((one) => one.charge),
    /** Every state that any charge ever had. */
    snapshots: (): Charge[] => [...entries.values()].flatMap((one) => one.history),
  }
  return api
}
