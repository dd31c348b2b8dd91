/** Products that an engine elsewhere must still be told of. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Entry, HotFacts } from '../engine.ts'
import { contentOf, type ContentRow } from './contents.ts'

/** Notes products that changed. Each gets a higher revision than it ever had: its row is locked until the commit. */
export async function noteUnsent(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO unsent AS u (product_id) SELECT * FROM unnest(${[...ids].sort()}::uuid[])
    ON CONFLICT (product_id) DO UPDATE SET revision = excluded.revision`)
}

interface EntryRow extends ContentRow, EntryFacts {
  revision: number
  is_listed: boolean
}
interface EntryFacts {
  price_minor: number
  currency: string
  available: number
  low: boolean
  rating_hundredths: number
  rating_count: number
  sales: number
  standing: number
}

/** Products as they are now, the longest noted first. */
export async function unsentEntries(db: Db, limit: number): Promise<Entry[]> {
  const rows = await db.rows<EntryRow>(sql`
    SELECT u.product_id, u.revision, d.product_id IS NOT NULL AS is_listed, d.version, d.language, d.slug, d.name, d.name_key, d.brand, d.brand_key, d.vendor_id, d.created_at,
      d.category_ids, d.own_category_ids, c.category_names, d.tags, d.attributes, d.attribute_keys, c.skus, c.description, d.card,
      f.price_minor, f.currency, f.available, f.low, f.rating_hundredths, f.rating_count, f.sales, f.standing
    FROM (SELECT product_id, revision FROM unsent ORDER BY revision LIMIT ${limit}::integer) u
    LEFT JOIN documents d ON d.product_id = u.product_id LEFT JOIN contents c ON c.product_id = u.product_id LEFT JOIN facts f ON f.product_id = u.product_id
    ORDER BY u.revision`)
  return rows.map((row) => ({
    productId: row.product_id,
    revision: row.revision,
    product: row.is_listed ? { content: contentOf(row), facts: factsOf(row) } : null,
  }))
}

/** Forgets what was sent, unless it has changed since. */
export async function forgetUnsent(tx: Tx, sent: readonly Entry[]): Promise<void> {
  await tx.run(sql`
    DELETE FROM unsent u USING unnest(${sent.map((one) => one.productId)}::uuid[], ${sent.map((one) => one.revision)}::bigint[]) AS s(product_id, revision)
    WHERE u.product_id = s.product_id AND u.revision = s.revision`)
}

function factsOf(row: EntryFacts): HotFacts {
  return {
    priceMinor: row.price_minor,
    currency: row.currency,
    available: row.available,
    low: row.low,
    ratingHundredths: row.rating_hundredths,
    ratingCount: row.rating_count,
    sales: row.sales,
    standing: row.standing,
  }
}
