import { defineService } from '@stoa/chassis/service.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import { bookReceipt, paymentsOf, preparePayment } from './calls.ts'
import {
  booksMatch,
  cancelledOrdersTookNothing,
  cardOrdersArePaidOnce,
  keysKeepTheirRequest,
  ledgerBalances,
  nothingLongUnknown,
} from './checks.ts'
import {
  authorizeWhenOrderCreated,
  captureWhenOrderShipped,
  endWhenDeadlinePassed,
  giveBackWhenOrderCancelled,
  receiveWhenOrderDelivered,
} from './consumers.ts'
import { dropUnplaced, pruneNotices, reconcile, wakeStale } from './jobs.ts'
import { checkoutPayment, getPaymentStatus, listSandboxCharges, refundPayment, sandboxWebhook } from './routes.ts'
import { settings } from './settings.ts'
import { abandonment, operations } from './usecases.ts'
import { asking, sorting } from './workers.ts'

export default defineService({
  name: 'payments',
  owns: 'Payments of orders, the operations asked of providers, and the ledger.',
  routes: [checkoutPayment, getPaymentStatus, refundPayment, sandboxWebhook, listSandboxCharges],
  calls: [preparePayment, paymentsOf, bookReceipt],
  consumers: [
    authorizeWhenOrderCreated,
    giveBackWhenOrderCancelled,
    captureWhenOrderShipped,
    receiveWhenOrderDelivered,
    endWhenDeadlinePassed,
  ],
  publishes: [PaymentProcessed],
  timers: [abandonment],
  workers: [operations, sorting, asking],
  jobs: [wakeStale, dropUnplaced, reconcile, pruneNotices],
  checks: [ledgerBalances, cardOrdersArePaidOnce, cancelledOrdersTookNothing, nothingLongUnknown, keysKeepTheirRequest, booksMatch],
  settings,
})
