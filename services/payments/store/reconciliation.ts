/** How far the provider's book was compared, and what did not match. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Mismatch } from '../domain/reconcile.ts'

/** Up to which revision of its book a provider was compared. */
export async function readCursor(db: Db, provider: string): Promise<number> {
  const row = await db.maybe<{ revision: number }>(sql`SELECT revision FROM reconciliation_cursors WHERE provider = ${provider}`)
  return row?.revision ?? 0
}

/** Moves the cursor on; never back. */
export async function moveCursor(tx: Tx, provider: string, revision: number): Promise<void> {
  await tx.run(sql`
    INSERT INTO reconciliation_cursors (provider, revision) VALUES (${provider}, ${revision})
    ON CONFLICT (provider) DO UPDATE SET revision = greatest(reconciliation_cursors.revision, excluded.revision), at = now()`)
}

/** Writes down what does not match about one subject, and resolves what does again. Answers how many are new. */
export async function noteMismatches(
  tx: Tx,
  provider: string,
  orderId: string,
  subject: string,
  found: readonly Mismatch[],
): Promise<number> {
  const added = await tx.run(sql`
    INSERT INTO reconciliation_mismatches (class, provider, order_id, subject, detail)
    SELECT class, ${provider}, ${orderId}, ${subject}, string_agg(detail, '; ') FROM jsonb_to_recordset(${JSON.stringify(found)}::jsonb) AS m(class text, detail text) GROUP BY class
    ON CONFLICT (class, subject) WHERE resolved_at IS NULL DO NOTHING`)
  await tx.run(sql`
    UPDATE reconciliation_mismatches SET resolved_at = now()
    WHERE subject = ${subject} AND resolved_at IS NULL AND class <> ALL(${found.map((one) => one.class)}::text[])`)
  return added
}

/** Subjects whose mismatch is still open, oldest first: they are compared anew at every run. */
export async function openMismatches(
  db: Db,
  limit: number,
): Promise<{ subject: string; orderId: string; class: string; detail: string }[]> {
  return db.rows(sql`
    SELECT DISTINCT ON (subject) subject, order_id AS "orderId", class, detail FROM reconciliation_mismatches WHERE resolved_at IS NULL ORDER BY subject, found_at LIMIT ${limit}`)
}

/** Attempts that succeeded here a while ago and whose charge the cursor has passed or never met. */
export async function unmatchedAttempts(
  db: Db,
  olderThanSeconds: number,
  afterId: string,
  limit: number,
): Promise<{ id: string; orderId: string }[]> {
  return db.rows(sql`
    SELECT id, order_id AS "orderId" FROM payment_ops
    WHERE kind = 'authorize' AND state = 'succeeded' AND matched_at IS NULL AND updated_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
      AND id > ${afterId} ORDER BY id LIMIT ${limit}`)
}

/** Marks attempts whose charge was seen in the provider's book. */
export async function markMatched(tx: Tx, opIds: readonly string[]): Promise<void> {
  await tx.run(sql`UPDATE payment_ops SET matched_at = now() WHERE id::text = ANY(${opIds}::text[]) AND matched_at IS NULL`)
}
