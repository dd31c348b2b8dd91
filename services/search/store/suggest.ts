/** Suggestions while typing that need no engine. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { Suggestion } from '../engine.ts'

/** No text that begins with another comes behind it and this, byte by byte. */
const LAST = '\u{10ffff}'

/** What begins with `prefix` lies between these two, in columns of collation "C". */
export function beginningsOf(prefix: string): readonly [from: string, to: string] {
  return [prefix, `${prefix}${LAST}`]
}

export async function suggestCategories(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  const [from, to] = beginningsOf(prefix)
  return db.rows<Suggestion>(
    sql`SELECT name AS text, slug FROM categories WHERE name_key BETWEEN ${from} AND ${to} ORDER BY length(path), name LIMIT ${limit}`,
  )
}

/** Brands looked at before the largest of them are shown, and goods counted of each: the index is read from one brand to the next. */
const BRANDS_MAX = 50
const BRAND_GOODS_MAX = 100

export async function suggestBrands(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  const [from, to] = beginningsOf(prefix)
  return db.rows<Suggestion>(sql`
    WITH RECURSIVE brands AS (
        (SELECT brand_key, brand, 1 AS place FROM documents WHERE brand_key BETWEEN ${from} AND ${to} ORDER BY brand_key LIMIT 1)
        UNION ALL
        SELECT following.brand_key, following.brand, brands.place + 1 FROM brands, LATERAL (
          SELECT brand_key, brand FROM documents WHERE brand_key > brands.brand_key AND brand_key <= ${to} ORDER BY brand_key LIMIT 1) following
        WHERE brands.place < ${BRANDS_MAX}::integer)
    SELECT brand AS text, NULL AS slug FROM brands,
      LATERAL (SELECT count(*) AS goods FROM (SELECT 1 FROM documents d WHERE d.brand_key = brands.brand_key LIMIT ${BRAND_GOODS_MAX}::integer) few) counted
    ORDER BY goods DESC, brand LIMIT ${limit}`)
}
