/** What a shopper asked for: words, filters, order. */
import type { FieldError } from '@stoa/chassis/contract.ts'
import { attributeKey, EQUALS } from './document.ts'
import { keyOf, tokensOf } from './text.ts'

export type Sort = 'relevance' | 'price' | '-price' | 'rating' | 'newest' | 'sales'

/** A question to the list of products, in normal form. */
export interface Query {
  /** The question as it was typed; empty when none was asked. */
  readonly text: string
  /** Its words as they were typed (`tokensOf`), each once, in their order. */
  readonly words: readonly string[]
  /** The whole question, when it could be an SKU. */
  readonly code: string | undefined
  readonly filters: Filters
  readonly sort: Sort
}

export interface Filters {
  /** Ids or slugs. */
  readonly category: readonly string[]
  readonly brand: readonly string[]
  readonly tag: readonly string[]
  readonly vendor: readonly string[]
  readonly minPrice: number | undefined
  readonly maxPrice: number | undefined
  readonly minRating: number | undefined
  readonly inStock: boolean
  readonly currency: string | undefined
  /** Keys `name EQUALS value`, by name. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

/** A question for everything; its category is none. */
export const NO_FILTERS = {
  category: undefined,
  brand: [],
  tag: [],
  vendor: [],
  minPrice: undefined,
  maxPrice: undefined,
  minRating: undefined,
  inStock: false,
  currency: undefined,
  attributes: new Map<string, readonly string[]>(),
}

/** Filters by attribute in one question. */
const ATTRIBUTES_MAX = 20
/** What an SKU looks like: one piece, with a number in it. */
const CODE = /^(?=.*\d)\S{1,64}$/

type Given = Readonly<Record<string, unknown>> & {
  readonly q?: string
  readonly category?: readonly string[]
  readonly brand?: readonly string[]
  readonly tag?: readonly string[]
  readonly vendor?: readonly string[]
  readonly minPrice?: number
  readonly maxPrice?: number
  readonly minRating?: number
  readonly inStock?: boolean
  readonly currency?: string
  readonly sort?: string
}

/** Reads the parameters of a list. */
export function queryOf(given: Given): Query | { readonly errors: FieldError[] } {
  const attributes = new Map<string, string[]>()
  for (const [parameter, values] of Object.entries(given)) {
    if (!parameter.startsWith('attr.')) continue
    const name = keyOf(parameter.slice('attr.'.length))
    attributes.set(name, [
      ...(attributes.get(name) ?? []),
      ...(values as string[]).map((value) => attributeKey(`${name}${EQUALS}${value}`)),
    ])
  }
  if (attributes.size > ATTRIBUTES_MAX)
    return { errors: [{ path: 'attr', code: 'too-many', message: `at most ${ATTRIBUTES_MAX} attributes at once` }] }
  const text = (given.q ?? '').trim()
  return {
    text,
    words: [...new Set(tokensOf(text))],
    code: CODE.test(text) ? text : undefined,
    sort: (given.sort ?? 'relevance') as Sort,
    filters: {
      category: given.category ?? [],
      brand: (given.brand ?? []).map(keyOf),
      tag: (given.tag ?? []).map(keyOf),
      vendor: given.vendor ?? [],
      minPrice: given.minPrice,
      maxPrice: given.maxPrice,
      minRating: given.minRating,
      inStock: given.inStock ?? false,
      currency: given.currency,
      attributes,
    },
  }
}

/** Everything but limit, cursor and facets that shapes a list: a cursor belongs to it. */
export function scopeOf(query: Query): unknown {
  const { filters, words, code, sort } = query
  return [words, code ?? null, sort, { ...filters, attributes: [...filters.attributes].sort(([a], [b]) => (a < b ? -1 : 1)) }]
}
