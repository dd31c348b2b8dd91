/** What routes share. */
import { LIFE_MS_MAX } from '@stoa/chassis/cache/keeper.ts'
import type { Kept } from '@stoa/chassis/cache/kept.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { Common } from '@stoa/chassis/service.ts'
import { isId } from '@stoa/kit/ids.ts'
import { phraseKey, phraseKeysOf } from './domain/asked.ts'
import type { Query } from './domain/query.ts'
import type { FoundQuery, Room, Wishes } from './engine.ts'
import { SearchFactors } from './settings.ts'
import { categoryIds } from './store/categories.ts'
import { hasWishes, WISHES, wishesFor } from './store/wishes.ts'

/** Categories come and stay, so one that was found once need not be looked up again. */
const categoriesSeen = new WeakMap<Db, Map<string, string>>()
const CATEGORIES_REMEMBERED_MAX = 20_000

/** A question with all that the room knows of it: ids of its categories, what the merchant wants of it. */
export async function foundQuery({ db, kept, setting }: Room & Pick<Common, 'setting'>, { filters, ...query }: Query): Promise<FoundQuery> {
  const factors = setting(SearchFactors) === 'on'
  const [category, wishes] = await Promise.all([findCategories(db, filters.category), wishesOf(db, kept, query.words)])
  return { ...query, filters: { ...filters, category }, wishes, factors }
}

const UNTIL_WISHES_CHANGE = { ms: LIFE_MS_MAX, shows: [WISHES] }
const NO_WISHES: Wishes = { synonyms: [], pinned: [], buried: [] }

async function wishesOf(db: Db, kept: Kept, words: readonly string[]): Promise<Wishes> {
  if (words.length === 0 || !(await kept.plain('any wishes', { ...UNTIL_WISHES_CHANGE, make: () => hasWishes(db) }))) return NO_WISHES
  const tokens = words.join(' ')
  return kept.plain(`wishes ${tokens}`, { ...UNTIL_WISHES_CHANGE, make: () => wishesFor(db, phraseKey(tokens), phraseKeysOf(words)) })
}

/** Ids of categories given by slug or id; undefined where none is asked for. */
async function findCategories(db: Db, named: readonly string[]): Promise<string[] | undefined> {
  if (named.length === 0) return undefined
  const seen = categoriesSeen.get(db) ?? new Map<string, string>()
  categoriesSeen.set(db, seen)
  const unseen = named.filter((one) => !seen.has(one))
  if (unseen.length > 0)
    for (const [slug, id] of await categoryIds(db, unseen)) if (seen.size < CATEGORIES_REMEMBERED_MAX) seen.set(slug, id)
  return named.flatMap((one) => [...(isId(one) ? [one] : []), ...(seen.has(one) ? [seen.get(one) as string] : [])])
}
