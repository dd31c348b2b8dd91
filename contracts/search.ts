/** Read model of everything a shopper filters by. */
import { Type } from 'typebox'
import { call, object, route } from '@stoa/chassis/contract.ts'
import { Card, Id, PageQuery } from './shared.ts'

const many = (maxLength = 200) => Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength }), { maxItems: 50 }))
/** Filters by attribute come beside these as `attr.<name>=<value>`. */
export const SearchQuery = Type.Object(
  {
    q: Type.Optional(Type.String({ maxLength: 500 })),
    category: many(),
    brand: many(),
    tag: many(),
    vendor: many(),
    minPrice: Type.Optional(Type.Integer({ minimum: 0, maximum: 9_000_000_000_000 })),
    maxPrice: Type.Optional(Type.Integer({ minimum: 0, maximum: 9_000_000_000_000 })),
    minRating: Type.Optional(Type.Number({ minimum: 0, maximum: 5 })),
    inStock: Type.Optional(Type.Boolean()),
    sort: Type.Optional(Type.Union(['relevance', 'price', '-price', 'rating', 'newest', 'sales'].map((one) => Type.Literal(one)))),
    facets: Type.Optional(Type.Boolean()),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
    ...PageQuery,
  },
  {
    additionalProperties: false,
    patternProperties: { '^attr\\.[^\\u0000]{1,80}$': Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 50 }) },
  },
)
export const ListProducts = route('GET /products', {
  summary:
    'Products found, filtered and sorted. Prices in minor units of `currency`; a repeated filter means any of its values, different filters mean all.',
  permission: 'public',
  class: 'browse',
  query: SearchQuery,
  keptMs: 1000,
  output: object({
    items: Type.Array(Card),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
    facets: Type.Optional(
      Type.Record(Type.String(), Type.Array(object({ value: Type.String(), count: Type.Integer(), label: Type.Optional(Type.String()) }))),
    ),
    didYouMean: Type.Optional(Type.String()),
    total: Type.Optional(Type.Integer()),
  }),
  refusals: { 'invalid-cursor': 422, 'invalid-request': 422 },
})
export const SuggestProducts = route('GET /products/suggest', {
  summary: 'Suggestions while typing.',
  permission: 'public',
  class: 'browse',
  query: object({ q: Type.String({ maxLength: 200 }), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })) }),
  output: object({
    items: Type.Array(
      object({
        text: Type.String(),
        kind: Type.Union([Type.Literal('product'), Type.Literal('brand'), Type.Literal('category')]),
        slug: Type.Optional(Type.String()),
      }),
    ),
  }),
})
export const SimilarTo = call('search.SimilarTo', {
  summary: 'Cards of products like this one, the likest first; empty when it is not indexed yet.',
  input: object({ productId: Id, limit: Type.Integer({ minimum: 1, maximum: 24 }) }),
  output: object({ items: Type.Array(Card) }),
  repeatable: true,
})
/** How many active products the index holds; the demo shop is ready when all are there. */
export const CountIndexed = call('search.CountIndexed', {
  summary: 'Number of listed products in the index.',
  input: object({}),
  output: object({ products: Type.Integer() }),
  repeatable: true,
})
