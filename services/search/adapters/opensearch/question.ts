/** Questions as OpenSearch takes them. Whatever a shopper sends is a value, never a part of a query's text. */
import { isId } from '@stoa/kit/ids.ts'
import type { Sort } from '../../domain/query.ts'
import { ADJACENT_SHARE, neighbours, rareOf, type Ranking, type Term } from '../../domain/ranking.ts'
import type { FoundFilters, FoundQuery, Wishes } from '../../engine.ts'
import { featureOf, WHOLE } from './shape.ts'

export type Clause = Readonly<Record<string, unknown>>

/** A filter that a facet of the same name leaves out when it counts. Attributes are `attr.<name>`. */
export type FilterName = 'category' | 'brand' | 'tag' | 'vendor' | 'price' | 'rating' | 'availability' | 'currency' | `attr.${string}`

/** OpenSearch leaves off by itself what nobody waits for any more. */
export const TIMEOUT = '1900ms'

/** Each tier lies above all below it: no sum of words comes near. */
const TIER = 1_000_000
/** More than all tiers, and the product that was named, come to. */
const ABOVE_TIERS = 10 * TIER
/** Products that may be pinned to one question, at most. */
const PINNED_MAX = 1000
/** A thousandth is the least difference that counts, as in PostgreSQL. */
const SCALE = 1000
const SCORE_MAX = 2 * PINNED_MAX * ABOVE_TIERS

/** Conditions by filter. Only filters that were asked for are there. */
export function conditionsOf(filters: FoundFilters): Map<FilterName, Clause> {
  const conditions = new Map<FilterName, Clause>()
  const terms = (name: FilterName, field: string, values: readonly string[]) => conditions.set(name, { terms: { [field]: values } })
  if (filters.category !== undefined) terms('category', 'categoryIds', filters.category)
  if (filters.brand.length > 0) terms('brand', 'brandKey', filters.brand)
  if (filters.tag.length > 0) terms('tag', 'tags', filters.tag)
  if (filters.vendor.length > 0) terms('vendor', 'vendorId', filters.vendor.filter(isId))
  if (filters.minPrice !== undefined || filters.maxPrice !== undefined)
    conditions.set('price', { range: { price: { gte: filters.minPrice, lte: filters.maxPrice } } })
  if (filters.minRating !== undefined && filters.minRating > 0)
    conditions.set('rating', { range: { rating: { gte: Math.ceil(filters.minRating * 100) } } })
  if (filters.inStock) conditions.set('availability', { term: { inStock: true } })
  if (filters.currency !== undefined) terms('currency', 'currency', [filters.currency])
  for (const [name, keys] of filters.attributes) terms(`attr.${name}`, 'attributeKeys', keys)
  return conditions
}

/** Whether a product holds one of the forms of a term. */
function holds({ forms }: Term): Clause {
  const single = forms.filter((form) => !form.includes(' '))
  const several = forms.filter((form) => form.includes(' '))
  const ways = [
    ...(single.length > 0 ? [{ terms: { words: single.map(featureOf) } }] : []),
    ...several.map((form) => ({ bool: { filter: form.split(' ').map((word) => ({ term: { words: featureOf(word) } })) } })),
  ]
  return anyOf(ways)
}

function anyOf(ways: readonly Clause[]): Clause {
  return ways.length === 1 ? (ways[0] as Clause) : { bool: { should: ways, minimum_should_match: 1 } }
}

/** The tiers of a ranking that are in use, the widest last: it holds all before it. */
function tiersOf({ terms, products, depth }: Ranking): Clause[] {
  if (terms.length === 0) return []
  const [rarest, ...others] = terms.map(holds)
  const all = { bool: { filter: [rarest, ...others] } }
  if (others.length === 0 || depth === 1) return [all]
  const butOne = { bool: { filter: [rarest], should: others, minimum_should_match: others.length - 1 } }
  const rare = depth === 3 ? rareOf(terms, products).map(holds) : []
  return [all, butOne, ...(rare.length > 0 ? [anyOf(rare)] : [])]
}

/** Products that answer the words, or were pinned. */
export function hitsOf(ranking: Ranking, { pinned }: Wishes): Clause {
  const widest = tiersOf(ranking).slice(-1)
  return anyOf([...widest, ...(pinned.length > 0 ? [{ terms: { id: pinned } }] : [])])
}

/** The tier, the product that was named, the merchant's wishes, and how well the words are answered. */
function scoresOf(ranking: Ranking, { pinned, buried }: Wishes): Clause[] {
  const tiers = tiersOf(ranking)
  const above = (clause: Clause, boost: number) => ({ constant_score: { filter: clause, boost } })
  return [
    ...tiers.slice(0, -1).map((tier) => above(tier, TIER)),
    ...(ranking.named ? [above({ term: { id: ranking.named } }, tiers.length * TIER)] : []),
    ...pinned.map((id, index) => above({ term: { id } }, (PINNED_MAX + 1 - index) * ABOVE_TIERS)),
    // No score is below nothing, so that all others rise.
    ...(buried.length > 0 ? [above({ bool: { must_not: [{ terms: { id: buried } }] } }, ABOVE_TIERS)] : []),
    ...(ranking.terms.length > 0 ? [standing(ranking, adjacent(ranking))] : []),
  ]
}

/** How well the words are answered, more where they stand side by side in the name. */
function adjacent({ terms }: Ranking): Clause {
  const pairs = neighbours(terms)
  const query = { bool: { should: terms.filter((one) => one.idf > 0).map(told) } }
  if (pairs.length === 0) return query
  const phrase = (pair: readonly [string, string]) => ({ match_phrase: { name: pair.join(' ') } })
  const functions = [{ weight: 1 }, ...pairs.map((ways) => ({ filter: anyOf(ways.map(phrase)), weight: ADJACENT_SHARE / pairs.length }))]
  return { function_score: { query, functions, score_mode: 'sum', boost_mode: 'multiply' } }
}

/** What a term tells of a product: the most that one of its forms does. Of several words, each counts its part. */
function told({ forms, idf }: Term): Clause {
  const impact = (word: string, share: number) => ({
    rank_feature: { field: `impacts.${featureOf(word)}`, linear: {}, boost: (idf * SCALE) / share },
  })
  const queries = forms.map((form) => {
    const words = form.split(' ')
    if (words.length === 1) return impact(form, 1)
    return { bool: { must: words.map((word) => impact(word, words.length)) } }
  })
  return queries.length === 1 ? (queries[0] as Clause) : { dis_max: { queries } }
}

/** Standings count as of the moment the list began, so that its pages agree. */
function standing({ standingAt }: Ranking, query: Clause): Clause {
  if (standingAt === undefined) return query
  const as = (field: string, filter: Clause) => ({ filter, field_value_factor: { field, factor: 1 / WHOLE } })
  const functions = [
    as('standing', { range: { standingAt: { lte: standingAt } } }),
    as('standingBefore', { range: { standingAt: { gt: standingAt } } }),
  ]
  return { function_score: { query, functions, score_mode: 'first', boost_mode: 'multiply' } }
}

type Order = readonly (readonly [field: string, direction: 'asc' | 'desc'])[]

const NEWEST: Order = [
  ['createdAt', 'desc'],
  ['id', 'desc'],
]
const ORDERS: Readonly<Record<Exclude<Sort, 'relevance'>, Order>> = {
  newest: NEWEST,
  price: [
    ['price', 'asc'],
    ['id', 'asc'],
  ],
  '-price': [
    ['price', 'desc'],
    ['id', 'desc'],
  ],
  rating: [
    ['rating', 'desc'],
    ['ratings', 'desc'],
    ['id', 'desc'],
  ],
  sales: [
    ['sales', 'desc'],
    ['id', 'desc'],
  ],
}
const RELEVANCE: Order = [
  ['_score', 'desc'],
  ['id', 'desc'],
]

function orderOf(sort: Sort, isRanked: boolean): Order {
  return sort === 'relevance' ? (isRanked ? RELEVANCE : NEWEST) : ORDERS[sort]
}

/** Whether these could be the values that place a product in a list. */
export function isPlaceOf(sort: Sort, isRanked: boolean, values: unknown): values is unknown[] {
  const order = orderOf(sort, isRanked)
  if (!Array.isArray(values) || values.length !== order.length) return false
  return order.every(([field], index) => {
    const value: unknown = values[index]
    if (field === 'id') return typeof value === 'string' && isId(value)
    return field === '_score' ? Number.isFinite(value) && Math.abs(value as number) < SCORE_MAX : Number.isSafeInteger(value)
  })
}

/** Asks for one page: ids and places, one more than `limit` when there are more. */
export function pageQuestion(
  { sort, filters, wishes }: FoundQuery,
  ranking: Ranking | undefined,
  after: readonly unknown[] | undefined,
  limit: number,
): object {
  const order = orderOf(sort, ranking !== undefined)
  const filter = [...conditionsOf(filters).values(), ...(ranking ? [hitsOf(ranking, wishes)] : [])]
  const should = ranking && order === RELEVANCE ? scoresOf(ranking, wishes) : []
  return {
    size: limit + 1,
    timeout: TIMEOUT,
    _source: false,
    track_total_hits: false,
    query: { bool: { filter, should } },
    sort: order.map(([field, direction]) => ({ [field]: direction })),
    ...(after ? { search_after: after } : {}),
  }
}
