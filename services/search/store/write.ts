/** How events become rows. Every statement takes a whole batch; locks are taken in one order. */
import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Content, Indexed } from '../domain/document.ts'

/** The index as a thing that answers show: whoever writes it touches it. */
export const INDEX = 'search:index'
/** The same for words of products alone, and what is known of them: they change seldom. */
export const WORDS = 'search:words'

export interface CategoryRow {
  readonly id: string
  readonly slug: string
  readonly path: string
  readonly name: string
  readonly key: string
}

/** Takes over products, each once, in their newest state. */
export async function putDocuments(tx: Tx, products: readonly Indexed[], categories: readonly CategoryRow[]): Promise<void> {
  const listed = products.filter((one) => one.listed).map((one) => one.content)
  await putCategories(tx, categories)
  await removeUnlisted(
    tx,
    products.filter((one) => !one.listed).map((one) => one.content.productId),
  )
  if (listed.length > 0) {
    await putRows(tx, listed)
    await putContents(tx, listed)
  }
  await putSkus(tx, products)
  const byId = products.toSorted((a, b) => (a.content.productId < b.content.productId ? -1 : 1))
  const ids = byId.map((one) => one.content.productId)
  await tx.run(sql`
    INSERT INTO facts AS f (product_id, listed) SELECT * FROM unnest(${ids}::uuid[], ${byId.map((one) => one.listed)}::boolean[])
    ON CONFLICT (product_id) DO UPDATE SET listed = excluded.listed WHERE f.listed <> excluded.listed`)
  await refreshCounted(tx, ids)
  await refreshStock(tx, ids)
  await refreshPrices(tx, ids)
}

async function putCategories(tx: Tx, categories: readonly CategoryRow[]): Promise<void> {
  if (categories.length === 0) return
  await tx.run(sql`
    INSERT INTO categories (id, slug, path, name, name_key)
    SELECT * FROM unnest(${categories.map((one) => one.id)}::uuid[], ${categories.map((one) => one.slug)}::text[], ${categories.map((one) => one.path)}::text[], ${categories.map((one) => one.name)}::text[], ${categories.map((one) => one.key)}::text[])
    ON CONFLICT (id) DO NOTHING`)
}

async function removeUnlisted(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.run(sql`DELETE FROM documents WHERE product_id = ANY(${ids}::uuid[])`)
  await tx.run(sql`DELETE FROM contents WHERE product_id = ANY(${ids}::uuid[])`)
}

/** Arrays of arrays travel as JSON: PostgreSQL has no ragged ones. */
async function putRows(tx: Tx, products: readonly Content[]): Promise<void> {
  const rows = products.map((one) => ({
    product_id: one.productId,
    version: one.version,
    language: one.language,
    slug: one.slug,
    name: one.name,
    name_key: one.nameKey,
    brand: one.brand,
    brand_key: one.brandKey,
    vendor_id: one.vendorId,
    created_at: one.createdAt,
    category_ids: one.categoryIds,
    own_category_ids: one.ownCategoryIds,
    tags: one.tags,
    attributes: one.attributes,
    attribute_keys: one.attributeKeys,
    card: one.card,
  }))
  await tx.run(sql`
    INSERT INTO documents AS d SELECT * FROM jsonb_populate_recordset(NULL::documents, ${JSON.stringify(rows)}::jsonb)
    ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, language = excluded.language, slug = excluded.slug, name = excluded.name, name_key = excluded.name_key,
      brand = excluded.brand, brand_key = excluded.brand_key, vendor_id = excluded.vendor_id, created_at = excluded.created_at,
      category_ids = excluded.category_ids, own_category_ids = excluded.own_category_ids, tags = excluded.tags,
      attributes = excluded.attributes, attribute_keys = excluded.attribute_keys, card = excluded.card
    WHERE d.version < excluded.version`)
}

async function putContents(tx: Tx, products: readonly Content[]): Promise<void> {
  const rows = products.map((one) => ({
    product_id: one.productId,
    category_names: one.categoryNames,
    skus: one.skus,
    description: one.description,
  }))
  await tx.run(sql`
    INSERT INTO contents AS c SELECT * FROM jsonb_populate_recordset(NULL::contents, ${JSON.stringify(rows)}::jsonb)
    ON CONFLICT (product_id) DO UPDATE SET category_names = excluded.category_names, skus = excluded.skus, description = excluded.description
    WHERE (c.category_names, c.skus, c.description) IS DISTINCT FROM (excluded.category_names, excluded.skus, excluded.description)`)
}

/** SKUs that a product no longer sells lose their place and what it gave; whatever others told of them stays. */
async function putSkus(tx: Tx, products: readonly Indexed[]): Promise<void> {
  const sold = products
    .filter((one) => one.listed)
    .flatMap((one) => one.variants.map((variant) => ({ ...variant, productId: one.content.productId })))
  sold.sort((a, b) => (a.sku < b.sku ? -1 : 1))
  const ids = products.map((one) => one.content.productId)
  await tx.run(sql`
    UPDATE sku_facts SET position = NULL, given_minor = NULL, given_currency = NULL, given_compare_at_minor = NULL
    WHERE product_id = ANY(${ids}::uuid[]) AND position IS NOT NULL AND sku <> ALL(${sold.map((one) => one.sku)}::text[])`)
  // What nobody else told of is as if it had never been, so that an index built anew is the same.
  await tx.run(
    sql`DELETE FROM sku_facts WHERE product_id = ANY(${ids}::uuid[]) AND position IS NULL AND price_version = 0 AND stock_version = 0`,
  )
  if (sold.length === 0) return
  await tx.run(sql`
    INSERT INTO sku_facts AS s (sku, product_id, position, given_minor, given_currency, given_compare_at_minor)
    SELECT * FROM unnest(${sold.map((one) => one.sku)}::text[], ${sold.map((one) => one.productId)}::uuid[], ${sold.map((one) => one.position)}::integer[],
      ${sold.map((one) => one.priceMinor)}::bigint[], ${sold.map((one) => one.currency)}::text[], ${sold.map((one) => one.compareAtMinor)}::bigint[])
    ON CONFLICT (sku) DO UPDATE SET product_id = excluded.product_id, position = excluded.position, given_minor = excluded.given_minor,
      given_currency = excluded.given_currency, given_compare_at_minor = excluded.given_compare_at_minor`)
}

/** Takes over prices; an older version of a SKU's price is ignored. Answers whose they are. */
export async function putPrices(
  tx: Tx,
  prices: readonly { sku: string; productId: string; amount: number; currency: string; compareAt: number | null; version: number }[],
): Promise<string[]> {
  const changed = await tx.rows<{ product_id: string }>(sql`
    INSERT INTO sku_facts AS s (sku, product_id, price_minor, currency, compare_at_minor, price_version)
    SELECT * FROM unnest(${prices.map((one) => one.sku)}::text[], ${prices.map((one) => one.productId)}::uuid[], ${prices.map((one) => one.amount)}::bigint[],
      ${prices.map((one) => one.currency)}::text[], ${prices.map((one) => one.compareAt)}::bigint[], ${prices.map((one) => one.version)}::bigint[])
    ON CONFLICT (sku) DO UPDATE SET price_minor = excluded.price_minor, currency = excluded.currency, compare_at_minor = excluded.compare_at_minor, price_version = excluded.price_version
    WHERE s.price_version < excluded.price_version
    RETURNING product_id`)
  const ids = distinct(changed)
  await refreshPrices(tx, ids)
  return ids
}

/** Takes over stock; an older version of a SKU's stock is ignored. Answers whose it is. */
export async function putStock(
  tx: Tx,
  levels: readonly { sku: string; productId: string; available: number; low: boolean; version: number }[],
): Promise<string[]> {
  const changed = await tx.rows<{ product_id: string }>(sql`
    INSERT INTO sku_facts AS s (sku, product_id, available, low, stock_version)
    SELECT * FROM unnest(${levels.map((one) => one.sku)}::text[], ${levels.map((one) => one.productId)}::uuid[], ${levels.map((one) => one.available)}::bigint[],
      ${levels.map((one) => one.low)}::boolean[], ${levels.map((one) => one.version)}::bigint[])
    ON CONFLICT (sku) DO UPDATE SET available = excluded.available, low = excluded.low, stock_version = excluded.stock_version
    WHERE s.stock_version < excluded.stock_version
    RETURNING product_id`)
  const ids = distinct(changed)
  await refreshStock(tx, ids)
  return ids
}

export async function putRatings(tx: Tx, ratings: readonly { productId: string; hundredths: number; count: number }[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO facts (product_id, rating_hundredths, rating_count)
    SELECT * FROM unnest(${ratings.map((one) => one.productId)}::uuid[], ${ratings.map((one) => one.hundredths)}::integer[], ${ratings.map((one) => one.count)}::integer[])
    ON CONFLICT (product_id) DO UPDATE SET rating_hundredths = excluded.rating_hundredths, rating_count = excluded.rating_count`)
}

/** Adds units sold (or given back) to products. */
export async function addSales(tx: Tx, sales: ReadonlyMap<string, number>): Promise<void> {
  const rows = [...sales].sort(([a], [b]) => (a < b ? -1 : 1))
  await tx.run(sql`
    INSERT INTO facts AS f (product_id, sales) SELECT * FROM unnest(${rows.map(([id]) => id)}::uuid[], ${rows.map(([, units]) => units)}::bigint[])
    ON CONFLICT (product_id) DO UPDATE SET sales = f.sales + excluded.sales`)
}

/** What lists are counted by, as the documents have it. */
export async function refreshCounted(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await lockFacts(tx, ids)
  await tx.run(sql`
    UPDATE facts f SET brand = d.brand, category_ids = d.category_ids, tags = d.tags
    FROM (SELECT i.product_id, o.brand, coalesce(o.category_ids, '{}') AS category_ids, coalesce(o.tags, '{}') AS tags
      FROM unnest((SELECT ${ids})::uuid[]) AS i(product_id) LEFT JOIN documents o ON o.product_id = i.product_id) d
    WHERE f.product_id = d.product_id AND (f.brand, f.category_ids, f.tags) IS DISTINCT FROM (d.brand, d.category_ids, d.tags)`)
}

/**
 * Sums up the stock of products. Their rows are locked first, in a statement of its own, so that the sum is of what is
 * committed then: consumers of other streams touch the same rows.
 */
async function refreshStock(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await lockFacts(tx, ids)
  await tx.run(sql`
    UPDATE facts f SET available = s.available, low = s.low
    FROM (SELECT i.product_id, coalesce(sum(k.available) FILTER (WHERE k.available > 0), 0) AS available, coalesce(bool_and(k.low) FILTER (WHERE k.available > 0), false) AS low
      FROM unnest((SELECT ${ids})::uuid[]) AS i(product_id) LEFT JOIN sku_facts k ON k.product_id = i.product_id AND k.position IS NOT NULL GROUP BY i.product_id) s
    WHERE f.product_id = s.product_id AND (f.available, f.low) IS DISTINCT FROM (s.available, s.low)`)
}

/** The price of a product is that of its first variant: what pricing said last, else what the merchant gave. */
async function refreshPrices(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await lockFacts(tx, ids)
  await tx.run(sql`
    UPDATE facts f SET price_minor = s.price_minor, currency = s.currency, compare_at_minor = s.compare_at_minor
    FROM (SELECT DISTINCT ON (i.product_id) i.product_id,
        coalesce(CASE WHEN k.price_version > 0 THEN k.price_minor ELSE k.given_minor END, 0) AS price_minor,
        coalesce(CASE WHEN k.price_version > 0 THEN k.currency ELSE k.given_currency END, '') AS currency,
        CASE WHEN k.price_version > 0 THEN k.compare_at_minor ELSE k.given_compare_at_minor END AS compare_at_minor
      FROM unnest((SELECT ${ids})::uuid[]) AS i(product_id) LEFT JOIN sku_facts k ON k.product_id = i.product_id AND k.position IS NOT NULL ORDER BY i.product_id, k.position) s
    WHERE f.product_id = s.product_id AND (f.price_minor, f.currency, f.compare_at_minor) IS DISTINCT FROM (s.price_minor, s.currency, s.compare_at_minor)`)
}

async function lockFacts(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.run(sql`SELECT 1 FROM facts WHERE product_id = ANY(${ids}::uuid[]) ORDER BY product_id FOR UPDATE`)
}

function distinct(rows: readonly { product_id: string }[]): string[] {
  return [...new Set(rows.map((row) => row.product_id))].sort()
}
