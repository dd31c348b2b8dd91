/** Idempotency keys with recovery points (api.md, "Rules for every route"; reliability §1.1). Only 2xx answers are kept. */
import { createHash } from 'node:crypto'
import { newId } from '@stoa/kit/ids.ts'
import { sql, type Db, type Tx } from '../database/sql.ts'

export interface StoredAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: unknown
  /** What it set, for a guest whose answer was lost. */
  readonly sealedCookies?: string | undefined
}

export type Claim =
  | { readonly kind: 'begun'; readonly ids: readonly string[]; readonly holder: string; readonly triedBefore: boolean }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer; readonly ageSeconds: number }
  | { readonly kind: 'reused' }
  | { readonly kind: 'in-use' }

/** Ids a request may fix before anything happens. */
const IDS_PER_KEY = 4
/** A key is held for so long without being renewed: after its process died, a retry waits no longer. */
export const HOLD_SECONDS = 5
/** After this long a request that does not answer is taken over by a retry, though its process lives; and, where nobody holds it, by the sweeper. */
export const RUN_SECONDS_MAX = 30
/** Answers are kept this long; later the same key is a new request. */
export const KEEP_HOURS = 72
/** Bound on takeovers of one request. */
export const TRIES_MAX = 8

export interface KeyOf {
  readonly scope: string
  readonly key: string
  readonly fingerprint: string
}

/** What a key stands for: account or `guest`, and route; with a digest of the whole request. */
export function keyOf(caller: string, route: string, key: string, request: unknown): KeyOf {
  return { scope: `${caller} ${route}`, key, fingerprint: createHash('sha256').update(JSON.stringify(request)).digest('base64url') }
}

interface Row {
  fingerprint: string
  ids: string[]
  answer: StoredAnswer | null
  held: boolean
  ageSeconds: number
}

/** Takes a key, or tells what it stands for. In a transaction a rival with the same key waits for its end. */
export async function claim(db: Db, of: KeyOf, request: string | null): Promise<Claim> {
  const holder = newId()
  const ids = Array.from({ length: IDS_PER_KEY }, () => newId())
  const begun = await db.run(sql`
    INSERT INTO chassis.idempotency_keys AS k (scope, key, fingerprint, ids, request, holder, held_since, held_until)
    VALUES (${of.scope}, ${of.key}, ${of.fingerprint}, ${ids}::uuid[], ${request}, ${holder}, clock_timestamp(), clock_timestamp() + make_interval(secs => ${HOLD_SECONDS}))
    ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, ids = excluded.ids, request = excluded.request, holder = excluded.holder, held_since = excluded.held_since, held_until = excluded.held_until, answer = NULL, tries = 1, created_at = now()
    WHERE k.created_at < now() - make_interval(hours => ${KEEP_HOURS})`)
  if (begun === 1) return { kind: 'begun', ids, holder, triedBefore: false }
  const found = await db.maybe<Row>(sql`
    SELECT fingerprint, ids, answer, coalesce(held_until > clock_timestamp(), false) AS held,
      extract(epoch FROM clock_timestamp() - created_at)::float8 AS "ageSeconds" FROM chassis.idempotency_keys WHERE scope = ${of.scope} AND key = ${of.key}`)
  if (!found) return { kind: 'in-use' }
  if (found.fingerprint !== of.fingerprint) return { kind: 'reused' }
  if (found.answer) return { kind: 'replay', answer: found.answer, ageSeconds: found.ageSeconds }
  if (found.held) return { kind: 'in-use' }
  return takeOver(db, of, found.ids, holder)
}

async function takeOver(db: Db, of: KeyOf, ids: readonly string[], holder: string): Promise<Claim> {
  const taken = await db.run(sql`
    UPDATE chassis.idempotency_keys SET holder = ${holder}, held_since = clock_timestamp(), held_until = clock_timestamp() + make_interval(secs => ${HOLD_SECONDS}), tries = tries + 1
    WHERE scope = ${of.scope} AND key = ${of.key} AND answer IS NULL AND (held_until IS NULL OR held_until <= clock_timestamp())`)
  return taken === 1 ? { kind: 'begun', ids, holder, triedBefore: true } : { kind: 'in-use' }
}

/** A key that a request of this process holds. */
export interface Held extends KeyOf {
  readonly holder: string
}

/** Holds keys for longer whose requests still run, if they are still theirs. One that is being answered is passed over. */
export async function renewHolds(db: Db, held: readonly Held[]): Promise<void> {
  const [scopes, keys, holders] = [held.map((one) => one.scope), held.map((one) => one.key), held.map((one) => one.holder)]
  await db.run(sql`
    WITH running AS (
      SELECT k.scope, k.key FROM unnest(${scopes}::text[], ${keys}::text[], ${holders}::uuid[]) AS h (scope, key, holder)
      JOIN chassis.idempotency_keys k ON k.scope = h.scope AND k.key = h.key AND k.holder = h.holder FOR UPDATE OF k SKIP LOCKED)
    UPDATE chassis.idempotency_keys k SET held_until = least(clock_timestamp() + make_interval(secs => ${HOLD_SECONDS}), held_since + make_interval(secs => ${RUN_SECONDS_MAX}))
    FROM running WHERE k.scope = running.scope AND k.key = running.key`)
}

/** Keeps the answer, if the key is still ours. Throws: when another holder took over. */
export async function keepAnswer(db: Db | Tx, of: KeyOf, holder: string, answer: StoredAnswer): Promise<void> {
  const kept = await db.run(sql`
    UPDATE chassis.idempotency_keys SET answer = ${JSON.stringify(answer)}::json, request = NULL, holder = NULL, held_until = NULL
    WHERE scope = ${of.scope} AND key = ${of.key} AND holder = ${holder}`)
  if (kept !== 1) throw new Error('another request with the same idempotency key took over')
}

/** After a refusal: the key is free again. */
export async function forget(db: Db, of: KeyOf, holder: string): Promise<void> {
  await db.run(
    sql`DELETE FROM chassis.idempotency_keys WHERE scope = ${of.scope} AND key = ${of.key} AND holder = ${holder} AND answer IS NULL`,
  )
}

/** After a fault: the key stays with its ids, free for a retry at once. */
export async function letGo(db: Db, of: KeyOf, holder: string): Promise<void> {
  await db.run(
    sql`UPDATE chassis.idempotency_keys SET holder = NULL, held_until = NULL WHERE scope = ${of.scope} AND key = ${of.key} AND holder = ${holder}`,
  )
}

export interface Abandoned {
  readonly scope: string
  readonly key: string
  readonly fingerprint: string
  readonly request: string
}

/** Requests begun or tried again long ago that nobody holds or finished. */
export async function abandoned(db: Db): Promise<Abandoned[]> {
  return db.rows<Abandoned>(sql`
    SELECT scope, key, fingerprint, request FROM chassis.idempotency_keys
    WHERE answer IS NULL AND request IS NOT NULL AND tries < ${TRIES_MAX} AND coalesce(held_until < clock_timestamp(), true)
      AND coalesce(held_since, created_at) + make_interval(secs => ${RUN_SECONDS_MAX}) < clock_timestamp()
    ORDER BY created_at LIMIT 50`)
}

/** Removes keys past their time; answers how many. */
export async function sweepKeys(db: Db): Promise<number> {
  return db.run(sql`
    DELETE FROM chassis.idempotency_keys WHERE ctid IN (SELECT ctid FROM chassis.idempotency_keys WHERE created_at < now() - make_interval(hours => ${KEEP_HOURS}) LIMIT 5000)`)
}
