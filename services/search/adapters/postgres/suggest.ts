/** Products suggested while typing. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import { keyOf, tokensOf, wordOf } from '../../domain/text.ts'
import type { Suggestion } from '../../engine.ts'
import { beginningsOf } from '../../store/suggest.ts'
import { catalogueOf, holdings } from './words.ts'

/** Products looked at before the best sold of them are shown. */
const CANDIDATES_MAX = 200
/** Fewer that hold the words before the last are all looked at. */
const FEW_MAX = 4000
/** Heads of the last word that are looked through, and products of all heads: those that the words tell most of. */
const HEADS_MAX = 5
const HEADED_MAX = 600
/** Shorter beginnings fit too many words to look them up. */
const PREFIX_MIN = 3
const WORDS_MAX = 24

/** What was typed, read in one language. */
interface Typed {
  /** All words but the last. */
  readonly words: readonly string[]
  /** How the last one begins. */
  readonly beginning: string
}

/** Products that hold what was typed, then those whose name begins like it. */
export async function suggestProducts(db: Db, typed: string, limit: number): Promise<Suggestion[]> {
  const { languages } = await catalogueOf(db)
  const readings = languages.flatMap((language) => typedIn(language, typed) ?? [])
  const [named, holding] = await Promise.all([
    suggestByName(db, keyOf(typed), limit),
    readings.length === 0 ? [] : suggestByWords(db, readings, limit),
  ])
  return [...new Map([...holding, ...named].map((one) => [one.slug, one])).values()].slice(0, limit)
}

function typedIn(language: Language, typed: string): Typed | undefined {
  const tokens = tokensOf(typed).slice(0, WORDS_MAX)
  const last = tokens.at(-1)
  if (last === undefined || last.length < PREFIX_MIN) return undefined
  return { words: tokens.slice(0, -1).map((token) => wordOf(token, language)), beginning: wordOf(last, language) }
}

/** That all of it is in a product, the last word in its name; PostgreSQL's tsquery text. */
function questionOf({ words, beginning }: Typed): string {
  return `(${[...words.map((word) => `'${word}':AB`), `'${beginning}':*A`].join(' & ')})`
}

/** Products whose name begins like this. */
async function suggestByName(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  const [from, to] = beginningsOf(prefix)
  return db.rows<Suggestion>(
    sql`SELECT name AS text, slug FROM documents WHERE name_key BETWEEN ${from} AND ${to} ORDER BY name_key LIMIT ${limit}`,
  )
}

/**
 * Products whose name holds the words, the last one perhaps unfinished. Few that hold the words before it are all looked at. Else those come first that
 * the words tell most of, which heads have; and all there are, where these do not do: a beginning fits many words, and many words stand in many texts.
 * Of two words that very many hold, whatever heads have does. (`IS TRUE` keeps the index from being asked for the beginning all the same.)
 */
async function suggestByWords(db: Db, readings: readonly Typed[], limit: number): Promise<Suggestion[]> {
  const question = readings.map(questionOf).join(' | ')
  if (await areFew(db, readings))
    return db.rows<Suggestion>({
      name: 'suggest-few',
      text: bestSold(
        'SELECT product_id, norm_a FROM texts WHERE words @@ $3::tsquery AND (words @@ $1::tsquery) IS TRUE ORDER BY norm_a DESC',
      ),
      values: [question, limit, readings.map(({ words }) => `(${words.map((word) => `'${word}'`).join(' & ')})`).join(' | ')],
    })
  const before = readings.flatMap((one) => one.words)
  const beginnings = readings.map((one) => beginningsOf(one.beginning))
  const headed = await db.rows<Suggestion>({
    name: 'suggest-headed',
    text: bestSold(`
      WITH ends AS MATERIALIZED (
        SELECT k.word FROM unnest((SELECT $3)::text[], (SELECT $4)::text[]) AS b(first, last)
        JOIN terms k ON k.word BETWEEN b.first AND b.last AND k.floor >= 0 ORDER BY k.products DESC LIMIT ${HEADS_MAX})
      SELECT t.product_id, t.norm_a FROM (
        SELECT product_id, sum(x) AS x FROM (
          SELECT product_id, max(x) AS x FROM heads WHERE word = ANY(ARRAY(SELECT word FROM ends)) GROUP BY product_id
          UNION ALL SELECT product_id, x FROM heads WHERE word = ANY((SELECT $5)::text[]) AND EXISTS (SELECT FROM ends)) told
        GROUP BY product_id ORDER BY x DESC LIMIT ${HEADED_MAX}) h
      JOIN texts t ON t.product_id = h.product_id WHERE (t.words @@ $1::tsquery) IS TRUE ORDER BY h.x DESC`),
    values: [question, limit, beginnings.map(([from]) => from), beginnings.map(([, to]) => to), before],
  })
  if (headed.length >= (before.length === 0 ? limit : 1)) return headed
  return db.rows<Suggestion>({
    name: 'suggest-words',
    text: bestSold('SELECT product_id, norm_a FROM texts WHERE words @@ $1::tsquery'),
    values: [question, limit],
  })
}

/** Whether not very many products hold the words before the last. */
async function areFew(db: Db, readings: readonly Typed[]): Promise<boolean> {
  const { holding } = await holdings(
    db,
    readings.flatMap((one) => one.words),
  )
  const held = ({ words }: Typed) => Math.min(...words.map((word) => holding.get(word) ?? 0))
  return readings.reduce((sum, one) => sum + held(one), 0) < FEW_MAX
}

/** The best sold of some candidates, short names before long ones. */
function bestSold(candidates: string): string {
  return `SELECT d.name AS text, d.slug FROM (
      SELECT f.product_id, f.available > 0 AS available, f.sales, t.norm_a
      FROM (${candidates} LIMIT ${CANDIDATES_MAX}) t JOIN facts f ON f.product_id = t.product_id
      ORDER BY 2 DESC, 3 DESC, 4 DESC, 1 LIMIT $2::integer) best
    JOIN documents d ON d.product_id = best.product_id ORDER BY best.available DESC, best.sales DESC, best.norm_a DESC, best.product_id`
}
