import { createLookup, oncePer } from '@stoa/chassis/batcher.ts'
import { read } from '@stoa/chassis/service.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { CountIndexed, SimilarTo } from '@stoa/contracts/search.ts'
import { engineOf } from './engines.ts'
import { Fresh } from './fresh.ts'
import { cardsOf, countListed } from './store/cards.ts'

/** Which goods are alike changes slowly and is dear to find; their cards are always of this moment. */
const ALIKE_FRESH_MS = 300_000
const REMEMBERED_MAX = 20_000
/** Nothing is like a product that is not indexed yet, but soon something will be. */
const alikeSeen = oncePer<Db, Fresh<readonly string[]>>(
  () => new Fresh<readonly string[]>(REMEMBERED_MAX, ALIKE_FRESH_MS, (ids) => ids.length > 0),
)

const cardLookup = oncePer((db: Db) => createLookup(async (ids: string[]) => cardsOf(db, ids)))

export const similarTo = read(SimilarTo, async ({ input, db, ...rest }) => {
  const ids = await alikeSeen(db).get(`${input.productId} ${input.limit}`, () => engineOf(rest).similar(db, input.productId, input.limit))
  const cards = await cardLookup(db)(ids)
  return { items: ids.flatMap((id) => cards.get(id) ?? []) }
})

export const countIndexed = read(CountIndexed, async ({ db }) => ({ products: await countListed(db) }))
