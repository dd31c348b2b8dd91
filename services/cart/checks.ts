import { isRefusal } from '@stoa/chassis/contract.ts'
import { bookCheck } from '@stoa/chassis/service.ts'
import { OrderStates } from '@stoa/contracts/orders.ts'
import { checkMerged, pageTakenOrders } from './store.ts'

const PAGE = 1000
const PAGES_MAX = 1000
const EXAMPLES = 10

export const mergedCartsAreEmpty = bookCheck('a merged cart holds nothing and leads to an account’s', ({ db }) => checkMerged(db))

export const onlyOrdersTake = bookCheck('lines left carts only with orders that exist', async ({ db, call }) => {
  const broken: string[] = []
  let examined = 0
  let after = '00000000-0000-0000-0000-000000000000'
  for (let page = 0; page < PAGES_MAX; page++) {
    const orderIds = (await pageTakenOrders(db, after, PAGE)).map((one) => one.order_id)
    if (orderIds.length === 0) break
    const orders = await call(OrderStates, { orderIds })
    if (isRefusal(orders)) throw new Error(`orders refused: ${orders.refused}`)
    const known = new Set(orders.items.map((one) => one.orderId))
    broken.push(...orderIds.filter((id) => !known.has(id)))
    examined += orderIds.length
    after = orderIds.at(-1) ?? after
  }
  return { examined, broken: broken.length, examples: broken.slice(0, EXAMPLES) }
})
