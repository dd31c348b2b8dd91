/** Suggestions while typing. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'

export interface Suggestion {
  readonly text: string
  readonly slug: string | null
}

/** Products looked at before the best sold of them are shown. */
const CANDIDATES_MAX = 200

function startingWith(prefix: string): string {
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

/** Products whose name begins like this. */
export async function suggestByName(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  return db.rows<Suggestion>(
    sql`SELECT name AS text, slug FROM documents WHERE name_key LIKE ${startingWith(prefix)} ORDER BY name_key LIMIT ${limit}`,
  )
}

/** Products whose name holds the words of a question, the last one perhaps unfinished; the best sold first. */
export async function suggestByWords(db: Db, question: string, limit: number): Promise<Suggestion[]> {
  return db.rows<Suggestion>(sql`
    SELECT d.name AS text, d.slug FROM (SELECT product_id FROM texts WHERE words @@ ${question}::tsquery LIMIT ${CANDIDATES_MAX}) t
    JOIN documents d ON d.product_id = t.product_id JOIN facts f ON f.product_id = t.product_id
    ORDER BY (f.available > 0) DESC, f.sales DESC, length(d.name), d.product_id LIMIT ${limit}`)
}
