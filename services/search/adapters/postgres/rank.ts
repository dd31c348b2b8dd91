/** Fragments that find the products that answer words, weigh them and put them in order. */
import type { Card } from '@stoa/contracts/shared.ts'
import { ADJACENT_SHARE, adjacencies, headsIn, questionOf, SATURATION, tiersOf, type Ranking } from '../../domain/ranking.ts'
import { STANDING_MAX, STANDING_MIN } from '../../domain/standing.ts'
import type { Wishes } from '../../engine.ts'
import type { Values } from './statement.ts'
import { worthOf } from './vector.ts'

/** A product and where it stands in the order. */
export interface Placed {
  readonly card: Card
  readonly place: unknown[]
}

export interface Order {
  /** Expressions of the order; all go one way, so that a row comparison continues a page. Their types: `placeTypes`. */
  readonly by: readonly string[]
  readonly direction: 'ASC' | 'DESC'
}

/** Between one tier and the next. */
const TIER = 10_000_000

/** The best answer first, standings counted as of the moment the list began; what was pinned before all, what was buried behind. */
export function relevance({ standingAt }: Ranking, { pinned, buried }: Wishes, values: Values): Order {
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

/** The tiers of a ranking that are in use, the widest last: it holds all before it. */
function tiersInUse(ranking: Ranking): string[] {
  return tiersOf(ranking.terms, ranking.products)
    .slice(0, ranking.depth)
    .filter((tier) => tier !== undefined)
}

/** The condition on `texts t` that a product answers the words, or was pinned. The planner is not shown the words (`statement.ts`). */
function answering(ranking: Ranking, { pinned }: Wishes, values: Values): string {
  const heads = headsIn(ranking)
  const ways = [
    ...(ranking.terms.length === 0 ? [] : [`t.words @@ (SELECT ${values.add(tiersInUse(ranking).at(-1))}::tsquery)`]),
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
export function scoredHitsOf(ranking: Ranking, wishes: Wishes, values: Values, best: number | undefined): string {
  const tiers = ranking.terms.length === 0 ? [] : tiersInUse(ranking)
  const cases = [
    ...(ranking.named ? [`WHEN t.product_id = ${values.add(ranking.named)}::uuid THEN ${tiers.length}`] : []),
    ...tiers.slice(0, -1).map((tier, index) => `WHEN t.words @@ ${values.add(tier)}::tsquery THEN ${tiers.length - 1 - index}`),
  ]
  const tier = cases.length === 0 ? '0' : `CASE ${cases.join(' ')} ELSE 0 END`
  const terms = ranking.terms.map((term) => ({ idf: values.add(term.idf), x: worthOf(values.add(questionOf(term))) }))
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
  const place = best + wishes.pinned.length + wishes.buried.length - 1
  const cut = `coalesce((SELECT ${bound(STANDING_MIN)} FROM scored ORDER BY 1 DESC OFFSET ${place} LIMIT 1), '-infinity'::float8)`
  const kept = wishes.pinned.length === 0 ? '' : ` OR product_id = ANY(${values.add(wishes.pinned)}::uuid[])`
  return `WITH scored AS MATERIALIZED (${scored}) SELECT product_id, tier, score FROM scored WHERE ${bound(STANDING_MAX)} >= ${cut}${kept}`
}
