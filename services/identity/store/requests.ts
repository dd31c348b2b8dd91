import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'

export type MailKind = 'confirm-email' | 'already-registered' | 'reset-password' | 'password-changed' | 'welcome'

export interface AcceptedRequest {
  id: string
  kind: 'register' | 'recover'
  emailIndex: string
  sealed: string
  passwordHash: string | null
}

export async function insertAcceptedRequest(tx: Tx, request: AcceptedRequest): Promise<void> {
  await tx.run(sql`
    INSERT INTO accepted_requests (id, kind, email_index, sealed, password_hash)
    VALUES (${request.id}, ${request.kind}, ${request.emailIndex}, ${request.sealed}, ${request.passwordHash})`)
}

/** Takes an accepted request away, to be looked at in this transaction. */
export async function takeAcceptedRequest(tx: Tx, id: string): Promise<AcceptedRequest | undefined> {
  return tx.maybe(sql`
    DELETE FROM accepted_requests WHERE id = ${id}
    RETURNING id, kind, email_index AS "emailIndex", sealed, password_hash AS "passwordHash"`)
}

export interface NewSecurityRequest {
  id: string
  accountId: string
  kind: MailKind
  lifetimeSeconds: number
  passwordHash?: string | null
  username?: string | null
  nameSealed?: string | null
}

/** False when the account had `hourlyMax` mails of this kind within the hour: nobody's mailbox is flooded from here. */
export async function insertSecurityRequest(tx: Tx, request: NewSecurityRequest, hourlyMax: number): Promise<boolean> {
  return (
    (await tx.run(sql`
      INSERT INTO security_requests (id, account_id, kind, password_hash, username, name_sealed, expires_at)
      SELECT ${request.id}::uuid, ${request.accountId}::uuid, ${request.kind}::text, ${request.passwordHash ?? null}::text, ${request.username ?? null}::text,
        ${request.nameSealed ?? null}::text, now() + make_interval(secs => ${request.lifetimeSeconds})
      WHERE (
        SELECT count(*) FROM security_requests
        WHERE account_id = ${request.accountId}::uuid AND kind = ${request.kind}::text AND created_at > now() - interval '1 hour'
      ) < ${hourlyMax}`)) === 1
  )
}

export interface SecurityRequest {
  id: string
  accountId: string
  kind: MailKind
  passwordHash: string | null
  username: string | null
  nameSealed: string | null
  /** Neither used nor expired, by the clock of the database. */
  open: boolean
}

export async function findSecurityRequest(db: Db, id: string): Promise<SecurityRequest | undefined> {
  return db.maybe(sql`
    SELECT id, account_id AS "accountId", kind, password_hash AS "passwordHash", username, name_sealed AS "nameSealed",
      used_at IS NULL AND expires_at > now() AS open
    FROM security_requests WHERE id = ${id}`)
}

/** False when it was used before. */
export async function markUsed(tx: Tx, id: string): Promise<boolean> {
  return (await tx.run(sql`UPDATE security_requests SET used_at = now(), password_hash = NULL WHERE id = ${id} AND used_at IS NULL`)) === 1
}

/** Removes requests whose mail can do nothing any more. */
export async function deleteDeadRequests(tx: Tx): Promise<number> {
  return tx.run(sql`DELETE FROM security_requests WHERE expires_at < now() - interval '7 days'`)
}
