/** Questions that the doctor asks of the index. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'

/** Every listed product has the stock of its SKUs, and is counted by what its document says. */
export async function checkSums(db: Db): Promise<CheckResult> {
  const row = await db.one<{ examined: number; broken: number; examples: string[] | null }>(sql`
    WITH summed AS (SELECT product_id, coalesce(sum(available) FILTER (WHERE available > 0), 0) AS available FROM sku_facts WHERE position IS NOT NULL GROUP BY product_id),
      bad AS (SELECT d.product_id FROM documents d LEFT JOIN facts f ON f.product_id = d.product_id LEFT JOIN summed s ON s.product_id = d.product_id
        WHERE f.listed IS NOT TRUE OR s.available IS DISTINCT FROM f.available OR (f.brand, f.category_ids, f.tags) IS DISTINCT FROM (d.brand, d.category_ids, d.tags))
    SELECT (SELECT count(*) FROM documents) AS examined, (SELECT count(*) FROM bad) AS broken, (SELECT array_agg(product_id::text) FROM (SELECT product_id FROM bad LIMIT 10) b) AS examples`)
  return { examined: row.examined, broken: row.broken, examples: row.examples ?? [] }
}
