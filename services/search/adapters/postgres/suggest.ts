/** Products suggested while typing. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import { keyOf, stemOf, wordsOf } from '../../domain/text.ts'
import type { Suggestion } from '../../engine.ts'
import { beginningsOf } from '../../store/suggest.ts'

/** Products looked at before the best sold of them are shown. */
const CANDIDATES_MAX = 200
/** Shorter beginnings fit too many words to look them up. */
const PREFIX_MIN = 3
const WORDS_MAX = 24

/** Products that hold what was typed, then those whose name begins like it. */
export async function suggestProducts(db: Db, typed: string, limit: number): Promise<Suggestion[]> {
  const question = questionOf(typed)
  const [named, holding] = await Promise.all([
    suggestByName(db, keyOf(typed), limit),
    question === undefined ? [] : suggestByWords(db, question, limit),
  ])
  return [...new Map([...holding, ...named].map((one) => [one.slug, one])).values()].slice(0, limit)
}

/** All words but the last as they are, the last as a beginning, all of them in the name. */
function questionOf(typed: string): string | undefined {
  const words = wordsOf(typed).slice(0, WORDS_MAX)
  const last = words.at(-1)
  if (last === undefined || last.length < PREFIX_MIN) return undefined
  return [...words.slice(0, -1).map((word) => `'${word}':AB`), `'${stemOf(last)}':*A`].join(' & ')
}

/** Products whose name begins like this. */
async function suggestByName(db: Db, prefix: string, limit: number): Promise<Suggestion[]> {
  const [from, to] = beginningsOf(prefix)
  return db.rows<Suggestion>(
    sql`SELECT name AS text, slug FROM documents WHERE name_key BETWEEN ${from} AND ${to} ORDER BY name_key LIMIT ${limit}`,
  )
}

/** Products whose name holds the words of a question, the last one perhaps unfinished; the best sold first, short names before long ones. */
async function suggestByWords(db: Db, question: string, limit: number): Promise<Suggestion[]> {
  return db.rows<Suggestion>(sql`
    SELECT d.name AS text, d.slug FROM (
      SELECT f.product_id, f.available > 0 AS available, f.sales, t.norm_a
      FROM (SELECT product_id, norm_a FROM texts WHERE words @@ ${question}::tsquery LIMIT ${CANDIDATES_MAX}) t JOIN facts f ON f.product_id = t.product_id
      ORDER BY 2 DESC, 3 DESC, 4 DESC, 1 LIMIT ${limit}) best
    JOIN documents d ON d.product_id = best.product_id ORDER BY best.available DESC, best.sales DESC, best.norm_a DESC, best.product_id`)
}
