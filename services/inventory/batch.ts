/** Reservations of one moment, decided together in one transaction over few connections. */
import { createBatcher, oncePer, type Batcher } from '@stoa/chassis/batcher.ts'
import { isRefusal, refuse, type Refusal } from '@stoa/chassis/contract.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import type { TransactionFn } from '@stoa/chassis/service.ts'
import type { Reservation } from '@stoa/contracts/inventory.ts'
import { announceChange } from './announce.ts'
import { reserve, type ReserveRequest } from './domain.ts'
import { changeLevels, lockLevels } from './store/levels.ts'
import { findReservations, insertHolds, type ReservationRow } from './store/reservations.ts'

export type ReserveOutcome = Reservation | Refusal<'insufficient-stock'> | Refusal<'unknown-sku'> | Refusal<'reservation-released'>

interface Asked {
  readonly request: ReserveRequest
  readonly transaction: TransactionFn
}

/** At 100 orders or 3 ms a batch leaves; two are at work at once, so that one prepares while the other waits for the disk. Source: reliability §3. */
const BATCH = { itemsMax: 100, waitMs: 3, lanes: 2, queueMax: 2000 }
const TRIES_MAX = 3

/** Reserves stock for an order, together with whoever else asks just now. Throws: `overloaded` when too many wait. */
export const reserveBatched = oncePer<Db, Batcher<Asked, ReserveOutcome>>(() =>
  createBatcher<Asked, ReserveOutcome>(
    BATCH,
    (asked) =>
      decideTogether(
        asked.map((one) => one.request),
        (asked[0] as Asked).transaction,
      ),
    // Stock that one order alone asked for moved for its sake.
    ({ request }) => [request.orderId, ...request.lines.map((line) => line.sku)],
  ),
)

async function decideTogether(requests: readonly ReserveRequest[], transaction: TransactionFn): Promise<ReserveOutcome[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction((tx) => decide(tx, requests))
    } catch (error) {
      // The same order was written by somebody else between our look and our insert: look again.
      const rivalled = error instanceof Rivalled || (error as { code?: string }).code === '23505'
      if (!rivalled || attempt >= TRIES_MAX) throw error
    }
  }
}

class Rivalled extends Error {}

async function decide(tx: Tx, requests: readonly ReserveRequest[]): Promise<ReserveOutcome[]> {
  const levels = await lockLevels(tx, [...new Set(requests.flatMap((one) => one.lines.map((line) => line.sku)))])
  const known = await findReservations(tx, [...new Set(requests.map((one) => one.orderId))])
  const fresh = firstOfEach(requests.filter((one) => !known.has(one.orderId)))
  const decision = reserve(levels, fresh)
  const holds = fresh.flatMap((request, index) => {
    const outcome = decision.outcomes[index]
    return isRefusal(outcome) || !outcome ? [] : [{ orderId: request.orderId, holdSeconds: request.holdSeconds, allocations: outcome }]
  })
  const expiries = holds.length === 0 ? new Map<string, Date>() : await write(tx, levels, decision.held, holds)
  failPoint('inventory.reserve.before-commit')
  const decided = new Map(fresh.map((request, index) => [request.orderId, decision.outcomes[index]]))
  return requests.map((request) => {
    const before = known.get(request.orderId)
    if (before) return answerOf(before, request)
    const outcome = decided.get(request.orderId)
    if (isRefusal(outcome)) return outcome as ReserveOutcome
    return { orderId: request.orderId, lines: [...request.lines], expiresAt: (expiries.get(request.orderId) as Date).toISOString() }
  })
}

async function write(
  tx: Tx,
  levels: Parameters<typeof announceChange>[1],
  held: ReturnType<typeof reserve>['held'],
  holds: Parameters<typeof insertHolds>[1],
): Promise<Map<string, Date>> {
  const changes = held.map((one) => ({ sku: one.sku, warehouse: one.warehouse, onHand: 0, reserved: one.units }))
  const [, expiries] = await Promise.all([changeLevels(tx, changes), insertHolds(tx, holds)])
  if (expiries.size !== holds.length) throw new Rivalled('an order was reserved by somebody else meanwhile')
  announceChange(tx, levels, changes)
  return expiries
}

/** Two requests of one order in one batch are one request. */
function firstOfEach(requests: readonly ReserveRequest[]): ReserveRequest[] {
  return [...new Map(requests.toReversed().map((one) => [one.orderId, one])).values()].toReversed()
}

/** The old answer again; an order that was released never reserves again. */
function answerOf(before: ReservationRow, request: ReserveRequest): ReserveOutcome {
  if (before.state === 'released') return refuse('reservation-released', { detail: 'The stock of this order was given back.' })
  return { orderId: request.orderId, lines: [...request.lines], expiresAt: (before.expiresAt ?? new Date(8.64e15)).toISOString() }
}
