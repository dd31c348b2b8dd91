/** Products, their SKUs and their slugs. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { SkuFacts } from '@stoa/contracts/catalog.ts'
import type { Details, Product, ProductStatus } from '../domain/product.ts'

interface Row {
  id: string
  version: number
  slug: string
  name: string
  status: ProductStatus
  vendor_id: string | null
  hash: string
  document: Details
  created_at: Date
}

function productOf(row: Row): Product {
  const { id, version, slug, name, status, vendor_id: vendorId, hash, document: details, created_at: createdAt } = row
  return { id, version, slug, name, status, vendorId, hash, createdAt: createdAt.toISOString(), details }
}

export interface Rated {
  readonly product: Product
  readonly rating: { readonly average: number; readonly count: number }
}

type RatedRow = Row & { average: number | null; count: number | null }

function ratedOf(row: RatedRow): Rated {
  return { product: productOf(row), rating: { average: Number((row.average ?? 0).toFixed(2)), count: row.count ?? 0 } }
}

export async function ratedByIds(db: Db, ids: readonly string[]): Promise<Map<string, Rated>> {
  const rows = await db.rows<RatedRow>(
    sql`SELECT p.*, r.average, r.count FROM products p LEFT JOIN ratings r ON r.product_id = p.id WHERE p.id = ANY(${ids}::uuid[])`,
  )
  return new Map(rows.map((row) => [row.id, ratedOf(row)]))
}

/** By the slugs they have or once had. */
export async function ratedBySlugs(db: Db, slugs: readonly string[]): Promise<Map<string, Rated>> {
  const rows = await db.rows<RatedRow & { asked: string }>(
    sql`SELECT s.slug AS asked, p.*, r.average, r.count FROM slugs s JOIN products p ON p.id = s.product_id LEFT JOIN ratings r ON r.product_id = p.id WHERE s.slug = ANY(${slugs}::text[])`,
  )
  return new Map(rows.map((row) => [row.asked, ratedOf(row)]))
}

export async function productsById(db: Db, ids: readonly string[]): Promise<Product[]> {
  return (await db.rows<Row>(sql`SELECT * FROM products WHERE id = ANY(${ids}::uuid[])`)).map(productOf)
}

/** Locks a product until the transaction ends. */
export async function lockProduct(tx: Tx, id: string): Promise<Product | undefined> {
  const row = await tx.maybe<Row>(sql`SELECT * FROM products WHERE id = ${id} FOR UPDATE`)
  return row && productOf(row)
}

/** Which product each SKU belongs to, also SKUs that it no longer sells. */
export async function ownersOf(db: Db, skus: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.rows<{ sku: string; product_id: string }>(
    sql`SELECT sku, product_id FROM variants WHERE sku = ANY(${skus}::text[])`,
  )
  return new Map(rows.map((row) => [row.sku, row.product_id]))
}

/** Locks products in one order, so that batches never wait for each other in a circle. */
export async function lockProducts(tx: Tx, ids: readonly string[]): Promise<Map<string, Product>> {
  const rows = await tx.rows<Row>(sql`SELECT * FROM products WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`)
  return new Map(rows.map((row) => [row.id, productOf(row)]))
}

/** Writes products whose version is the next one. Throws: when somebody else wrote one of them meanwhile. */
export async function putProducts(tx: Tx, products: readonly Product[]): Promise<void> {
  const written = await tx.run(sql`
    INSERT INTO products AS p (id, version, slug, name, status, vendor_id, hash, image, document, created_at)
    SELECT * FROM unnest(
      ${products.map((one) => one.id)}::uuid[], ${products.map((one) => one.version)}::bigint[], ${products.map((one) => one.slug)}::text[],
      ${products.map((one) => one.name)}::text[], ${products.map((one) => one.status)}::text[], ${products.map((one) => one.vendorId)}::uuid[],
      ${products.map((one) => one.hash)}::text[], ${products.map((one) => (one.details.images[0] ? JSON.stringify(one.details.images[0]) : null))}::json[],
      ${products.map((one) => JSON.stringify(one.details))}::json[], ${products.map((one) => one.createdAt)}::timestamptz[])
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, slug = excluded.slug, name = excluded.name, status = excluded.status,
      hash = excluded.hash, image = excluded.image, document = excluded.document, updated_at = now()
    WHERE p.version = excluded.version - 1`)
  if (written !== products.length)
    throw new Error(`${products.length - written} of ${products.length} products were written by somebody else meanwhile`)
}

/** Writes the SKUs of products. Answers those that belong to another product and were left alone. */
export async function putVariants(tx: Tx, products: readonly Product[], retired: readonly string[]): Promise<string[]> {
  const rows = products.flatMap((product) =>
    product.details.variants.map((variant, position) => ({ variant, position, productId: product.id })),
  )
  rows.sort((a, b) => (a.variant.sku < b.variant.sku ? -1 : 1))
  const written = await tx.rows<{ sku: string }>(sql`
    INSERT INTO variants AS v (sku, product_id, variant_id, position, options, archived)
    SELECT sku, product_id, variant_id, position, options, false FROM unnest(
      ${rows.map((one) => one.variant.sku)}::text[], ${rows.map((one) => one.productId)}::uuid[], ${rows.map((one) => one.variant.id)}::uuid[],
      ${rows.map((one) => one.position)}::integer[], ${rows.map((one) => JSON.stringify(one.variant.options))}::json[]) AS g(sku, product_id, variant_id, position, options)
    ON CONFLICT (sku) DO UPDATE SET variant_id = excluded.variant_id, position = excluded.position, options = excluded.options, archived = false
    WHERE v.product_id = excluded.product_id
    RETURNING sku`)
  if (retired.length > 0) await tx.run(sql`UPDATE variants SET archived = true WHERE sku = ANY(${retired}::text[])`)
  const ours = new Set(written.map((row) => row.sku))
  return rows.map((one) => one.variant.sku).filter((sku) => !ours.has(sku))
}

/** Whose each of these slugs is, where it is anybody's. */
export async function slugOwners(tx: Tx, slugs: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.rows<{ slug: string; product_id: string }>(
    sql`SELECT slug, product_id FROM slugs WHERE slug = ANY(${slugs}::text[])`,
  )
  return new Map(rows.map((row) => [row.slug, row.product_id]))
}

/** Reserves slugs. Answers the products whose slug somebody else has taken meanwhile. */
export async function putSlugs(tx: Tx, slugs: readonly { readonly slug: string; readonly productId: string }[]): Promise<Set<string>> {
  const rows = await tx.rows<{ product_id: string }>(sql`
    INSERT INTO slugs AS s (slug, product_id) SELECT * FROM unnest(${slugs.map((one) => one.slug)}::text[], ${slugs.map((one) => one.productId)}::uuid[])
    ON CONFLICT (slug) DO UPDATE SET product_id = s.product_id WHERE s.product_id = excluded.product_id
    RETURNING product_id`)
  const ours = new Set(rows.map((row) => row.product_id))
  return new Set(slugs.map((one) => one.productId).filter((id) => !ours.has(id)))
}

/** Facts of SKUs, also of those that are no longer sold. */
export function describeSkus(db: Db, skus: readonly string[]): Promise<SkuFacts[]> {
  return db.rows(sql`
    SELECT v.sku, v.product_id AS "productId", v.variant_id AS "variantId", p.slug, p.name, v.options, p.image,
      p.status = 'active' AND NOT v.archived AS active
    FROM variants v JOIN products p ON p.id = v.product_id WHERE v.sku = ANY(${skus}::text[])`)
}

/** Facts of all SKUs that products sell, in the products' own order. */
export function describeProducts(db: Db, productIds: readonly string[]): Promise<SkuFacts[]> {
  return db.rows(sql`
    SELECT v.sku, v.product_id AS "productId", v.variant_id AS "variantId", p.slug, p.name, v.options, p.image, p.status = 'active' AS active
    FROM variants v JOIN products p ON p.id = v.product_id WHERE v.product_id = ANY(${productIds}::uuid[]) AND NOT v.archived
    ORDER BY v.product_id, v.position`)
}

/** Products that are not archived, by id after `after`, for the export. */
export async function productsAfter(db: Db, after: string, limit: number): Promise<Product[]> {
  return (
    await db.rows<Row>(sql`SELECT * FROM products WHERE id > ${after}::uuid AND status <> 'archived' ORDER BY id LIMIT ${limit}`)
  ).map(productOf)
}

export async function isEmpty(db: Db): Promise<boolean> {
  return (await db.maybe(sql`SELECT 1 AS one FROM products LIMIT 1`)) === undefined
}

export async function countActive(db: Db): Promise<number> {
  return (await db.one<{ count: number }>(sql`SELECT count(*) AS count FROM products WHERE status = 'active'`)).count
}

/** Takes over ratings. An event holds the whole rating, so the last one counts. */
export async function putRatings(
  tx: Tx,
  ratings: readonly { readonly productId: string; readonly average: number; readonly count: number }[],
): Promise<void> {
  await tx.run(sql`
    INSERT INTO ratings (product_id, average, count) SELECT * FROM unnest(${ratings.map((one) => one.productId)}::uuid[], ${ratings.map((one) => one.average)}::real[], ${ratings.map((one) => one.count)}::integer[])
    ON CONFLICT (product_id) DO UPDATE SET average = excluded.average, count = excluded.count`)
}
