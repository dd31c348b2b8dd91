/** What the doctor looks at in this room's own books. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'

/** How many entries there are, and which do not sum to zero in a currency. */
export async function ledgerSums(db: Db): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    WITH sums AS (
      SELECT e.id, e.kind, e.external_ref, p.currency, coalesce(sum(p.amount_minor), 0) AS total, count(p.entry_id) AS postings
      FROM ledger_entries e LEFT JOIN ledger_postings p ON p.entry_id = e.id GROUP BY e.id, p.currency
    ), broken AS (SELECT * FROM sums WHERE total <> 0 OR postings < 2)
    SELECT (SELECT count(*) FROM ledger_entries) AS examined, (SELECT count(*) FROM broken) AS broken,
      ARRAY(SELECT format('%s %s: %s %s', kind, external_ref, total, currency) FROM broken ORDER BY id LIMIT 10) AS examples`)
}

/** Operations unknown for longer than a day of which nobody was told. */
export async function longUnknown(db: Db, seconds: number): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    WITH broken AS (
      SELECT id, order_id FROM payment_ops WHERE state = 'unknown' AND NOT abandoned AND unknown_at < now() - make_interval(secs => ${seconds}::float8)
    )
    SELECT (SELECT count(*) FROM payment_ops) AS examined, (SELECT count(*) FROM broken) AS broken,
      ARRAY(SELECT format('operation %s of order %s', id, order_id) FROM broken ORDER BY id LIMIT 10) AS examples`)
}

/** Keys under which another request was about to be sent. */
export async function keysWithOtherRequests(db: Db): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    WITH broken AS (SELECT id, order_id FROM payment_ops WHERE hash_conflicts > 0 OR (tries > 0 AND request_hash IS NULL))
    SELECT (SELECT count(*) FROM payment_ops) AS examined, (SELECT count(*) FROM broken) AS broken,
      ARRAY(SELECT format('operation %s of order %s', id, order_id) FROM broken ORDER BY id LIMIT 10) AS examples`)
}

/** Differences the reconciliation has found and not seen resolved. */
export async function openDifferences(db: Db): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    WITH broken AS (SELECT * FROM reconciliation_mismatches WHERE resolved_at IS NULL)
    SELECT (SELECT count(*) FROM payment_ops WHERE kind = 'authorize') AS examined, (SELECT count(*) FROM broken) AS broken,
      ARRAY(SELECT format('%s: %s (order %s)', class, detail, order_id) FROM broken ORDER BY id LIMIT 10) AS examples`)
}

/** Placed payments after `orderId`, in order of their ids. */
export async function placedPage(
  db: Db,
  orderId: string,
  limit: number,
): Promise<{ orderId: string; provider: string; amountMinor: number; netMinor: number; held: number; captures: number }[]> {
  return db.rows(sql`
    SELECT p.order_id AS "orderId", p.provider, p.amount_minor AS "amountMinor", p.captured_minor - p.refunded_minor AS "netMinor",
      (SELECT count(*) FROM payment_ops o WHERE o.order_id = p.order_id AND o.kind = 'authorize' AND o.state = 'succeeded' AND o.charge_state = 'authorized') AS held,
      (SELECT count(*) FROM payment_ops o WHERE o.order_id = p.order_id AND o.kind = 'capture' AND o.state = 'succeeded') AS captures
    FROM payments p WHERE p.placed AND p.order_id > ${orderId} ORDER BY p.order_id LIMIT ${limit}`)
}
