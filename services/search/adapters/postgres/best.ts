/** The first page for a word that very many products hold, from its head. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import { questionOf, SATURATION, type Ranking, type Term } from '../../domain/ranking.ts'
import { STANDING_MAX } from '../../domain/standing.ts'
import { languageOf } from '../../domain/text.ts'
import type { FoundQuery } from '../../engine.ts'
import { CARD, CARD_FACTS, cardOf, type CardRow } from '../../store/cards.ts'
import { relevance, type Placed } from './rank.ts'
import { statement, Values } from './statement.ts'
import { worthOf } from './vector.ts'

/** The first page of a plain question for a single word that very many hold, from its head; undefined where somebody outside of it may be as good. */
export async function findInHeads(db: Db, query: FoundQuery, ranking: Ranking, limit: number): Promise<Placed[] | undefined> {
  const { wishes } = query
  const [term, ...others] = ranking.terms
  if (ranking.named || !term || others.length > 0) return undefined
  if (!isHeaded(term) || wishes.pinned.length + wishes.buried.length > 0) return undefined
  const values = new Values()
  const words = `(SELECT ${values.add(term.headed)})::text[]`
  const elsewhere = term.forms.filter((form) => !term.headed?.includes(form))
  const holders = [
    `SELECT product_id, x FROM heads WHERE word = ANY(${words})`,
    ...(elsewhere.length === 0 ? [] : [holdersOf({ forms: elsewhere }, values)]),
  ]
  const score = `${values.add(term.idf)}::float8 * x / (${SATURATION} + x) * 10000`
  const { by } = relevance(ranking, wishes, values)
  const text = `SELECT ${CARD}, place_0, place_1, (SELECT CASE WHEN count(*) = cardinality(${words}) THEN max(floor) END FROM terms WHERE word = ANY(${words}) AND floor >= 0) AS floor
    FROM (SELECT f.product_id, ${CARD_FACTS}, ${by.map((expression, index) => `${expression} AS place_${index}`).join(', ')}
      FROM facts f JOIN (SELECT product_id, 0 AS tier, ${score} AS score FROM (${holders.join(' UNION ALL ')}) held) h ON h.product_id = f.product_id
      WHERE f.listed ORDER BY place_0 DESC, place_1 DESC LIMIT ${limit + 1}) f
    JOIN documents d ON d.product_id = f.product_id ORDER BY place_0 DESC, place_1 DESC`
  const rows = await db.rows<CardRow & { place_0: number; place_1: string; floor: number | null }>(statement(text, values, true))
  const last = rows.length > limit ? rows.at(-1) : undefined
  const most = (x: number) =>
    Math.ceil(((term.idf * x) / (SATURATION + x)) * 10 * (1000 + (ranking.standingAt === undefined ? 0 : STANDING_MAX)))
  if (!last || last.floor === null || last.place_0 <= most(last.floor)) return undefined
  return rows.map((row) => ({ card: cardOf(row), place: [row.place_0, row.place_1] }))
}

/** Whether heads say enough of a term: no product holds two of its forms, for they are of different languages. */
function isHeaded({ forms, headed }: Term): boolean {
  return headed !== undefined && new Set(forms.map(languageOf)).size === forms.length && !forms.some((form) => form.includes(' '))
}

/** A select of the products that hold a term, and what it is worth there. */
function holdersOf(term: Pick<Term, 'forms'>, values: Values): string {
  const question = values.add(questionOf(term))
  return `SELECT t.product_id, ${worthOf(question)} AS x FROM texts t WHERE t.words @@ (SELECT ${question}::tsquery)`
}
