/**
 * What a question means and what its words weigh, kept until words change: who asks it again is told prices, stock and standings of the moment,
 * but nothing is weighed for him. Who asks it first has all of it in one statement.
 */
import { createHash } from 'node:crypto'
import { LIFE_MS_MAX } from '@stoa/chassis/cache/keeper.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { FoundQuery, Room, Wishes } from '../../engine.ts'
import { WORDS } from '../../store/write.ts'
import { scoredHitsOf } from './rank.ts'
import { statement, Values } from './statement.ts'
import { understand, type Understood } from './understand.ts'
import { catalogueOf } from './words.ts'

/** More that might stand on one page are not worth keeping. */
const WEIGHED_MAX = 400
const UNTIL_WORDS_CHANGE = { ms: LIFE_MS_MAX, shows: [WORDS] }

/** Products with what a question's words weigh in them, a column each: all that may stand on its first page. */
export interface Weighed {
  readonly ids: readonly string[]
  readonly tiers: readonly number[]
  readonly scores: readonly number[]
}

/** How a question is understood, and whether that was known already. */
export async function understoodOf(
  { db, kept }: Room,
  query: FoundQuery,
): Promise<{ understood: Understood | undefined; isRepeated: boolean }> {
  const { words, code, wishes } = query
  // What is known of the catalogue may be half a second old: what is understood by it goes by it.
  const { languages, at } = await catalogueOf(db)
  let isRepeated = true
  const understood = await kept.plain(`understood ${JSON.stringify([words, code ?? null, wishes, languages, at])}`, {
    ...UNTIL_WORDS_CHANGE,
    make: () => {
      isRepeated = false
      return understand(db, query)
    },
  })
  return { understood, isRepeated }
}

/** What a ranking's words weigh in the `best` products, and in those that might overtake them; undefined where these are too many. */
export function weighedOf({ db, kept }: Room, ranking: Ranking, wishes: Wishes, best: number): Promise<Weighed | undefined> {
  const weighing = createHash('sha1')
    .update(JSON.stringify([{ ...ranking, standingAt: undefined }, wishes.pinned, wishes.buried, best]))
    .digest('base64url')
  return kept.plain(`weighed ${weighing}`, { ...UNTIL_WORDS_CHANGE, make: () => weigh(db, ranking, wishes, best) })
}

async function weigh(db: Db, ranking: Ranking, wishes: Wishes, best: number): Promise<Weighed | undefined> {
  const values = new Values()
  const text = `${scoredHitsOf(ranking, wishes, values, best)} LIMIT ${WEIGHED_MAX + 1}`
  const rows = await db.rows<{ product_id: string; tier: number; score: number }>(statement(text, values, true))
  if (rows.length > WEIGHED_MAX) return undefined
  return { ids: rows.map((row) => row.product_id), tiers: rows.map((row) => row.tier), scores: rows.map((row) => row.score) }
}

/** What was weighed, as a select like `scoredHitsOf`. */
export function hitsIn({ ids, tiers, scores }: Weighed, values: Values): string {
  return `SELECT * FROM unnest(${values.add(ids)}::uuid[], ${values.add(tiers)}::integer[], ${values.add(scores)}::float8[]) AS w(product_id, tier, score)`
}
