/** Shapes that several services' contracts share. */
import { Type, type Static, type TSchema } from 'typebox'
import { object } from '@stoa/chassis/contract.ts'

/** A UUID. */
export const Id = Type.String({ format: 'uuid' })
export const Currency = Type.String({ pattern: '^[A-Z]{3}$' })
/** Units: minor units of `currency`. Never negative. */
export const Money = object({ amount: Type.Integer({ minimum: 0, maximum: 9_000_000_000_000 }), currency: Currency })
/** Money that may be owed either way. */
export const SignedMoney = object({ amount: Type.Integer(), currency: Currency })
export const Sku = Type.String({ minLength: 1, maxLength: 64, pattern: '^[!-~]+( [!-~]+)*$' })
export const Quantity = Type.Integer({ minimum: 1, maximum: 10_000 })
/** RFC 3339, UTC. */
export const Moment = Type.String({ format: 'date-time' })
export const Email = Type.String({ format: 'email', maxLength: 254 })
/** A customer group: a lower-case slug, e.g. `trade`. */
export const CustomerGroup = Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' })
/** ISO 3166-1 alpha-2. */
export const Country = Type.String({ pattern: '^[A-Z]{2}$' })
const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f]*\\S[^\\u0000-\\u001f]*$' })
/** One line of text without control characters, not blank. */
export const Line = line(200)
/** Names, titles. */
export const Name = line(300)

export const Address = object({
  name: Line,
  line1: Line,
  line2: Type.Optional(Line),
  city: Line,
  postalCode: line(20),
  region: Type.Optional(line(100)),
  country: Country,
  phone: Type.Optional(line(40)),
})
export type Address = Static<typeof Address>

/** What decides rates and taxes of an address. A whole address is welcome; only these parts count. */
export const Place = object({
  country: Country,
  postalCode: line(20),
  region: Type.Optional(line(100)),
  city: Type.Optional(Line),
  name: Type.Optional(Line),
  line1: Type.Optional(Line),
  line2: Type.Optional(Line),
  phone: Type.Optional(line(40)),
})
export type Place = Static<typeof Place>

/** A line of a basket: by SKU, or by product when it has one variant. Exactly one of the two is given. */
export const BasketItem = object({ sku: Type.Optional(Sku), productId: Type.Optional(Id), quantity: Quantity })
export const BasketItems = Type.Array(BasketItem, { minItems: 1, maxItems: 100 })

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
}

/** Languages that names and descriptions are searched in. */
export const Language = Type.Union([Type.Literal('en'), Type.Literal('de')])
export type Language = Static<typeof Language>

/** A page of a list: `nextCursor` is null at the end. */
export function page<T extends TSchema>(item: T) {
  return object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) })
}

export const Availability = Type.Union([Type.Literal('in-stock'), Type.Literal('low'), Type.Literal('out')])
export const Image = object({
  url: Type.String({ minLength: 1, maxLength: 2000 }),
  alt: Type.String({ maxLength: 500 }),
  width: Type.Integer({ minimum: 1, maximum: 20000 }),
  height: Type.Integer({ minimum: 1, maximum: 20000 }),
})
export const Rating = object({ average: Type.Number({ minimum: 0, maximum: 5 }), count: Type.Integer({ minimum: 0 }) })

/** A product in a list. */
export const Card = object({
  id: Id,
  slug: Type.String(),
  sku: Type.String(),
  name: Type.String(),
  brand: Type.Union([Type.String(), Type.Null()]),
  image: Type.Union([Image, Type.Null()]),
  price: Money,
  compareAt: Type.Optional(Money),
  rating: Rating,
  availability: Availability,
  available: Type.Integer(),
  variants: Type.Integer(),
})
export type Card = Static<typeof Card>

/** Nothing in, nothing out. */
export const Empty = object({})
