import type { Role } from '@stoa/chassis/contract.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Preferences } from '../domain/preferences.ts'

export interface AccountRow {
  id: string
  emailIndex: string
  emailSealed: string
  nameSealed: string | null
  username: string | null
  passwordHash: string | null
  passwordVersion: number
  verified: boolean
  roles: Role[]
  groups: string[]
  preferences: Preferences
  kekId: string
  sealedKey: string
}

// One statement with nullable keys: an account is found by exactly one of them.
const accountBy = (id: string | null, emailIndex: string | null, username: string | null) => sql`
  SELECT a.id, a.email_index AS "emailIndex", a.email_sealed AS "emailSealed", a.name_sealed AS "nameSealed", a.username,
    a.password_hash AS "passwordHash", a.password_version AS "passwordVersion", a.verified_at IS NOT NULL AS verified, a.roles, a.groups, a.preferences,
    p.kek_id AS "kekId", p.sealed_key AS "sealedKey"
  FROM accounts a JOIN people p ON p.person_id = a.id
  WHERE a.id = COALESCE(
    ${id}::uuid,
    (SELECT known.id FROM accounts known WHERE known.email_index = ${emailIndex}::text),
    (SELECT held.account_id FROM usernames held WHERE held.folded = ${username}::text))`

export async function findAccount(db: Db, id: string): Promise<AccountRow | undefined> {
  return db.maybe<AccountRow>(accountBy(id, null, null))
}

export async function findAccountByEmail(db: Db, emailIndex: string): Promise<AccountRow | undefined> {
  return db.maybe<AccountRow>(accountBy(null, emailIndex, null))
}

/** By a user name held for good; `folded` as in domain/identifiers. */
export async function findAccountByUsername(db: Db, folded: string): Promise<AccountRow | undefined> {
  return db.maybe<AccountRow>(accountBy(null, null, folded))
}

/** Takes the account's row lock: the first statement of whatever changes an account. False when there is none. */
export async function lockAccount(tx: Tx, id: string): Promise<boolean> {
  return (await tx.maybe(sql`SELECT 1 FROM accounts WHERE id = ${id} FOR UPDATE`)) !== undefined
}

export interface NewAccount {
  id: string
  emailIndex: string
  emailSealed: string
  nameSealed: string | null
  roles: readonly Role[]
  preferences: Preferences
}

/** An account whose address is not confirmed. False when the address is known. */
export async function insertAccount(tx: Tx, account: NewAccount): Promise<boolean> {
  return (
    (await tx.run(sql`
      INSERT INTO accounts (id, email_index, email_sealed, name_sealed, roles, preferences)
      VALUES (${account.id}, ${account.emailIndex}, ${account.emailSealed}, ${account.nameSealed}, ${account.roles}::text[], ${JSON.stringify(account.preferences)}::jsonb)
      ON CONFLICT (email_index) DO NOTHING`)) === 1
  )
}

/** Whether anybody can do what only administrators may. */
export async function hasAdministrator(db: Db): Promise<boolean> {
  return (await db.maybe(sql`SELECT 1 FROM accounts WHERE 'admin' = ANY(roles) AND password_hash IS NOT NULL LIMIT 1`)) !== undefined
}

/** Sets the password; tokens derived before are worth nothing afterwards. Confirms the address if it was not. */
export async function setPassword(tx: Tx, id: string, passwordHash: string): Promise<void> {
  await tx.run(sql`
    UPDATE accounts SET password_hash = ${passwordHash}, password_version = password_version + 1, verified_at = COALESCE(verified_at, now())
    WHERE id = ${id}`)
}

export async function setName(tx: Tx, id: string, nameSealed: string): Promise<void> {
  await tx.run(sql`UPDATE accounts SET name_sealed = ${nameSealed} WHERE id = ${id}`)
}

export async function setPreferences(tx: Tx, id: string, preferences: Preferences): Promise<void> {
  await tx.run(sql`UPDATE accounts SET preferences = ${JSON.stringify(preferences)}::jsonb WHERE id = ${id}`)
}

export async function setRolesOf(tx: Tx, id: string, roles: readonly Role[]): Promise<void> {
  await tx.run(sql`UPDATE accounts SET roles = ${roles}::text[] WHERE id = ${id}`)
}

export async function setGroupsOf(tx: Tx, id: string, groups: readonly string[]): Promise<void> {
  await tx.run(sql`UPDATE accounts SET groups = ${groups}::text[] WHERE id = ${id}`)
}

/**
 * Holds a user name for an address for `hours`. False when it is held for another address, or by an account for good.
 * The same address may ask again: nothing is betrayed, for it asked before.
 */
export async function holdUsername(tx: Tx, folded: string, emailIndex: string, hours: number): Promise<boolean> {
  return (
    (await tx.run(sql`
      INSERT INTO usernames AS held (folded, email_index, held_until) VALUES (${folded}, ${emailIndex}, now() + make_interval(hours => ${hours}))
      ON CONFLICT (folded) DO UPDATE SET email_index = excluded.email_index, held_until = excluded.held_until
      WHERE held.account_id IS NULL AND (held.email_index = excluded.email_index OR held.held_until < now())`)) === 1
  )
}

/** Gives a user name to an account for good, in place of its former one. False when it is another's. */
export async function takeUsername(
  tx: Tx,
  account: { id: string; emailIndex: string },
  username: string,
  folded: string,
): Promise<boolean> {
  if (!(await holdUsername(tx, folded, account.emailIndex, 1))) {
    const own = await tx.maybe(sql`SELECT 1 FROM usernames WHERE folded = ${folded} AND account_id = ${account.id}`)
    if (!own) return false
  }
  await tx.run(sql`DELETE FROM usernames WHERE account_id = ${account.id} AND folded <> ${folded}`)
  await tx.run(sql`UPDATE usernames SET account_id = ${account.id}, held_until = NULL WHERE folded = ${folded}`)
  await tx.run(sql`UPDATE accounts SET username = ${username} WHERE id = ${account.id}`)
  return true
}

/** Forgets addresses that were never confirmed, with their keys. */
export async function deleteUnverified(tx: Tx, olderThanDays: number, limit: number): Promise<number> {
  return tx.run(sql`
    WITH stale AS (
      SELECT id FROM accounts
      WHERE verified_at IS NULL AND created_at < now() - make_interval(days => ${olderThanDays})
        AND NOT EXISTS (SELECT 1 FROM security_requests r WHERE r.account_id = accounts.id AND r.expires_at > now())
      ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM accounts USING stale WHERE accounts.id = stale.id RETURNING accounts.id)
    DELETE FROM people USING gone WHERE people.person_id = gone.id`)
}

export async function deleteExpiredUsernames(tx: Tx): Promise<number> {
  return tx.run(sql`DELETE FROM usernames WHERE held_until < now()`)
}

/** Accounts without a data key, or whose key belongs to a guest: at most ten, and how many accounts there are. */
export async function accountsWithoutKey(db: Db): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    SELECT count(*)::bigint AS examined, count(*) FILTER (WHERE p.person_id IS NULL OR p.guest)::bigint AS broken,
      COALESCE((array_agg(a.id::text) FILTER (WHERE p.person_id IS NULL OR p.guest))[1:10], '{}') AS examples
    FROM accounts a LEFT JOIN people p ON p.person_id = a.id`)
}
