/** Lists of products: by words, filters and order, from where the page before ended. */
import { createHash } from 'node:crypto'
import type { Db, Statement } from '@stoa/chassis/database/sql.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { packRanking, placeTypes } from '../../domain/place.ts'
import type { Sort } from '../../domain/query.ts'
import { ADJACENT_SHARE, adjacencies, headsIn, questionOf, SATURATION, tiersOf, type Ranking, type Term } from '../../domain/ranking.ts'
import { STANDING_MAX, STANDING_MIN } from '../../domain/standing.ts'
import { languageOf } from '../../domain/text.ts'
import type { FoundQuery, Page, Start, Wishes } from '../../engine.ts'
import { CARD, cardOf, type CardRow } from '../../store/cards.ts'
import { conditionsOf, needDocuments, Values } from './filter.ts'
import { worthOf } from './heads.ts'

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

/** Products of a page. The next one is told its last place in the order, and the ranking. */
export async function findPage(db: Db, query: FoundQuery, start: Start<Ranking | undefined>, limit: number): Promise<Page> {
  const found = (await findInHeads(db, query, start, limit)) ?? (await findPlaced(db, query, start, limit))
  const cards = found.slice(0, limit).map((one) => one.card)
  const last = found.length > limit ? found[limit - 1] : undefined
  return last ? { cards, next: [last.place, start.reading ? packRanking(start.reading) : null] } : { cards }
}

interface Placed {
  readonly card: Card
  readonly place: unknown[]
}

/** The first page for a single word that very many hold, from its head; undefined where somebody outside of it may be as good. */
async function findInHeads(db: Db, query: FoundQuery, start: Start<Ranking | undefined>, limit: number): Promise<Placed[] | undefined> {
  const { reading: ranking, after } = start
  const { wishes } = query
  const [term, ...others] = ranking?.terms ?? []
  const isPlain = query.sort === 'relevance' && !after && conditionsOf(query.filters, new Values()).size === 0
  if (!ranking || ranking.named || !term || others.length > 0 || !isPlain) return undefined
  if (!isHeaded(term) || wishes.pinned.length + wishes.buried.length > 0) return undefined
  const values = new Values()
  const words = values.add(term.headed)
  const elsewhere = term.forms.filter((form) => !term.headed?.includes(form))
  const holders = [
    `SELECT product_id, x FROM heads WHERE word = ANY(${words}::text[])`,
    ...(elsewhere.length === 0 ? [] : [holdersOf({ forms: elsewhere }, values)]),
  ]
  const score = `${values.add(term.idf)}::float8 * x / (${SATURATION} + x) * 10000`
  const { by } = relevance(ranking, wishes, values)
  const text = `SELECT ${CARD}, place_0, place_1, (SELECT CASE WHEN count(floor) = cardinality(${words}::text[]) THEN max(floor) END FROM terms WHERE word = ANY(${words}::text[])) AS floor
    FROM (SELECT f.*, ${by.map((expression, index) => `${expression} AS place_${index}`).join(', ')}
      FROM facts f JOIN (SELECT product_id, 0 AS tier, ${score} AS score FROM (${holders.join(' UNION ALL ')}) held) h ON h.product_id = f.product_id
      WHERE f.listed ORDER BY place_0 DESC, place_1 DESC LIMIT ${values.add(limit + 1)}::integer) f
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
  const worth = worthOf((field) => `t.words @@ ${values.add(questionOf(term, field))}::tsquery`)
  return `SELECT t.product_id, ${worth} AS x FROM texts t WHERE t.words @@ ${values.add(questionOf(term))}::tsquery`
}

/** One product more than `limit` when there are more. */
async function findPlaced(
  db: Db,
  query: FoundQuery,
  { reading: ranking, after }: Start<Ranking | undefined>,
  limit: number,
): Promise<Placed[]> {
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
  const best = isRanked && !after && asked.size === 0 ? limit + 1 : undefined
  const order = isRanked ? relevance(ranking, query.wishes, values) : onShelf ? SHELF : natural
  const hits = isRanked ? scoredHitsOf(ranking, query.wishes, values, best) : ranking && hitsOf(ranking, query.wishes, values)
  const types = placeTypes(query.sort, ranking !== undefined)
  if (after)
    where.push(
      `(${order.by.join(', ')}) ${order.direction === 'ASC' ? '>' : '<'} (${types.map((type, index) => `${values.add(after[index])}::${type}`).join(', ')})`,
    )
  const places = order.by.map((expression, index) => `${expression} AS place_${index}`).join(', ')
  const inOrder = order.by.map((_, index) => `place_${index} ${order.direction}`).join(', ')
  const tail = `WHERE ${where.join(' AND ')} ORDER BY ${inOrder} LIMIT ${values.add(limit + 1)}::integer`
  const joined = hits ? `JOIN (${hits}) h ON h.product_id = f.product_id` : ''
  const source = onShelf ? 'shelves s JOIN documents d ON d.product_id = s.product_id' : 'documents d'
  // Of many ranked products only those of the page are read whole.
  const text = isRanked
    ? `SELECT ${CARD}, ${order.by.map((_, index) => `place_${index}`).join(', ')}
        FROM (SELECT f.*, ${places} FROM facts f ${joined} ${needDocuments(asked) ? 'JOIN documents d ON d.product_id = f.product_id' : ''} ${tail}) f
        JOIN documents d ON d.product_id = f.product_id ORDER BY ${inOrder}`
    : `SELECT ${CARD}, ${places} FROM ${source} JOIN facts f ON f.product_id = d.product_id ${joined} ${tail}`
  const rows = await db.rows<CardRow & Record<string, unknown>>(
    statement(text, values, best !== undefined || (ranking === undefined && where.length <= 3 && (onShelf || category === undefined))),
  )
  return rows.map((row) => ({ card: cardOf(row), place: order.by.map((_, index) => placeOf(row[`place_${index}`])) }))
}

/** Between one tier and the next. */
const TIER = 10_000_000

/** The best answer first, standings counted as of the moment the list began; what was pinned before all, what was buried behind. */
function relevance({ standingAt }: Ranking, { pinned, buried }: Wishes, values: Values): Order {
  const stands =
    standingAt === undefined
      ? '0'
      : `CASE WHEN f.standing_at <= ${values.add(new Date(standingAt).toISOString())}::timestamptz THEN f.standing ELSE f.standing_before END`
  const score = `h.tier * ${TIER} + round(h.score * (1000 + ${stands}) / 1000.0)`
  const above = () => {
    const ids = values.add(pinned)
    return `WHEN f.product_id = ANY(${ids}::uuid[]) THEN (100 - array_position(${ids}::uuid[], f.product_id)) * ${TIER}`
  }
  const cases = [
    ...(pinned.length === 0 ? [] : [above()]),
    ...(buried.length === 0 ? [] : [`WHEN f.product_id = ANY(${values.add(buried)}::uuid[]) THEN ${score} - 100 * ${TIER}`]),
  ]
  const by = cases.length === 0 ? score : `CASE ${cases.join(' ')} ELSE ${score} END`
  return { by: [`(${by})::integer`, 'f.product_id'], direction: 'DESC' }
}

function placeOf(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}

/** The tiers of a ranking that are in use, the widest last: it holds all before it. */
function tiersInUse(ranking: Ranking): string[] {
  return tiersOf(ranking.terms, ranking.products)
    .slice(0, ranking.depth)
    .filter((tier) => tier !== undefined)
}

/** The condition on `texts t` that a product answers the words, or was pinned. */
function answering(ranking: Ranking, { pinned }: Wishes, values: Values): string {
  const heads = headsIn(ranking)
  const ways = [
    ...(ranking.terms.length === 0 ? [] : [`t.words @@ ${values.add(tiersInUse(ranking).at(-1))}::tsquery`]),
    ...(heads.length === 0
      ? []
      : [`t.product_id = ANY(ARRAY(SELECT product_id FROM heads WHERE word = ANY(${values.add(heads)}::text[])))`]),
    ...(pinned.length === 0 ? [] : [`t.product_id = ANY(${values.add(pinned)}::uuid[])`]),
  ]
  return `(${ways.join(' OR ')})`
}

/** A select of the products that answer the words. */
export function hitsOf(ranking: Ranking, wishes: Wishes, values: Values): string {
  return `SELECT t.product_id FROM texts t WHERE ${answering(ranking, wishes, values)}`
}

/** The same with tier and score; of the `best` only, with all that might overtake the last of them by their standing. */
function scoredHitsOf(ranking: Ranking, wishes: Wishes, values: Values, best: number | undefined): string {
  const tiers = ranking.terms.length === 0 ? [] : tiersInUse(ranking)
  const cases = [
    ...(ranking.named ? [`WHEN t.product_id = ${values.add(ranking.named)}::uuid THEN ${tiers.length}`] : []),
    ...tiers.slice(0, -1).map((tier, index) => `WHEN t.words @@ ${values.add(tier)}::tsquery THEN ${tiers.length - 1 - index}`),
  ]
  const tier = cases.length === 0 ? '0' : `CASE ${cases.join(' ')} ELSE 0 END`
  const terms = ranking.terms.map((term) => ({
    idf: values.add(term.idf),
    x: worthOf((field) => `t.words @@ ${values.add(questionOf(term, field))}::tsquery`),
  }))
  const pairs = adjacencies(ranking.terms).map((pair) => `(t.words @@ ${values.add(pair)}::tsquery)::integer`)
  const columns = [
    't.product_id',
    `${tier} AS tier`,
    `${pairs.length === 0 ? '0' : `(${pairs.join(' + ')})::float8 / ${pairs.length}`} AS adjacent`,
    ...terms.map(({ x }, index) => `${x} AS x${index}`),
  ]
  const inner = `SELECT ${columns.join(', ')} FROM texts t WHERE ${answering(ranking, wishes, values)} OFFSET 0`
  const sum =
    terms.length === 0 ? '0' : terms.map(({ idf }, index) => `${idf}::float8 * x${index} / (${SATURATION} + x${index})`).join(' + ')
  const scored = `SELECT product_id, tier, (${sum}) * (1 + ${ADJACENT_SHARE} * adjacent) * 10000 AS score FROM (${inner}) found`
  if (best === undefined) return scored
  const bound = (standing: number) => `tier * ${TIER} + score * ${(1000 + standing) / 1000}`
  // Pinned and buried goods leave the order of the others as it is, so there must be as many more.
  const place = values.add(best + wishes.pinned.length + wishes.buried.length - 1)
  const cut = `coalesce((SELECT ${bound(STANDING_MIN)} FROM scored ORDER BY 1 DESC OFFSET ${place}::integer LIMIT 1), '-infinity'::float8)`
  const kept = wishes.pinned.length === 0 ? '' : ` OR product_id = ANY(${values.add(wishes.pinned)}::uuid[])`
  return `WITH scored AS MATERIALIZED (${scored}) SELECT product_id, tier, score FROM scored WHERE ${bound(STANDING_MAX)} >= ${cut}${kept}`
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
