/** Counts beside a list: each filter counted as if it alone were not set, so that one can widen it. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import { EQUALS } from '../../domain/document.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { Facets, FacetValue, FoundQuery } from '../../engine.ts'
import { conditionsOf, needDocuments, type FilterName } from './filter.ts'
import { hitsOf } from './rank.ts'
import { statement, Values } from './statement.ts'

/** Products counted at most: of a wider result the counts are those of so many of its products. */
const COUNTED_MAX = 10_000
const VALUES_MAX = 40
const ATTRIBUTES_MAX = 8
/** In a wider result attributes tell nothing: goods of every kind have others. */
const ATTRIBUTE_HITS_MAX = 3000
/** An attribute with more values than this is a text, not a choice. */
const ATTRIBUTE_VALUES_MAX = 60
/** Price ranges begin at these. Units: minor. */
const PRICE_STEPS = [0, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000]

const COLUMNS = 'f.product_id, f.brand, f.category_ids, f.tags, f.price_minor, f.rating_hundredths, f.available, f.low'

interface Row {
  facet: string
  value: string
  label: string | null
  count: number
}

/** Counts of every facet and the number of products in the list. */
export async function findFacets(db: Db, query: FoundQuery, ranking: Ranking | undefined): Promise<Facets> {
  const values = new Values()
  const conditions = conditionsOf(query.filters, values)
  const hasDocuments = needDocuments(conditions)
  const from = hasDocuments
    ? `${COLUMNS}, d.attributes FROM facts f JOIN documents d ON d.product_id = f.product_id`
    : `${COLUMNS} FROM facts f`
  const hits = ranking && hitsOf(ranking, query.wishes, values)
  const sources: string[] = []
  const widths: string[] = ['hits']
  const select = (without?: FilterName) => {
    const where = ['f.listed', ...[...conditions].filter(([name]) => name !== without).map(([, condition]) => condition)]
    const answering = hits && conditions.size > 0 ? `JOIN (${hits}) h ON h.product_id = f.product_id` : ''
    if (hits && conditions.size === 0) where.push(isAmong(hits))
    return `SELECT ${from} ${answering} WHERE ${where.join(' AND ')} LIMIT ${COUNTED_MAX + 1}`
  }
  sources.push(`hits AS MATERIALIZED (${select()})`)
  const sourceFor = (name: FilterName) => {
    if (!conditions.has(name)) return 'hits'
    const source = `without_${sources.length}`
    sources.push(`${source} AS MATERIALIZED (${select(name)})`)
    widths.push(source)
    return source
  }
  const counts = [
    `SELECT 'total' AS facet, '' AS value, NULL AS label, count(*) AS count FROM hits`,
    plainFacet('brand', 'brand', `${sourceFor('brand')} WHERE brand IS NOT NULL`),
    plainFacet('tag', 'tag', `(SELECT unnest(tags) AS tag FROM ${sourceFor('tag')}) tagged`),
    categoryFacet(sourceFor('category')),
    priceFacet(sourceFor('price'), values),
    ratingFacet(sourceFor('rating')),
    plainFacet('availability', `CASE WHEN available <= 0 THEN 'out' WHEN low THEN 'low' ELSE 'in-stock' END`, sourceFor('availability')),
    attributeFacets(hasDocuments, values),
    ...[...query.filters.attributes.keys()].map((name) => chosenAttribute(name, sourceFor(`attr.${name}`), values)),
  ]
  // Whether any of them is wider than what was counted.
  const wide = widths.map((source) => `(SELECT count(*) > ${COUNTED_MAX} FROM ${source})`).join(' OR ')
  counts.push(`SELECT 'wide' AS facet, '' AS value, NULL AS label, (${wide})::integer::bigint AS count`)
  const text = `WITH ${sources.join(', ')} SELECT * FROM (${counts.map((one) => `(${one})`).join(' UNION ALL ')}) counted`
  return gathered(await db.rows<Row>(statement(text, values, conditions.size === 0)))
}

/**
 * What nothing but the words narrows: no more ids are taken than are counted, and in one list, for the index finds thousands of them in one
 * pass with a fourth of the looks. A list that is narrowed further is joined: an unknown list beside another condition is looked through
 * for each row.
 */
function isAmong(hits: string): string {
  return `f.product_id = ANY(ARRAY(${hits} LIMIT ${COUNTED_MAX + 1}))`
}

function plainFacet(facet: string, value: string, from: string): string {
  return `SELECT '${facet}' AS facet, ${value} AS value, NULL AS label, count(*) AS count FROM ${from} GROUP BY 2 ORDER BY 4 DESC, 2 LIMIT ${VALUES_MAX}`
}

function categoryFacet(from: string): string {
  return `SELECT 'category', c.slug, c.name, n.count FROM (SELECT category, count(*) AS count FROM (SELECT unnest(category_ids) AS category FROM ${from}) placed GROUP BY 1 ORDER BY 2 DESC LIMIT ${VALUES_MAX}) n JOIN categories c ON c.id = n.category ORDER BY n.count DESC, c.path`
}

/** Ranges as `from-to` in minor units, the last one open. */
function priceFacet(from: string, values: Values): string {
  const steps = values.add(PRICE_STEPS)
  return `SELECT 'price', s.step || '-' || coalesce(((${steps}::bigint[])[s.place + 1] - 1)::text, ''), NULL, n.count FROM (SELECT width_bucket(price_minor, ${steps}::bigint[]) AS place, count(*) AS count FROM ${from} GROUP BY 1) n
    JOIN unnest(${steps}::bigint[]) WITH ORDINALITY AS s(step, place) ON s.place = n.place ORDER BY s.place`
}

/** How many have at least that many stars. */
function ratingFacet(from: string): string {
  return `SELECT 'rating', stars::text, NULL, sum(n.count)::bigint FROM generate_series(4, 1, -1) AS stars JOIN (SELECT rating_hundredths, count(*) AS count FROM ${from} WHERE rating_hundredths >= 100 GROUP BY 1) n ON n.rating_hundredths >= stars * 100 GROUP BY stars ORDER BY stars DESC`
}

/** Attributes stand in documents alone: where nothing else asked for those, they are looked up for as few products as are counted by them. */
function attributeFacets(hasDocuments: boolean, values: Values): string {
  const equals = values.add(EQUALS)
  const lookedUp = 'hits CROSS JOIN LATERAL (SELECT d.attributes FROM documents d WHERE d.product_id = hits.product_id OFFSET 0) d'
  return `WITH counted AS (SELECT one, count(*) AS count FROM (SELECT unnest(attributes) AS one FROM ${hasDocuments ? 'hits' : lookedUp}
      WHERE (SELECT count(*) FROM hits) <= ${ATTRIBUTE_HITS_MAX}) given GROUP BY one),
    pairs AS MATERIALIZED (SELECT 'attr.' || split_part(one, ${equals}, 1) AS facet, split_part(one, ${equals}, 2) AS value, count FROM counted),
    names AS (SELECT facet FROM pairs GROUP BY facet HAVING count(*) BETWEEN 2 AND ${ATTRIBUTE_VALUES_MAX} ORDER BY sum(count) DESC, facet LIMIT ${ATTRIBUTES_MAX})
    SELECT facet, value, NULL, count FROM pairs JOIN names USING (facet) ORDER BY facet, count DESC, value`
}

/** An attribute that is filtered by is counted without its own filter, however wide the result. */
function chosenAttribute(name: string, from: string, values: Values): string {
  const equals = values.add(EQUALS)
  const wanted = values.add(name)
  return `SELECT 'attr.' || min(split_part(one, ${equals}, 1)), split_part(one, ${equals}, 2), 'own', count(*) FROM (SELECT unnest(attributes) AS one FROM ${from}) given
    WHERE lower(split_part(one, ${equals}, 1)) = ${wanted} GROUP BY 2 ORDER BY 4 DESC, 2 LIMIT ${ATTRIBUTE_VALUES_MAX}`
}

function gathered(rows: readonly Row[]): Facets {
  const facets: Record<string, FacetValue[]> = {}
  const own = new Set(rows.filter((row) => row.label === 'own').map((row) => row.facet))
  let total = 0
  let isExact = true
  for (const { facet, value, label, count } of rows) {
    if (facet === 'total') total = Math.min(count, COUNTED_MAX)
    else if (facet === 'wide') isExact = count === 0
    else if (facet.startsWith('attr.')) {
      if (own.has(facet) === (label === 'own')) (facets[facet] ??= []).push({ value, count })
    } else (facets[facet] ??= []).push({ value, count, ...(label === null ? {} : { label }) })
  }
  return { total, isExact, facets }
}
