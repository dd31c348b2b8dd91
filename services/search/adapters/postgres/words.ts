/** What is known of words: how many products hold them, which are like them. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Known } from '../../domain/spelling.ts'
import { ENOUGH } from '../../domain/ranking.ts'

/** How many products hold each word, as last counted, and how many products there were. */
export async function holdings(
  db: Db,
  words: readonly string[],
): Promise<{ readonly holding: Map<string, number>; readonly products: number }> {
  const row = await db.one<{ products: number; words: string[] | null; counts: number[] | null }>(sql`
    SELECT counted_products AS products, (SELECT array_agg(word) FROM terms WHERE word = ANY(${words}::text[])) AS words,
      (SELECT array_agg(products) FROM terms WHERE word = ANY(${words}::text[])) AS counts FROM index_state`)
  return { products: row.products, holding: new Map((row.words ?? []).map((word, index) => [word, row.counts?.[index] ?? 0])) }
}

/** Which of these words some product holds right now. */
export async function present(db: Db, words: readonly string[]): Promise<Set<string>> {
  const rows = await db.rows<{ word: string }>(sql`
    SELECT word FROM unnest(${words}::text[], ${words.map((word) => `'${word}'`)}::tsquery[]) AS w(word, question)
    WHERE EXISTS (SELECT 1 FROM texts t WHERE t.words @@ w.question)`)
  return new Set(rows.map((row) => row.word))
}

/** The listed product that sells an SKU, given as it stands or in small letters. */
export async function sellerOf(db: Db, code: string): Promise<string | undefined> {
  const row = await db.maybe<{ product_id: string }>(
    sql`SELECT product_id FROM sku_facts WHERE sku = ANY(${[code, code.toUpperCase()]}::text[]) AND position IS NOT NULL ORDER BY sku = ${code} DESC LIMIT 1`,
  )
  return row?.product_id
}

/** Words of the catalogue that look like this one. */
export async function likeWords(db: Db, word: string): Promise<Known[]> {
  return db.rows<Known>(
    sql`SELECT word, products FROM terms WHERE word % ${word} AND length(word) BETWEEN ${word.length - 2}::integer AND ${word.length + 2}::integer ORDER BY similarity(word, ${word}) DESC, products DESC LIMIT 20`,
  )
}

export async function knownWords(db: Db, words: readonly string[]): Promise<Known[]> {
  return db.rows<Known>(sql`SELECT word, products FROM terms WHERE word = ANY(${words}::text[])`)
}

/** How many products answer each of two questions, counted no further than is needed to know that they are enough. */
export async function countHits(db: Db, first: string, second: string | undefined): Promise<{ first: number; second: number }> {
  return db.one(sql`
    SELECT (SELECT count(*) FROM (SELECT 1 FROM texts WHERE words @@ ${first}::tsquery LIMIT ${ENOUGH}) a) AS first,
      (SELECT count(*) FROM (SELECT 1 FROM texts WHERE ${second ?? null}::tsquery IS NOT NULL AND words @@ coalesce(${second ?? null}::tsquery, ''::tsquery) AND NOT words @@ ${first}::tsquery LIMIT ${ENOUGH}) b) AS second`)
}

/** Whether words should be counted anew: half of the products changed, or anything did and counting is cheap for how long it was not done. */
export async function wordsAreStale(db: Db): Promise<boolean> {
  const row = await db.one<{ stale: boolean }>(sql`
    SELECT changed > 0 AND (changed > counted_products * 0.5 OR counted_at < now() - make_interval(secs => least(600, greatest(5, counted_products / 30.0)))) AS stale FROM index_state`)
  return row.stale
}

/** Counts every word anew. */
export async function countWords(tx: Tx): Promise<void> {
  const { changed } = await tx.one<{ changed: number }>(sql`SELECT changed FROM index_state`)
  await tx.run(sql`
    WITH counted AS (SELECT word, ndoc FROM ts_stat('SELECT words FROM texts')),
      gone AS (DELETE FROM terms t WHERE NOT EXISTS (SELECT 1 FROM counted c WHERE c.word = t.word))
    INSERT INTO terms AS t (word, products) SELECT word, ndoc FROM counted
    ON CONFLICT (word) DO UPDATE SET products = excluded.products WHERE t.products <> excluded.products`)
  await tx.run(
    sql`UPDATE index_state SET changed = changed - ${changed}, counted_products = (SELECT count(*) FROM texts), counted_at = now()`,
  )
}
