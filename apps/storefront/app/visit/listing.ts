/** A list of goods as its address says it: what is filtered, how it is sorted, where it goes on. */
import { decimalsOf } from '@stoa/ui/format.ts'

export const sorts = [
  ['relevance', 'Best match'],
  ['newest', 'Newest'],
  ['sales', 'Best selling'],
  ['price', 'Lowest price'],
  ['-price', 'Highest price'],
  ['rating', 'Best rated'],
] as const
export type Sort = (typeof sorts)[number][0]

/** The currency prices are typed in: the shop's own. */
const CURRENCY = 'EUR'
const PAGE_SIZE = 24
/** Filters that may be named several times. */
const MANY = ['brand', 'category', 'tag', 'vendor']

/** Whether `name` is a filter with values to tick. */
export function isTickable(name: string): boolean {
  return MANY.includes(name) || /^attr\..{1,80}$/.test(name)
}

/** The sort in force; without words there is nothing to match, so the newest come first. */
export function sortOf(search: URLSearchParams): Sort {
  const asked = search.get('sort')
  const known = sorts.find(([value]) => value === asked)
  return known?.[0] ?? (search.get('q') ? 'relevance' : 'newest')
}

/** What to ask the API for an address. What it does not know is left out, so that an odd link still shows goods. */
export function listingQuery(search: URLSearchParams, category?: string): URLSearchParams {
  const query = new URLSearchParams()
  const q = search.get('q')?.trim()
  if (q) query.set('q', q.slice(0, 200))
  if (category !== undefined && !search.has('category')) query.set('category', category)
  for (const [name, value] of search) if (isTickable(name) && value !== '') query.append(name, value)
  const low = minorOf(search.get('min'))
  const high = minorOf(search.get('max'))
  if (low !== null) query.set('minPrice', String(low))
  if (high !== null) query.set('maxPrice', String(high))
  const rating = Number(search.get('minRating') ?? Number.NaN)
  if (rating >= 1 && rating <= 5) query.set('minRating', String(rating))
  if (search.get('inStock') === 'true') query.set('inStock', 'true')
  query.set('sort', sortOf(search))
  query.set('limit', String(PAGE_SIZE))
  query.set('facets', 'true')
  const cursor = search.get('cursor')
  if (cursor) query.set('cursor', cursor.slice(0, 1000))
  return query
}

function minorOf(typed: string | null): number | null {
  const found = /^\s*(\d{1,9})(?:[.,](\d{1,3}))?\s*$/.exec(typed ?? '')
  if (!found) return null
  const decimals = decimalsOf(CURRENCY)
  return Number(`${found[1]}${(found[2] ?? '').padEnd(decimals, '0').slice(0, decimals)}`)
}

export interface Chip {
  readonly text: string
  /** The address without this filter. */
  readonly without: string
}

/** The filters in force, each with the address that drops it. */
export function chipsOf(search: URLSearchParams, labelOf: (name: string, value: string) => string): Chip[] {
  const chips: Chip[] = []
  for (const [name, value] of search) {
    if (value === '') continue
    const text = chipText(name, value, labelOf)
    if (text !== null) chips.push({ text, without: withoutFilter(search, name, value) })
  }
  return chips
}

function chipText(name: string, value: string, labelOf: (name: string, value: string) => string): string | null {
  if (isTickable(name)) return labelOf(name, value)
  if (name === 'min' && minorOf(value) !== null) return `from €${value}`
  if (name === 'max' && minorOf(value) !== null) return `up to €${value}`
  if (name === 'minRating') return `${value} stars and more`
  return name === 'inStock' && value === 'true' ? 'in stock' : null
}

function withoutFilter(search: URLSearchParams, name: string, value: string): string {
  const rest = new URLSearchParams()
  for (const [key, one] of search) if (!(key === name && one === value) && key !== 'cursor') rest.append(key, one)
  return `?${rest}`
}

/** The address with one parameter changed, from the first page on. */
export function withParam(search: URLSearchParams, name: string, value: string): string {
  const next = new URLSearchParams(search)
  next.delete('cursor')
  next.set(name, value)
  return `?${next}`
}

/** `attr.bladeLength` as people say it: `Blade length`. */
export function facetTitle(name: string): string {
  const bare = name.replace(/^attr\./, '').replace(/[_-]+/g, ' ')
  const spaced = bare.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}
