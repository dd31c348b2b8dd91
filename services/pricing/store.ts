import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'
import type { TaxClass } from './domain/tax.ts'
import { pricesOf, type StatedProduct } from './domain/price-book.ts'

/** A price in force. */
export interface PriceRow {
  sku: string
  currency: string
  product_id: string
  amount_minor: number
  compare_at_minor: number | null
  weight_grams: number
  tax_class: TaxClass
  version: number
}

/** Prices in force of SKUs, in every currency. Of two products with one SKU, the price stated last counts. */
export async function loadPrices(db: Db, skus: readonly string[]): Promise<Map<string, PriceRow[]>> {
  const rows = await db.rows<PriceRow>(sql`
    SELECT sku, currency, product_id, amount_minor, compare_at_minor, weight_grams, tax_class, version
    FROM prices WHERE sku = ANY(${skus}::text[]) AND NOT archived ORDER BY version`)
  const found = new Map<string, PriceRow[]>()
  for (const row of rows) {
    const others = found.get(row.sku)?.filter((one) => one.currency !== row.currency) ?? []
    found.set(row.sku, [...others, row])
  }
  return found
}

/**
 * Takes over the newest state of `products` (each once, in order of id) and answers the prices that became others.
 * The product's row is locked first, so that a call and an event with the same news cannot both count.
 */
export async function putPrices(tx: Tx, products: readonly StatedProduct[]): Promise<PriceRow[]> {
  const newer = await tx.rows<{ product_id: string }>(sql`
    INSERT INTO products (product_id, version, archived)
    SELECT * FROM unnest(
      ${products.map((one) => one.productId)}::uuid[],
      ${products.map((one) => one.productVersion)}::bigint[],
      ${products.map((one) => one.archived)}::boolean[])
    ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, archived = excluded.archived
    WHERE products.version < excluded.version
    RETURNING product_id`)
  if (newer.length === 0) return []
  const ids = newer.map((one) => one.product_id)
  const prices = products.filter((one) => ids.includes(one.productId)).flatMap(pricesOf)
  const rows = await tx.rows<PriceRow & { repriced: boolean }>(sql`
    WITH stated AS (
      SELECT * FROM unnest(
        ${prices.map((one) => one.sku)}::text[], ${prices.map((one) => one.currency)}::text[],
        ${prices.map((one) => one.productId)}::uuid[], ${prices.map((one) => one.amountMinor)}::bigint[],
        ${prices.map((one) => one.compareAtMinor)}::bigint[], ${prices.map((one) => one.weightGrams)}::integer[],
        ${prices.map((one) => one.taxClass)}::text[])
      AS stated (sku, currency, product_id, amount_minor, compare_at_minor, weight_grams, tax_class)
    ), gone AS (
      UPDATE prices SET archived = true, version = nextval('price_versions')
      WHERE product_id = ANY(${ids}::uuid[]) AND NOT archived
        AND (sku, currency, product_id) NOT IN (SELECT sku, currency, product_id FROM stated)
    )
    INSERT INTO prices (sku, currency, product_id, amount_minor, compare_at_minor, weight_grams, tax_class, version)
    SELECT stated.*, nextval('price_versions') FROM stated
    ON CONFLICT (sku, currency, product_id) DO UPDATE SET
      amount_minor = excluded.amount_minor, compare_at_minor = excluded.compare_at_minor, weight_grams = excluded.weight_grams,
      tax_class = excluded.tax_class, version = excluded.version, archived = false
    WHERE (prices.amount_minor, prices.compare_at_minor, prices.weight_grams, prices.tax_class, prices.archived)
      IS DISTINCT FROM (excluded.amount_minor, excluded.compare_at_minor, excluded.weight_grams, excluded.tax_class, false)
    RETURNING new.sku, new.currency, new.product_id, new.amount_minor, new.compare_at_minor, new.weight_grams, new.tax_class, new.version,
      (old.amount_minor, old.compare_at_minor, old.archived) IS DISTINCT FROM (new.amount_minor, new.compare_at_minor, false) AS repriced`)
  return rows.filter((row) => row.repriced)
}

/** Every price in force belongs to a product that is sold, and no SKU has two in one currency. */
export async function checkPrices(db: Db): Promise<CheckResult> {
  const found = await db.one<{ examined: number; broken: number; examples: string[] | null }>(sql`
    WITH live AS (
      SELECT price.sku, price.currency, product.archived AS withdrawn, count(*) OVER (PARTITION BY price.sku, price.currency) AS rivals
      FROM prices price JOIN products product USING (product_id) WHERE NOT price.archived
    ), bad AS (SELECT DISTINCT sku || ' ' || currency AS what FROM live WHERE withdrawn OR rivals > 1)
    SELECT (SELECT count(*) FROM live) AS examined, (SELECT count(*) FROM bad) AS broken,
      (SELECT array_agg(what) FROM (SELECT what FROM bad ORDER BY what LIMIT 10) AS few) AS examples`)
  return { examined: found.examined, broken: found.broken, examples: found.examples ?? [] }
}
