import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'

export interface PersonRow {
  personId: string
  guest: boolean
  kekId: string
  sealedKey: string
}

/** The key-encryption key that seals the keys of new people. */
export async function newestKekId(db: Db): Promise<string> {
  return (await db.one<{ kekId: string }>(sql`SELECT kek_id AS "kekId" FROM key_encryption_keys ORDER BY generation DESC LIMIT 1`)).kekId
}

export interface Found {
  /** Undefined when nobody has the id. */
  readonly person: PersonRow | undefined
  readonly newestKekId: string
}

/** Who has these ids, and the key-encryption key that seals new ones. Answers for each id. */
export async function findPeople(db: Db, personIds: readonly string[]): Promise<Map<string, Found>> {
  const rows = await db.rows<{ id: string; newestKekId: string } & (PersonRow | { personId: null })>(sql`
    SELECT w.id, k.kek_id AS "newestKekId", p.person_id AS "personId", p.guest, p.kek_id AS "kekId", p.sealed_key AS "sealedKey"
    FROM (SELECT kek_id FROM key_encryption_keys ORDER BY generation DESC LIMIT 1) k
    CROSS JOIN unnest((SELECT ${personIds})::uuid[]) AS w(id) LEFT JOIN people p ON p.person_id = w.id`)
  return new Map(
    rows.map(({ id, newestKekId: newest, ...row }) => [id, { person: row.personId === null ? undefined : row, newestKekId: newest }]),
  )
}

/** Takes people down; answers the ids of those who were not there yet. */
export async function insertPeople(db: Db, people: readonly PersonRow[]): Promise<Set<string>> {
  const rows = await db.rows<{ id: string }>(sql`
    INSERT INTO people (person_id, guest, kek_id, sealed_key)
    SELECT * FROM unnest(${people.map((one) => one.personId)}::uuid[], ${people.map((one) => one.guest)}::boolean[],
      ${people.map((one) => one.kekId)}::text[], ${people.map((one) => one.sealedKey)}::text[])
    ON CONFLICT DO NOTHING RETURNING person_id AS id`)
  return new Set(rows.map((row) => row.id))
}

/** Adds the next key-encryption key if the newest is older than `days`. Answers whether it did. */
export async function addKekWhenOlderThan(tx: Tx, days: number): Promise<boolean> {
  return (
    (await tx.run(sql`
      INSERT INTO key_encryption_keys (generation, kek_id)
      SELECT generation + 1, 'kek-' || (generation + 1)
      FROM (SELECT generation, created_at FROM key_encryption_keys ORDER BY generation DESC LIMIT 1) newest
      WHERE created_at < now() - make_interval(secs => ${days} * 86400.0)
      ON CONFLICT DO NOTHING`)) === 1
  )
}

/** People whose key the newest key-encryption key does not seal yet, locked. */
export async function lockPeopleToReseal(tx: Tx, limit: number): Promise<(PersonRow & { newestKekId: string })[]> {
  return tx.rows(sql`
    SELECT p.person_id AS "personId", p.guest, p.kek_id AS "kekId", p.sealed_key AS "sealedKey", k.kek_id AS "newestKekId"
    FROM (SELECT kek_id FROM key_encryption_keys ORDER BY generation DESC LIMIT 1) k
    JOIN people p ON p.kek_id <> k.kek_id
    ORDER BY p.person_id LIMIT ${limit} FOR UPDATE OF p SKIP LOCKED`)
}

export async function saveResealed(tx: Tx, kekId: string, people: readonly { personId: string; sealedKey: string }[]): Promise<void> {
  await tx.run(sql`
    UPDATE people SET kek_id = ${kekId}, sealed_key = given.sealed_key
    FROM unnest(${people.map((one) => one.personId)}::uuid[], ${people.map((one) => one.sealedKey)}::text[]) AS given (person_id, sealed_key)
    WHERE people.person_id = given.person_id`)
}

/** Signing keys that the newest key-encryption key does not seal yet, locked. */
export async function lockSigningKeysToReseal(
  tx: Tx,
): Promise<{ kid: string; kekId: string; sealedPrivate: string; newestKekId: string }[]> {
  return tx.rows(sql`
    SELECT s.kid, s.kek_id AS "kekId", s.sealed_private AS "sealedPrivate", k.kek_id AS "newestKekId"
    FROM (SELECT kek_id FROM key_encryption_keys ORDER BY generation DESC LIMIT 1) k
    JOIN signing_keys s ON s.kek_id <> k.kek_id
    ORDER BY s.kid LIMIT 100 FOR UPDATE OF s`)
}

export async function saveResealedSigningKey(tx: Tx, kid: string, kekId: string, sealedPrivate: string): Promise<void> {
  await tx.run(sql`UPDATE signing_keys SET kek_id = ${kekId}, sealed_private = ${sealedPrivate} WHERE kid = ${kid}`)
}
