/** Categories, as the products that name them tell of them. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'

/** Ids of categories by slug. */
export async function categoryIds(db: Db, slugs: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.rows<{ slug: string; id: string }>(sql`SELECT slug, id FROM categories WHERE slug = ANY(${slugs}::text[])`)
  return new Map(rows.map((row) => [row.slug, row.id]))
}
