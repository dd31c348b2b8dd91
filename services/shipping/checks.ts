import { isRefusal } from '@stoa/chassis/contract.ts'
import { bookCheck } from '@stoa/chassis/service.ts'
import { OrderStates, type OrderStatus } from '@stoa/contracts/orders.ts'
import type { ShipmentState } from './domain/tracking.ts'
import { checkTracking, pageLiveShipments } from './store.ts'

const PAGE = 1000
const PAGES_MAX = 1000
const EXAMPLES = 10
const LEFT: ReadonlySet<OrderStatus> = new Set(['SHIPPED', 'DELIVERED', 'RETURNED', 'REFUNDED'])

export const shipmentsTellTheirState = bookCheck('every shipment has its tracking events, the last one telling its state', ({ db }) =>
  checkTracking(db),
)

export const parcelsFollowOrders = bookCheck('no parcel under way for an order that was not shipped', async ({ db, call }) => {
  const broken: string[] = []
  let examined = 0
  let after = '00000000-0000-0000-0000-000000000000'
  for (let page = 0; page < PAGES_MAX; page++) {
    const shipments = await pageLiveShipments(db, after, PAGE)
    if (shipments.length === 0) break
    const orders = await call(OrderStates, { orderIds: shipments.map((one) => one.order_id) })
    if (isRefusal(orders)) throw new Error(`orders refused: ${orders.refused}`)
    const states = new Map(orders.items.map((one) => [one.orderId, one.status]))
    for (const one of shipments) if (!fits(one.state, states.get(one.order_id))) broken.push(one.tracking_number)
    examined += shipments.length
    after = shipments.at(-1)?.id ?? after
  }
  return { examined, broken: broken.length, examples: broken.slice(0, EXAMPLES) }
})

function fits(state: ShipmentState, order: OrderStatus | undefined): boolean {
  if (order === undefined) return false
  return state === 'announced' ? order !== 'CANCELLED' : LEFT.has(order)
}
