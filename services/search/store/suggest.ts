/** Suggestions while typing that need no engine. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { Suggestion } from '../engine.ts'

/** Beginnings as a pattern of LIKE. */
export function startingWith(prefix: string): string {
  return `${prefix.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
}

export async function suggestCategories(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  return db.rows<Suggestion>(
    sql`SELECT name AS text, slug FROM categories WHERE name_key LIKE ${startingWith(prefix)} ORDER BY length(path), name LIMIT ${limit}`,
  )
}

export async function suggestBrands(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  return db.rows<Suggestion>(
    sql`SELECT min(brand) AS text, NULL AS slug FROM documents WHERE brand_key LIKE ${startingWith(prefix)} GROUP BY brand_key ORDER BY count(*) DESC, 1 LIMIT ${limit}`,
  )
}
