/** Questions that the doctor asks of the catalogue's books. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'

interface Counted {
  examined: number
  broken: number
  examples: string[] | null
}

function resultOf({ examined, broken, examples }: Counted): CheckResult {
  return { examined, broken, examples: (examples ?? []).slice(0, 10) }
}

/** Every product that is not archived sells at least one SKU, and its SKUs are the rows it owns. */
export async function checkVariants(db: Db): Promise<CheckResult> {
  return resultOf(
    await db.one<Counted>(sql`
      WITH owned AS (SELECT product_id, array_agg(sku ORDER BY sku) AS skus FROM variants WHERE NOT archived GROUP BY product_id),
        held AS (SELECT p.id, (SELECT array_agg(v->>'sku' ORDER BY (v->>'sku') COLLATE "C") FROM json_array_elements(p.document->'variants') v) AS skus FROM products p),
        bad AS (SELECT h.id FROM held h LEFT JOIN owned o ON o.product_id = h.id WHERE o.skus IS NULL OR h.skus IS DISTINCT FROM o.skus)
      SELECT (SELECT count(*) FROM products) AS examined, (SELECT count(*) FROM bad) AS broken, (SELECT array_agg(id::text) FROM (SELECT id FROM bad LIMIT 10) b) AS examples`),
  )
}

/** The newest event of every product holds the version of its row. Products whose events were dropped with age are not looked at. */
export async function checkEvents(db: Db): Promise<CheckResult> {
  return resultOf(
    await db.one<Counted>(sql`
      WITH told AS (
          SELECT key, max((data->>'version')::bigint) AS version FROM (
            SELECT key, data FROM chassis.stream_log WHERE stream = 'catalog.events' UNION ALL SELECT key, data FROM chassis.outbox WHERE stream = 'catalog.events') e GROUP BY key),
        looked AS (SELECT p.id, p.version, t.version AS told FROM products p LEFT JOIN told t ON t.key = p.id::text WHERE t.key IS NOT NULL OR p.updated_at > now() - interval '7 days'),
        bad AS (SELECT id FROM looked WHERE told IS DISTINCT FROM version)
      SELECT (SELECT count(*) FROM looked) AS examined, (SELECT count(*) FROM bad) AS broken, (SELECT array_agg(id::text) FROM (SELECT id FROM bad LIMIT 10) b) AS examples`),
  )
}
