/** Where a page of a list ends. Cursors come back from outside, so nothing in them is believed. */
import { isId } from '@stoa/kit/ids.ts'
import type { Sort } from './query.ts'
import { FORMS_MAX, TERMS_MAX, type Ranking, type Term } from './ranking.ts'
import { isWord } from './text.ts'

export type PlaceType = 'timestamptz' | 'bigint' | 'integer' | 'uuid'

const INTEGER_MAX = 2_147_483_647

/** Types of the values that place a product in a list, in the order of the list. */
export function placeTypes(sort: Sort, ranked: boolean): readonly PlaceType[] {
  if (sort === 'relevance' && ranked) return ['integer', 'uuid']
  if (sort === 'relevance' || sort === 'newest') return ['timestamptz', 'uuid']
  if (sort === 'rating') return ['integer', 'integer', 'uuid']
  return ['bigint', 'uuid']
}

/** Whether `values` are of these types. */
export function isPlace(types: readonly PlaceType[], values: unknown): values is unknown[] {
  return Array.isArray(values) && values.length === types.length && types.every((type, index) => isOf(type, values[index]))
}

function isOf(type: PlaceType, value: unknown): boolean {
  if (type === 'uuid') return typeof value === 'string' && isId(value)
  if (type === 'timestamptz') return typeof value === 'string' && isMoment(value)
  return Number.isSafeInteger(value) && (type === 'bigint' || Math.abs(value as number) <= INTEGER_MAX)
}

/** Exactly as `toISOString` writes it, so that the 31st of February is none. */
function isMoment(text: string): boolean {
  const at = Date.parse(text)
  return !Number.isNaN(at) && new Date(at).toISOString() === text
}

/** A ranking as a cursor carries it. */
export function packRanking({ depth, products, terms, named, standingAt }: Ranking): unknown {
  return [
    depth,
    products,
    terms.map(({ forms, idf, place, headed }) => [forms, idf, place, ...(headed ? [headed] : [])]),
    named ?? null,
    standingAt ?? null,
  ]
}

/** What `packRanking` made. */
export function unpackRanking(packed: unknown): Ranking | 'invalid' {
  if (!Array.isArray(packed) || packed.length !== 5) return 'invalid'
  const [depth, products, terms, named, standingAt] = packed as unknown[]
  const isRanking =
    (depth === 1 || depth === 2 || depth === 3) &&
    Number.isSafeInteger(products) &&
    (named === null || (typeof named === 'string' && isId(named))) &&
    (standingAt === null || isMilliseconds(standingAt)) &&
    Array.isArray(terms) &&
    terms.length <= TERMS_MAX &&
    terms.every(isTerm) &&
    terms.reduce((sum, [forms]) => sum + forms.length, 0) <= FORMS_MAX
  if (!isRanking) return 'invalid'
  return {
    depth,
    products: products as number,
    terms: terms.map(([forms, idf, place, headed]): Term => ({ forms, idf, place, ...(headed && { headed }) })),
    named: named ?? undefined,
    standingAt: standingAt ?? undefined,
  }
}

function isMilliseconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) < 8.64e15
}

function isTerm(one: unknown): one is [string[], number, number, string[]?] {
  if (!Array.isArray(one)) return false
  const [forms, idf, place, headed] = one as unknown[]
  const isForms =
    Array.isArray(forms) && forms.length > 0 && forms.every((form) => typeof form === 'string' && form.split(' ').every(isWord))
  const isHeaded = headed === undefined || (Array.isArray(headed) && headed.every((form) => (forms as unknown[]).includes(form)))
  return isForms && isHeaded && typeof idf === 'number' && idf >= 0 && idf < 100 && Number.isSafeInteger(place) && (place as number) >= 0
}
