/** Stock per SKU and warehouse, reservations, movements. */
import { Type, type Static } from 'typebox'
import { call, event, object, route, staff } from '@stoa/chassis/contract.ts'
import { Id, Line, Moment, PageQuery, Quantity, Sku, page } from './shared.ts'

const ReadStock = staff('stock:read', 'admin', 'warehouse', 'pos')
const WriteStock = staff('stock:write', 'admin', 'warehouse')
const BySku = object({ sku: Sku })
const Units = Type.Integer({ minimum: 0, maximum: 1_000_000_000 })

export const StockLevel = object({
  sku: Type.String(),
  onHand: Type.Integer(),
  reserved: Type.Integer(),
  available: Type.Integer(),
  incoming: Type.Integer(),
  threshold: Type.Integer(),
  warehouses: Type.Array(object({ warehouse: Type.String(), onHand: Type.Integer(), reserved: Type.Integer(), available: Type.Integer() })),
})
export const Movement = object({
  id: Id,
  sku: Type.String(),
  warehouse: Type.String(),
  delta: Type.Integer(),
  onHandAfter: Type.Integer(),
  kind: Type.Union([Type.Literal('opening'), Type.Literal('adjustment'), Type.Literal('shipment'), Type.Literal('return')]),
  reason: Type.String(),
  orderId: Type.Union([Id, Type.Null()]),
  by: Type.Union([Id, Type.Null()]),
  at: Moment,
})

export const GetStock = route('GET /stock/{sku}', {
  summary: 'Stock of a SKU: on hand, reserved, available, per warehouse.',
  permission: ReadStock,
  class: 'staff',
  params: BySku,
  output: StockLevel,
  refusals: { 'not-found': 404 },
})
export const AdjustStock = route('POST /stock/{sku}/adjustments', {
  summary: 'Corrects stock by `delta` or to `setTo` (exactly one), with a reason; writes a movement.',
  permission: WriteStock,
  class: 'staff',
  params: BySku,
  body: object({
    delta: Type.Optional(Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 })),
    setTo: Type.Optional(Units),
    reason: Line,
    warehouse: Type.Optional(Line),
  }),
  output: Movement,
  status: 201,
  idempotencyKey: 'required',
  refusals: { 'not-found': 404, 'insufficient-stock': 409, 'invalid-request': 422 },
})
export const ListMovements = route('GET /stock/{sku}/movements', {
  summary: 'Every movement of a SKU, newest first.',
  permission: ReadStock,
  class: 'staff',
  params: BySku,
  query: object(PageQuery),
  output: page(Movement),
  refusals: { 'not-found': 404, 'invalid-cursor': 422 },
})
export const SetThreshold = route('PUT /stock/{sku}/threshold', {
  summary: 'Units below which an alert is sent; 0 sends none.',
  permission: WriteStock,
  class: 'staff',
  params: BySku,
  body: object({ units: Units }),
  output: StockLevel,
  refusals: { 'not-found': 404 },
})

const OrderLine = object({ sku: Sku, quantityUnits: Quantity })
export const Reservation = object({ orderId: Id, lines: Type.Array(OrderLine), expiresAt: Moment })
export type Reservation = Static<typeof Reservation>

export const ReserveStock = call('inventory.ReserveStock', {
  summary:
    'Holds all lines of an order or none, for `holdSeconds` (15 min) by the database’s clock. The same order id again answers the same. Refused for ever once the order was released.',
  input: object({
    orderId: Id,
    lines: Type.Array(OrderLine, { minItems: 1, maxItems: 100 }),
    holdSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 * 24 * 3600 })),
  }),
  output: Reservation,
  refusals: { 'insufficient-stock': 409, 'unknown-sku': 404, 'reservation-released': 409 },
  over: 'grpc',
  repeatable: true,
})
export const ReleaseStock = call('inventory.ReleaseStock', {
  summary: 'Gives an order’s units back, also one never seen (it can then no longer reserve). Repeatable.',
  input: object({ orderId: Id }),
  output: object({ released: Type.Boolean() }),
  over: 'grpc',
  repeatable: true,
})
export const ExtendHold = call('inventory.ExtendHold', {
  summary: 'Moves the expiry of an order’s hold to `holdSeconds` from now. False when nothing is held any more.',
  input: object({ orderId: Id, holdSeconds: Type.Integer({ minimum: 1, maximum: 30 * 24 * 3600 }) }),
  output: object({ held: Type.Boolean() }),
  over: 'grpc',
  repeatable: true,
})
export const AvailabilityOf = call('inventory.AvailabilityOf', {
  summary: 'Units that can be reserved now, and whether that is few. Unknown SKUs are left out.',
  input: object({ skus: Type.Array(Type.String(), { maxItems: 2000 }) }),
  output: object({ items: Type.Array(object({ sku: Type.String(), available: Type.Integer(), low: Type.Boolean() })) }),
  over: 'grpc',
  repeatable: true,
})
/** From catalog, so that a product can be bought when its creation answers; the events are the safety net behind it. */
export const OpenStock = call('inventory.OpenStock', {
  summary: 'Opening stock of new SKUs. A known SKU is left as it is.',
  input: object({ items: Type.Array(object({ sku: Sku, productId: Id, units: Units }), { maxItems: 2000 }) }),
  output: object({ opened: Type.Integer() }),
  over: 'grpc',
  repeatable: true,
})
/** How an order's reservation stands, for the doctor. */
export const ReservationsOf = call('inventory.ReservationsOf', {
  summary: 'State of orders’ reservations.',
  input: object({ orderIds: Type.Array(Id, { maxItems: 1000 }) }),
  output: object({
    items: Type.Array(
      object({
        orderId: Id,
        state: Type.Union([Type.Literal('held'), Type.Literal('committed'), Type.Literal('shipped'), Type.Literal('released')]),
      }),
    ),
  }),
  over: 'grpc',
  repeatable: true,
})

const topic = 'inventory.updated'
/** Keyed by SKU: stock levels. */
export const StockChanged = event('StockChanged', {
  summary: 'Stock of a SKU is now this. `version` grows with every change.',
  topic,
  version: 1,
  key: 'sku',
  touches: 'productId',
  data: object({
    sku: Type.String(),
    productId: Id,
    onHand: Type.Integer(),
    reserved: Type.Integer(),
    available: Type.Integer(),
    low: Type.Boolean(),
    version: Type.Integer(),
  }),
})
export const StockLow = event('StockLow', {
  summary: 'Available units fell below the threshold of the SKU.',
  topic,
  version: 1,
  key: 'sku',
  data: object({ sku: Type.String(), productId: Id, available: Type.Integer(), threshold: Type.Integer() }),
})
/** Keyed by order id: what an order waits for. */
export const StockCommitted = event('StockCommitted', {
  summary: 'The hold of a confirmed order is firm.',
  topic,
  version: 1,
  key: 'orderId',
  data: object({ orderId: Id }),
})
export const StockReleased = event('StockReleased', {
  summary: 'An order’s units are back on sale.',
  topic,
  version: 1,
  key: 'orderId',
  data: object({ orderId: Id, reason: Type.Union([Type.Literal('cancelled'), Type.Literal('expired')]) }),
})
export const ReservationExpired = event('ReservationExpired', {
  summary: 'A hold ran out before its order was confirmed; its units are back on sale.',
  topic,
  version: 1,
  key: 'orderId',
  data: object({ orderId: Id }),
})
export const CommitRefused = event('CommitRefused', {
  summary: 'An order was confirmed after its hold had gone, and its units could not be held again.',
  topic,
  version: 1,
  key: 'orderId',
  data: object({ orderId: Id }),
})
