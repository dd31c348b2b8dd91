/** Carts of guests and accounts. */
import { Type } from 'typebox'
import { call, event, object, route } from '@stoa/chassis/contract.ts'
import { buyer } from './pricing.ts'
import { Currency, Id, Image, Money, Quantity, Sku } from './shared.ts'

/** Names a guest's cart, at every door that meets it. */
export const CART_COOKIE = { name: 'stoa_cart', maxAgeSeconds: 30 * 24 * 60 * 60 } as const

export const Cart = object({
  id: Type.Union([Id, Type.Null()]),
  version: Type.Integer(),
  items: Type.Array(
    object({
      sku: Type.String(),
      productId: Id,
      slug: Type.String(),
      name: Type.String(),
      options: Type.Record(Type.String(), Type.String()),
      image: Type.Union([Image, Type.Null()]),
      quantity: Quantity,
      unitPrice: Money,
      lineTotal: Money,
      available: Type.Integer(),
      problem: Type.Optional(Type.Union([Type.Literal('unavailable'), Type.Literal('insufficient-stock'), Type.Literal('price-changed')])),
    }),
  ),
  coupons: Type.Array(Type.String()),
  subtotal: Money,
  discount: Money,
  tax: Money,
  taxIncluded: Type.Boolean(),
  total: Money,
  currency: Currency,
})
const BySku = object({ sku: Sku })
const refusals = { 'unknown-sku': 404, 'insufficient-stock': 409, 'cart-full': 409, unavailable: 503 } as const

export const GetCart = route('GET /cart', {
  summary: 'My cart: the account’s, else the one named by the cookie `stoa_cart`; both together are merged.',
  permission: 'public',
  class: 'cart',
  output: Cart,
  refusals: { unavailable: 503 },
})
export const AddCartItem = route('POST /cart/items', {
  summary: 'Puts units of a SKU into my cart; the same SKU again adds.',
  permission: 'public',
  class: 'cart',
  body: object({ sku: Sku, quantity: Quantity }),
  output: Cart,
  refusals,
  idempotencyKey: 'optional',
})
export const ChangeCartItem = route('PATCH /cart/items/{sku}', {
  summary: 'Sets the units of a SKU in my cart; 0 removes it.',
  permission: 'public',
  class: 'cart',
  params: BySku,
  body: object({ quantity: Type.Integer({ minimum: 0, maximum: 10_000 }) }),
  output: Cart,
  refusals,
})
export const RemoveCartItem = route('DELETE /cart/items/{sku}', {
  summary: 'Takes a SKU out of my cart.',
  permission: 'public',
  class: 'cart',
  params: BySku,
  output: Cart,
  refusals,
})

/** Whose cart: the account's, else the guest's by the value of the cookie. */
export const CartOwner = object({ accountId: Type.Optional(Id), guestToken: Type.Optional(Type.String({ maxLength: 200 })) })
export const CartOf = call('cart.CartOf', {
  summary: 'Items of a cart, for checkout.',
  input: CartOwner,
  output: object({ cartId: Type.Union([Id, Type.Null()]), items: Type.Array(object({ sku: Type.String(), quantity: Quantity })) }),
  repeatable: true,
})
const Lines = Type.Array(object({ sku: Type.String(), quantity: Quantity }), { maxItems: 200 })
/** Why a cart does not hold all that was wanted: not sold any more, not enough of it, no line free. */
export const ShortReason = Type.Union([Type.Literal('unavailable'), Type.Literal('insufficient-stock'), Type.Literal('cart-full')])
export const RefillCart = call('cart.RefillCart', {
  summary:
    'Brings lines of a cart up to these units as far as they can be had; doing it again adds nothing. `cartId` is for a cart that is made.',
  input: object({ ...CartOwner.properties, ...buyer, cartId: Id, lines: Lines }),
  output: object({
    cart: Cart,
    /** Of a guest: the value of the cookie from now on. */
    guestToken: Type.Union([Type.String(), Type.Null()]),
    short: Type.Array(object({ sku: Type.String(), wanted: Quantity, inCart: Type.Integer(), reason: ShortReason })),
  }),
  refusals: { unavailable: 503 },
  repeatable: true,
})
/** The event OrderCreated does the same behind it. */
export const TakeOrderedLines = call('cart.TakeOrderedLines', {
  summary: 'Takes ordered lines out of a cart, once per order.',
  input: object({ cartId: Id, orderId: Id, lines: Type.Array(object({ sku: Type.String(), quantity: Quantity })) }),
  output: object({ taken: Type.Boolean() }),
  repeatable: true,
})

export const CartChanged = event('CartChanged', {
  summary: 'A cart holds this now.',
  topic: 'cart.events',
  version: 1,
  key: 'cartId',
  touches: 'cartId',
  data: object({
    cartId: Id,
    accountId: Type.Union([Id, Type.Null()]),
    version: Type.Integer(),
    items: Type.Array(object({ sku: Type.String(), quantity: Quantity })),
  }),
})
