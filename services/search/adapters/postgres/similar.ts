/** Products like another one. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'

interface Self {
  own_category_ids: string[]
  brand_key: string | null
  attribute_keys: string[]
  price_minor: number
  words: string[]
}

/** Products weighed at most. */
const CANDIDATES_MAX = 300
/** Attributes compared at most: merchants name the telling ones first. */
const ATTRIBUTES_MAX = 12
const NAME_WORDS = 4

/** Ids of the likest listed products: of the same categories or with the same telling words, then by brand, attributes and nearness of price; sold out counts against them. */
export async function similarIds(db: Db, productId: string, limit: number): Promise<string[]> {
  const self = await db.maybe<Self>(sql`
    SELECT d.own_category_ids, d.brand_key, d.attribute_keys, f.price_minor,
      array(SELECT w.lexeme FROM unnest(x.words) AS w LEFT JOIN terms t ON t.word = w.lexeme WHERE 'A' = ANY(w.weights) AND length(w.lexeme) > 2 AND coalesce(t.products, 2) > 1 ORDER BY t.products NULLS LAST LIMIT ${NAME_WORDS}) AS words
    FROM documents d JOIN facts f ON f.product_id = d.product_id JOIN texts x ON x.product_id = d.product_id WHERE d.product_id = ${productId}`)
  if (!self) return []
  const words = self.words.map((word) => `'${word}'`).join(' | ')
  const rows = await db.rows<{ id: string }>(sql`
    WITH alike AS (
        (SELECT product_id FROM documents WHERE own_category_ids && ${self.own_category_ids}::uuid[] AND category_ids && ${self.own_category_ids}::uuid[] LIMIT ${CANDIDATES_MAX})
        UNION (SELECT product_id FROM texts WHERE words @@ ${words}::tsquery LIMIT ${CANDIDATES_MAX}))
    SELECT d.product_id AS id FROM alike a JOIN documents d ON d.product_id = a.product_id JOIN facts f ON f.product_id = a.product_id JOIN texts t ON t.product_id = a.product_id
    WHERE d.product_id <> ${productId}
    ORDER BY
      CASE WHEN f.available > 0 THEN 0 ELSE -1.5 END + CASE WHEN d.own_category_ids && ${self.own_category_ids}::uuid[] THEN 3 ELSE 0 END
        + CASE WHEN d.brand_key = ${self.brand_key} THEN 0.5 ELSE 0 END
        + (SELECT count(*) FROM unnest(${self.words.map((word) => `'${word}':AB`)}::tsquery[]) AS q WHERE t.words @@ q) * 0.75
        + 2.0 * (SELECT count(*) FROM unnest(d.attribute_keys) AS one WHERE one = ANY(${self.attribute_keys.slice(0, ATTRIBUTES_MAX)}::text[])) / ${Math.max(1, Math.min(ATTRIBUTES_MAX, self.attribute_keys.length))}::integer
        + 1.5 / (1 + abs(ln((f.price_minor + 100)::float8 / ${self.price_minor + 100}::bigint))) DESC,
      d.product_id
    LIMIT ${limit}`)
  return rows.map((row) => row.id)
}
