import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'

export interface SigningKeyRow {
  kid: string
  publicJwk: Record<string, string>
  kekId: string
  sealedPrivate: string
  signsFrom: Date
  publishedAt: Date
  now: Date
}

export async function allSigningKeys(db: Db): Promise<SigningKeyRow[]> {
  return db.rows(sql`
    SELECT kid, public_jwk AS "publicJwk", kek_id AS "kekId", sealed_private AS "sealedPrivate", signs_from AS "signsFrom",
      published_at AS "publishedAt", clock_timestamp() AS now
    FROM signing_keys ORDER BY signs_from DESC`)
}

/** Rotations come one after the other. */
export async function lockKeyRotation(tx: Tx): Promise<void> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(hashtext('identity.signing-keys'))`)
}

/** Publishes a key; answers when it begins to sign. */
export async function insertSigningKey(
  tx: Tx,
  key: { kid: string; publicJwk: unknown; kekId: string; sealedPrivate: string },
  waitSeconds: number,
): Promise<{ signsFrom: Date }> {
  return tx.one(sql`
    INSERT INTO signing_keys (kid, public_jwk, kek_id, sealed_private, signs_from)
    VALUES (${key.kid}, ${JSON.stringify(key.publicJwk)}::jsonb, ${key.kekId}, ${key.sealedPrivate}, now() + make_interval(secs => ${waitSeconds}))
    RETURNING signs_from AS "signsFrom"`)
}

export async function deleteSigningKeys(tx: Tx, kids: readonly string[]): Promise<void> {
  await tx.run(sql`DELETE FROM signing_keys WHERE kid = ANY(${kids}::text[])`)
}

export async function newestKekId(db: Db): Promise<string> {
  return (await db.one<{ kekId: string }>(sql`SELECT kek_id AS "kekId" FROM key_encryption_keys ORDER BY generation DESC LIMIT 1`)).kekId
}
