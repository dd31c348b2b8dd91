/** Imports: what was uploaded, how far the work is, what was wrong. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Entry } from '../domain/import-file.ts'
import type { Decided } from '../domain/import.ts'

export interface ImportRow {
  readonly id: string
  readonly origin: 'upload' | 'demo'
  readonly state: 'uploading' | 'running' | 'done' | 'failed'
  readonly batches: number
  readonly applied: number
  readonly pending: readonly string[]
  readonly read: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly failed: number
}

export async function findImport(db: Db, id: string): Promise<ImportRow | undefined> {
  return db.maybe<ImportRow>(
    sql`SELECT id, origin, state, batches, applied, pending, read, created, updated, unchanged, failed FROM imports WHERE id = ${id}`,
  )
}

/** Begins an upload, or begins it anew when it broke off: whoever uploaded before is fenced. False when it is complete already. */
export async function beginUpload(tx: Tx, id: string, uploader: string): Promise<boolean> {
  await tx.run(
    sql`INSERT INTO imports (id, origin, state, uploader) VALUES (${id}, 'upload', 'uploading', ${uploader}) ON CONFLICT (id) DO NOTHING`,
  )
  const taken = await tx.run(sql`UPDATE imports SET uploader = ${uploader}, touched_at = now() WHERE id = ${id} AND state = 'uploading'`)
  if (taken !== 1) return false
  await tx.run(sql`DELETE FROM import_batches WHERE import_id = ${id}`)
  return true
}

/** Throws: when another upload took over. */
export async function addBatch(tx: Tx, id: string, uploader: string, number: number, entries: string): Promise<void> {
  const touched = await tx.run(
    sql`UPDATE imports SET touched_at = now() WHERE id = ${id} AND uploader = ${uploader} AND state = 'uploading'`,
  )
  if (touched !== 1) throw new Error('another upload of the same import took over')
  await tx.run(sql`INSERT INTO import_batches (import_id, number, entries) VALUES (${id}, ${number}, ${entries})`)
}

/** The upload is whole. From here on the import survives anything. Throws: when another upload took over. */
export async function completeUpload(tx: Tx, id: string, uploader: string, batches: number): Promise<void> {
  const completed = await tx.run(
    sql`UPDATE imports SET state = 'running', batches = ${batches}, touched_at = now() WHERE id = ${id} AND uploader = ${uploader} AND state = 'uploading'`,
  )
  if (completed !== 1) throw new Error('another upload of the same import took over')
}

/** Begins the import of the demo catalogue, once in the life of a shop. False when it was begun before. */
export async function beginDemoImport(tx: Tx, id: string, batches: readonly string[]): Promise<boolean> {
  const begun = await tx.run(
    sql`INSERT INTO imports (id, origin, state, uploader, batches) VALUES (${id}, 'demo', 'running', ${id}, ${batches.length}) ON CONFLICT (id) DO NOTHING`,
  )
  if (begun !== 1) return false
  await tx.run(
    sql`INSERT INTO import_batches (import_id, number, entries) SELECT ${id}, n - 1, entries FROM unnest(${batches}::text[]) WITH ORDINALITY AS b(entries, n)`,
  )
  return true
}

/** Ends an import that cannot go on. Lines that are in stay in. */
export async function failImport(
  tx: Tx,
  id: string,
  error: { readonly line: number; readonly code: string; readonly message: string },
): Promise<void> {
  await tx.run(
    sql`UPDATE imports SET state = 'failed', failed = failed + 1, pending = '{}', touched_at = now() WHERE id = ${id} AND state IN ('uploading', 'running')`,
  )
  await putErrors(tx, id, [error])
  await tx.run(sql`DELETE FROM import_batches WHERE import_id = ${id}`)
}

export async function dropUpload(tx: Tx, id: string, uploader: string): Promise<void> {
  await tx.run(sql`DELETE FROM imports WHERE id = ${id} AND uploader = ${uploader} AND state = 'uploading'`)
}

export async function readBatch(db: Db, id: string, number: number): Promise<Entry[] | undefined> {
  const row = await db.maybe<{ entries: string }>(sql`SELECT entries FROM import_batches WHERE import_id = ${id} AND number = ${number}`)
  return row && (JSON.parse(row.entries) as Entry[])
}

/** Moves an import past batch `number` with what it made. False when somebody else did so before. */
export async function advanceImport(tx: Tx, id: string, number: number, decided: Decided): Promise<boolean> {
  const { counts } = decided
  const moved = await tx.run(sql`
    UPDATE imports SET applied = ${number + 1}, pending = ${decided.named}::uuid[], read = read + ${counts.read}, created = created + ${counts.created},
      updated = updated + ${counts.updated}, unchanged = unchanged + ${counts.unchanged}, failed = failed + ${counts.failed}, touched_at = now()
    WHERE id = ${id} AND applied = ${number} AND state = 'running'`)
  if (moved !== 1) return false
  await tx.run(sql`DELETE FROM import_batches WHERE import_id = ${id} AND number = ${number}`)
  await putErrors(tx, id, decided.errors)
  return true
}

export async function finishImport(tx: Tx, id: string): Promise<void> {
  await tx.run(
    sql`UPDATE imports SET state = 'done', pending = '{}', touched_at = now() WHERE id = ${id} AND state = 'running' AND applied = batches`,
  )
}

async function putErrors(tx: Tx, id: string, errors: Decided['errors']): Promise<void> {
  if (errors.length === 0) return
  await tx.run(sql`
    INSERT INTO import_errors (import_id, line, code, message)
    SELECT ${id}, line, code, message FROM unnest(${errors.map((one) => one.line)}::integer[], ${errors.map((one) => one.code)}::text[], ${errors.map((one) => one.message)}::text[]) AS e(line, code, message)
    ON CONFLICT DO NOTHING`)
}

export async function importErrors(
  db: Db,
  id: string,
  after: number,
  limit: number,
): Promise<{ line: number; code: string; message: string }[]> {
  return db.rows(
    sql`SELECT line, code, message FROM import_errors WHERE import_id = ${id} AND line > ${after} ORDER BY line LIMIT ${limit}`,
  )
}

/** Forgets uploads that broke off and imports that ended long ago. */
export async function sweepImports(tx: Tx, brokenAfterMinutes: number, endedAfterDays: number): Promise<number> {
  return tx.run(sql`
    DELETE FROM imports WHERE (state = 'uploading' AND touched_at < now() - make_interval(mins => ${brokenAfterMinutes}))
      OR (state IN ('done', 'failed') AND origin <> 'demo' AND touched_at < now() - make_interval(days => ${endedAfterDays}))`)
}

export async function demoImport(db: Db): Promise<ImportRow | undefined> {
  return db.maybe<ImportRow>(
    sql`SELECT id, origin, state, batches, applied, pending, read, created, updated, unchanged, failed FROM imports WHERE origin = 'demo' ORDER BY begun_at LIMIT 1`,
  )
}
