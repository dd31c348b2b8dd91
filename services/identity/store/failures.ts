import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { WINDOW_SECONDS } from '../domain/lockout.ts'

export interface Failures {
  failedAt: Date[]
  now: Date
}

/** The latest failures under a mark, without a lock. */
export async function failuresOf(db: Db, mark: string): Promise<Failures> {
  return db.one(sql`
    SELECT COALESCE((SELECT failed_at FROM login_failures WHERE mark = ${mark}), '{}') AS "failedAt", clock_timestamp() AS now`)
}

/** The latest failures under a mark, with its row locked (made if there was none). */
export async function lockFailures(tx: Tx, mark: string): Promise<Failures> {
  await tx.run(sql`INSERT INTO login_failures (mark) VALUES (${mark}) ON CONFLICT DO NOTHING`)
  return tx.one(sql`SELECT failed_at AS "failedAt", clock_timestamp() AS now FROM login_failures WHERE mark = ${mark} FOR UPDATE`)
}

export async function saveFailures(tx: Tx, mark: string, failedAt: readonly Date[]): Promise<void> {
  await tx.run(sql`UPDATE login_failures SET failed_at = ${failedAt}::timestamptz[], latest_at = now() WHERE mark = ${mark}`)
}

export async function forgetFailures(tx: Tx, mark: string): Promise<void> {
  await tx.run(sql`DELETE FROM login_failures WHERE mark = ${mark}`)
}

export async function deleteOldFailures(tx: Tx): Promise<number> {
  return tx.run(sql`DELETE FROM login_failures WHERE latest_at < now() - make_interval(secs => ${WINDOW_SECONDS})`)
}
