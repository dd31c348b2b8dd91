/** Where a page of a list ends. Cursors come back from outside, so nothing in them is believed. */
import { isId } from '@stoa/kit/ids.ts'
import type { Sort } from './query.ts'
import { WORDS_MAX, type Ranking } from './ranking.ts'
import { wordsOf } from './text.ts'

export type PlaceType = 'timestamptz' | 'bigint' | 'integer' | 'boolean' | 'uuid'

const INTEGER_MAX = 2_147_483_647

/** Types of the values that place a product in a list, in the order of the list. */
export function placeTypes(sort: Sort, ranked: boolean): readonly PlaceType[] {
  if (sort === 'relevance' && ranked) return ['integer', 'boolean', 'uuid']
  if (sort === 'relevance' || sort === 'newest') return ['timestamptz', 'uuid']
  if (sort === 'rating') return ['integer', 'integer', 'uuid']
  return ['bigint', 'uuid']
}

/** Whether `values` are of these types. */
export function isPlace(types: readonly PlaceType[], values: unknown): values is unknown[] {
  return Array.isArray(values) && values.length === types.length && types.every((type, index) => isOf(type, values[index]))
}

function isOf(type: PlaceType, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean'
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
export function packRanking({ depth, products, words, named }: Ranking): unknown {
  return [depth, products, words.map(({ word, idf }) => [word, idf]), ...(named ? [named] : [])]
}

/** What `packRanking` made. */
export function unpackRanking(packed: unknown): Ranking | 'invalid' {
  if (!Array.isArray(packed)) return 'invalid'
  const [depth, products, words, named] = packed as unknown[]
  if (
    (depth !== 1 && depth !== 2 && depth !== 3) ||
    !Number.isSafeInteger(products) ||
    !Array.isArray(words) ||
    words.length === 0 ||
    words.length > WORDS_MAX
  )
    return 'invalid'
  if (!words.every(isWeighted) || (named !== undefined && (typeof named !== 'string' || !isId(named)))) return 'invalid'
  return { depth, products: products as number, words: words.map(([word, idf]) => ({ word, idf })), named }
}

function isWeighted(one: unknown): one is [string, number] {
  if (!Array.isArray(one)) return false
  const [word, idf] = one as unknown[]
  return typeof word === 'string' && wordsOf(word)[0] === word && typeof idf === 'number' && idf >= 0 && idf < 100
}
