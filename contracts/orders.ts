/** Orders, the purchase saga. */
import { Type, type Static } from 'typebox'
import { call, event, object, route, staff } from '@stoa/chassis/contract.ts'
import { Cart, ShortReason } from './cart.ts'
import { Address, BasketItems, Currency, Email, Id, Line, Moment, Money, PageQuery, Quantity, page } from './shared.ts'

export const OrderStatus = Type.Union([
  Type.Literal('PENDING'),
  Type.Literal('CONFIRMED'),
  Type.Literal('PROCESSING'),
  Type.Literal('SHIPPED'),
  Type.Literal('DELIVERED'),
  Type.Literal('CANCELLED'),
  Type.Literal('RETURNED'),
  Type.Literal('REFUNDED'),
])
export type OrderStatus = Static<typeof OrderStatus>
export const CancelReason = Type.Union([
  Type.Literal('payment-declined'),
  Type.Literal('out-of-stock'),
  Type.Literal('customer'),
  Type.Literal('payment-timeout'),
  Type.Literal('payment-unknown'),
  Type.Literal('staff'),
])
export type CancelReason = Static<typeof CancelReason>
export const PaymentMethod = Type.Union([Type.Literal('card'), Type.Literal('bank-transfer'), Type.Literal('cash-on-delivery')])
export type PaymentMethod = Static<typeof PaymentMethod>
export const NextAction = object({ type: Type.Literal('redirect'), url: Type.String() })
export const TransferDetails = object({
  iban: Type.String(),
  bic: Type.String(),
  recipient: Type.String(),
  reference: Type.String(),
  payBy: Moment,
})

export const OrderLine = object({
  sku: Type.String(),
  productId: Id,
  name: Type.String(),
  quantity: Quantity,
  unitPrice: Money,
  discount: Money,
  tax: Money,
  total: Money,
})
export const OrderTotals = object({
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  taxIncluded: Type.Boolean(),
  total: Money,
})
export const TimelineEntry = object({ at: Moment, status: OrderStatus, text: Type.String() })
export const Shipment = object({
  id: Id,
  carrier: Type.String(),
  trackingNumber: Type.String(),
  state: Type.String(),
  events: Type.Array(object({ at: Moment, state: Type.String(), place: Type.String(), text: Type.String() })),
})

export const Order = object({
  orderId: Id,
  number: Type.String(),
  status: OrderStatus,
  lines: Type.Array(OrderLine),
  totals: OrderTotals,
  shippingAddress: Address,
  billingAddress: Type.Optional(Address),
  shippingOption: Type.String(),
  payment: object({
    state: Type.String(),
    method: PaymentMethod,
    provider: Type.String(),
    nextAction: Type.Optional(NextAction),
    transfer: Type.Optional(TransferDetails),
  }),
  shipments: Type.Array(Shipment),
  timeline: Type.Array(TimelineEntry),
  cancellableUntil: Type.Union([Moment, Type.Null()]),
  cancelRequested: Type.Optional(Type.Boolean()),
  cancelReason: Type.Optional(CancelReason),
  payBy: Type.Optional(Moment),
  flags: Type.Optional(Type.Array(Type.String())),
  placedAt: Moment,
})
export type Order = Static<typeof Order>

const Key = object({ orderId: Type.String({ minLength: 1, maxLength: 100 }) })
/** The order's own pass for guests; also as header `Order-Token`. */
const TokenQuery = { token: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })) }

export const PlacedOrder = object({
  orderId: Id,
  number: Type.String(),
  status: OrderStatus,
  total: Money,
  viewToken: Type.Optional(Type.String()),
  payment: object({ state: Type.String(), nextAction: Type.Optional(NextAction) }),
})
export const PlaceOrder = route('POST /orders', {
  summary: 'Places an order: priced, its stock held, answered at once with PENDING; the rest follows by events.',
  permission: 'public',
  class: 'checkout',
  body: object({
    items: Type.Optional(BasketItems),
    cart: Type.Optional(Type.Literal(true)),
    email: Type.Optional(Email),
    shippingAddress: Address,
    billingAddress: Type.Optional(Address),
    shippingOption: Type.String({ minLength: 1, maxLength: 60 }),
    coupon: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    quoteId: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
    currency: Type.Optional(Currency),
    payment: object({ method: PaymentMethod, token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }),
  }),
  output: PlacedOrder,
  status: 201,
  idempotencyKey: 'required',
  refusals: {
    'invalid-request': 422,
    'unknown-sku': 404,
    'insufficient-stock': 409,
    'quote-expired': 409,
    'quote-mismatch': 409,
    'cart-empty': 409,
    unavailable: 503,
  },
})
/** Seed 2's own shape. Without a key, the same account and body within 60 s is the same order. */
export const PlaceSimpleOrder = route('POST /order', {
  summary: 'Places an order for the logged-in user: default address, saved card.',
  permission: 'customer',
  class: 'checkout',
  body: object({
    userId: Id,
    items: Type.Array(object({ productId: Id, qty: Quantity }), { minItems: 1, maxItems: 100 }),
    paymentMethod: Type.Union([Type.Literal('CARD'), Type.Literal('BANK_TRANSFER'), Type.Literal('CASH_ON_DELIVERY')]),
  }),
  output: object({ orderId: Id, status: OrderStatus }),
  status: 201,
  idempotencyKey: 'optional',
  refusals: {
    forbidden: 403,
    'address-missing': 422,
    'payment-method-missing': 422,
    'invalid-request': 422,
    'unknown-sku': 404,
    'insufficient-stock': 409,
    unavailable: 503,
  },
})
export const GetOrder = route('GET /orders/{orderId}', {
  summary: 'An order, for its owner, staff, or the holder of its token.',
  permission: 'public',
  class: 'checkout',
  params: Key,
  query: object(TokenQuery),
  output: Order,
  refusals: { 'not-found': 404 },
})
export const WatchOrder = route('GET /orders/{orderId}/events', {
  summary: 'Server-sent events `status`: the timeline so far, then what happens.',
  permission: 'public',
  class: 'checkout',
  params: Key,
  query: object(TokenQuery),
  output: object({}),
  answers: 'text/event-stream',
  refusals: { 'not-found': 404 },
})
export const OrderSummary = object({
  orderId: Id,
  number: Type.String(),
  status: OrderStatus,
  total: Money,
  placedAt: Moment,
  lines: Type.Array(object({ sku: Type.String(), name: Type.String(), quantity: Quantity })),
})
export const ListOrders = route('GET /orders', {
  summary: 'My orders, newest first; for staff those of an e-mail address. Every word of `q` stands in the number, a name or a SKU.',
  permission: 'customer',
  class: 'checkout',
  query: object({
    q: Type.Optional(Type.String({ maxLength: 200 })),
    status: Type.Optional(Type.Array(OrderStatus, { maxItems: 8 })),
    /** Days, UTC; both belong to the span. */
    from: Type.Optional(Type.String({ format: 'date' })),
    to: Type.Optional(Type.String({ format: 'date' })),
    /** Staff only: orders that a guest placed with this address, and those of its account. */
    email: Type.Optional(Email),
    ...PageQuery,
  }),
  output: page(OrderSummary),
  refusals: { 'invalid-cursor': 422, forbidden: 403 },
})
export const CancelOrder = route('POST /orders/{orderId}/cancel', {
  summary: 'Cancels an order within its window: money and stock go back.',
  permission: 'public',
  class: 'checkout',
  params: Key,
  query: object(TokenQuery),
  body: object({}),
  output: Order,
  idempotencyKey: 'optional',
  refusals: { 'not-found': 404, 'cancel-window-passed': 409, 'illegal-transition': 409 },
})
export const Reorder = route('POST /orders/{orderId}/reorder', {
  summary:
    'Brings my cart up to what an order of mine held, as far as it can be bought now, and says what is missing and why. Once more adds nothing.',
  permission: 'public',
  class: 'cart',
  params: Key,
  query: object(TokenQuery),
  body: object({}),
  output: object({
    cart: Cart,
    notAdded: Type.Array(
      object({ sku: Type.String(), name: Type.String(), wanted: Quantity, inCart: Type.Integer(), reason: ShortReason }),
    ),
  }),
  idempotencyKey: 'optional',
  refusals: { 'not-found': 404, unavailable: 503 },
})
export const SetOrderStatus = route('PUT /orders/{orderId}/status', {
  summary:
    'Moves an order on: PROCESSING, SHIPPED, DELIVERED, RETURNED, or CANCELLED by staff. Booking the receipt of a bank transfer is CONFIRMED.',
  permission: staff('orders:write', 'admin', 'warehouse'),
  class: 'staff',
  params: Key,
  body: object({ status: OrderStatus, trackingNumber: Type.Optional(Line) }),
  output: Order,
  refusals: { 'not-found': 404, 'illegal-transition': 409 },
})

/** What a mail or a parcel label of an order says; asked for when it is made, so that events carry no personal data. */
export const OrderForMessage = call('orders.OrderForMessage', {
  summary: 'An order as its messages tell it.',
  input: object({ orderId: Id }),
  output: object({
    orderId: Id,
    number: Type.String(),
    accountId: Type.Union([Id, Type.Null()]),
    email: Type.String(),
    viewToken: Type.Union([Type.String(), Type.Null()]),
    name: Type.String(),
    status: OrderStatus,
    cancelReason: Type.Union([CancelReason, Type.Null()]),
    lines: Type.Array(OrderLine),
    totals: OrderTotals,
    shippingAddress: Address,
    method: PaymentMethod,
  }),
  refusals: { 'not-found': 404 },
  over: 'grpc',
  repeatable: true,
})
/** Whether somebody may act on an order as its owner: by account or by the order's token. */
export const AuthorizeOrderAccess = call('orders.AuthorizeOrderAccess', {
  summary: 'Facts of an order for whoever shows its token or owns it.',
  input: object({ orderId: Id, accountId: Type.Optional(Id), token: Type.Optional(Type.String()), staff: Type.Boolean() }),
  output: object({ orderId: Id, status: OrderStatus, number: Type.String(), total: Money }),
  refusals: { 'not-found': 404 },
  over: 'grpc',
  repeatable: true,
})
/** The mirror of the gateway's inquiry, for payments: whether a running payment is still wanted. */
export const OrderStates = call('orders.OrderStates', {
  summary: 'States of orders, for the doctor.',
  input: object({ orderIds: Type.Array(Id, { maxItems: 1000 }) }),
  output: object({ items: Type.Array(object({ orderId: Id, status: OrderStatus, total: Money })) }),
  over: 'grpc',
  repeatable: true,
})

const topic = 'order.events'
const key = 'orderId' as const
const lines = Type.Array(object({ sku: Type.String(), productId: Id, quantity: Quantity, unitPriceMinor: Type.Integer() }))
export const OrderCreated = event('OrderCreated', {
  summary: 'An order was placed, its stock held. Payment begins.',
  topic,
  version: 1,
  key,
  data: object({
    orderId: Id,
    number: Type.String(),
    accountId: Type.Union([Id, Type.Null()]),
    cartId: Type.Union([Id, Type.Null()]),
    lines,
    total: Money,
    method: PaymentMethod,
    placedAt: Moment,
  }),
})
export const OrderConfirmed = event('OrderConfirmed', {
  summary: 'The shop is bound: the point of no return.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id, lines, total: Money, method: PaymentMethod }),
})
export const OrderProcessing = event('OrderProcessing', {
  summary: 'Staff are preparing the order.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id }),
})
export const OrderShipped = event('OrderShipped', {
  summary: 'The order left the house: stock falls, the card is captured.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id, trackingNumber: Type.String(), total: Money, method: PaymentMethod }),
})
export const OrderDelivered = event('OrderDelivered', {
  summary: 'The order arrived.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id, total: Money, method: PaymentMethod }),
})
export const OrderCancelled = event('OrderCancelled', {
  summary: 'The order ended without delivery; money and stock go back.',
  topic,
  version: 1,
  key,
  data: object({
    orderId: Id,
    reason: CancelReason,
    from: OrderStatus,
    cartId: Type.Union([Id, Type.Null()]),
    accountId: Type.Union([Id, Type.Null()]),
    lines,
  }),
})
export const OrderReturned = event('OrderReturned', {
  summary: 'The goods came back.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id, lines }),
})
export const OrderRefunded = event('OrderRefunded', {
  summary: 'All money of the order went back.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id }),
})
export const PaymentDeadlinePassed = event('PaymentDeadlinePassed', {
  summary: 'An order waited too long for the shopper’s step; payments must end the attempt with proof.',
  topic,
  version: 1,
  key,
  data: object({ orderId: Id }),
})
