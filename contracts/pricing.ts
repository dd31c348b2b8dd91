/** Prices, taxes, quotes. */
import { Type, type Static } from 'typebox'
import { call, event, object, route } from '@stoa/chassis/contract.ts'
import { TaxClass } from './catalog.ts'
import { BasketItems, Currency, Id, Moment, Money, Place, Quantity, Sku } from './shared.ts'

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
  }),
  output: object({ ...totals, currency: Currency }),
  refusals: { 'unknown-sku': 404, 'invalid-request': 422, 'quote-expired': 409, 'quote-mismatch': 409 },
  deadlineMs: 2000,
  repeatable: true,
})
export type PricedBasket = Static<typeof PriceBasket.output>

/** For the cart: lines and sums without shipping, taxed as in the shop's own country. */
export const PriceItems = call('pricing.PriceItems', {
  summary: 'Prices of items without shipping, taxed as in the shop’s own country. Unpriced SKUs are left out.',
  input: object({
    items: Type.Array(object({ sku: Type.String(), quantity: Quantity }), { maxItems: 200 }),
    currency: Type.Optional(Currency),
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
  summary: 'Prices and weights of SKUs, in the shop’s currency unless told. Unpriced SKUs are left out.',
  input: object({ skus: Type.Array(Type.String(), { maxItems: 2000 }), currency: Type.Optional(Currency) }),
  output: object({ items: Type.Array(PriceFacts) }),
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
  }),
  output: object({
    items: Type.Array(object({ sku: Type.String(), quantity: Type.Integer() })),
    weightGrams: Type.Integer(),
    subtotal: Money,
  }),
  refusals: { 'unknown-sku': 404, 'invalid-request': 422, 'cart-empty': 409 },
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
  repeatable: true,
})

export const PriceChanged = event('PriceChanged', {
  summary: 'The price of a SKU is now this. `version` grows with every change of the SKU’s price.',
  topic: 'pricing.events',
  version: 1,
  key: 'sku',
  data: object({ sku: Type.String(), productId: Id, price: Money, compareAt: Type.Union([Money, Type.Null()]), version: Type.Integer() }),
})
