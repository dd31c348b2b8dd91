import { AccountVerified, SecurityMailRequested } from '@stoa/contracts/identity.ts'
import { StockLow } from '@stoa/contracts/inventory.ts'
import {
  OrderCancelled,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderProcessing,
  OrderReturned,
  OrderShipped,
} from '@stoa/contracts/orders.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import type { EventContract } from '@stoa/chassis/contract.ts'
import { onBatch, type Consumer, type ConsumerContext, type Received } from '@stoa/chassis/service.ts'
import type { TemplateName } from './domain/templates.ts'
import { staffEmailOf } from './settings.ts'
import { askFor, takeBack, type AskedMessage } from './usecases/asking.ts'

/**
 * Most orders are confirmed within seconds, and that mail says all that this one would: it waits for it. A bank transfer is not
 * confirmed for days, and its buyer needs the details now.
 */
const PLACED_DELAY_SECONDS = 30

const aboutOrder = (orderId: string) => `order:${orderId}`

export const tellOrderPlaced = onBatch(OrderCreated, async (events, context) => {
  const messages = events.map((event) => orderMessage('order-placed', event, context, event.data.orderId, {}, event.data.accountId))
  const transfers = new Set(events.filter((event) => event.data.method === 'bank-transfer').map((event) => aboutOrder(event.data.orderId)))
  await askFor(context.tx, messages, (message) => (transfers.has(message.recipient) ? 0 : PLACED_DELAY_SECONDS))
})

export const tellOrderConfirmed = onBatch(OrderConfirmed, async (events, context) => {
  await takeBack(
    context.tx,
    'order-placed',
    events.map((event) => aboutOrder(event.data.orderId)),
  )
  await askFor(
    context.tx,
    events.map((event) => orderMessage('order-confirmed', event, context, event.data.orderId)),
  )
})

export const tellOrderCancelled = onBatch(OrderCancelled, async (events, context) => {
  await takeBack(
    context.tx,
    'order-placed',
    events.map((event) => aboutOrder(event.data.orderId)),
  )
  await askFor(
    context.tx,
    events.map((event) => orderMessage('order-cancelled', event, context, event.data.orderId, {}, event.data.accountId)),
  )
})

export const tellOrderShipped = onBatch(OrderShipped, async (events, context) => {
  await askFor(
    context.tx,
    events.map((event) => orderMessage('order-shipped', event, context, event.data.orderId, { trackingNumber: event.data.trackingNumber })),
  )
})

const tell = <E extends typeof OrderProcessing | typeof OrderDelivered | typeof OrderReturned>(
  event: E,
  template: TemplateName,
): Consumer =>
  onBatch(event as EventContract<typeof OrderProcessing.data>, async (events, context) => {
    await askFor(
      context.tx,
      events.map((one) => orderMessage(template, one, context, one.data.orderId)),
    )
  })
export const tellOrderProcessing = tell(OrderProcessing, 'order-processing')
export const tellOrderDelivered = tell(OrderDelivered, 'order-delivered')
export const tellOrderReturned = tell(OrderReturned, 'order-returned')

export const tellPayment = onBatch(PaymentProcessed, async (events, context) => {
  const messages = events.flatMap((event) => {
    const template = paymentTemplate(event.data.outcome)
    return template ? [orderMessage(template, event, context, event.data.orderId, { amount: event.data.amount })] : []
  })
  await askFor(context.tx, messages)
})

function paymentTemplate(outcome: string): TemplateName | undefined {
  if (outcome === 'captured') return 'payment-receipt'
  return outcome === 'refunded' || outcome === 'partially-refunded' ? 'payment-refund' : undefined
}

export const tellStaffStockLow = onBatch(StockLow, async (events, context) => {
  if (staffEmailOf(context) === undefined) return
  await askFor(
    context.tx,
    events.map((event) => ({
      id: context.newId(),
      cause: event.id,
      about: event.key,
      template: 'stock-low',
      recipient: 'staff',
      accountId: null,
      facts: { sku: event.data.sku, available: event.data.available, threshold: event.data.threshold },
    })),
  )
})

export const welcomeAccount = onBatch(AccountVerified, async (events, context) => {
  await askFor(
    context.tx,
    events.map((event) => accountMessage('welcome', event, context, event.data.accountId, {})),
  )
})

export const sendSecurityMail = onBatch(SecurityMailRequested, async (events, context) => {
  await askFor(
    context.tx,
    events.map((event) => accountMessage(event.data.kind, event, context, event.data.accountId, { requestId: event.data.requestId })),
  )
})

function orderMessage(
  template: TemplateName,
  event: Received,
  context: ConsumerContext,
  orderId: string,
  facts: object = {},
  accountId: string | null = null,
): AskedMessage {
  const { id: cause, key: about } = event
  return { id: context.newId(), cause, about, template, recipient: aboutOrder(orderId), accountId, facts: { orderId, ...facts } }
}

function accountMessage(template: TemplateName, event: Received, context: ConsumerContext, accountId: string, facts: object): AskedMessage {
  const { id: cause, key: about } = event
  return { id: context.newId(), cause, about, template, recipient: `account:${accountId}`, accountId, facts: { ...facts } }
}
