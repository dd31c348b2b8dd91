/** Which indices an engine elsewhere has: the row that says which of them is asked. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'

export interface Mirror {
  readonly shape: number
  /** The index that is whole; null while there is none. */
  readonly live: string | null
  /** The index that is being made. */
  readonly filling: string | null
  /** The last product that went into it. */
  readonly filledTo: string | null
  /** Somebody wants another one. */
  readonly anew: boolean
  readonly retired: readonly string[]
  readonly swappedAt: Date
  /** Since another index became the one that is asked. Units: seconds. */
  readonly secondsSinceSwap: number
  /** Since whoever keeps it looked last. Units: seconds. */
  readonly secondsSinceTended: number
}

/** The mirror of this shop, if one is kept. */
export async function mirrorOf(db: Db): Promise<Mirror | undefined> {
  return db.maybe<Mirror>(sql`
    SELECT shape, live, filling, filled_to AS "filledTo", anew, retired, swapped_at AS "swappedAt", extract(epoch FROM now() - swapped_at)::float8 AS "secondsSinceSwap",
      extract(epoch FROM now() - tended_at)::float8 AS "secondsSinceTended" FROM mirror`)
}

/** Begins to keep a mirror, with no index yet: from now on changes are noted. */
export async function keepMirror(db: Db, shape: number): Promise<void> {
  await db.run(sql`INSERT INTO mirror (shape) VALUES (${shape}::integer) ON CONFLICT DO NOTHING`)
}

/** Says that somebody keeps it. */
export async function tendMirror(db: Db): Promise<void> {
  await db.run(sql`UPDATE mirror SET tended_at = now()`)
}

/** Takes it over for another shape: what is there cannot be used. */
export async function reshapeMirror(db: Db, shape: number): Promise<void> {
  await db.run(sql`
    UPDATE mirror SET shape = ${shape}::integer, live = NULL, filling = NULL, filled_to = NULL, tended_at = now(), swapped_at = now(),
      retired = retired || array_remove(ARRAY[live, filling], NULL) WHERE shape <> ${shape}::integer`)
}

/** Ends a mirror that nobody has kept for an hour. What was noted for it is forgotten. */
export async function endForsakenMirror(tx: Tx): Promise<void> {
  const ended = await tx.run(sql`DELETE FROM mirror WHERE tended_at < now() - interval '1 hour'`)
  if (ended > 0) await tx.run(sql`DELETE FROM unsent`)
}

/** Has another index made beside the one that is asked; one that was being made is thrown away. */
export async function wantAnew(tx: Tx): Promise<void> {
  await tx.run(sql`
    UPDATE mirror SET anew = true, filling = NULL, filled_to = NULL, retired = CASE WHEN filling IS NULL THEN retired ELSE retired || filling END`)
}

/** Says which index is being made, before it is. */
export async function beginFilling(db: Db, name: string): Promise<void> {
  await db.run(sql`UPDATE mirror SET filling = ${name}, filled_to = NULL WHERE filling IS NULL`)
}

export async function filledTo(db: Db, name: string, productId: string): Promise<void> {
  await db.run(sql`UPDATE mirror SET filled_to = ${productId}::uuid WHERE filling = ${name}`)
}

/** The index that was being made is whole: it is asked from now on. */
export async function swapMirror(tx: Tx, name: string): Promise<void> {
  await tx.run(sql`
    UPDATE mirror SET retired = CASE WHEN live IS NULL THEN retired ELSE retired || live END, live = filling, filling = NULL, filled_to = NULL, anew = false, swapped_at = now()
    WHERE filling = ${name}`)
}

/** An index is not there any more. */
export async function loseIndex(db: Db, name: string): Promise<void> {
  await db.run(sql`
    UPDATE mirror SET live = CASE WHEN live = ${name} THEN NULL ELSE live END, filling = CASE WHEN filling = ${name} THEN NULL ELSE filling END,
      filled_to = CASE WHEN filling = ${name} THEN NULL ELSE filled_to END`)
}

export async function forgetRetired(db: Db, names: readonly string[]): Promise<void> {
  await db.run(sql`UPDATE mirror SET retired = array(SELECT one FROM unnest(retired) AS one WHERE one <> ALL(${names}::text[]))`)
}

/** A transaction of now; `areOver` says whether all that began to write before it have ended. */
export async function markOfNow(db: Db): Promise<string> {
  return (await db.one<{ mark: string }>(sql`SELECT pg_current_xact_id()::text AS mark`)).mark
}
export async function areOver(db: Db, mark: string): Promise<boolean> {
  return (await db.one<{ over: boolean }>(sql`SELECT pg_snapshot_xmin(pg_current_snapshot()) > ${mark}::xid8 AS over`)).over
}
