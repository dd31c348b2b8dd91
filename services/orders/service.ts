import { defineService } from '@stoa/chassis/service.ts'
import {
  OrderCancelled,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderProcessing,
  OrderRefunded,
  OrderReturned,
  OrderShipped,
  PaymentDeadlinePassed,
} from '@stoa/contracts/orders.ts'
import { authorizeOrderAccess, orderForMessage, orderStates } from './calls.ts'
import { checks } from './checks.ts'
import { claimWhenVerified, endExpiredOrders, endOrdersWithoutStock, movePaidOrders } from './consumers.ts'
import { sweepRecentRequests } from './jobs.ts'
import { listOrders, reorder } from './routes/history.ts'
import { cancelOrder, getOrder, placeOrder, placeSimpleOrder, setOrderStatus, watchOrder } from './routes/orders.ts'
import { claimGuestOrders, watchDeadline } from './workers.ts'

export default defineService({
  name: 'orders',
  owns: 'Orders and the purchase saga.',
  routes: [placeOrder, placeSimpleOrder, getOrder, watchOrder, listOrders, reorder, cancelOrder, setOrderStatus],
  calls: [orderForMessage, authorizeOrderAccess, orderStates],
  consumers: [movePaidOrders, endExpiredOrders, endOrdersWithoutStock, claimWhenVerified],
  publishes: [
    OrderCreated,
    OrderConfirmed,
    OrderProcessing,
    OrderShipped,
    OrderDelivered,
    OrderCancelled,
    OrderReturned,
    OrderRefunded,
    PaymentDeadlinePassed,
  ],
  workers: [watchDeadline, claimGuestOrders],
  jobs: [sweepRecentRequests],
  checks,
})
