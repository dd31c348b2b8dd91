/** What the merchant wants of questions: synonyms, and products that come first or last. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import type { Synonyms } from '../domain/asked.ts'
import type { Wishes } from '../engine.ts'

/** Whoever changes a wish touches it. */
export const WISHES = 'search:wishes'

/** Whether the merchant wants anything of any question. */
export async function hasWishes(db: Db): Promise<boolean> {
  const row = await db.one<{ wished: boolean }>(sql`SELECT EXISTS (SELECT FROM synonyms) OR EXISTS (SELECT FROM placements) AS wished`)
  return row.wished
}

/** All that concerns a question, given its key and those of every run of its tokens that a synonym could be. */
export async function wishesFor(db: Db, key: string, phraseKeys: readonly string[]): Promise<Wishes> {
  const row = await db.one<{ synonyms: Synonyms[] | null; pinned: string[] | null; buried: string[] | null }>(sql`
    SELECT (SELECT json_agg(json_strip_nulls(json_build_object('phrases', phrases, 'language', language)) ORDER BY id) FROM synonyms WHERE keys && (SELECT ${phraseKeys}::text[])) AS synonyms,
      p.pinned, p.buried
    FROM (SELECT 1) AS one LEFT JOIN placements p ON p.key = ${key}`)
  return { synonyms: row.synonyms ?? [], pinned: row.pinned ?? [], buried: row.buried ?? [] }
}

interface Changed {
  id: string
  version: number
  changed_at: Date
  changed_by: string
}
export interface SynonymsRow extends Changed {
  words: string[]
  language: Language | null
}
export interface PlacementRow extends Changed {
  question: string
  pinned: string[]
  buried: string[]
}

/** A group as it is written. */
export interface SynonymsWritten {
  readonly words: readonly string[]
  readonly phrases: readonly string[]
  readonly keys: readonly string[]
  readonly language: Language | null
}
export interface PlacementWritten {
  readonly question: string
  readonly key: string
  readonly pinned: readonly string[]
  readonly buried: readonly string[]
}

export async function synonymsBefore(db: Db, before: string | null, limit: number): Promise<SynonymsRow[]> {
  return db.rows(
    sql`SELECT id, words, language, version, changed_at, changed_by FROM synonyms WHERE ${before}::uuid IS NULL OR id < ${before}::uuid ORDER BY id DESC LIMIT ${limit}::integer`,
  )
}

export async function placementsBefore(db: Db, before: string | null, limit: number): Promise<PlacementRow[]> {
  return db.rows(
    sql`SELECT id, question, pinned, buried, version, changed_at, changed_by FROM placements WHERE ${before}::uuid IS NULL OR id < ${before}::uuid ORDER BY id DESC LIMIT ${limit}::integer`,
  )
}

/** Undefined when there are `max` already. */
export async function insertSynonyms(
  tx: Tx,
  { id, by, max }: { id: string; by: string; max: number },
  one: SynonymsWritten,
): Promise<SynonymsRow | undefined> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(hashtext('search.synonyms'))`)
  return tx.maybe(sql`
    INSERT INTO synonyms (id, words, phrases, keys, language, changed_by) SELECT ${id}, ${one.words}::text[], ${one.phrases}::text[], ${one.keys}::text[], ${one.language}, ${by}
    WHERE (SELECT count(*) FROM synonyms) < ${max}::integer RETURNING id, words, language, version, changed_at, changed_by`)
}

/** Undefined when there are `max` already, or the question has a placement. */
export async function insertPlacement(
  tx: Tx,
  { id, by, max }: { id: string; by: string; max: number },
  one: PlacementWritten,
): Promise<PlacementRow | undefined> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(hashtext('search.placements'))`)
  return tx.maybe(sql`
    INSERT INTO placements (id, question, key, pinned, buried, changed_by) SELECT ${id}, ${one.question}, ${one.key}, ${one.pinned}::uuid[], ${one.buried}::uuid[], ${by}
    WHERE (SELECT count(*) FROM placements) < ${max}::integer ON CONFLICT (key) DO NOTHING RETURNING id, question, pinned, buried, version, changed_at, changed_by`)
}

export async function isPlaced(tx: Tx, key: string): Promise<boolean> {
  return (await tx.maybe(sql`SELECT 1 AS one FROM placements WHERE key = ${key}`)) !== undefined
}

/** The version, its row locked; undefined when there is none. */
export async function lockSynonyms(tx: Tx, id: string): Promise<number | undefined> {
  return (await tx.maybe<{ version: number }>(sql`SELECT version FROM synonyms WHERE id = ${id} FOR UPDATE`))?.version
}

export async function lockPlacement(tx: Tx, id: string): Promise<{ version: number; key: string } | undefined> {
  return tx.maybe<{ version: number; key: string }>(sql`SELECT version, key FROM placements WHERE id = ${id} FOR UPDATE`)
}

export async function updateSynonyms(tx: Tx, id: string, by: string, one: SynonymsWritten): Promise<SynonymsRow> {
  return tx.one(sql`
    UPDATE synonyms SET words = ${one.words}::text[], phrases = ${one.phrases}::text[], keys = ${one.keys}::text[], language = ${one.language}, version = version + 1, changed_at = now(), changed_by = ${by}
    WHERE id = ${id} RETURNING id, words, language, version, changed_at, changed_by`)
}

export async function updatePlacement(tx: Tx, id: string, by: string, one: PlacementWritten): Promise<PlacementRow> {
  return tx.one(sql`
    UPDATE placements SET question = ${one.question}, key = ${one.key}, pinned = ${one.pinned}::uuid[], buried = ${one.buried}::uuid[], version = version + 1, changed_at = now(), changed_by = ${by}
    WHERE id = ${id} RETURNING id, question, pinned, buried, version, changed_at, changed_by`)
}

export async function deleteSynonyms(tx: Tx, id: string): Promise<boolean> {
  return (await tx.run(sql`DELETE FROM synonyms WHERE id = ${id}`)) === 1
}

export async function deletePlacement(tx: Tx, id: string): Promise<boolean> {
  return (await tx.run(sql`DELETE FROM placements WHERE id = ${id}`)) === 1
}
