/** Notices of providers: each once, applied later. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'

/** Takes down a notice. False: it was here before. */
export async function takeNotice(tx: Tx, notice: { eventId: string; chargeId: string; revision: number }): Promise<boolean> {
  const added = await tx.run(sql`
    INSERT INTO webhook_inbox (provider, event_id, charge_id, revision) VALUES ('sandbox', ${notice.eventId}, ${notice.chargeId}, ${notice.revision})
    ON CONFLICT DO NOTHING`)
  return added === 1
}

/** How far waiting notices of a charge go, and how far we know it; undefined when none waits. */
export async function waitingNotices(db: Db, chargeId: string): Promise<{ told: number; known: number } | undefined> {
  return db.maybe(sql`
    SELECT max(w.revision) AS told, coalesce((SELECT max(o.revision) FROM payment_ops o WHERE o.kind = 'authorize' AND o.charge_id = ${chargeId}), 0) AS known
    FROM webhook_inbox w WHERE w.provider = 'sandbox' AND w.charge_id = ${chargeId} AND w.applied_at IS NULL HAVING count(*) > 0`)
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
