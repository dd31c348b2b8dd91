/** Read model of everything a shopper filters by. */
import { Type } from 'typebox'
import { call, object, route, staff } from '@stoa/chassis/contract.ts'
import { Card, Id, Language, Line, Moment, page, PageQuery } from './shared.ts'

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
    /** Carries how the words were understood. */
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 6000 })),
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
    /** False when more than 10,000 products answer: counts are those of 10,000 of them, and `total` is 10,000. */
    facetsExact: Type.Optional(Type.Boolean()),
    didYouMean: Type.Optional(Type.String()),
    total: Type.Optional(Type.Integer()),
    /** Where nothing was found: what comes near, by other filters or because many buy it. */
    near: Type.Optional(Type.Array(Card)),
  }),
  refusals: { 'invalid-cursor': 422, 'invalid-request': 422 },
})
export const SuggestProducts = route('GET /products/suggest', {
  summary: 'Suggestions while typing.',
  permission: 'public',
  class: 'browse',
  query: object({ q: Type.String({ maxLength: 200 }), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })) }),
  keptMs: 5000,
  output: object({
    items: Type.Array(
      object({
        text: Type.String(),
        /** `query`: what others asked for and found. */
        kind: Type.Union([Type.Literal('product'), Type.Literal('brand'), Type.Literal('category'), Type.Literal('query')]),
        slug: Type.Optional(Type.String()),
      }),
    ),
  }),
})
const ManageSearch = staff('search:write', 'admin')
const ById = object({ id: Id })
const changed = { id: Id, version: Type.Integer(), changedAt: Moment, changedBy: Id }
/** Groups of synonyms, and questions with an order of their own, that a shop may have of each. */
export const WISHES_MAX = 2000
export const SynonymsInput = object({
  /** Words or phrases of up to four words that mean the same. */
  words: Type.Array(Line, { minItems: 2, maxItems: 8 }),
  /** The only language in which they do; any, unless told. */
  language: Type.Optional(Language),
})
const Synonyms = object({ ...SynonymsInput.properties, ...changed })
export const ListSynonyms = route('GET /search/synonyms', {
  summary: 'Groups of words that mean the same to this shop, the newest first.',
  permission: ManageSearch,
  class: 'staff',
  query: object(PageQuery),
  output: page(Synonyms),
  refusals: { 'invalid-cursor': 422 },
})
export const CreateSynonyms = route('POST /search/synonyms', {
  summary: 'Makes a group of words that mean the same: whoever asks for one finds what holds another.',
  permission: ManageSearch,
  class: 'staff',
  body: SynonymsInput,
  output: Synonyms,
  status: 201,
  idempotencyKey: 'optional',
  refusals: { 'invalid-request': 422, 'too-many-wishes': 409 },
})
export const ReplaceSynonyms = route('PUT /search/synonyms/{id}', {
  summary: 'Replaces a group of synonyms. `If-Match` names the version that was shown.',
  permission: ManageSearch,
  class: 'staff',
  params: ById,
  body: SynonymsInput,
  output: Synonyms,
  ifMatch: 'required',
  refusals: { 'not-found': 404, stale: 412, 'invalid-request': 422 },
})
export const DeleteSynonyms = route('DELETE /search/synonyms/{id}', {
  summary: 'Deletes a group of synonyms.',
  permission: ManageSearch,
  class: 'staff',
  params: ById,
  output: object({}),
  status: 204,
  refusals: { 'not-found': 404 },
})

export const PlacementInput = object({
  /** Case, accents, signs and plurals do not count. */
  question: Line,
  /** Products that come first, in this order, whether they hold the words or not. */
  pinned: Type.Array(Id, { maxItems: 20 }),
  /** Products that come last. */
  buried: Type.Array(Id, { maxItems: 100 }),
})
const Placement = object({ ...PlacementInput.properties, ...changed })
export const ListPlacements = route('GET /search/placements', {
  summary: 'Questions whose answers the merchant has put in order, the newest first.',
  permission: ManageSearch,
  class: 'staff',
  query: object(PageQuery),
  output: page(Placement),
  refusals: { 'invalid-cursor': 422 },
})
export const CreatePlacement = route('POST /search/placements', {
  summary: 'Puts products first or last where a question is sorted by relevance. Filters count for them as for all.',
  permission: ManageSearch,
  class: 'staff',
  body: PlacementInput,
  output: Placement,
  status: 201,
  idempotencyKey: 'optional',
  refusals: { 'invalid-request': 422, 'question-taken': 409, 'too-many-wishes': 409 },
})
export const ReplacePlacement = route('PUT /search/placements/{id}', {
  summary: 'Replaces which products come first or last. `If-Match` names the version that was shown.',
  permission: ManageSearch,
  class: 'staff',
  params: ById,
  body: PlacementInput,
  output: Placement,
  ifMatch: 'required',
  refusals: { 'not-found': 404, stale: 412, 'invalid-request': 422, 'question-taken': 409 },
})
export const DeletePlacement = route('DELETE /search/placements/{id}', {
  summary: 'Gives a question its natural order back.',
  permission: ManageSearch,
  class: 'staff',
  params: ById,
  output: object({}),
  status: 204,
  refusals: { 'not-found': 404 },
})

const IndexState = object({
  engine: Type.String(),
  /** Products listed. */
  products: Type.Integer(),
  rebuilding: Type.Boolean(),
  /** When an index was last made anew; null when none was. */
  rebuiltAt: Type.Union([Moment, Type.Null()]),
})
export const GetIndex = route('GET /search/index', {
  summary: 'What searches, how much it holds, and whether it is being made anew.',
  permission: ManageSearch,
  class: 'staff',
  output: IndexState,
})
export const RebuildIndex = route('POST /search/index/rebuild', {
  summary: 'Has the index made anew beside the one that is asked, which it then replaces at once. Nobody who searches notices.',
  permission: ManageSearch,
  class: 'staff',
  output: IndexState,
  status: 202,
  idempotencyKey: 'optional',
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
