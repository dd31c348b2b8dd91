/** What a sitemap names. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'

export interface ListedPage {
  readonly id: string
  readonly slug: string
  readonly changedAt: Date
}

export async function countListed(db: Db): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`SELECT count(*) AS count FROM products WHERE status = 'active'`)
  return Number(count)
}

/** The id of the `n`th listed product in the order of ids, counted from 1; undefined when there are fewer. */
export async function nthListed(db: Db, n: number): Promise<string | undefined> {
  const row = await db.maybe<{ id: string }>(sql`SELECT id FROM products WHERE status = 'active' ORDER BY id OFFSET ${n - 1} LIMIT 1`)
  return row?.id
}

/** Listed products by id after `after`. */
export async function listedAfter(db: Db, after: string, limit: number): Promise<ListedPage[]> {
  return db.rows<ListedPage>(
    sql`SELECT id, slug, updated_at AS "changedAt" FROM products WHERE id > ${after}::uuid AND status = 'active' ORDER BY id LIMIT ${limit}`,
  )
}

export async function categorySlugs(db: Db, limit: number): Promise<string[]> {
  return (await db.rows<{ slug: string }>(sql`SELECT slug FROM categories ORDER BY path LIMIT ${limit}`)).map((one) => one.slug)
}
