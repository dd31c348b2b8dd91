import { chipsOf, facetTitle, listingQuery, sortOf, type Chip, type Sort } from './listing.ts'
import { categoriesOf, familiesOf, must, pathTo, type Card, type CategoryNode, type Listing, type Product } from './shop.ts'
import type { Facet } from '../parts/filters.tsx'
import type { Visit } from './visit.ts'

/** Everything a list page shows. */
export interface ListingView {
  readonly q: string
  /** The address's own parameters. */
  readonly search: string
  readonly sort: Sort
  readonly items: readonly Card[]
  readonly total: number | undefined
  readonly nextCursor: string | null
  readonly didYouMean: string | undefined
  readonly facets: readonly Facet[]
  readonly chips: readonly Chip[]
  /** The address without any filter, and the one of the first page. */
  readonly bare: string
  readonly first: string
  /** Where nothing was found: what comes near. Where little was found: what is like the best of it. */
  readonly near: readonly Card[]
  readonly families: readonly { slug: string; name: string }[]
}

/** Loads a list page. A cursor that no longer fits (changed filters, an old link) begins from the start. */
export async function loadListing(visit: Visit, category?: CategoryNode): Promise<ListingView> {
  const search = visit.url.searchParams
  const query = listingQuery(search, category?.slug)
  const [first, categories] = await Promise.all([visit.ask<Listing>('GET', `/api/products?${query}`), categoriesOf(visit)])
  let answer = first
  if (!answer.ok && answer.problem.code === 'invalid-cursor') {
    query.delete('cursor')
    search.delete('cursor')
    answer = await visit.ask<Listing>('GET', `/api/products?${query}`)
  }
  const listing = must(answer)
  const facets = facetsOf(listing, category, categories)
  const q = search.get('q')?.trim() ?? ''
  return {
    q,
    search: search.toString(),
    sort: sortOf(search),
    items: listing.items,
    total: listing.total,
    nextCursor: listing.nextCursor,
    didYouMean: listing.didYouMean,
    facets,
    chips: chipsOf(search, (name, value) => labelIn(facets, name, value, categories)),
    bare: q === '' ? '?' : `?q=${encodeURIComponent(q)}`,
    first: firstPage(search),
    near: (listing.near ?? (search.has('cursor') ? [] : await alike(visit, listing, q))).slice(0, NEAR_MAX),
    families: familiesOf(categories).map(({ slug, name }) => ({ slug, name })),
  }
}

/** A list of words that ends on its first page with a few goods; more of their kind stand below them. */
const FEW = 6

async function alike(visit: Visit, { items, nextCursor }: Listing, q: string): Promise<Card[]> {
  const [best] = items
  if (q === '' || best === undefined || nextCursor !== null || items.length > FEW) return []
  const answer = await visit.ask<Product>('GET', `/api/products/${encodeURIComponent(best.slug)}`)
  const found = new Set(items.map((one) => one.id))
  return answer.ok ? answer.data.similar.filter((one) => !found.has(one.id)) : []
}

function firstPage(search: URLSearchParams): string {
  const first = new URLSearchParams(search)
  first.delete('cursor')
  return `?${first}`
}

const NEAR_MAX = 4
const ORDER = ['category', 'brand']
const FACETS_MAX = 8

/** How many goods a facet speaks of. */
const weight = (facet: Facet) => facet.values.reduce((sum, { count }) => sum + count, 0)

/** Facets worth showing: two values and more, families and brands first, then those that speak of most goods. */
function facetsOf(listing: Listing, category: CategoryNode | undefined, categories: readonly CategoryNode[]): Facet[] {
  // Families only, and none within one: what stands below it is named at its head.
  const families = new Set(category === undefined ? familiesOf(categories).map(({ slug }) => slug) : [])
  const place = (name: string) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1)
  return Object.entries(listing.facets ?? {})
    .filter(([name]) => name === 'category' || name === 'brand' || name.startsWith('attr.'))
    .map(([name, values]) => ({
      name,
      values: values
        .filter(({ value }) => name !== 'category' || families.has(value))
        .map(({ value, count, label }) => ({ value, count, label: label ?? nameOf(name, value, categories) })),
    }))
    .filter(({ name, values }) => values.length > 1 && (!name.startsWith('attr.') || values.some(({ count }) => count > 1)))
    .sort((a, b) => place(a.name) - place(b.name) || weight(b) - weight(a))
    .slice(0, FACETS_MAX)
}

function nameOf(facet: string, value: string, categories: readonly CategoryNode[]): string {
  if (facet === 'category') return pathTo(categories, value).at(-1)?.name ?? value
  return value === 'true' ? 'Yes' : value === 'false' ? 'No' : value
}

function labelIn(facets: readonly Facet[], name: string, value: string, categories: readonly CategoryNode[]): string {
  const shown =
    facets.find((facet) => facet.name === name)?.values.find((one) => one.value === value)?.label ?? nameOf(name, value, categories)
  return name === 'category' || name === 'brand' ? shown : `${facetTitle(name)}: ${shown}`
}
