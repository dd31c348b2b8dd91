/** Notices of providers: each once, applied later. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'

/** What a notice says that counts: which charge, and up to which of its revisions. */
export interface Notice {
  readonly eventId: string
  readonly chargeId: string
  readonly revision: number
}

/** Takes down notices, each once. Answers how many are new. */
export async function takeNotices(tx: Tx, notices: readonly Notice[]): Promise<number> {
  return tx.run(sql`
    INSERT INTO webhook_inbox (provider, event_id, charge_id, revision)
    SELECT 'sandbox', "eventId", "chargeId", revision
      FROM jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) AS n("eventId" text, "chargeId" text, revision bigint) ORDER BY "eventId"
    ON CONFLICT DO NOTHING`)
}

/**
 * Goes through the notices that have waited `pauseSeconds`: those that tell no more than is known are applied, the charges of
 * the others are answered, once, to be asked about.
 */
export async function sortNotices(tx: Tx, pauseSeconds: number): Promise<string[]> {
  await tx.run(sql`
    UPDATE webhook_inbox i SET applied_at = now() FROM payment_ops o
    WHERE i.applied_at IS NULL AND NOT i.queued AND o.kind = 'authorize' AND o.charge_id = i.charge_id AND o.revision >= i.revision`)
  const rows = await tx.rows<{ chargeId: string }>(sql`
    UPDATE webhook_inbox SET queued = true
    WHERE applied_at IS NULL AND NOT queued AND received_at <= clock_timestamp() - make_interval(secs => ${pauseSeconds}::float8)
    RETURNING charge_id AS "chargeId"`)
  return [...new Set(rows.map((row) => row.chargeId))]
}

/** How far waiting notices of a charge go; undefined when none waits. */
export async function waitingNotices(db: Db, chargeId: string): Promise<number | undefined> {
  const row = await db.maybe<{ told: number | null }>(sql`
    SELECT max(revision) AS told FROM webhook_inbox WHERE provider = 'sandbox' AND charge_id = ${chargeId} AND applied_at IS NULL`)
  return row?.told ?? undefined
}

/** Marks the notices of a charge up to `revision` as applied. */
export async function markApplied(tx: Tx, chargeId: string, revision: number): Promise<void> {
  await tx.run(sql`
    UPDATE webhook_inbox SET applied_at = now() WHERE provider = 'sandbox' AND charge_id = ${chargeId} AND applied_at IS NULL AND revision <= ${revision}`)
}

/** Forgets notices that providers no longer repeat. */
export async function forgetOldNotices(db: Db, days: number): Promise<number> {
  return db.run(sql`DELETE FROM webhook_inbox WHERE received_at < now() - make_interval(days => ${days}) AND applied_at IS NOT NULL`)
}
