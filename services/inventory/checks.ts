import { bookCheck, type CallFn, type CheckResult } from '@stoa/chassis/service.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { isRefusal } from '@stoa/chassis/contract.ts'
import { OrderStates } from '@stoa/contracts/orders.ts'
import { liveReservations, neverOversold, noForgottenHold, reservedEqualsLines, stockEqualsMovements } from './store/checks.ts'

const PAGE = 500
const PAGES_MAX = 2000

export const checks = [
  bookCheck('stock = sum of movements', ({ db }) => stockEqualsMovements(db)),
  bookCheck('reserved = held + committed and not yet shipped', ({ db }) => reservedEqualsLines(db)),
  bookCheck('nothing is oversold', ({ db }) => neverOversold(db)),
  bookCheck('no hold is forgotten', ({ db }) => noForgottenHold(db)),
  bookCheck('what is committed belongs to a living order', ({ db, call }) => committedHaveOrders(db, call)),
]

/** Committed units of an order that ended, or that there is not, would be lost for ever. */
async function committedHaveOrders(db: Db, call: CallFn): Promise<CheckResult> {
  const broken: string[] = []
  let examined = 0
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const live: { orderId: string; state: 'held' | 'committed' }[] = await liveReservations(db, after, PAGE)
    if (live.length === 0) break
    after = live.at(-1)?.orderId ?? null
    examined += live.length
    const committed = live.filter((one) => one.state === 'committed')
    const states = await call(OrderStates, { orderIds: committed.map((one) => one.orderId) })
    if (isRefusal(states)) throw new Error('orders did not answer')
    const living = new Set(states.items.filter((one) => ['CONFIRMED', 'PROCESSING'].includes(one.status)).map((one) => one.orderId))
    broken.push(...committed.filter((one) => !living.has(one.orderId)).map((one) => one.orderId))
  }
  return { examined, broken: broken.length, examples: broken.slice(0, 10) }
}
