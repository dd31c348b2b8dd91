import { createLookup, oncePer, type Lookup } from '@stoa/chassis/batcher.ts'
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'
import type { TaxClass } from '../domain/tax.ts'
import type { Buyer, Channel, Offer } from '../domain/offers.ts'
import { pricesOf, type StatedProduct } from '../domain/price-book.ts'

/** A product's own price in force. */
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

/** A SKU that is sold: the facts of its product, and every price in force that may count. */
export interface Priced {
  readonly own: PriceRow
  readonly offers: readonly Offer[]
}

type OfferRow = PriceRow & { min_quantity: number } & (
    | { list_name: null }
    | { list_name: string; position: number; customer_group: string | null; channel: Channel | null }
  )

/**
 * What is known of SKUs that are sold, in one round trip: their own prices in every currency, and those of lists in `currency` that
 * are in force for the buyer. Of two products with one SKU, the price stated last counts. The clock is the statement's, not the
 * transaction's: what waited for a lock must not see a list that ended meanwhile.
 */
export async function loadPrices(
  db: Db,
  skus: readonly string[],
  { currency, groups, channel }: Buyer & { readonly currency: string },
): Promise<Map<string, Priced>> {
  const rows = await db.rows<OfferRow>(sql`
    SELECT sku, currency, product_id, amount_minor, compare_at_minor, weight_grams, tax_class, version, 1 AS min_quantity,
      NULL AS list_name, NULL::bigint AS position, NULL AS customer_group, NULL AS channel
    FROM prices WHERE sku = ANY(${skus}::text[]) AND NOT archived
    UNION ALL
    SELECT listed.sku, list.currency, NULL, listed.amount_minor, listed.compare_at_minor, NULL, NULL, list.version, listed.min_quantity,
      list.name, list.position, list.customer_group, list.channel
    FROM price_list_prices listed JOIN price_lists list USING (list_id)
    WHERE listed.sku = ANY(${skus}::text[]) AND list.currency = ${currency}
      AND (list.customer_group IS NULL OR list.customer_group = ANY(${groups}::text[]))
      AND (list.channel IS NULL OR list.channel = ${channel})
      AND (list.valid_from IS NULL OR list.valid_from <= statement_timestamp())
      AND (list.valid_until IS NULL OR list.valid_until > statement_timestamp())`)
  const bySku = Map.groupBy(rows, (row) => row.sku)
  return new Map([...bySku].flatMap(([sku, found]) => pricedOf(found).map((priced) => [sku, priced] as const)))
}

const lookups = oncePer<Db, Map<string, Lookup<string, Priced>>>(() => new Map())
const KINDS_OF_BUYERS_MAX = 1000

/** What is known of SKUs that are sold: one lookup for all buyers of a kind who ask in one moment. */
export function priceLookup(db: Db, asker: Buyer & { readonly currency: string }): Lookup<string, Priced> {
  const kinds = lookups(db)
  const kind = JSON.stringify([asker.currency, asker.channel, asker.groups.toSorted()])
  const known = kinds.get(kind)
  if (known) return known
  const made = createLookup((skus: string[]) => loadPrices(db, skus, asker))
  if (kinds.size < KINDS_OF_BUYERS_MAX) kinds.set(kind, made)
  return made
}

/** Nothing when no product sells the SKU: a list alone is no reason to. */
function pricedOf(rows: readonly OfferRow[]): Priced[] {
  const own = rows.filter((row) => row.list_name === null).sort((a, b) => b.version - a.version)
  const [newest] = own
  if (!newest) return []
  const inForce = own.filter((row, index) => own.findIndex((one) => one.currency === row.currency) === index)
  return [{ own: newest, offers: [...inForce, ...rows.filter((row) => row.list_name !== null)].map(offerOf) }]
}

function offerOf(row: OfferRow): Offer {
  return {
    currency: row.currency,
    amountMinor: row.amount_minor,
    compareAtMinor: row.compare_at_minor,
    minQuantity: row.min_quantity,
    list: row.list_name === null ? null : { name: row.list_name, position: row.position, group: row.customer_group, channel: row.channel },
  }
}

/**
 * Takes over the newest state of `products` (each once, in order of id) and answers how many prices became others, and the SKUs
 * whose prices these were or that are no longer sold.
 * The product's row is locked first, so that a call and an event with the same news cannot both count; what a statement reads of
 * `prices` is how they were before it.
 */
export async function putPrices(tx: Tx, products: readonly StatedProduct[]): Promise<{ repriced: number; skus: string[] }> {
  const newer = await tx.rows<{ product_id: string }>(sql`
    INSERT INTO products (product_id, version, archived)
    SELECT * FROM unnest(
      ${products.map((one) => one.productId)}::uuid[],
      ${products.map((one) => one.productVersion)}::bigint[],
      ${products.map((one) => one.archived)}::boolean[])
    ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, archived = excluded.archived
    WHERE products.version < excluded.version
    RETURNING product_id`)
  if (newer.length === 0) return { repriced: 0, skus: [] }
  const ids = newer.map((one) => one.product_id)
  const prices = products.filter((one) => ids.includes(one.productId)).flatMap(pricesOf)
  const rows = await tx.rows<{ sku: string; gone: boolean }>(sql`
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
      RETURNING sku
    ), put AS (
      INSERT INTO prices (sku, currency, product_id, amount_minor, compare_at_minor, weight_grams, tax_class, version)
      SELECT stated.*, nextval('price_versions') FROM stated
      ON CONFLICT (sku, currency, product_id) DO UPDATE SET
        amount_minor = excluded.amount_minor, compare_at_minor = excluded.compare_at_minor, weight_grams = excluded.weight_grams,
        tax_class = excluded.tax_class, version = excluded.version, archived = false
      WHERE (prices.amount_minor, prices.compare_at_minor, prices.weight_grams, prices.tax_class, prices.archived)
        IS DISTINCT FROM (excluded.amount_minor, excluded.compare_at_minor, excluded.weight_grams, excluded.tax_class, false)
      RETURNING sku, currency, product_id
    )
    SELECT sku, true AS gone FROM gone UNION ALL
    SELECT sku, false FROM put JOIN stated USING (sku, currency, product_id) LEFT JOIN prices AS before USING (sku, currency, product_id)
    WHERE (before.amount_minor, before.compare_at_minor, before.archived) IS DISTINCT FROM (stated.amount_minor, stated.compare_at_minor, false)`)
  return { repriced: rows.filter((row) => !row.gone).length, skus: [...new Set(rows.map((row) => row.sku))] }
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
