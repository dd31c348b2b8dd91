/**
 * Heads: of a word that very many products hold, those that it tells most of, made ahead. The best answers to such a word are read from its
 * head alone, whenever it can be shown that nobody outside of it is as good (`best.ts`); and a list that is filled up with what holds a
 * single word of many is filled from their heads.
 */
import { oncePer } from '@stoa/chassis/batcher.ts'
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { TransactionFn } from '@stoa/chassis/service.ts'
import type { EngineContext } from '../../engine.ts'
import { HEADED_MIN, questionOf } from '../../domain/ranking.ts'
import { WORDS } from '../../store/write.ts'
import { worthOf } from './vector.ts'

/** Products of a head as it is made. Changes make it longer and shorter; out of these bounds it is made anew. */
const LENGTH = 400
const LENGTH_MIN = 200
const LENGTH_MAX = 2000
/** One look works for so long, so that other jobs have their turn. */
const LOOK_MS_MAX = 10_000
/** To weigh hundreds of thousands takes longer than a question may. Jobs have two minutes. */
const WEIGHING_MS_MAX = 60_000
/** The floor of a head that is being made: whatever is written goes into it. */
const BEING_MADE = -1
const WORDS_MAX = 5000
/** Products of a head that are weighed again to see whether they still would be like that. */
const SAMPLE = 5
/** Whether this process has looked through all words since it began. */
const lookOf = oncePer<Db, { done: boolean }>(() => ({ done: false }))
/** The question for a word that is in a column. */
const questionIn = (column: string) => `('''' || ${column} || '''')`

/** Keeps heads in step with words that were just written, or are gone. Who is as good as the floor may be outside: else a head of equals would grow and grow. */
export async function keepHeads(tx: Tx, productIds: readonly string[]): Promise<void> {
  await tx.run(sql`DELETE FROM heads WHERE product_id = ANY(${productIds}::uuid[])`)
  await tx.run({
    name: 'keep-heads',
    text: `INSERT INTO heads (word, product_id, x)
      SELECT word, product_id, x FROM (
        SELECT k.word, k.floor, t.product_id, ${worthOf(questionIn('k.word'))} AS x
        FROM texts t CROSS JOIN LATERAL unnest(t.words) AS w JOIN terms k ON k.word = w.lexeme AND k.floor IS NOT NULL
        WHERE t.product_id = ANY($1::uuid[])) held
      WHERE x > floor`,
    values: [productIds],
  })
}

/** Another index has taken the place of the one that heads were made of. */
export async function dropHeads(tx: Tx): Promise<void> {
  await tx.run(sql`DELETE FROM heads`)
  await tx.run(sql`UPDATE terms SET floor = NULL WHERE floor IS NOT NULL`)
  await tx.run(sql`UPDATE index_state SET headed_at = '-infinity'`)
}

/**
 * Makes the heads that are wanting, once words were counted anew, and when a process has just begun, for another release may weigh otherwise; what is
 * left when the time is over is left for the next look.
 */
export async function tendHeads({ db, transaction, signal }: EngineContext): Promise<void> {
  const { counted_at: countedAt, due } = await db.one<{ counted_at: string; due: boolean }>(
    sql`SELECT counted_at::text, headed_at < counted_at AS due FROM index_state`,
  )
  const look = lookOf(db)
  if (!due && look.done) return
  const until = performance.now() + LOOK_MS_MAX
  await transaction(dropNeedless)
  for (const word of await wanting(db)) {
    if (signal.aborted || performance.now() > until) return
    await makeHead(transaction, word)
  }
  look.done = true
  await db.run(sql`UPDATE index_state SET headed_at = ${countedAt}::timestamptz`)
}

/** Heads of words that few products hold by now, or none. */
async function dropNeedless(tx: Tx): Promise<void> {
  await tx.run(sql`UPDATE terms SET floor = NULL WHERE floor IS NOT NULL AND products < ${HEADED_MIN / 2}::integer`)
  await tx.run(sql`DELETE FROM heads h WHERE NOT EXISTS (SELECT 1 FROM terms t WHERE t.word = h.word AND t.floor IS NOT NULL)`)
  tx.touch([WORDS])
}

/** Words that need a head, or another one because theirs was weighed otherwise; the commonest first. */
async function wanting(db: Db): Promise<string[]> {
  const rows = await db.rows<{ word: string }>({
    text: `SELECT k.word FROM terms k LEFT JOIN (SELECT word, count(*) AS length FROM heads GROUP BY word) h ON h.word = k.word
      WHERE k.products >= ${HEADED_MIN} AND (k.floor IS NULL OR k.floor < 0 OR coalesce(h.length, 0) NOT BETWEEN ${LENGTH_MIN} AND ${LENGTH_MAX}
        OR EXISTS (SELECT 1 FROM (SELECT product_id, x FROM heads WHERE word = k.word LIMIT ${SAMPLE}) s JOIN texts t ON t.product_id = s.product_id
          WHERE s.x <> ${worthOf(questionIn('k.word'))}))
      ORDER BY k.products DESC, k.word LIMIT ${WORDS_MAX}`,
    values: [],
  })
  return rows.map((row) => row.word)
}

/** In three steps, of which only the first and the last, both short, keep others from writing words. Whoever dies between them leaves a head that is made anew. */
async function makeHead(transaction: TransactionFn, word: string): Promise<void> {
  await transaction(async (tx) => {
    await lockWords(tx)
    await tx.run(sql`DELETE FROM heads WHERE word = ${word}`)
    await tx.run(sql`UPDATE terms SET floor = ${BEING_MADE}::float8 WHERE word = ${word}`)
  })
  const best = await transaction((tx) => bestOf(tx, word))
  await transaction(async (tx) => {
    await lockWords(tx)
    // What was written since the first step is there already; what lost the word since is left out.
    await tx.run({
      text: `INSERT INTO heads (word, product_id, x) SELECT $1, t.product_id, ${worthOf('$2')} AS x
        FROM texts t WHERE t.product_id = ANY($3::uuid[]) AND t.words @@ $2::tsquery ON CONFLICT DO NOTHING`,
      values: [word, questionOf({ forms: [word] }), best.map((one) => one.product_id)],
    })
    await tx.run(sql`UPDATE terms SET floor = ${best.at(-1)?.x ?? 0}::float8 WHERE word = ${word}`)
    tx.touch([WORDS])
  })
}

/** Whoever writes words shares this row: what they wrote before is seen, and what they will write sees what is done here. */
async function lockWords(tx: Tx): Promise<void> {
  await tx.run(sql`SELECT 1 FROM rebuild FOR UPDATE`)
}

async function bestOf(tx: Tx, word: string): Promise<{ product_id: string; x: number }[]> {
  await tx.run(sql`SELECT set_config('statement_timeout', ${String(WEIGHING_MS_MAX)}, true)`)
  return tx.rows({
    text: `SELECT t.product_id, ${worthOf('$1')} AS x FROM texts t WHERE t.words @@ $1::tsquery ORDER BY x DESC LIMIT ${LENGTH}`,
    values: [questionOf({ forms: [word] })],
  })
}
