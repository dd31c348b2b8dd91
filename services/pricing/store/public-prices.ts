import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'

/** What was told last of a SKU's public price; amount null: it is not sold. */
export interface ToldPrice {
  sku: string
  productId: string | null
  currency: string | null
  amountMinor: number | null
  compareAtMinor: number | null
}

/**
 * Locks the public prices of SKUs, known or not, and answers what was told of them. Whoever changes what a price is made of does
 * this afterwards and before finding the price anew, so that no change is missed when two come at once.
 */
export async function lockPublicPrices(tx: Tx, skus: readonly string[]): Promise<Map<string, ToldPrice>> {
  const fresh = await tx.rows<{ sku: string }>(
    sql`INSERT INTO public_prices (sku) SELECT sku FROM unnest(${skus}::text[]) AS sku ORDER BY sku ON CONFLICT DO NOTHING RETURNING sku`,
  )
  const told = new Map<string, ToldPrice>(fresh.map(({ sku }) => [sku, untold(sku)]))
  const others = skus.filter((sku) => !told.has(sku))
  if (others.length === 0) return told
  const rows = await tx.rows<ToldPrice>(sql`
    SELECT sku, product_id AS "productId", currency, amount_minor AS "amountMinor", compare_at_minor AS "compareAtMinor"
    FROM public_prices WHERE sku = ANY(${others}::text[]) ORDER BY sku FOR UPDATE`)
  for (const row of rows) told.set(row.sku, row)
  return told
}

/** The price of a SKU that is not sold. */
export function untold(sku: string): ToldPrice {
  return { sku, productId: null, currency: null, amountMinor: null, compareAtMinor: null }
}

/** Writes public prices of locked SKUs; answers the version of each. */
export async function savePublicPrices(tx: Tx, prices: readonly ToldPrice[]): Promise<Map<string, number>> {
  const rows = await tx.rows<{ sku: string; version: number }>(sql`
    UPDATE public_prices SET product_id = now.product_id, currency = now.currency, amount_minor = now.amount_minor,
      compare_at_minor = now.compare_at_minor, version = nextval('price_versions')
    FROM unnest(
      ${prices.map((one) => one.sku)}::text[], ${prices.map((one) => one.productId)}::uuid[], ${prices.map((one) => one.currency)}::text[],
      ${prices.map((one) => one.amountMinor)}::bigint[], ${prices.map((one) => one.compareAtMinor)}::bigint[])
    AS now (sku, product_id, currency, amount_minor, compare_at_minor)
    WHERE public_prices.sku = now.sku
    RETURNING public_prices.sku, public_prices.version`)
  return new Map(rows.map((row) => [row.sku, row.version]))
}

/** The currency that public prices were told in; undefined before any were. */
export async function toldCurrency(db: Db): Promise<string | undefined> {
  return (await db.maybe<{ currency: string }>(sql`SELECT currency FROM public_currency`))?.currency
}

export async function setToldCurrency(tx: Tx, currency: string): Promise<void> {
  await tx.run(sql`
    INSERT INTO public_currency (currency) VALUES (${currency}) ON CONFLICT (one) DO UPDATE SET currency = excluded.currency`)
}

/**
 * The public price told last is the lowest in force for everybody. Found by SQL alone, so that it does not lean on what it checks.
 * A list that began or ended this very moment is left out: its timer is on its way.
 */
export async function checkPublicPrices(db: Db, shopCurrency: string): Promise<CheckResult> {
  const found = await db.one<{ examined: number; broken: number; examples: string[] | null }>(sql`
    WITH own AS (
      SELECT DISTINCT ON (sku, currency) sku, currency, amount_minor, version FROM prices WHERE NOT archived ORDER BY sku, currency, version DESC
    ), newest AS (
      SELECT DISTINCT ON (sku) sku, currency, amount_minor FROM own ORDER BY sku, version DESC
    ), open AS (
      SELECT list_id, coalesce(valid_from <= now(), true) AND coalesce(valid_until > now(), true) AS in_force,
        valid_from BETWEEN now() - interval '10 s' AND now() OR valid_until BETWEEN now() - interval '10 s' AND now() AS turning
      FROM price_lists WHERE customer_group IS NULL AND (channel IS NULL OR channel = 'web') AND currency = ${shopCurrency}
    ), listed AS (
      SELECT sku, min(amount_minor) FILTER (WHERE in_force AND min_quantity = 1) AS amount_minor, bool_or(turning) AS turning
      FROM price_list_prices JOIN open USING (list_id) GROUP BY sku
    ), due AS (
      SELECT newest.sku, coalesce(listed.turning, false) AS turning,
        CASE WHEN listed.amount_minor IS NULL AND own.sku IS NULL THEN newest.currency ELSE ${shopCurrency} END AS currency,
        coalesce(least(listed.amount_minor, own.amount_minor), newest.amount_minor) AS amount_minor
      FROM newest LEFT JOIN listed USING (sku) LEFT JOIN own ON own.sku = newest.sku AND own.currency = ${shopCurrency}
    ), bad AS (
      SELECT sku FROM due FULL JOIN public_prices told USING (sku)
      WHERE (due.amount_minor, due.currency) IS DISTINCT FROM (told.amount_minor, told.currency) AND due.turning IS NOT TRUE
    )
    SELECT (SELECT count(*) FROM due) AS examined, (SELECT count(*) FROM bad) AS broken,
      (SELECT array_agg(sku) FROM (SELECT sku FROM bad ORDER BY sku LIMIT 10) AS few) AS examples`)
  return { examined: found.examined, broken: found.broken, examples: found.examples ?? [] }
}
