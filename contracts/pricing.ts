/** Prices, price lists, taxes, quotes. */
import { Type, type Static } from 'typebox'
import { call, event, object, route, staff } from '@stoa/chassis/contract.ts'
import { TaxClass } from './catalog.ts'
import { BasketItems, Currency, CustomerGroup, Id, Moment, Money, page, PageQuery, Place, Quantity, Sku } from './shared.ts'

const Channel = Type.Union([Type.Literal('web'), Type.Literal('pos')])
/** Who buys, as far as prices care: nobody in particular on the web unless told. */
export const buyer = { groups: Type.Optional(Type.Array(CustomerGroup, { maxItems: 20 })), channel: Type.Optional(Channel) }
export type Buyer = { groups?: string[]; channel?: Static<typeof Channel> }

/** Who buys when `caller` asks: their groups, and the channel `pos` for a till's account. */
export function buyerOf(
  caller: { kind: 'guest' } | { kind: 'account'; readonly roles: readonly string[]; readonly groups: readonly string[] },
): Buyer {
  if (caller.kind === 'guest') return {}
  return {
    ...(caller.groups.length > 0 ? { groups: [...caller.groups] } : {}),
    ...(caller.roles.includes('pos') ? { channel: 'pos' } : {}),
  }
}

export const QuoteLine = object({
  sku: Type.String(),
  quantity: Quantity,
  unitPrice: Money,
  discount: Money,
  tax: Money,
  total: Money,
  /** Why the price is what it is, for people. */
  why: Type.Array(Type.String()),
})
const totals = {
  lines: Type.Array(QuoteLine),
  shipping: Money,
  subtotal: Money,
  discount: Money,
  tax: Money,
  taxIncluded: Type.Boolean(),
  total: Money,
}
const ShippingOption = Type.String({ minLength: 1, maxLength: 60 })
const Coupon = Type.String({ minLength: 1, maxLength: 60 })
const QuoteId = Type.String({ minLength: 1, maxLength: 20_000 })

export const QuoteCheckout = route('POST /checkout/quote', {
  summary: 'A signed quote: until it expires (15 min) its total is what the order costs, even if prices move.',
  permission: 'public',
  class: 'checkout',
  body: object({
    items: Type.Optional(BasketItems),
    cart: Type.Optional(Type.Literal(true)),
    shippingAddress: Place,
    shippingOption: ShippingOption,
    coupon: Type.Optional(Coupon),
    currency: Type.Optional(Currency),
  }),
  output: object({ quoteId: QuoteId, expiresAt: Moment, ...totals }),
  refusals: { 'unknown-sku': 404, 'invalid-request': 422, 'cart-empty': 409, unavailable: 503 },
})

/** A shop has so many lists at most, each so long. */
export const PRICE_LISTS_MAX = 500
const PRICES_PER_LIST_MAX = 10_000
/** Ten thousand prices of the longest SKUs. */
const PRICE_LIST_BYTES_MAX = 2 * 1024 * 1024
const ListedMinor = Type.Integer({ minimum: 0, maximum: 9_000_000_000_000 })
const listTerms = {
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\u0000-\\u001f]*\\S[^\\u0000-\\u001f]*$' }),
  currency: Currency,
  group: Type.Union([CustomerGroup, Type.Null()]),
  channel: Type.Union([Channel, Type.Null()]),
  validFrom: Type.Union([Moment, Type.Null()]),
  validUntil: Type.Union([Moment, Type.Null()]),
}
/** Prices beside the products’ own, for a currency and, where told, a group, a channel, a time. Units: minor units of `currency`. */
export const PriceList = object({
  id: Id,
  ...listTerms,
  prices: Type.Array(
    object({ sku: Type.String(), minQuantity: Type.Integer(), price: Type.Integer(), compareAt: Type.Optional(Type.Integer()) }),
  ),
  version: Type.Integer(),
})
export type PriceList = Static<typeof PriceList>
/** A price list as staff write it. What GET adds may be sent back and is ignored. */
export const PriceListInput = object({
  name: listTerms.name,
  currency: Currency,
  group: Type.Optional(listTerms.group),
  channel: Type.Optional(listTerms.channel),
  validFrom: Type.Optional(listTerms.validFrom),
  validUntil: Type.Optional(listTerms.validUntil),
  prices: Type.Array(
    object({ sku: Sku, minQuantity: Type.Optional(Quantity), price: ListedMinor, compareAt: Type.Optional(ListedMinor) }),
    { maxItems: PRICES_PER_LIST_MAX },
  ),
  id: Type.Optional(Type.Unknown()),
  version: Type.Optional(Type.Unknown()),
})
export type PriceListInput = Static<typeof PriceListInput>

const ManagePrices = staff('prices:write', 'admin')
const ByListId = object({ id: Id })
export const ListPriceLists = route('GET /price-lists', {
  summary: 'Price lists, newest first, each with the number of its prices.',
  permission: ManagePrices,
  class: 'staff',
  query: object(PageQuery),
  output: page(object({ id: Id, ...listTerms, priceCount: Type.Integer(), version: Type.Integer() })),
  refusals: { 'invalid-cursor': 422 },
})
export const CreatePriceList = route('POST /price-lists', {
  summary: `Makes a price list (${PRICE_LISTS_MAX} at most). Of the product’s own price and those of all lists in force for the buyer, the lowest counts.`,
  permission: ManagePrices,
  class: 'staff',
  body: PriceListInput,
  bodyBytesMax: PRICE_LIST_BYTES_MAX,
  output: PriceList,
  status: 201,
  idempotencyKey: 'optional',
  refusals: { 'invalid-request': 422, 'too-many-price-lists': 409 },
})
export const GetPriceList = route('GET /price-lists/{id}', {
  summary: 'A price list with all its prices.',
  permission: ManagePrices,
  class: 'staff',
  params: ByListId,
  output: PriceList,
  refusals: { 'not-found': 404 },
})
export const ReplacePriceList = route('PUT /price-lists/{id}', {
  summary: 'Replaces a price list with what is given (what GET gave is welcome).',
  permission: ManagePrices,
  class: 'staff',
  params: ByListId,
  body: PriceListInput,
  bodyBytesMax: PRICE_LIST_BYTES_MAX,
  output: PriceList,
  ifMatch: 'required',
  refusals: { 'not-found': 404, stale: 412, 'invalid-request': 422 },
})
export const DeletePriceList = route('DELETE /price-lists/{id}', {
  summary: 'Deletes a price list; other prices count from now on. Quotes keep theirs.',
  permission: ManagePrices,
  class: 'staff',
  params: ByListId,
  output: object({}),
  status: 204,
  refusals: { 'not-found': 404 },
})

/** A basket priced for a place. With `quoteId`, the quote's own figures if it fits and is alive. */
export const PriceBasket = call('pricing.PriceBasket', {
  summary: 'Prices, discounts, shipping and tax of a basket, per line and in sum.',
  input: object({
    items: Type.Array(object({ sku: Sku, quantity: Quantity }), { minItems: 1, maxItems: 100 }),
    place: Place,
    shippingOption: ShippingOption,
    coupon: Type.Optional(Coupon),
    currency: Type.Optional(Currency),
    quoteId: Type.Optional(QuoteId),
    ...buyer,
  }),
  output: object({ ...totals, currency: Currency }),
  refusals: { 'unknown-sku': 404, 'invalid-request': 422, 'quote-expired': 409, 'quote-mismatch': 409 },
  over: 'grpc',
  repeatable: true,
})
export type PricedBasket = Static<typeof PriceBasket.output>

/** For the cart: lines and sums without shipping, taxed as in the shop's own country. */
export const PriceItems = call('pricing.PriceItems', {
  summary: 'Prices of items without shipping, taxed as in the shop’s own country. Unpriced SKUs are left out.',
  input: object({
    items: Type.Array(object({ sku: Type.String(), quantity: Quantity }), { maxItems: 200 }),
    currency: Type.Optional(Currency),
    ...buyer,
  }),
  output: object({
    lines: Type.Array(QuoteLine),
    subtotal: Money,
    discount: Money,
    tax: Money,
    taxIncluded: Type.Boolean(),
    total: Money,
    currency: Currency,
  }),
  over: 'grpc',
  repeatable: true,
})
export const PriceFacts = object({
  sku: Type.String(),
  productId: Id,
  price: Money,
  compareAt: Type.Union([Money, Type.Null()]),
  weightGrams: Type.Integer(),
  taxClass: TaxClass,
})
export const PricesOf = call('pricing.PricesOf', {
  summary: 'Prices of one unit and weights of SKUs, in the shop’s currency unless told. Unpriced SKUs are left out.',
  input: object({ skus: Type.Array(Type.String(), { maxItems: 2000 }), currency: Type.Optional(Currency), ...buyer }),
  output: object({ items: Type.Array(PriceFacts) }),
  over: 'grpc',
  repeatable: true,
})
/** A basket before shipping is known, for whoever has to weigh it. */
export const MeasureBasket = call('pricing.MeasureBasket', {
  summary: 'What a basket (items, or a cart) holds, weighs and costs before shipping.',
  input: object({
    items: Type.Optional(BasketItems),
    cart: Type.Optional(Type.Literal(true)),
    accountId: Type.Optional(Id),
    guestToken: Type.Optional(Type.String({ maxLength: 200 })),
    currency: Type.Optional(Currency),
    ...buyer,
  }),
  output: object({
    items: Type.Array(object({ sku: Type.String(), quantity: Type.Integer() })),
    weightGrams: Type.Integer(),
    subtotal: Money,
  }),
  refusals: { 'unknown-sku': 404, 'invalid-request': 422, 'cart-empty': 409 },
  over: 'grpc',
  repeatable: true,
})
/** From catalog, so that a product is priced when its creation answers; the events are the safety net behind it. */
export const PutPrices = call('pricing.PutPrices', {
  summary: 'Takes over prices of products. `productVersion` older than what is known is ignored; equal prices publish nothing.',
  input: object({
    products: Type.Array(
      object({
        productId: Id,
        productVersion: Type.Integer(),
        archived: Type.Boolean(),
        variants: Type.Array(
          object({ sku: Sku, price: Money, compareAt: Type.Union([Money, Type.Null()]), weightGrams: Type.Integer(), taxClass: TaxClass }),
        ),
      }),
      { maxItems: 500 },
    ),
  }),
  output: object({ changed: Type.Integer() }),
  over: 'grpc',
  repeatable: true,
})

export const PriceChanged = event('PriceChanged', {
  summary:
    'What everybody pays on the web for one unit of a SKU is now this, lists counted. `version` grows with every change of the SKU’s price.',
  topic: 'pricing.events',
  version: 1,
  key: 'sku',
  touches: 'productId',
  data: object({ sku: Type.String(), productId: Id, price: Money, compareAt: Type.Union([Money, Type.Null()]), version: Type.Integer() }),
})
