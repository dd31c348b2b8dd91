/** Products that an engine elsewhere must still be told of. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Entry, HotFacts } from '../engine.ts'
import { contentOf, type ContentRow } from './contents.ts'

/**
 * Notes products that changed, while an engine elsewhere is kept. Each gets a higher revision than it ever had: the number is drawn
 * once its row is locked, which it is until the commit.
 */
export async function noteUnsent(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO unsent AS u (product_id) SELECT * FROM unnest((SELECT ${[...ids].sort()})::uuid[]) WHERE EXISTS (SELECT 1 FROM mirror)
    ON CONFLICT (product_id) DO UPDATE SET revision = nextval('revisions'), not_before = '-infinity'`)
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
  standing_before: number
  /** `-infinity` is no date. */
  standing_at: Date | number
}

/** Products as they are now. Those that wait longest come first: one that changes all the time is not put behind the others each time. */
export async function unsentEntries(db: Db, limit: number): Promise<Entry[]> {
  const rows = await db.rows<EntryRow>(sql`
    SELECT u.product_id, u.revision, d.product_id IS NOT NULL AS is_listed, d.version, d.language, d.slug, d.name, d.name_key, d.brand, d.brand_key, d.vendor_id, d.created_at,
      d.category_ids, d.own_category_ids, c.category_names, d.tags, d.attributes, d.attribute_keys, c.skus, c.description, d.card,
      f.price_minor, f.currency, f.available, f.low, f.rating_hundredths, f.rating_count, f.sales, f.standing, f.standing_before, f.standing_at
    FROM (SELECT product_id, revision FROM unsent WHERE not_before <= now() ORDER BY noted_at LIMIT ${limit}::integer) u
    LEFT JOIN documents d ON d.product_id = u.product_id LEFT JOIN contents c ON c.product_id = u.product_id LEFT JOIN facts f ON f.product_id = u.product_id`)
  return rows.map(entryOf)
}

/** Lower than that of any change. */
const FIRST_REVISION = 0

/** Listed products behind `after`, by id, for an engine that begins anew. Whatever is told of a change is newer. */
export async function listedEntries(db: Db, after: string | null, limit: number): Promise<Entry[]> {
  const rows = await db.rows<EntryRow>(sql`
    SELECT d.product_id, ${FIRST_REVISION}::bigint AS revision, true AS is_listed, d.version, d.language, d.slug, d.name, d.name_key, d.brand, d.brand_key, d.vendor_id, d.created_at,
      d.category_ids, d.own_category_ids, c.category_names, d.tags, d.attributes, d.attribute_keys, c.skus, c.description, d.card,
      f.price_minor, f.currency, f.available, f.low, f.rating_hundredths, f.rating_count, f.sales, f.standing, f.standing_before, f.standing_at
    FROM documents d JOIN facts f ON f.product_id = d.product_id LEFT JOIN contents c ON c.product_id = d.product_id
    WHERE d.product_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY d.product_id LIMIT ${limit}::integer`)
  return rows.map(entryOf)
}

/** Forgets what was sent, unless it has changed since. */
export async function forgetUnsent(tx: Tx, sent: readonly Entry[]): Promise<void> {
  await tx.run(sql`
    DELETE FROM unsent u USING unnest((SELECT ${sent.map((one) => one.productId)})::uuid[], ${sent.map((one) => one.revision)}::bigint[]) AS s(product_id, revision)
    WHERE u.product_id = s.product_id AND u.revision = s.revision`)
}

/** Leaves for later what was refused, unless it has changed since. */
export async function putOffUnsent(tx: Tx, refused: readonly Entry[], seconds: number): Promise<void> {
  if (refused.length === 0) return
  await tx.run(sql`
    UPDATE unsent u SET not_before = now() + make_interval(secs => ${seconds}::float8)
    FROM unnest((SELECT ${refused.map((one) => one.productId)})::uuid[], ${refused.map((one) => one.revision)}::bigint[]) AS s(product_id, revision)
    WHERE u.product_id = s.product_id AND u.revision = s.revision`)
}

/** What an engine should know of listed products behind `after` of which nothing waits to be sent. */
export async function sentFacts(
  db: Db,
  after: string | null,
  limit: number,
): Promise<{ id: string; price: number; availability: string }[]> {
  return db.rows(sql`
    SELECT d.product_id AS id, f.price_minor AS price, CASE WHEN f.available <= 0 THEN 'out' WHEN f.low THEN 'low' ELSE 'in-stock' END AS availability
    FROM documents d JOIN facts f ON f.product_id = d.product_id
    WHERE d.product_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000') AND NOT EXISTS (SELECT 1 FROM unsent u WHERE u.product_id = d.product_id AND u.not_before <= now())
    ORDER BY d.product_id LIMIT ${limit}::integer`)
}

/** Which of these are not listed, though an engine elsewhere was told of all. */
export async function unlistedOf(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(sql`
    SELECT one AS id FROM unnest((SELECT ${ids})::uuid[]) AS one
    WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.product_id = one) AND NOT EXISTS (SELECT 1 FROM unsent u WHERE u.product_id = one)`)
  return rows.map((row) => row.id)
}

/** Products that an engine elsewhere was not told of yet. */
export async function countUnsent(db: Db): Promise<number> {
  return (await db.one<{ count: number }>(sql`SELECT count(*) AS count FROM unsent`)).count
}

/** For how long the longest waits. Units: seconds. */
export async function unsentSeconds(db: Db): Promise<number> {
  const row = await db.one<{ seconds: number }>(
    sql`SELECT coalesce(extract(epoch FROM clock_timestamp() - min(noted_at)), 0)::float8 AS seconds FROM unsent`,
  )
  return row.seconds
}

/** The moment up to which all changes were told. Units: milliseconds since 1970. */
export async function toldUntil(db: Db): Promise<number> {
  const row = await db.one<{ at: number }>(
    sql`SELECT floor(extract(epoch FROM coalesce(min(noted_at), clock_timestamp())) * 1000)::float8 AS at FROM unsent`,
  )
  return row.at
}

/** Whether something could be sent now. */
export async function isUnsent(db: Db): Promise<boolean> {
  return (await db.one<{ some: boolean }>(sql`SELECT EXISTS (SELECT 1 FROM unsent WHERE not_before <= now()) AS some`)).some
}

function entryOf(row: EntryRow): Entry {
  return {
    productId: row.product_id,
    revision: row.revision,
    product: row.is_listed ? { content: contentOf(row), facts: factsOf(row) } : null,
  }
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
    standingBefore: row.standing_before,
    standingAt: momentOf(row.standing_at),
  }
}

/** In milliseconds since 1970; what was never, was before all. */
function momentOf(at: Date | number): number {
  const moment = Number(at)
  return Number.isFinite(moment) ? moment : 0
}
