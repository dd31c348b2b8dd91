import { onBatch, on, type Received } from '@stoa/chassis/service.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { AccountVerified } from '@stoa/contracts/identity.ts'
import { CommitRefused, ReservationExpired } from '@stoa/contracts/inventory.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import { onCommitRefused, onHoldExpired, onPaymentNews, type Change } from './domain.ts'
import { saveChanges } from './store/changes.ts'
import { lockOrders, type OrderRow } from './store/orders.ts'
import { claimGuestOrders, watchDeadline } from './workers.ts'

export const movePaidOrders = onBatch(PaymentProcessed, async (events, { tx }) => {
  await decideEach(tx, events, (order, event) => onPaymentNews(order, event.data))
  // A hold is prolonged as soon as its payment is known to take longer.
  for (const { data } of events) if (data.outcome === 'unknown') tx.schedule(watchDeadline, data.orderId, 0)
})

export const endExpiredOrders = onBatch(ReservationExpired, async (events, { tx }) => decideEach(tx, events, onHoldExpired))

export const endOrdersWithoutStock = onBatch(CommitRefused, async (events, { tx }) => decideEach(tx, events, onCommitRefused))

export const claimWhenVerified = on(AccountVerified, async ({ data }, { tx }) => tx.schedule(claimGuestOrders, data.accountId, 0))

/** Applies a decision per event, all orders of a batch together; several events of one order one after the other. */
async function decideEach<E extends Received>(tx: Tx, events: readonly E[], decide: (order: OrderRow, event: E) => Change): Promise<void> {
  const orders = await lockOrders(tx, [...new Set(events.map((one) => one.key))])
  let waiting = [...events]
  while (waiting.length > 0) {
    const round = new Map<string, E>()
    const later: E[] = []
    for (const event of waiting) {
      if (round.has(event.key)) later.push(event)
      else round.set(event.key, event)
    }
    const decided = [...round.values()].flatMap((event) => {
      const order = orders.get(event.key)
      return order ? [{ order, change: decide(order, event) }] : []
    })
    await saveChanges(tx, decided)
    for (const { order, change } of decided)
      if (Object.keys(change).length > 0) orders.set(order.orderId, { ...order, ...change, version: order.version + 1 })
    waiting = later
  }
}
