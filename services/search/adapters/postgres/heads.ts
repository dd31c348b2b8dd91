/**
 * Heads: of a word that very many products hold, those that it tells most of, made ahead. The best answers to such a word are read from its
 * head alone, whenever it can be shown that nobody outside of it is as good (`best.ts`); and a list that is filled up with what holds a
 * single word of many is filled from their heads.
 */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { EngineContext } from '../../engine.ts'
import { FIELD_WEIGHTS, FIELDS, HEADED_MIN, questionOf, type Field } from '../../domain/ranking.ts'

/** Products of a head as it is made. Changes make it longer and shorter; out of these bounds it is made anew. */
const LENGTH = 400
const LENGTH_MIN = 200
const LENGTH_MAX = 2000
/** One look works for so long, so that other jobs have their turn. */
const LOOK_MS_MAX = 10_000
/** Of a word that hundreds of thousands hold it takes longer than a question may. */
const STEP_MS_MAX = 20_000
const WORDS_MAX = 5000

/** What a word is worth in a row of `texts t`, before saturation. `holds` is a condition that a field holds it. */
export function worthOf(holds: (field: Field) => string): string {
  return FIELDS.map((field) => `CASE WHEN ${holds(field)} THEN ${FIELD_WEIGHTS[field]} * t.norm_${field.toLowerCase()} ELSE 0 END`).join(
    ' + ',
  )
}

/** Keeps heads in step with words that were just written, or are gone. */
export async function keepHeads(tx: Tx, productIds: readonly string[]): Promise<void> {
  await tx.run(sql`DELETE FROM heads WHERE product_id = ANY(${productIds}::uuid[])`)
  await tx.run({
    name: 'keep-heads',
    text: `INSERT INTO heads (word, product_id, x)
      SELECT word, product_id, x FROM (
        SELECT k.word, k.floor, t.product_id, ${worthOf((field) => `'${field}' = ANY(w.weights)`)} AS x
        FROM texts t CROSS JOIN LATERAL unnest(t.words) AS w JOIN terms k ON k.word = w.lexeme AND k.floor IS NOT NULL
        WHERE t.product_id = ANY($1::uuid[])) held
      WHERE x >= floor`,
    values: [productIds],
  })
}

/** Another index has taken the place of the one that heads were made of. */
export async function dropHeads(tx: Tx): Promise<void> {
  await tx.run(sql`DELETE FROM heads`)
  await tx.run(sql`UPDATE terms SET floor = NULL WHERE floor IS NOT NULL`)
  await tx.run(sql`UPDATE index_state SET headed_at = '-infinity'`)
}

/** Makes the heads that are wanting, once words were counted anew; what is left when the time is over is left for the next look. */
export async function tendHeads({ db, transaction, signal }: EngineContext): Promise<void> {
  const { counted_at: countedAt, due } = await db.one<{ counted_at: string; due: boolean }>(
    sql`SELECT counted_at::text, headed_at < counted_at AS due FROM index_state`,
  )
  if (!due) return
  const until = performance.now() + LOOK_MS_MAX
  await transaction(dropNeedless)
  for (const word of await wanting(db)) {
    if (signal.aborted || performance.now() > until) return
    await transaction((tx) => makeHead(tx, word))
  }
  await db.run(sql`UPDATE index_state SET headed_at = ${countedAt}::timestamptz`)
}

/** Heads of words that few products hold by now, or none. */
async function dropNeedless(tx: Tx): Promise<void> {
  await tx.run(sql`UPDATE terms SET floor = NULL WHERE floor IS NOT NULL AND products < ${HEADED_MIN / 2}::integer`)
  await tx.run(sql`DELETE FROM heads h WHERE NOT EXISTS (SELECT 1 FROM terms t WHERE t.word = h.word AND t.floor IS NOT NULL)`)
}

/** Words that need a head, the commonest first. */
async function wanting(db: Db): Promise<string[]> {
  const rows = await db.rows<{ word: string }>(sql`
    SELECT t.word FROM terms t LEFT JOIN (SELECT word, count(*) AS length FROM heads GROUP BY word) h ON h.word = t.word
    WHERE t.products >= ${HEADED_MIN}::integer AND (t.floor IS NULL OR coalesce(h.length, 0) NOT BETWEEN ${LENGTH_MIN}::integer AND ${LENGTH_MAX}::integer)
    ORDER BY t.products DESC, t.word LIMIT ${WORDS_MAX}::integer`)
  return rows.map((row) => row.word)
}

async function makeHead(tx: Tx, word: string): Promise<void> {
  await tx.run(sql`SELECT set_config('statement_timeout', ${String(STEP_MS_MAX)}, true)`)
  // Whoever writes words shares this row: what they wrote is seen below, and what they will write sees the head.
  await tx.run(sql`SELECT 1 FROM rebuild FOR UPDATE`)
  await tx.run(sql`DELETE FROM heads WHERE word = ${word}`)
  const question = (field = '') => questionOf({ forms: [word] }, field)
  await tx.run({
    text: `INSERT INTO heads (word, product_id, x)
      SELECT $1, t.product_id, ${worthOf((field) => `t.words @@ $${FIELDS.indexOf(field) + 3}::tsquery`)} AS x
      FROM texts t WHERE t.words @@ $2::tsquery ORDER BY x DESC LIMIT ${LENGTH}`,
    values: [word, question(), ...FIELDS.map((field) => question(field))],
  })
  await tx.run(sql`UPDATE terms SET floor = coalesce((SELECT min(x) FROM heads WHERE word = ${word}), 0) WHERE word = ${word}`)
}
