import { bookCheck, type CallFn, type CheckResult } from '@stoa/chassis/service.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { OrderStates } from '@stoa/contracts/orders.ts'
import { committedOrders, neverOversold, noForgottenHold, reservedEqualsLines, stockEqualsMovements } from './store/checks.ts'

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
    const orderIds: string[] = await committedOrders(db, after, PAGE)
    if (orderIds.length === 0) break
    after = orderIds.at(-1) ?? null
    examined += orderIds.length
    const { items } = await call(OrderStates, { orderIds })
    const living = new Set(items.filter((one) => one.status === 'CONFIRMED' || one.status === 'PROCESSING').map((one) => one.orderId))
    broken.push(...orderIds.filter((one) => !living.has(one)))
  }
  return { examined, broken: broken.length, examples: broken.slice(0, 10) }
}
