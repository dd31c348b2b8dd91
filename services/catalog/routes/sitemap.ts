/** The door that tells search engines what there is. */
import { refuse } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { read } from '@stoa/chassis/service.ts'
import { Origin } from '@stoa/chassis/settings.ts'
import { GetSitemap } from '@stoa/contracts/catalog.ts'
import {
  CATEGORIES_MAX,
  categoryEntry,
  homeEntry,
  indexOf,
  partsOf,
  productEntry,
  PRODUCTS_PER_PART,
  URLSET_BEGIN,
  URLSET_END,
} from '../domain/sitemap.ts'
import { categorySlugs, countListed, listedAfter, nthListed } from '../store/sitemap.ts'

const PAGE = 1000
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

export const getSitemap = read(GetSitemap, async ({ db, query, setting }) => {
  const origin = setting(Origin)
  const parts = partsOf(await countListed(db))
  const { part = 1 } = query
  if (part > parts) return refuse('not-found')
  if (query.part === undefined && parts > 1) return once(indexOf(origin, parts))
  const after = part === 1 ? BEFORE_ALL : await nthListed(db, (part - 1) * PRODUCTS_PER_PART)
  return after === undefined ? refuse('not-found') : urlset(db, origin, part, after)
})

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

async function* urlset(db: Db, origin: string, part: number, from: string): AsyncGenerator<string> {
  yield URLSET_BEGIN
  if (part === 1) {
    yield homeEntry(origin)
    yield (await categorySlugs(db, CATEGORIES_MAX)).map((slug) => categoryEntry(origin, slug)).join('')
  }
  let after = from
  for (let left = PRODUCTS_PER_PART; left > 0; left -= PAGE) {
    const page = await listedAfter(db, after, Math.min(PAGE, left))
    yield page.map((one) => productEntry(origin, one)).join('')
    if (page.length < PAGE) break
    after = page.at(-1)?.id ?? after
  }
  yield URLSET_END
}
