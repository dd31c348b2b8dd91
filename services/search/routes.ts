import { refuse } from '@stoa/chassis/contract.ts'
import { decodeCursor, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { read } from '@stoa/chassis/service.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { ListProducts, SuggestProducts } from '@stoa/contracts/search.ts'
import { queryOf, scopeOf, type Query } from './domain/query.ts'
import { isPlace, packRanking, placeTypes, unpackRanking } from './domain/place.ts'
import type { Ranking } from './domain/ranking.ts'
import { keyOf, stemOf, wordsOf } from './domain/text.ts'
import { Fresh } from './fresh.ts'
import { findFacets, type Facets } from './store/facets.ts'
import { findPage, type FoundQuery } from './store/find.ts'
import { suggestBrands, suggestByName, suggestByWords, suggestCategories, type Suggestion } from './store/suggest.ts'
import { findCategories, understand } from './usecases.ts'
import { INDEX } from './store/write.ts'

const LIMIT = 24
/** Counts may be this much older than the list: they are dear, and many shoppers ask the same. */
const FACETS_FRESH_MS = 500
const FACETS_REMEMBERED_MAX = 500
const facetsSeen = new WeakMap<Db, Fresh<Facets>>()

/** A list that nothing answers. */
const NOTHING = { items: [], nextCursor: null }

export const listProducts = read(ListProducts, async ({ query: given, db, reply }) => {
  reply.shows([INDEX])
  const query = queryOf(given)
  if ('errors' in query) return refuse('invalid-request', { errors: query.errors })
  const scope = scopeOf(query)
  const begin = await beginOf(
    db,
    query,
    given.cursor === undefined ? undefined : decodeCursor(scope, given.cursor),
    given.cursor !== undefined,
  )
  if (begin === 'invalid') return refuse('invalid-cursor', { detail: 'This cursor belongs to another list.' })
  const limit = given.limit ?? LIMIT
  const asked = (given.q ?? '').trim() !== ''
  const { ranking, mended, after } = begin
  // Words were asked for, and nobody has any of them.
  if (asked && !ranking) return { ...NOTHING, ...(given.facets ? { facets: {}, total: 0 } : {}) }
  const found = await findCategories(db, query)
  const [page, counted] = await Promise.all([
    findPage(db, found, ranking, after, limit),
    given.facets ? facetsOf(db, found, ranking, scope) : undefined,
  ])
  const shown = page.slice(0, limit)
  const last = page.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map((one) => one.card),
    nextCursor: last ? encodeCursor(scope, [last.place, ranking ? packRanking(ranking) : null]) : null,
    ...(counted ? { facets: counted.facets as Record<string, { value: string; count: number }[]>, total: counted.total } : {}),
    ...(mended === undefined ? {} : { didYouMean: mended }),
  }
})

interface Begin {
  readonly ranking: Ranking | undefined
  readonly mended?: string | undefined
  readonly after?: readonly unknown[]
}

/** Where a page begins, and how its words are ranked: as the first page was. */
async function beginOf(db: Db, query: Query, cursor: unknown[] | undefined, isLater: boolean): Promise<Begin | 'invalid'> {
  if (!isLater) {
    const understood = await understand(db, query)
    return { ranking: understood?.ranking, mended: understood?.mended }
  }
  if (!cursor) return 'invalid'
  const ranking = cursor[1] === null ? undefined : unpackRanking(cursor[1])
  const after = cursor[0]
  return ranking !== 'invalid' && isPlace(placeTypes(query.sort, ranking !== undefined), after) ? { ranking, after } : 'invalid'
}

function facetsOf(db: Db, query: FoundQuery, ranking: Ranking | undefined, scope: unknown): Promise<Facets> {
  let seen = facetsSeen.get(db)
  if (!seen) facetsSeen.set(db, (seen = new Fresh(FACETS_REMEMBERED_MAX, FACETS_FRESH_MS)))
  return seen.get(JSON.stringify(scope), () => findFacets(db, query, ranking))
}

const SUGGESTIONS = 8
const GROUPS_MAX = 3
/** Shorter beginnings fit too many words to look them up. */
const PREFIX_MIN = 3

export const suggestProducts = read(SuggestProducts, async ({ query, db }) => {
  const limit = query.limit ?? SUGGESTIONS
  const prefix = keyOf(query.q)
  if (prefix === '') return { items: [] }
  const question = questionOf(query.q)
  const [categories, brands, named, holding] = await Promise.all([
    suggestCategories(db, prefix, GROUPS_MAX),
    suggestBrands(db, prefix, GROUPS_MAX),
    suggestByName(db, prefix, limit),
    question === undefined ? [] : suggestByWords(db, question, limit),
  ])
  const kind =
    (what: 'category' | 'brand' | 'product') =>
    ({ text, slug }: Suggestion) => ({ text, kind: what, ...(slug === null ? {} : { slug }) })
  const products = [...new Map([...holding, ...named].map((one) => [one.slug, one])).values()]
  return { items: [...categories.map(kind('category')), ...brands.map(kind('brand')), ...products.map(kind('product'))].slice(0, limit) }
})

/** All words but the last as they are, the last as a beginning, all of them in the name. */
function questionOf(q: string): string | undefined {
  const words = wordsOf(q).slice(0, LIMIT)
  const last = words.at(-1)
  if (last === undefined || last.length < PREFIX_MIN) return undefined
  return [...words.slice(0, -1).map((word) => `'${word}':AB`), `'${stemOf(last)}':*A`].join(' & ')
}
