/** Rotation of the keys that access tokens are signed with. */
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { makeKeyPair } from '../adapters/token-signer.ts'
import { KEY_CACHE_SECONDS, nextKey, retiredAt } from '../domain/signing-keys.ts'
import { allSigningKeys, deleteSigningKeys, insertSigningKey, lockKeyRotation, newestKekId } from '../store/signing-keys.ts'
import { sealUnderKek, type Secrets } from '../vault.ts'

export type SpareKey = Awaited<ReturnType<typeof makeKeyPair>>

/** A key pair for `rotateKeys`, made before the transaction. */
export async function makeSpareKey(): Promise<SpareKey> {
  return makeKeyPair()
}

/**
 * Publishes `spare`; it signs once caches have it (the first key at once). While one waits already, that one is the answer.
 * With `onlyWhenOlderThanSeconds`, nothing happens while the newest key is younger.
 */
export async function rotateKeys(
  tx: Tx,
  secrets: Secrets,
  spare: SpareKey,
  onlyWhenOlderThanSeconds = 0,
): Promise<{ keyId: string; signsFrom: Date } | undefined> {
  await lockKeyRotation(tx)
  const keys = await allSigningKeys(tx)
  const now = keys[0]?.now
  if (now !== undefined) {
    const waiting = nextKey(keys, now)
    if (waiting) return { keyId: waiting.kid, signsFrom: waiting.signsFrom }
    const newest = keys[0]
    if (newest && now.getTime() - newest.publishedAt.getTime() < onlyWhenOlderThanSeconds * 1000) return undefined
  }
  const kekId = await newestKekId(tx)
  const sealedPrivate = sealUnderKek(secrets, kekId, `signing-key:${spare.kid}`, spare.privatePem)
  const { signsFrom } = await insertSigningKey(tx, { ...spare, kekId, sealedPrivate }, keys.length === 0 ? 0 : KEY_CACHE_SECONDS)
  return { keyId: spare.kid, signsFrom }
}

/** Takes keys away that no living token was signed with. */
export async function retireKeys(tx: Tx): Promise<number> {
  await lockKeyRotation(tx)
  const keys = await allSigningKeys(tx)
  const now = keys[0]?.now
  const retired = now === undefined ? [] : retiredAt(keys, now)
  if (retired.length > 0)
    await deleteSigningKeys(
      tx,
      retired.map((key) => key.kid),
    )
  return retired.length
}
