/** Categories, as the products that name them tell of them. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'

/** Ids of categories by slug. */
export async function categoryIds(db: Db, slugs: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.rows<{ slug: string; id: string }>(sql`SELECT slug, id FROM categories WHERE slug = ANY(${slugs}::text[])`)
  return new Map(rows.map((row) => [row.slug, row.id]))
}

/** Categories by id. */
export async function categoriesById(db: Db, ids: readonly string[]): Promise<Map<string, { slug: string; name: string; path: string }>> {
  const rows = await db.rows<{ id: string; slug: string; name: string; path: string }>(
    sql`SELECT id, slug, name, path FROM categories WHERE id = ANY(${ids}::uuid[])`,
  )
  return new Map(rows.map(({ id, ...category }) => [id, category]))
}
