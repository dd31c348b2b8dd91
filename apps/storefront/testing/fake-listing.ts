/** Search over the fake catalogue: filters, facets, sorts and cursors as `GET /products` answers them. */
import type { Card, Listing, Product } from '../app/visit/shop.ts'

/** A product as a list shows it. */
export function cardOf(product: Product): Card {
  const cheapest = product.variants.reduce((best, one) => (one.price.amount < best.price.amount ? one : best))
  const available = product.variants.reduce((sum, one) => sum + one.available, 0)
  return {
    id: product.id,
    slug: product.slug,
    sku: product.variants[0]?.sku ?? '',
    name: product.name,
    brand: product.brand,
    image: product.images[0] ?? null,
    price: cheapest.price,
    ...(cheapest.compareAt ? { compareAt: cheapest.compareAt } : {}),
    rating: product.rating,
    availability: available === 0 ? 'out' : available <= 5 ? 'low' : 'in-stock',
    available,
    variants: product.variants.length,
  }
}

type Filter = (product: Product, values: string[]) => boolean
const filters: Record<string, Filter> = {
  category: (product, values) => product.categories.some(({ slug, id }) => values.includes(slug) || values.includes(id)),
  brand: (product, values) => values.includes(product.brand ?? ''),
  minPrice: (product, [value]) => cardOf(product).price.amount >= Number(value),
  maxPrice: (product, [value]) => cardOf(product).price.amount <= Number(value),
  inStock: (product) => cardOf(product).available > 0,
}

function fits(product: Product, query: URLSearchParams, except?: string): boolean {
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const text = `${product.name} ${product.brand} ${product.categories[0]?.path} ${product.description}`.toLowerCase()
  if (!words.every((word) => text.includes(word))) return false
  return [...new Set(query.keys())].every((name) => {
    if (name === except) return true
    const values = query.getAll(name)
    if (name.startsWith('attr.')) return attributeValues(product, name.slice(5)).some((value) => values.includes(value))
    return filters[name]?.(product, values) ?? true
  })
}

function attributeValues(product: Product, name: string): string[] {
  const value = product.attributes[name]
  return value === undefined ? [] : [value].flat().map(String)
}

const sorts: Record<string, (a: Product, b: Product) => number> = {
  price: (a, b) => cardOf(a).price.amount - cardOf(b).price.amount,
  '-price': (a, b) => cardOf(b).price.amount - cardOf(a).price.amount,
  newest: (a, b) => b.createdAt.localeCompare(a.createdAt),
  sales: (a, b) => a.id.localeCompare(b.id),
}

/** Answers a list request; null stands for a cursor that does not fit. */
export function listProducts(products: readonly Product[], query: URLSearchParams): Listing | null {
  const found = products.filter((product) => fits(product, query)).sort(sorts[query.get('sort') ?? ''] ?? (() => 0))
  const limit = Number(query.get('limit') ?? 24)
  const cursor = query.get('cursor')
  const start = cursor === null ? 0 : Number(/^fake-(\d+)$/.exec(cursor)?.[1] ?? Number.NaN)
  if (Number.isNaN(start)) return null
  const page = found.slice(start, start + limit)
  const misspelt = found.length === 0 && /kett?el/i.test(query.get('q') ?? '')
  return {
    items: page.map(cardOf),
    nextCursor: start + limit < found.length ? `fake-${start + limit}` : null,
    total: found.length,
    ...(query.get('facets') === 'true' ? { facets: facetsOf(products, query) } : {}),
    ...(misspelt ? { didYouMean: 'kettle' } : {}),
  }
}

function facetsOf(products: readonly Product[], query: URLSearchParams): NonNullable<Listing['facets']> {
  const counts: Record<string, Map<string, number>> = {}
  const count = (facet: string, value: string) => {
    counts[facet] ??= new Map()
    counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1)
  }
  const names = ['category', 'brand', ...new Set(products.flatMap((one) => Object.keys(one.attributes).map((name) => `attr.${name}`)))]
  for (const name of names) {
    for (const product of products.filter((one) => fits(one, query, name))) {
      if (name === 'category') count(name, product.categories[0]?.slug ?? '')
      else if (name === 'brand') count(name, product.brand ?? '')
      else for (const value of attributeValues(product, name.slice(5))) count(name, value)
    }
  }
  return Object.fromEntries(
    Object.entries(counts)
      .filter(([name]) => name !== 'attr.height')
      .map(([name, values]) => [name, [...values].map(([value, units]) => ({ value, count: units })).sort((a, b) => b.count - a.count)]),
  )
}
