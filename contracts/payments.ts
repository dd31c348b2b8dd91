/** Payment operations, ledger. */
import { Type } from 'typebox'
import { call, event, object, route, staff } from '@stoa/chassis/contract.ts'
import { Id, Line, Moment, Money } from './shared.ts'
import { NextAction, PaymentMethod, TransferDetails } from './orders.ts'

export const PaymentState = Type.Union([
  Type.Literal('none'),
  Type.Literal('requires-action'),
  Type.Literal('authorizing'),
  Type.Literal('authorized'),
  Type.Literal('captured'),
  Type.Literal('failed'),
  Type.Literal('unknown'),
  Type.Literal('voided'),
  Type.Literal('partially-refunded'),
  Type.Literal('refunded'),
  Type.Literal('disputed'),
])
export const Operation = object({
  id: Id,
  kind: Type.Union([
    Type.Literal('authorize'),
    Type.Literal('capture'),
    Type.Literal('void'),
    Type.Literal('refund'),
    Type.Literal('receipt'),
  ]),
  state: Type.Union([
    Type.Literal('created'),
    Type.Literal('sent'),
    Type.Literal('requires-action'),
    Type.Literal('succeeded'),
    Type.Literal('failed'),
    Type.Literal('unknown'),
  ]),
  amount: Money,
  provider: Type.String(),
  reason: Type.Union([Type.String(), Type.Null()]),
  at: Moment,
})
export const PaymentStatus = object({
  orderId: Id,
  state: PaymentState,
  method: PaymentMethod,
  provider: Type.String(),
  amount: Money,
  refunded: Money,
  nextAction: Type.Optional(NextAction),
  transfer: Type.Optional(TransferDetails),
  operations: Type.Array(Operation),
})

const token = { token: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })) }
export const CheckoutPayment = route('POST /payment/checkout', {
  summary: 'Pays a PENDING order that has no running payment. Guests show the order’s token as `?token=` or `Order-Token`.',
  permission: 'public',
  class: 'checkout',
  query: object(token),
  body: object({ orderId: Id, method: PaymentMethod, token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }),
  output: PaymentStatus,
  idempotencyKey: 'optional',
  refusals: { 'not-found': 404, 'illegal-transition': 409, unavailable: 503 },
})
export const GetPaymentStatus = route('GET /payment/status', {
  summary: 'How the payment of an order stands.',
  permission: 'public',
  class: 'checkout',
  query: object({ orderId: Id, ...token }),
  output: PaymentStatus,
  refusals: { 'not-found': 404 },
})
export const RefundPayment = route('POST /payment/refund', {
  summary: 'Gives captured money back, whole or in part.',
  permission: staff('payments:refund', 'admin'),
  class: 'staff',
  body: object({ orderId: Id, amount: Type.Optional(Money), reason: Line }),
  output: Operation,
  status: 202,
  idempotencyKey: 'required',
  refusals: { 'not-found': 404, 'illegal-transition': 409, 'amount-too-high': 409, 'invalid-request': 422 },
})
export const SandboxWebhook = route('POST /payments/webhooks/sandbox', {
  summary: 'The sandbox gateway tells what happened. Signed over the raw bytes; repeats and disorder are harmless.',
  permission: 'public',
  class: 'callback',
  rawBody: { as: 'bytes', contentTypes: ['application/json'], maxBytes: 100_000 },
  output: object({ received: Type.Literal(true) }),
  demoOnly: true,
  refusals: { 'invalid-signature': 400, 'invalid-request': 422 },
})
export const SandboxCharge = object({
  id: Type.String(),
  orderId: Type.String(),
  state: Type.String(),
  amount: Money,
  captured: Money,
  refunded: Money,
  idempotencyKey: Type.String(),
  at: Moment,
})
export const ListSandboxCharges = route('GET /sandbox/gateway/charges', {
  summary: 'What the sandbox gateway really did: its own book.',
  permission: staff('payments:read', 'admin'),
  class: 'staff',
  query: object({
    orderId: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
  }),
  output: object({ items: Type.Array(SandboxCharge), nextCursor: Type.Union([Type.String(), Type.Null()]) }),
  demoOnly: true,
  refusals: { 'invalid-cursor': 422, unavailable: 503 },
})

/** From orders, before the order exists: what is to be paid and with what. The card token is kept encrypted until used. */
export const PreparePayment = call('payments.PreparePayment', {
  summary:
    'Takes down amount, method and card token of an order to be. A card without token answers the provider’s own page. Repeatable by order id.',
  input: object({
    orderId: Id,
    amount: Money,
    method: PaymentMethod,
    token: Type.Optional(Type.String()),
    returnUrl: Type.String(),
    shopNumber: Type.Optional(Type.String()),
  }),
  output: object({ state: PaymentState, nextAction: Type.Optional(NextAction) }),
  refusals: { unavailable: 503, 'illegal-transition': 409 },
  over: 'grpc',
  repeatable: true,
})
export const PaymentsOf = call('payments.PaymentsOf', {
  summary: 'How payments of orders stand. Orders without any are left out.',
  input: object({ orderIds: Type.Array(Id, { maxItems: 1000 }) }),
  output: object({ items: Type.Array(PaymentStatus) }),
  over: 'grpc',
  repeatable: true,
})
/** From orders: staff booked the receipt of a bank transfer. */
export const BookReceipt = call('payments.BookReceipt', {
  summary: 'Books a bank transfer as received in full, once.',
  input: object({ orderId: Id }),
  output: object({ booked: Type.Boolean() }),
  refusals: { 'illegal-transition': 409 },
  over: 'grpc',
  repeatable: true,
})

export const PaymentProcessed = event('PaymentProcessed', {
  summary:
    'A payment moved. `authorized`: money is held or promised. `declined`: the shopper’s fault or wish. `timed-out`: proved that nothing happened. `unknown`: not known yet, being asked after. `abandoned`: unknown for 24 h.',
  topic: 'payment.events',
  version: 1,
  key: 'orderId',
  data: object({
    orderId: Id,
    outcome: Type.Union([
      Type.Literal('requires-action'),
      Type.Literal('authorized'),
      Type.Literal('declined'),
      Type.Literal('timed-out'),
      Type.Literal('unknown'),
      Type.Literal('abandoned'),
      Type.Literal('captured'),
      Type.Literal('capture-failed'),
      Type.Literal('voided'),
      Type.Literal('partially-refunded'),
      Type.Literal('refunded'),
    ]),
    method: PaymentMethod,
    provider: Type.String(),
    amount: Money,
    /** Operation that moved. */
    operationId: Id,
  }),
})
