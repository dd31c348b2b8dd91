/** What happens to reservations after they are held: commit, release, shipment, return. Each a compare-and-set on the state, with stock and events in the same transaction. */
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { isRefusal } from '@stoa/chassis/contract.ts'
import { CommitRefused, ReservationExpired, StockCommitted, StockReleased } from '@stoa/contracts/inventory.ts'
import { announceChange } from './announce.ts'
import { reserve, type StockLevel } from './domain.ts'
import { added, changeLevels, lockLevels, writeMovements, type MovementRow } from './store/levels.ts'
import { deleteLines, findReservations, insertLines, insertTombstones, linesOf, moveReservations } from './store/reservations.ts'

interface Wanted {
  readonly orderId: string
  readonly lines: readonly { sku: string; quantity: number }[]
}

/** Makes holds of confirmed orders firm. One that had run out is reserved anew if it can be; else the order is told. */
export async function commit(tx: Tx, orders: readonly Wanted[]): Promise<void> {
  const committed = new Set(
    await moveReservations(
      tx,
      orders.map((one) => one.orderId),
      ['held'],
      'committed',
    ),
  )
  for (const order of orders) {
    if (committed.has(order.orderId) || (await commitAnew(tx, order))) tx.publish(StockCommitted, { orderId: order.orderId })
    else tx.publish(CommitRefused, { orderId: order.orderId })
  }
}

/** After expiry: takes the units again if they are still there. */
async function commitAnew(tx: Tx, order: Wanted): Promise<boolean> {
  const levels = await lockLevels(tx, [...new Set(order.lines.map((one) => one.sku))])
  const before = (await findReservations(tx, [order.orderId])).get(order.orderId)
  if (before && before.state !== 'released') return before.state === 'committed' || before.state === 'shipped'
  if (before?.releaseReason === 'cancelled') return false
  const decision = reserve(levels, [{ lines: order.lines.map((one) => ({ sku: one.sku, quantityUnits: one.quantity })) }])
  const [allocations] = decision.outcomes
  if (!allocations || isRefusal(allocations)) return false
  if (!before) await insertTombstones(tx, [order.orderId])
  await deleteLines(tx, order.orderId)
  await insertLines(
    tx,
    (allocations as { sku: string; warehouse: string; units: number }[]).map((one) => ({ ...one, orderId: order.orderId })),
  )
  await moveReservations(tx, [order.orderId], ['released'], 'committed')
  const changes = decision.held.map((one) => ({ sku: one.sku, warehouse: one.warehouse, onHand: 0, reserved: one.units }))
  await changeLevels(tx, changes)
  announceChange(tx, levels, changes)
  return true
}

/** Gives the units of orders back, whatever state they are in before shipment; orders never seen get a tombstone. Answers the orders released now. */
export async function release(tx: Tx, orderIds: readonly string[], reason: 'cancelled' | 'expired'): Promise<string[]> {
  if (reason === 'cancelled') await insertTombstones(tx, orderIds)
  const released = await moveReservations(tx, orderIds, reason === 'expired' ? ['held'] : ['held', 'committed'], 'released', reason)
  if (released.length === 0) return []
  const lines = await linesOf(tx, released)
  const changes = added(lines).map((one) => ({ sku: one.sku, warehouse: one.warehouse, onHand: 0, reserved: -one.units }))
  const levels = await lockLevels(tx, [...new Set(changes.map((one) => one.sku))])
  await changeLevels(tx, changes)
  announceChange(tx, levels, changes)
  for (const orderId of released) {
    tx.publish(StockReleased, { orderId, reason })
    if (reason === 'expired') tx.publish(ReservationExpired, { orderId })
  }
  return released
}

/** The goods leave: on hand and reserved fall together. Throws: when nothing is committed for the order. */
export async function ship(tx: Tx, orderId: string, newId: () => string): Promise<void> {
  const moved = await moveReservations(tx, [orderId], ['committed'], 'shipped')
  if (moved.length === 0) {
    const state = (await findReservations(tx, [orderId])).get(orderId)?.state
    if (state === 'shipped' || state === 'returned') return
    throw new Error(`order ${orderId} was shipped with its reservation ${state ?? 'missing'}`)
  }
  await moveStock(tx, orderId, { onHand: -1, reserved: -1, kind: 'shipment', reason: 'order shipped' }, newId)
}

/** The goods came back: on hand rises. */
export async function takeBack(tx: Tx, orderId: string, newId: () => string): Promise<void> {
  const moved = await moveReservations(tx, [orderId], ['shipped'], 'returned')
  if (moved.length > 0) await moveStock(tx, orderId, { onHand: 1, reserved: 0, kind: 'return', reason: 'order returned' }, newId)
}

async function moveStock(
  tx: Tx,
  orderId: string,
  how: { onHand: number; reserved: number; kind: 'shipment' | 'return'; reason: string },
  newId: () => string,
): Promise<void> {
  const lines = await linesOf(tx, [orderId])
  const levels = await lockLevels(tx, [...new Set(lines.map((one) => one.sku))])
  const changes = lines.map((one) => ({
    sku: one.sku,
    warehouse: one.warehouse,
    onHand: how.onHand * one.units,
    reserved: how.reserved * one.units,
  }))
  await changeLevels(tx, changes)
  await writeMovements(
    tx,
    changes.map(
      (one): MovementRow => ({
        id: newId(),
        sku: one.sku,
        warehouse: one.warehouse,
        delta: one.onHand,
        onHandAfter: levelOf(levels, one).onHandUnits + one.onHand,
        kind: how.kind,
        reason: how.reason,
        orderId,
        by: null,
      }),
    ),
  )
  announceChange(tx, levels, changes)
}

function levelOf(levels: readonly StockLevel[], of: { sku: string; warehouse: string }): StockLevel {
  const level = levels.find((one) => one.sku === of.sku && one.warehouse === of.warehouse)
  if (!level) throw new Error(`no stock level of ${of.sku} in ${of.warehouse}`)
  return level
}
