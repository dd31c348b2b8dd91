/** Counting of failed logins. */
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { refuse } from '@stoa/chassis/contract.ts'
import { CLIENT_FAILURES_MAX, FAILURES_MAX, lockedForSeconds, withFailure } from '../domain/lockout.ts'
import { failuresOf, forgetFailures, lockFailures, saveFailures } from '../store/failures.ts'

/** What one try is counted under: whom it was for, and where it came from. */
export interface Marks {
  readonly target: string
  readonly client: string
}

/** Seconds until this target may be tried again from here; 0 when now. */
export async function lockedFor(db: Db, marks: Marks): Promise<number> {
  const [target, client] = await Promise.all([failuresOf(db, marks.target), failuresOf(db, marks.client)])
  return Math.max(
    lockedForSeconds(target.failedAt, FAILURES_MAX, target.now),
    lockedForSeconds(client.failedAt, CLIENT_FAILURES_MAX, client.now),
  )
}

/**
 * Takes down how a try ended, after looking once more: of many tries at the same moment, those that finish after the lock closed
 * learn nothing, whether they were right or not. Answers the seconds it is locked for, 0 when the outcome counts.
 */
export async function recordTry(tx: Tx, marks: Marks, right: boolean): Promise<number> {
  // Always target before client, so that two tries never wait for each other in a circle.
  const target = await lockFailures(tx, marks.target)
  const locked = lockedForSeconds(target.failedAt, FAILURES_MAX, target.now)
  if (locked > 0) return locked
  if (right) {
    await forgetFailures(tx, marks.target)
    return 0
  }
  await saveFailures(tx, marks.target, withFailure(target.failedAt, FAILURES_MAX, target.now))
  const client = await lockFailures(tx, marks.client)
  await saveFailures(tx, marks.client, withFailure(client.failedAt, CLIENT_FAILURES_MAX, client.now))
  return 0
}

export function tooMany(retryAfterSeconds: number) {
  return refuse('too-many-requests', { detail: 'Too many failed tries. Wait, or set a new password by mail.', retryAfterSeconds })
}
