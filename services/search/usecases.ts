/** What routes share. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import { isId } from '@stoa/kit/ids.ts'
import type { Query } from './domain/query.ts'
import type { FoundQuery } from './engine.ts'
import { categoryIds } from './store/categories.ts'

/** Categories come and stay, so one that was found once need not be looked up again. */
const categoriesSeen = new WeakMap<Db, Map<string, string>>()
const CATEGORIES_REMEMBERED_MAX = 20_000

/** Finds the categories that a question names by slug or id. */
export async function findCategories(db: Db, { filters, ...query }: Query): Promise<FoundQuery> {
  const named = filters.category
  if (named.length === 0) return { ...query, filters: { ...filters, category: undefined } }
  const seen = categoriesSeen.get(db) ?? new Map<string, string>()
  categoriesSeen.set(db, seen)
  const unseen = named.filter((one) => !seen.has(one))
  if (unseen.length > 0)
    for (const [slug, id] of await categoryIds(db, unseen)) if (seen.size < CATEGORIES_REMEMBERED_MAX) seen.set(slug, id)
  const ids = named.flatMap((one) => [...(isId(one) ? [one] : []), ...(seen.has(one) ? [seen.get(one) as string] : [])])
  return { ...query, filters: { ...filters, category: ids } }
}
