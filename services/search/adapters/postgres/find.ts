/** Lists of products: by words, filters and order, from where the page before ended. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import { packRanking, placeTypes } from '../../domain/place.ts'
import type { Sort } from '../../domain/query.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { FoundQuery, Page, Room, Start } from '../../engine.ts'
import { CARD, CARD_FACTS, cardOf, type CardRow } from '../../store/cards.ts'
import { findInHeads } from './best.ts'
import { conditionsOf, isPlain, needDocuments } from './filter.ts'
import { hitsOf, relevance, scoredHitsOf, type Order, type Placed } from './rank.ts'
import { hitsIn, weighedOf, type Weighed } from './repeated.ts'
import { statement, Values } from './statement.ts'

const NEWEST: Order = { by: ['d.created_at', 'd.product_id'], direction: 'DESC' }
const SHELF: Order = { by: ['s.created_at', 's.product_id'], direction: 'DESC' }
const ORDERS: Readonly<Record<Exclude<Sort, 'relevance'>, Order>> = {
  newest: NEWEST,
  price: { by: ['f.price_minor', 'f.product_id'], direction: 'ASC' },
  '-price': { by: ['f.price_minor', 'f.product_id'], direction: 'DESC' },
  rating: { by: ['f.rating_hundredths', 'f.rating_count', 'f.product_id'], direction: 'DESC' },
  sales: { by: ['f.sales', 'f.product_id'], direction: 'DESC' },
}

/** Products of a page. The next one is told its last place in the order, and the ranking. */
export async function findPage(room: Room, query: FoundQuery, start: Start<Ranking | undefined>, limit: number): Promise<Page> {
  const quick = isPlain(query, start) ? await findPlain(room, query, start, limit) : undefined
  const found = quick ?? (await findPlaced(room.db, query, start, limit))
  const cards = found.slice(0, limit).map((one) => one.card)
  const last = found.length > limit ? found[limit - 1] : undefined
  return last ? { cards, next: [last.place, start.reading ? packRanking(start.reading) : null] } : { cards }
}

/** The page of a plain question, by what is known ahead of its words; undefined where that is not enough. */
async function findPlain(room: Room, query: FoundQuery, start: Start<Ranking | undefined>, limit: number): Promise<Placed[] | undefined> {
  const ranking = start.reading as Ranking
  const fromHeads = await findInHeads(room.db, query, ranking, limit)
  if (fromHeads || !start.isRepeated) return fromHeads
  const weighed = await weighedOf(room, ranking, query.wishes, limit + 1)
  if (!weighed) return undefined
  const placed = await findPlaced(room.db, query, start, limit, weighed)
  // Somebody may have gone a moment ago.
  return placed.length <= limit && weighed.ids.length > placed.length ? undefined : placed
}

/** One product more than `limit` when there are more. `weighed`: what is known to be all that may stand on the page. */
async function findPlaced(
  db: Db,
  query: FoundQuery,
  start: Start<Ranking | undefined>,
  limit: number,
  weighed?: Weighed,
): Promise<Placed[]> {
  const { reading: ranking, after } = start
  const values = new Values()
  const isRanked = query.sort === 'relevance' && ranking !== undefined
  const natural = query.sort === 'relevance' ? NEWEST : ORDERS[query.sort]
  // One category in its usual order is read off its shelf.
  const { category } = query.filters
  const onShelf = !ranking && natural === NEWEST && category?.length === 1
  const asked = conditionsOf(onShelf ? { ...query.filters, category: undefined } : query.filters, values)
  const where = ['f.listed', ...asked.values()]
  if (onShelf) where.push(`s.category_id = ${values.add(category[0])}::uuid`)
  // Where nothing else decides, only the best need to be joined and put in order.
  const best = isPlain(query, start) ? limit + 1 : undefined
  const order = isRanked ? relevance(ranking, query.wishes, values) : onShelf ? SHELF : natural
  const hits = weighed
    ? hitsIn(weighed, values)
    : isRanked
      ? scoredHitsOf(ranking, query.wishes, values, best)
      : ranking && hitsOf(ranking, query.wishes, values)
  const types = placeTypes(query.sort, ranking !== undefined)
  if (after)
    where.push(
      `(${order.by.join(', ')}) ${order.direction === 'ASC' ? '>' : '<'} (${types.map((type, index) => `${values.add(after[index])}::${type}`).join(', ')})`,
    )
  const places = order.by.map((expression, index) => `${expression} AS place_${index}`).join(', ')
  const inOrder = order.by.map((_, index) => `place_${index} ${order.direction}`).join(', ')
  const tail = `WHERE ${where.join(' AND ')} ORDER BY ${inOrder} LIMIT ${limit + 1}`
  const joined = hits ? `JOIN (${hits}) h ON h.product_id = f.product_id` : ''
  const source = onShelf ? 'shelves s JOIN documents d ON d.product_id = s.product_id' : 'documents d'
  // Of many ranked products only those of the page are read whole.
  const text = isRanked
    ? `SELECT ${CARD}, ${order.by.map((_, index) => `place_${index}`).join(', ')}
        FROM (SELECT f.product_id, ${CARD_FACTS}, ${places} FROM facts f ${joined} ${needDocuments(asked) ? 'JOIN documents d ON d.product_id = f.product_id' : ''} ${tail}) f
        JOIN documents d ON d.product_id = f.product_id ORDER BY ${inOrder}`
    : `SELECT ${CARD}, ${places} FROM ${source} JOIN facts f ON f.product_id = d.product_id ${joined} ${tail}`
  const rows = await db.rows<CardRow & Record<string, unknown>>(
    statement(text, values, best !== undefined || (ranking === undefined && where.length <= 3 && (onShelf || category === undefined))),
  )
  return rows.map((row) => ({ card: cardOf(row), place: order.by.map((_, index) => placeOf(row[`place_${index}`])) }))
}

function placeOf(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
