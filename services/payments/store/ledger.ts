/** The ledger: entries with their postings, written once, never changed. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Entry } from '../domain/ledger.ts'
import type { Booked } from '../domain/reconcile.ts'

/** Writes entries with their postings. Throws: when one was booked before, or does not balance (at commit). */
export async function bookEntries(tx: Tx, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return
  await tx.run(sql`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS e(kind text, "externalRef" uuid, "orderId" uuid, "operationId" uuid, postings jsonb)
    ), booked AS (
      INSERT INTO ledger_entries (kind, external_ref, order_id, operation_id) SELECT kind, "externalRef", "orderId", "operationId" FROM given
      RETURNING id, kind, external_ref
    )
    INSERT INTO ledger_postings (entry_id, account, amount_minor, currency)
    SELECT b.id, p.account, p."amountMinor", p.currency FROM booked b
      JOIN given g ON g.kind = b.kind AND g."externalRef" = b.external_ref
      CROSS JOIN LATERAL jsonb_to_recordset(g.postings) AS p(account text, "amountMinor" bigint, currency text)`)
}

/** What the ledger holds of the attempts of orders, by attempt. */
export async function bookedByAttempt(db: Db, orderIds: readonly string[]): Promise<Map<string, Booked>> {
  const rows = await db.rows<{ attempt: string } & Booked>(sql`
    SELECT o.attempt, coalesce(sum(p.amount_minor) FILTER (WHERE e.kind = 'payment' AND p.amount_minor > 0), 0)::bigint AS "takenMinor",
      coalesce(sum(p.amount_minor) FILTER (WHERE e.kind = 'refund-paid' AND p.amount_minor > 0), 0)::bigint AS "paidBackMinor"
    FROM ledger_entries e JOIN payment_ops o ON o.id = e.operation_id JOIN ledger_postings p ON p.entry_id = e.id
    WHERE e.order_id = ANY(${orderIds}::uuid[]) GROUP BY o.attempt`)
  return new Map(rows.map((row) => [row.attempt, row]))
}
