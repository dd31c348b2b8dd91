/** Counts beside a list: each filter counted as if it alone were not set, so that one can widen it. */
import { EQUALS } from '../../domain/document.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { Facets, FacetValue, FoundQuery } from '../../engine.ts'
import { conditionsOf, hitsOf, TIMEOUT, type Clause, type FilterName } from './question.ts'

const VALUES_MAX = 40
const ATTRIBUTES_MAX = 8
/** In a wider result attributes tell nothing: goods of every kind have others. */
const ATTRIBUTE_HITS_MAX = 3000
/** An attribute with more values than this is a text, not a choice. */
const ATTRIBUTE_VALUES_MAX = 60
/** Attributes whose values are counted, to find those that are choices. */
const ATTRIBUTES_LOOKED_AT = 24
/** OpenSearch takes no longer pattern. */
const PATTERN_MAX = 1000
/** Price ranges begin at these. Units: minor. */
const PRICE_STEPS = [0, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000]
/** As `from-to`, the last one open. */
const PRICES = PRICE_STEPS.map((from, at) => {
  const next = PRICE_STEPS[at + 1]
  return next === undefined ? { key: `${from}-`, from } : { key: `${from}-${next - 1}`, from, to: next }
})
/** At least so many stars. Units of what is counted: hundredths. */
const RATINGS = [4, 3, 2, 1].map((stars) => ({ key: String(stars), from: stars * 100 }))

const termsOf = (field: string, size = VALUES_MAX) => ({ terms: { field, size } })

/** Asks for the counts of every facet and the number of products in the list. */
export function facetsQuestion({ filters, wishes }: FoundQuery, ranking: Ranking | undefined): object {
  const conditions = conditionsOf(filters)
  const counted = (name: FilterName, count: Clause) => ({
    filter: { bool: { filter: [...conditions].filter(([other]) => other !== name).map(([, condition]) => condition) } },
    aggs: { count },
  })
  const all = { bool: { filter: [...conditions.values()] } }
  return {
    size: 0,
    timeout: TIMEOUT,
    track_total_hits: false,
    query: { bool: { filter: ranking ? [hitsOf(ranking, wishes)] : [] } },
    aggs: {
      total: { filter: all, aggs: { names: termsOf('attributeNames', ATTRIBUTES_LOOKED_AT) } },
      brand: counted('brand', termsOf('brand')),
      tag: counted('tag', termsOf('tags')),
      category: counted('category', termsOf('categoryIds')),
      price: counted('price', { range: { field: 'price', ranges: PRICES } }),
      rating: counted('rating', { range: { field: 'rating', ranges: RATINGS } }),
      availability: counted('availability', termsOf('availability')),
      ...Object.fromEntries(
        [...filters.attributes.keys()].flatMap((name) => {
          const values = valuesOf(name)
          return values ? [[`attr.${name}`, counted(`attr.${name}`, values)]] : []
        }),
      ),
    },
  }
}

/** Asks for the values of attributes, where the list is narrow enough for them to tell something. Undefined: of none. */
export function attributesQuestion({ filters, wishes }: FoundQuery, ranking: Ranking | undefined, counts: Counts): object | undefined {
  const { total } = counts
  if (total === undefined || total.doc_count > ATTRIBUTE_HITS_MAX) return undefined
  const asked = (total.names?.buckets ?? []).map((one) => String(one.key)).filter((name) => !filters.attributes.has(name))
  const aggs = asked.flatMap((name, index) => {
    const values = valuesOf(name)
    return values ? [[`a${index}`, values] as const] : []
  })
  if (aggs.length === 0) return undefined
  const filter = [...conditionsOf(filters).values(), ...(ranking ? [hitsOf(ranking, wishes)] : [])]
  return { size: 0, timeout: TIMEOUT, track_total_hits: false, query: { bool: { filter } }, aggs: Object.fromEntries(aggs) }
}

/** Counts the values of one attribute, given by its key; one more than a choice may have. */
function valuesOf(nameKey: string): Clause | undefined {
  const include = `${nameKey.replace(/[.?+*|{}[\]()"\\#@&<>~^$-]/g, (sign) => `\\${sign}`)}${EQUALS}.*`
  return include.length > PATTERN_MAX ? undefined : { terms: { field: 'attributes', size: ATTRIBUTE_VALUES_MAX + 1, include } }
}

interface Bucket {
  readonly key: string | number
  readonly doc_count: number
}
interface Count {
  readonly doc_count: number
  readonly buckets?: readonly Bucket[]
  readonly count?: { readonly buckets: readonly Bucket[] }
  readonly names?: { readonly buckets: readonly Bucket[] }
}
export type Counts = Readonly<Record<string, Count | undefined>>

export interface Category {
  readonly slug: string
  readonly name: string
  readonly path: string
}

/** Ids of the categories that were counted. */
export function categoriesCounted(counts: Counts): string[] {
  return bucketsOf(counts, 'category').map((one) => String(one.key))
}

/** Reads the answers to both questions. */
export function facetsOf(query: FoundQuery, counts: Counts, attributes: Counts, categories: ReadonlyMap<string, Category>): Facets {
  const facets: Record<string, FacetValue[]> = {}
  const put = (facet: string, values: readonly FacetValue[]) => {
    if (values.length > 0) facets[facet] = [...values]
  }
  const plain = (facet: string) => bucketsOf(counts, facet).map((one) => ({ value: String(one.key), count: one.doc_count }))
  put('brand', plain('brand'))
  put('tag', plain('tag'))
  put('category', categoryValues(counts, categories))
  put('price', plain('price'))
  put('rating', plain('rating').reverse())
  put('availability', plain('availability'))
  const chosen = [...query.filters.attributes.keys()].flatMap((name) => attributeValues(bucketsOf(counts, `attr.${name}`)))
  for (const { facet, values } of chosen) put(facet, values.slice(0, ATTRIBUTE_VALUES_MAX))
  for (const { facet, values } of choicesOf(attributes)) if (facets[facet] === undefined) put(facet, values)
  return { total: counts.total?.doc_count ?? 0, isExact: true, facets }
}

function bucketsOf(counts: Counts, facet: string): Bucket[] {
  return (counts[facet]?.count?.buckets ?? []).filter((one) => one.doc_count > 0)
}

function categoryValues(counts: Counts, categories: ReadonlyMap<string, Category>): FacetValue[] {
  return bucketsOf(counts, 'category')
    .flatMap(({ key, doc_count }) => {
      const category = categories.get(String(key))
      return category ? [{ ...category, count: doc_count }] : []
    })
    .sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1))
    .map(({ slug, name, count }) => ({ value: slug, label: name, count }))
}

interface AttributeFacet {
  readonly facet: `attr.${string}`
  readonly values: FacetValue[]
}

/** The values of an attribute by its name as merchants write it; two may write it differently. */
function attributeValues(buckets: readonly Bucket[]): AttributeFacet[] {
  const facets = new Map<string, FacetValue[]>()
  for (const { key, doc_count } of buckets) {
    const [, name = '', value = ''] = String(key).split(EQUALS)
    facets.set(name, [...(facets.get(name) ?? []), { value, count: doc_count }])
  }
  return [...facets].map(([name, values]) => ({ facet: `attr.${name}`, values }))
}

/** Attributes that are choices: of several values and not too many, the commonest first. */
function choicesOf(attributes: Counts): AttributeFacet[] {
  const sum = ({ values }: AttributeFacet) => values.reduce((all, one) => all + one.count, 0)
  return Object.values(attributes)
    .flatMap((one) => attributeValues(one?.buckets ?? []))
    .filter(({ values }) => values.length > 1 && values.length <= ATTRIBUTE_VALUES_MAX)
    .sort((a, b) => sum(b) - sum(a) || (a.facet < b.facet ? -1 : 1))
    .slice(0, ATTRIBUTES_MAX)
    .sort((a, b) => (a.facet < b.facet ? -1 : 1))
}
