import { sql, type Db, type Statement, type Tx } from '@stoa/chassis/database/sql.ts'
import { loginThing } from '@stoa/chassis/http/logins.ts'
import type { Lifetimes } from '../domain/sessions.ts'

export interface NewSession {
  id: string
  accountId: string
  stay: boolean
  device: string
  clientMark: string
  lastsSeconds: number
  tokenHash: string
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  await tx.run(sql`
    WITH opened AS (
      INSERT INTO sessions (id, account_id, stay, device, client_mark, expires_at)
      VALUES (${session.id}, ${session.accountId}, ${session.stay}, ${session.device}, ${session.clientMark}, now() + make_interval(secs => ${session.lastsSeconds}))
      RETURNING id
    )
    INSERT INTO refresh_tokens (token_hash, session_id) SELECT ${session.tokenHash}, id FROM opened`)
}

export interface FoundToken {
  sessionId: string
  accountId: string
  stay: boolean
  clientMark: string
  ageSeconds: number
  expiresAt: Date
  ended: boolean
  spentAt: Date | null
  now: Date
}

/** A refresh token with its session, whose row is locked: rotations of one session come one after the other. */
export async function lockToken(tx: Tx, tokenHash: string): Promise<FoundToken | undefined> {
  const owner = await tx.maybe<{ id: string }>(sql`
    SELECT s.id FROM sessions s WHERE s.id = (SELECT session_id FROM refresh_tokens WHERE token_hash = ${tokenHash}) FOR UPDATE`)
  if (!owner) return undefined
  return tx.maybe(sql`
    SELECT s.id AS "sessionId", s.account_id AS "accountId", s.stay, s.client_mark AS "clientMark", s.expires_at AS "expiresAt",
      s.ended_at IS NOT NULL AS ended, t.spent_at AS "spentAt", clock_timestamp() AS now,
      floor(extract(epoch FROM clock_timestamp() - s.created_at))::integer AS "ageSeconds"
    FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
    WHERE t.token_hash = ${tokenHash}`)
}

/** Spends a token and puts its successor in its place. */
export async function rotateToken(
  tx: Tx,
  tokenHash: string,
  successorHash: string,
  sessionId: string,
  lastsSeconds: number,
): Promise<void> {
  await tx.run(sql`UPDATE refresh_tokens SET spent_at = clock_timestamp() WHERE token_hash = ${tokenHash}`)
  await tx.run(sql`INSERT INTO refresh_tokens (token_hash, session_id) VALUES (${successorHash}, ${sessionId})`)
  await tx.run(sql`
    UPDATE sessions SET last_seen_at = now(), expires_at = now() + make_interval(secs => ${lastsSeconds}) WHERE id = ${sessionId}`)
}

/** Ends a login. From the commit on its access tokens are worth nothing. */
export async function endSession(tx: Tx, sessionId: string, because: string): Promise<void> {
  await end(
    tx,
    sql`UPDATE sessions SET ended_at = now(), ended_because = ${because} WHERE id = ${sessionId} AND ended_at IS NULL RETURNING id`,
  )
}

export async function endSessionOfToken(tx: Tx, tokenHash: string, because: string): Promise<void> {
  await end(
    tx,
    sql`
    UPDATE sessions SET ended_at = now(), ended_because = ${because}
    WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = ${tokenHash}) AND ended_at IS NULL RETURNING id`,
  )
}

/** Ends every session of an account, or every one but `exceptId`. */
export async function endSessionsOf(tx: Tx, accountId: string, because: string, exceptId: string | null = null): Promise<void> {
  await end(
    tx,
    sql`
    UPDATE sessions SET ended_at = now(), ended_because = ${because}
    WHERE account_id = ${accountId} AND ended_at IS NULL AND id IS DISTINCT FROM ${exceptId}::uuid RETURNING id`,
  )
}

async function end(tx: Tx, ending: Statement): Promise<void> {
  const ended = await tx.rows<{ id: string }>(ending)
  tx.touch(ended.map(({ id }) => loginThing(id)))
}

/** Those of some sessions that go on. */
export async function sessionsGoingOn(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(sql`
    SELECT id FROM sessions WHERE id = ANY(${ids}::uuid[]) AND ended_at IS NULL AND expires_at > now()`)
  return rows.map(({ id }) => id)
}

export interface SessionRow {
  id: string
  device: string
  createdAt: Date
  lastSeenAt: Date
}

/** Sessions that are still good, the latest used first. */
export async function liveSessionsOf(db: Db, accountId: string): Promise<SessionRow[]> {
  return db.rows(sql`
    SELECT id, device, created_at AS "createdAt", last_seen_at AS "lastSeenAt" FROM sessions
    WHERE account_id = ${accountId} AND ended_at IS NULL AND expires_at > now()
    ORDER BY last_seen_at DESC LIMIT 200`)
}

/** Brings every living session under the lifetimes now in force: a shorter setting counts on every device at once. */
export async function clampSessions(tx: Tx, lifetimes: Lifetimes): Promise<number> {
  return tx.run(sql`
    UPDATE sessions SET expires_at = clamped.until
    FROM (
      SELECT id, LEAST(
        expires_at,
        last_seen_at + make_interval(secs => CASE WHEN stay THEN ${lifetimes.stayIdle}::double precision ELSE ${lifetimes.idle}::double precision END),
        created_at + make_interval(secs => CASE WHEN stay THEN ${lifetimes.stayAbsolute}::double precision ELSE ${lifetimes.absolute}::double precision END)
      ) AS until
      FROM sessions WHERE ended_at IS NULL AND expires_at > now()
    ) clamped
    WHERE sessions.id = clamped.id AND sessions.expires_at > clamped.until`)
}

/** Removes sessions over for a day, their tokens with them. */
export async function deleteOldSessions(tx: Tx, limit: number): Promise<number> {
  return tx.run(sql`
    DELETE FROM sessions USING (
      SELECT id FROM sessions WHERE LEAST(expires_at, ended_at) < now() - interval '1 day' LIMIT ${limit}
    ) old WHERE sessions.id = old.id`)
}

/** Sessions that could be refreshed past their absolute lifetime: at most ten, and how many sessions were looked at. */
export async function sessionsPastTheirLife(
  db: Db,
  lifetimes: Lifetimes,
): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    SELECT count(*)::bigint AS examined, count(*) FILTER (WHERE past)::bigint AS broken,
      COALESCE((array_agg(id::text) FILTER (WHERE past))[1:10], '{}') AS examples
    FROM (
      SELECT id, ended_at IS NULL AND expires_at > created_at
        + make_interval(secs => 1 + CASE WHEN stay THEN ${lifetimes.stayAbsolute}::double precision ELSE ${lifetimes.absolute}::double precision END) AS past
      FROM sessions
    ) judged`)
}
