import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'

/** Every listed product has its words and stands on its shelves, and nothing else does. */
export async function checkWords(db: Db): Promise<CheckResult> {
  const row = await db.one<{ examined: number; broken: number; examples: string[] | null }>(sql`
    WITH shelved AS (SELECT product_id, count(*) AS shelves FROM shelves GROUP BY product_id),
      bad AS (SELECT coalesce(d.product_id, t.product_id, s.product_id) AS product_id
        FROM documents d FULL JOIN texts t ON t.product_id = d.product_id FULL JOIN shelved s ON s.product_id = coalesce(d.product_id, t.product_id)
        WHERE d.product_id IS NULL OR t.product_id IS NULL OR coalesce(s.shelves, 0) <> cardinality(d.category_ids))
    SELECT (SELECT count(*) FROM documents) AS examined, (SELECT count(*) FROM bad) AS broken, (SELECT array_agg(product_id::text) FROM (SELECT product_id FROM bad LIMIT 10) b) AS examples`)
  return { examined: row.examined, broken: row.broken, examples: row.examples ?? [] }
}
