/**
 * The index made anew from the room's rows, beside the one that is asked. It is filled in steps, each a transaction that locks the products
 * it reads; changes that come meanwhile are written to both. One transaction puts it in the place of the old one. Whoever is killed on the
 * way leaves it as the last step left it, and the next look goes on.
 */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import type { EngineContext } from '../../engine.ts'
import { lockContents } from '../../store/contents.ts'
import { INDEX, refreshCounted, WORDS } from '../../store/write.ts'
import { dropHeads } from './heads.ts'
import { putWords } from './put.ts'

const STEP = 200
/** One look works for so long, so that other jobs have their turn. */
const LOOK_MS_MAX = 20_000

/** Begins anew; one that was being made is thrown away. Whoever is writing words is waited for. */
export async function beginRebuild(tx: Tx): Promise<void> {
  await lockProgress(tx)
  await tx.run(sql`UPDATE rebuild SET active = true`)
  await tx.run(sql`DROP TABLE IF EXISTS texts_next, shelves_next`)
  await tx.run(sql`CREATE TABLE texts_next (LIKE texts INCLUDING ALL) WITH (toast_tuple_target = 8160)`)
  await tx.run(sql`CREATE TABLE shelves_next (LIKE shelves INCLUDING ALL)`)
  await tx.run(sql`UPDATE rebuild_progress SET done_to = NULL`)
}

/** Steps, begin and end of making an index come one after the other. The first statement of each. */
async function lockProgress(tx: Tx): Promise<string | null> {
  return (await tx.one<{ done_to: string | null }>(sql`SELECT done_to FROM rebuild_progress FOR UPDATE`)).done_to
}

async function isActive(db: Pick<Db, 'one'>): Promise<boolean> {
  return (await db.one<{ active: boolean }>(sql`SELECT active FROM rebuild`)).active
}

export async function rebuildState(db: Db): Promise<{ isRebuilding: boolean; rebuiltAt: Date | null }> {
  const row = await db.one<{ active: boolean; ended_at: Date | null }>(sql`SELECT active, ended_at FROM rebuild`)
  return { isRebuilding: row.active, rebuiltAt: row.ended_at }
}

/** Goes on with an index that is being made, if one is. */
export async function goOnRebuilding({ db, transaction, signal }: EngineContext): Promise<void> {
  const until = performance.now() + LOOK_MS_MAX
  if (!(await isActive(db))) return
  let isFilled = false
  while (!isFilled && performance.now() < until && !signal.aborted) {
    isFilled = await transaction(fillStep)
    failPoint('search.between-rebuild-steps')
  }
  if (!isFilled) return
  await transaction(swap)
}

/** Puts the next products into the new index. Answers whether there were none left. */
async function fillStep(tx: Tx): Promise<boolean> {
  const after = await lockProgress(tx)
  if (!(await isActive(tx))) return true
  const { contents, wordless } = await lockContents(tx, after, STEP)
  await putWords(tx, '_next', contents)
  // Products of an earlier release whose texts were not kept yet: what is known of them is what is there.
  if (wordless.length > 0) {
    await tx.run(
      sql`INSERT INTO texts_next SELECT * FROM texts WHERE product_id = ANY(${wordless}::uuid[]) ON CONFLICT (product_id) DO NOTHING`,
    )
    await tx.run(sql`INSERT INTO shelves_next SELECT * FROM shelves WHERE product_id = ANY(${wordless}::uuid[]) ON CONFLICT DO NOTHING`)
  }
  const ids = [...contents.map((one) => one.productId), ...wordless].sort()
  await refreshCounted(tx, ids)
  const last = ids.at(-1)
  if (last !== undefined) await tx.run(sql`UPDATE rebuild_progress SET done_to = ${last}`)
  // Fewer than asked for may also be what somebody else just took away.
  return last === undefined
}

/** Puts the new index in the place of the old one; questions wait for the blink of it. */
async function swap(tx: Tx): Promise<void> {
  await lockProgress(tx)
  if (!(await isActive(tx))) return
  // Before anybody who writes words has to wait.
  for (const table of ['texts_next', 'shelves_next']) await tx.run({ text: `ANALYZE ${table}`, values: [] })
  await tx.run(sql`UPDATE rebuild SET active = false, ended_at = now()`)
  await tx.run(sql`DROP TABLE texts, shelves`)
  await tx.run(sql`ALTER TABLE texts_next RENAME TO texts`)
  await tx.run(sql`ALTER TABLE shelves_next RENAME TO shelves`)
  await dropHeads(tx)
  await tx.run(sql`UPDATE index_state SET counted_at = '-infinity', changed = greatest(changed, 1)`)
  failPoint('search.before-swap')
  tx.touch([INDEX, WORDS])
}
