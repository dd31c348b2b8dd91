/** What the doctor demands of an order's money, here and in the provider's own book. */
import type { OrderStatus } from '@stoa/contracts/orders.ts'
import type { Charge } from './payment.ts'
import { isLive } from './reconcile.ts'

/** What this room holds of an order. Units: minor units. */
export interface Holding {
  readonly amountMinor: number
  /** Captured less refunded. */
  readonly netMinor: number
  /** Live authorisations. */
  readonly held: number
  readonly captures: number
}

/** What of a charge counts for the doctor. */
export type BookLine = Pick<Charge, 'id' | 'state' | 'amountMinor' | 'capturedMinor' | 'refundedMinor'>

const BOUND: readonly OrderStatus[] = ['CONFIRMED', 'PROCESSING']
const GONE: readonly OrderStatus[] = ['SHIPPED', 'DELIVERED', 'RETURNED', 'REFUNDED']

/** Whether a card order in this status is looked at by `cardFault`. */
export function isBound(status: OrderStatus): boolean {
  return BOUND.includes(status) || GONE.includes(status)
}

/** What is wrong with a card order's money, if anything is. */
export function cardFault(status: OrderStatus, holding: Holding, charges: readonly BookLine[]): string | undefined {
  const live = charges.filter(isLive)
  if (BOUND.includes(status)) {
    if (holding.held + holding.captures !== 1) return `${holding.held} live authorisations and ${holding.captures} captures`
    if (live.length !== 1) return `the gateway holds ${live.length} live charges`
    return live[0]?.amountMinor === holding.amountMinor
      ? undefined
      : `the gateway holds ${live[0]?.amountMinor}, the order costs ${holding.amountMinor}`
  }
  if (!GONE.includes(status)) return undefined
  if (holding.captures !== 1) return `${holding.captures} captures`
  if (live.length !== 1) return `the gateway holds ${live.length} live charges`
  return live[0]?.capturedMinor === holding.amountMinor
    ? undefined
    : `the gateway captured ${live[0]?.capturedMinor} of ${holding.amountMinor}`
}

/** What a cancelled order took, if it took anything. */
export function takenFault(holding: Holding, charges: readonly BookLine[]): string | undefined {
  if (holding.held !== 0 || holding.netMinor !== 0) return `${holding.held} live authorisations, ${holding.netMinor} taken`
  const kept = charges.filter((one) => one.state === 'authorized' || one.capturedMinor !== one.refundedMinor)
  return kept.length === 0 ? undefined : `the gateway keeps ${kept.map((one) => `${one.id} (${one.state})`).join(', ')}`
}
