import type { Db } from '@stoa/chassis/database/sql.ts'
import { bookCheck, type CallFn, type CheckResult } from '@stoa/chassis/service.ts'
import { ReservationsOf } from '@stoa/contracts/inventory.ts'
import { confirmedOrders, noneOverdue, timelineTellsStatus, totalsAddUp } from './store/checks.ts'

const PAGE = 500
const PAGES_MAX = 2000

export const checks = [
  bookCheck('no order past its deadline', ({ db }) => noneOverdue(db)),
  bookCheck('the timeline ends with the status', ({ db }) => timelineTellsStatus(db)),
  bookCheck('totals add up', ({ db }) => totalsAddUp(db)),
  bookCheck('every confirmed order has its stock committed', ({ db, call }) => confirmedHaveStock(db, call)),
]

async function confirmedHaveStock(db: Db, call: CallFn): Promise<CheckResult> {
  const broken: string[] = []
  let examined = 0
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const orderIds: string[] = await confirmedOrders(db, after, PAGE)
    if (orderIds.length === 0) break
    after = orderIds.at(-1) ?? null
    examined += orderIds.length
    const { items } = await call(ReservationsOf, { orderIds })
    const committed = new Set(items.filter((one) => one.state === 'committed').map((one) => one.orderId))
    broken.push(...orderIds.filter((one) => !committed.has(one)))
  }
  return { examined, broken: broken.length, examples: broken.slice(0, 10) }
}
