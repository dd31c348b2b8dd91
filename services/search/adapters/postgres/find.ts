/** Lists of products: by words, filters and order, from where the page before ended. */
import { createHash } from 'node:crypto'
import type { Db, Statement } from '@stoa/chassis/database/sql.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { packRanking, placeTypes } from '../../domain/place.ts'
import type { Sort } from '../../domain/query.ts'
import { FIELD_WEIGHTS, FIELDS, SATURATION, tiersOf, type Ranking } from '../../domain/ranking.ts'
import type { FoundQuery, Page, Start } from '../../engine.ts'
import { CARD, cardOf, type CardRow } from '../../store/cards.ts'
import { conditionsOf, Values } from './filter.ts'

interface Order {
  /** Expressions of the order; all go one way, so that a row comparison continues a page. Their types: `placeTypes`. */
  readonly by: readonly string[]
  readonly direction: 'ASC' | 'DESC'
}

const NEWEST: Order = { by: ['d.created_at', 'd.product_id'], direction: 'DESC' }
const SHELF: Order = { by: ['s.created_at', 's.product_id'], direction: 'DESC' }
const ORDERS: Readonly<Record<Exclude<Sort, 'relevance'>, Order>> = {
  newest: NEWEST,
  price: { by: ['f.price_minor', 'f.product_id'], direction: 'ASC' },
  '-price': { by: ['f.price_minor', 'f.product_id'], direction: 'DESC' },
  rating: { by: ['f.rating_hundredths', 'f.rating_count', 'f.product_id'], direction: 'DESC' },
  sales: { by: ['f.sales', 'f.product_id'], direction: 'DESC' },
}
/** Sold out comes last among equals. */
const RELEVANCE: Order = { by: ['h.score', '(f.available > 0)', 'd.product_id'], direction: 'DESC' }

/** Products of a page. The next one is told its last place in the order, and the ranking. */
export async function findPage(db: Db, query: FoundQuery, start: Start<Ranking | undefined>, limit: number): Promise<Page> {
  const found = await findPlaced(db, query, start, limit)
  const cards = found.slice(0, limit).map((one) => one.card)
  const last = found.length > limit ? found[limit - 1] : undefined
  return last ? { cards, next: [last.place, start.reading ? packRanking(start.reading) : null] } : { cards }
}

/** One product more than `limit` when there are more. */
async function findPlaced(
  db: Db,
  query: FoundQuery,
  { reading: ranking, after }: Start<Ranking | undefined>,
  limit: number,
): Promise<{ card: Card; place: unknown[] }[]> {
  const values = new Values()
  const natural = query.sort === 'relevance' ? (ranking ? RELEVANCE : NEWEST) : ORDERS[query.sort]
  // One category in its usual order is read off its shelf.
  const { category } = query.filters
  const onShelf = !ranking && natural === NEWEST && category?.length === 1
  const order = onShelf ? SHELF : natural
  const asked = [...conditionsOf(onShelf ? { ...query.filters, category: undefined } : query.filters, values).values()]
  const where = ['f.listed', ...asked]
  if (onShelf) where.push(`s.category_id = ${values.add(category[0])}::uuid`)
  // Where nothing else decides, only the best need to be joined and put in order.
  const best = order === RELEVANCE && !after && asked.length === 0 ? limit + 1 : undefined
  const hits = ranking
    ? `JOIN (${order === RELEVANCE ? scoredHitsOf(ranking, values, best) : hitsOf(ranking, values)}) h ON h.product_id = d.product_id`
    : ''
  const source = onShelf ? 'shelves s JOIN documents d ON d.product_id = s.product_id' : 'documents d'
  const types = placeTypes(query.sort, ranking !== undefined)
  if (after)
    where.push(
      `(${order.by.join(', ')}) ${order.direction === 'ASC' ? '>' : '<'} (${types.map((type, index) => `${values.add(after[index])}::${type}`).join(', ')})`,
    )
  const places = order.by.map((expression, index) => `${expression} AS place_${index}`).join(', ')
  const text = `SELECT ${CARD}, ${places} FROM ${source} JOIN facts f ON f.product_id = d.product_id ${hits}
    WHERE ${where.join(' AND ')} ORDER BY ${order.by.map((expression) => `${expression} ${order.direction}`).join(', ')} LIMIT ${values.add(limit + 1)}::integer`
  const rows = await db.rows<CardRow & Record<string, unknown>>(
    statement(text, values, best !== undefined || (ranking === undefined && where.length <= 3 && (onShelf || category === undefined))),
  )
  return rows.map((row) => ({ card: cardOf(row), place: order.by.map((_, index) => placeOf(row[`place_${index}`])) }))
}

function placeOf(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}

/** The tiers of a ranking that are in use, the widest last: it holds all before it. */
function tiersInUse(ranking: Ranking): string[] {
  return tiersOf(ranking.words, ranking.products)
    .slice(0, ranking.depth)
    .filter((tier) => tier !== undefined)
}

/** A select of the products that answer the words. */
export function hitsOf(ranking: Ranking, values: Values): string {
  return `SELECT t.product_id FROM texts t WHERE t.words @@ ${values.add(tiersInUse(ranking).at(-1))}::tsquery`
}

/** The same with scores; of the `best` only, with all that score like the last of them. */
function scoredHitsOf(ranking: Ranking, values: Values, best: number | undefined): string {
  const places = tiersInUse(ranking).map((tier) => `${values.add(tier)}::tsquery`)
  const cases = [
    ...(ranking.named ? [`WHEN t.product_id = ${values.add(ranking.named)}::uuid THEN ${places.length}`] : []),
    ...places.slice(0, -1).map((place, index) => `WHEN t.words @@ ${place} THEN ${places.length - 1 - index}`),
  ]
  const tier = cases.length === 0 ? '0' : `CASE ${cases.join(' ')} ELSE 0 END`
  const words = ranking.words.map(({ word, idf }) => {
    const fields = FIELDS.map(
      (field) =>
        `CASE WHEN t.words @@ ${values.add(`'${word}':${field}`)}::tsquery THEN ${FIELD_WEIGHTS[field]} * t.norm_${field.toLowerCase()} ELSE 0 END`,
    )
    return { idf: values.add(idf), x: fields.join(' + ') }
  })
  const inner = `SELECT t.product_id, ${tier} AS tier, ${words.map(({ x }, index) => `${x} AS x${index}`).join(', ')} FROM texts t WHERE t.words @@ ${places.at(-1)} OFFSET 0`
  const score = words.map(({ idf }, index) => `${idf}::float8 * x${index} / (${SATURATION} + x${index})`).join(' + ')
  const cut = best === undefined ? '' : `ORDER BY score DESC FETCH FIRST (${values.add(best)}::integer) ROWS WITH TIES`
  return `SELECT product_id, (tier * 1000000 + round((${score}) * 100))::integer AS score FROM (${inner}) scored ${cut}`
}

const names = new Map<string, string>()
const NAMES_MAX = 200

/** Statements of few shapes are prepared once per connection. Rare ones are not kept, nor those whose best plan hangs on their values. */
function statement(text: string, values: Values, common: boolean): Statement {
  if (!common) return { text, values: values.list }
  let name = names.get(text)
  if (name === undefined && names.size < NAMES_MAX) {
    name = `f${createHash('sha1').update(text).digest('hex').slice(0, 20)}`
    names.set(text, name)
  }
  return name === undefined ? { text, values: values.list } : { name, text, values: values.list }
}
