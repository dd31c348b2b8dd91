/** Fragments of the statements that find products. Fragments are fixed texts; whatever a shopper sends is a parameter. */
import { isId } from '@stoa/kit/ids.ts'
import type { FoundFilters, FoundQuery, Start } from '../../engine.ts'
import { Values } from './statement.ts'

/** A filter that a facet of the same name leaves out when it counts. Attributes are `attr.<name>`. */
export type FilterName = 'category' | 'brand' | 'tag' | 'vendor' | 'price' | 'rating' | 'availability' | 'currency' | `attr.${string}`

/** Filters that what changes seldom of a product has no part in. */
const BY_FACTS: ReadonlySet<FilterName> = new Set<FilterName>(['price', 'rating', 'availability', 'currency'])

/** Whether these conditions ask for `documents d` at all. */
export function needDocuments(conditions: ReadonlyMap<FilterName, string>): boolean {
  return [...conditions.keys()].some((name) => !BY_FACTS.has(name))
}

/** Whether nothing but words decides what stands on a page, and it is the first. */
export function isPlain({ sort, filters }: FoundQuery, { reading, after }: Start): boolean {
  return reading !== undefined && sort === 'relevance' && !after && conditionsOf(filters, new Values()).size === 0
}

/** Conditions on `documents d` and `facts f`, by filter. Only filters that were asked for are there. */
export function conditionsOf(filters: FoundFilters, values: Values): Map<FilterName, string> {
  const conditions = new Map<FilterName, string>()
  if (filters.category !== undefined) conditions.set('category', `d.category_ids && ${values.add(filters.category)}::uuid[]`)
  if (filters.brand.length > 0) conditions.set('brand', `d.brand_key = ANY(${values.add(filters.brand)}::text[])`)
  if (filters.tag.length > 0) conditions.set('tag', `d.tags && ${values.add(filters.tag)}::text[]`)
  if (filters.vendor.length > 0) conditions.set('vendor', `d.vendor_id = ANY(${values.add(filters.vendor.filter(isId))}::uuid[])`)
  const price = [
    ...(filters.minPrice === undefined ? [] : [`f.price_minor >= ${values.add(filters.minPrice)}::bigint`]),
    ...(filters.maxPrice === undefined ? [] : [`f.price_minor <= ${values.add(filters.maxPrice)}::bigint`]),
  ]
  if (price.length > 0) conditions.set('price', price.join(' AND '))
  if (filters.minRating !== undefined && filters.minRating > 0)
    conditions.set('rating', `f.rating_hundredths >= ${values.add(Math.ceil(filters.minRating * 100))}::integer`)
  if (filters.inStock) conditions.set('availability', 'f.available > 0')
  if (filters.currency !== undefined) conditions.set('currency', `f.currency = ${values.add(filters.currency)}`)
  for (const [name, keys] of filters.attributes) conditions.set(`attr.${name}`, `d.attribute_keys && ${values.add(keys)}::text[]`)
  return conditions
}
