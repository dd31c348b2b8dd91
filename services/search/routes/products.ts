import { refuse } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { decodeCursor, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { read } from '@stoa/chassis/service.ts'
import { ListProducts, SuggestProducts } from '@stoa/contracts/search.ts'
import { NO_FILTERS, queryOf, scopeOf } from '../domain/query.ts'
import { keyOf } from '../domain/text.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import type { Engine, Facets, FoundQuery, Room, Start, Suggestion } from '../engine.ts'
import { engineOf } from '../engines.ts'
import { Fresh } from '../fresh.ts'
import { noteQuestion } from '../questions.ts'
import { suggestQuestions } from '../store/questions.ts'
import { suggestBrands, suggestCategories } from '../store/suggest.ts'
import { WISHES } from '../store/wishes.ts'
import { INDEX, WORDS } from '../store/write.ts'
import { foundQuery } from '../usecases.ts'

const LIMIT = 24
const NEAR_MAX = 8
/** Counts may be this much older than the list: they are dear, and many shoppers ask the same. */
const FACETS_FRESH_MS = 500
const FACETS_REMEMBERED_MAX = 500
const facetsSeen = new WeakMap<Db, Fresh<Facets>>()

export const listProducts = read(ListProducts, async ({ query: given, db, kept, reply, ...rest }) => {
  reply.shows([INDEX, WISHES])
  const query = queryOf(given)
  if ('errors' in query) return refuse('invalid-request', { errors: query.errors })
  const engine = engineOf(rest)
  const scope = [engine.name, scopeOf(query)]
  const room = { db, kept }
  const found = await foundQuery({ ...room, ...rest }, query)
  const start = given.cursor === undefined ? await engine.begin(room, found) : resumed(engine, found, decodeCursor(scope, given.cursor))
  if (!start) return refuse('invalid-cursor', { detail: 'This cursor belongs to another list.' })
  if (start.nothing) {
    const near = await nearOnes(engine, room, found, start)
    return { items: [], nextCursor: null, ...(given.facets ? { facets: {}, facetsExact: true, total: 0 } : {}), ...near }
  }
  const [page, counted] = await Promise.all([
    engine.page(room, found, start, given.limit ?? LIMIT),
    given.facets ? facetsOf(db, scope, () => engine.facets(db, found, start)) : undefined,
  ])
  if (page.cards.length > 0 && start.mended === undefined && isWorthCounting(given)) noteQuestion(db, query.text, rest.now)
  return {
    items: [...page.cards],
    nextCursor: page.next ? encodeCursor(scope, page.next) : null,
    ...(counted
      ? { facets: counted.facets as Record<string, { value: string; count: number }[]>, facetsExact: counted.isExact, total: counted.total }
      : {}),
    ...(start.mended === undefined ? {} : { didYouMean: start.mended }),
    ...(page.cards.length === 0 && given.cursor === undefined ? await nearOnes(engine, room, found, start) : {}),
  }
})

/** What comes near a question that nothing answers: the same words without the filters, else what sells best, in its categories or anywhere. */
async function nearOnes(engine: Engine, room: Room, query: FoundQuery, start: Start): Promise<{ near?: Card[] }> {
  const wide = { ...query, filters: { ...NO_FILTERS, currency: query.filters.currency } }
  const present = { ...wide.filters, inStock: true }
  const bestSold = { ...wide, filters: present, text: '', words: [], code: undefined, sort: 'sales' as const }
  const tries = [
    ...(start.nothing || query.words.length === 0 ? [] : [{ query: { ...wide, sort: 'relevance' as const }, start }]),
    ...(query.filters.category?.length ? [{ query: { ...bestSold, filters: { ...present, category: query.filters.category } } }] : []),
    { query: bestSold },
  ]
  for (const one of tries) {
    const { cards } = await engine.page(room, one.query, one.start ?? (await engine.begin(room, one.query)), NEAR_MAX)
    if (cards.length > 0) return { near: [...cards] }
  }
  return {}
}

/** A question to everything: words alone, and the first page of it. */
function isWorthCounting(given: object): boolean {
  return Object.keys(given).every((name) => name === 'q' || name === 'limit' || name === 'facets')
}

function resumed(engine: Engine, query: FoundQuery, next: readonly unknown[] | undefined): Start | undefined {
  return next && engine.resume(query, next)
}

function facetsOf(db: Db, scope: unknown, count: () => Promise<Facets>): Promise<Facets> {
  let seen = facetsSeen.get(db)
  if (!seen) facetsSeen.set(db, (seen = new Fresh(FACETS_REMEMBERED_MAX, FACETS_FRESH_MS)))
  return seen.get(JSON.stringify(scope), count)
}

const SUGGESTIONS = 8
const GROUPS_MAX = 3

export const suggestProducts = read(SuggestProducts, async ({ query, db, reply, ...rest }) => {
  // What sells and what others ask for may put them in another order a moment later.
  reply.shows([WORDS])
  const limit = query.limit ?? SUGGESTIONS
  const prefix = keyOf(query.q)
  if (prefix === '') return { items: [] }
  const [categories, brands, questions, products] = await Promise.all([
    suggestCategories(db, prefix, GROUPS_MAX),
    suggestBrands(db, prefix, GROUPS_MAX),
    suggestQuestions(db, prefix, GROUPS_MAX),
    engineOf(rest).suggest(db, query.q, limit),
  ])
  const kind =
    (what: 'category' | 'brand' | 'query' | 'product') =>
    ({ text, slug }: Suggestion) => ({ text, kind: what, ...(slug === null ? {} : { slug }) })
  const groups = [...categories.map(kind('category')), ...brands.map(kind('brand')), ...questions.map(kind('query'))]
  // However many groups there are, products keep half of the room.
  return { items: [...groups.slice(0, Math.ceil(limit / 2)), ...products.map(kind('product'))].slice(0, limit) }
})
