/** What is known of words: how many products hold them, which are like them. */
import { oncePer } from '@stoa/chassis/batcher.ts'
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import { ENOUGH, questionOf } from '../../domain/ranking.ts'
import type { Known } from '../../domain/spelling.ts'
import { shownOf } from '../../domain/text.ts'
import { Fresh } from '../../fresh.ts'

/** What is known of the catalogue as a whole. */
interface Catalogue {
  /** The languages that products have or had. */
  readonly languages: readonly Language[]
  /** How many products there were when words were last counted. */
  readonly products: number
  /** When words were last counted and heads made; of another moment, what was made of it is old. */
  readonly at: string
  readonly remembered: Remembered
}

/** What was asked of words since they were last counted. */
interface Remembered {
  /** Undefined: no product held it. */
  readonly words: Map<string, Known | undefined>
  readonly longer: Map<string, readonly string[]>
}

const CATALOGUE_FRESH_MS = 500
const WORDS_REMEMBERED_MAX = 50_000
const LONGER_MAX = 5
const catalogues = oncePer<Db, Fresh<Catalogue>>(() => new Fresh(1, CATALOGUE_FRESH_MS))
const nothingYet = (): Remembered => ({ words: new Map(), longer: new Map() })
const counts = oncePer<Db, { at: string; remembered: Remembered }>(() => ({ at: '', remembered: nothingYet() }))

export function catalogueOf(db: Db): Promise<Catalogue> {
  return catalogues(db).get('', async () => {
    const { languages, products, at } = await db.one<{ languages: Language[]; products: number; at: string }>(sql`
      SELECT array(SELECT language FROM languages ORDER BY language <> 'en', language) AS languages, counted_products AS products, counted_at::text || headed_at::text AS at FROM index_state`)
    const known = counts(db)
    if (known.at !== at) Object.assign(known, { at, remembered: nothingYet() })
    return { languages, products, at, remembered: known.remembered }
  })
}

export interface Holdings {
  readonly holding: ReadonlyMap<string, number>
  /** Those of which the best products are known ahead. */
  readonly headed: ReadonlySet<string>
  readonly products: number
}

/** Words have been counted anew by this process: what it remembered of them is old. Others see it within half a second. */
export function forgetCatalogue(db: Db): void {
  catalogues(db).forget()
}

/** What is remembered of words, or else loaded now for all that nothing is remembered of. */
async function remembering<V>(
  memory: Map<string, V>,
  words: readonly string[],
  load: (unknown: readonly string[]) => Promise<readonly V[]>,
): Promise<V[]> {
  const unknown = words.filter((word) => !memory.has(word))
  const loaded = unknown.length === 0 ? [] : await load(unknown)
  if (memory.size > WORDS_REMEMBERED_MAX) memory.clear()
  const found = new Map(unknown.map((word, index) => [word, loaded[index] as V]))
  for (const [word, value] of found) memory.set(word, value)
  return words.map((word) => (found.has(word) ? found : memory).get(word) as V)
}

/** How many products hold each word, as last counted, and how many products there were. */
export async function holdings(db: Db, asked: readonly string[]): Promise<Holdings> {
  const { products, remembered } = await catalogueOf(db)
  const words = await remembering(remembered.words, asked, async (unknown) => {
    const counted = new Map((await knownWords(db, unknown)).map((one) => [one.word, one]))
    return unknown.map((word) => counted.get(word))
  })
  const held = words.flatMap((one) => one ?? [])
  return {
    products,
    holding: new Map(held.map((one) => [one.word, one.products])),
    headed: new Set(held.filter((one) => one.headed).map((one) => one.word)),
  }
}

/** Which of these forms (as in `Term`) some product holds right now. */
export async function present(db: Db, forms: readonly string[]): Promise<Set<string>> {
  const rows = await db.rows<{ form: string }>(sql`
    SELECT form FROM unnest((SELECT ${forms})::text[], (SELECT ${forms.map((form) => questionOf({ forms: [form] }))})::tsquery[]) AS w(form, question)
    WHERE EXISTS (SELECT 1 FROM texts t WHERE t.words @@ w.question)`)
  return new Set(rows.map((row) => row.form))
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

/** For each of these words the commonest ones of the catalogue that end with it and are longer. */
export async function endingWith(db: Db, words: readonly string[]): Promise<(readonly string[])[]> {
  const { remembered } = await catalogueOf(db)
  return remembering(remembered.longer, words, async (unknown) => {
    const patterns = unknown.map((word) => `${word.slice(0, word.length - shownOf(word).length)}%${shownOf(word)}`)
    const rows = await db.rows<{ longer: string[] }>(sql`
      SELECT array(SELECT word FROM terms WHERE word LIKE w.pattern AND word <> w.word ORDER BY products DESC, word LIMIT ${LONGER_MAX}) AS longer
      FROM unnest(${unknown}::text[], ${patterns}::text[]) WITH ORDINALITY AS w(word, pattern, place) ORDER BY place`)
    return rows.map((row) => row.longer)
  })
}

/** Some names that hold a word. */
export async function namesWith(db: Db, word: string): Promise<string[]> {
  const rows = await db.rows<{ name: string }>(
    sql`SELECT d.name FROM (SELECT product_id FROM texts WHERE words @@ ${`'${word}':A`}::tsquery LIMIT 20) t JOIN documents d ON d.product_id = t.product_id ORDER BY d.product_id`,
  )
  return rows.map((row) => row.name)
}

export async function knownWords(db: Db, words: readonly string[]): Promise<Known[]> {
  return db.rows<Known>(sql`SELECT word, products, coalesce(floor >= 0, false) AS headed FROM terms WHERE word = ANY(${words}::text[])`)
}

/** How many products answer each of two questions, counted no further than is needed to know that they are enough. */
export async function countHits(db: Db, first: string, second: string | undefined): Promise<{ first: number; second: number }> {
  return db.one(sql`
    SELECT first, CASE WHEN first < ${ENOUGH}::integer AND ${second ?? null}::tsquery IS NOT NULL THEN (SELECT count(*) FROM (
        SELECT 1 FROM texts WHERE words @@ (SELECT coalesce(${second ?? null}::tsquery, ''::tsquery)) AND NOT words @@ (SELECT ${first}::tsquery) LIMIT ${ENOUGH}) b) ELSE 0 END AS second
    FROM (SELECT count(*) AS first FROM (SELECT 1 FROM texts WHERE words @@ (SELECT ${first}::tsquery) LIMIT ${ENOUGH}) a) counted`)
}

/** Whether words should be counted anew: half of the products changed, or anything did and counting is cheap for how long it was not done. */
export async function wordsAreStale(db: Db): Promise<boolean> {
  const row = await db.one<{ stale: boolean }>(sql`
    SELECT changed > 0 AND (changed > counted_products * 0.5 OR counted_at < now() - make_interval(secs => least(600, greatest(5, counted_products / 30.0)))) AS stale FROM index_state`)
  return row.stale
}

/** Of a large catalogue it takes longer than a question may. Jobs have two minutes. */
const COUNTING_MS_MAX = 100_000

/** Counts every word anew. */
export async function countWords(tx: Tx): Promise<void> {
  await tx.run(sql`SELECT set_config('statement_timeout', ${String(COUNTING_MS_MAX)}, true)`)
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
