/** From a shopper's words to a ranking. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import { askedOf, type Asked } from '../../domain/asked.ts'
import { partsOf } from '../../domain/german.ts'
import { depthFor, tiersOf, weighted, type Ranking } from '../../domain/ranking.ts'
import { wordOf } from '../../domain/text.ts'
import type { FoundQuery } from '../../engine.ts'
import { mend } from './mend.ts'
import { catalogueOf, countHits, endingWith, holdings, present, sellerOf, type Holdings } from './words.ts'

/** How a question is understood, at whatever moment. `mended` is what was searched instead, where words had to be mended. */
export interface Understood {
  readonly ranking: Omit<Ranking, 'standingAt'>
  readonly mended: string | undefined
}

/** Weighs the words of a question; words the catalogue lacks are mended by its own, or left out. Undefined when nothing is left to show. `query` has words. */
export async function understand(db: Db, query: FoundQuery): Promise<Understood | undefined> {
  const { words, code, wishes } = query
  const named = code === undefined ? undefined : await sellerOf(db, code)
  const { languages } = await catalogueOf(db)
  let asked = await withCompounds(db, distinct(askedOf(words, wishes.synonyms, languages)), languages)
  let known = await holdings(db, wordsIn(asked))
  const lacking = await lackingOf(db, asked, known)
  let mended: string | undefined
  if (lacking.size > 0) {
    const instead = await mend(db, asked, lacking, languages)
    mended = instead.shown
    asked = distinct(instead.asked)
    known = await holdings(db, wordsIn(asked))
  }
  if (asked.length === 0 && wishes.pinned.length === 0) return undefined
  const { holding, headed, products } = known
  const terms = weighted(
    asked.map((one) => one.forms),
    holding,
    products,
    headed,
  )
  const [first, second] = tiersOf(terms, products)
  const hits = second === undefined ? undefined : await countHits(db, first, second)
  const depth = hits ? depthFor(hits.first, hits.second) : 1
  return { ranking: { terms, products, depth, named }, mended }
}

/** What nothing in the catalogue is, neither when words were last counted nor now. */
async function lackingOf(db: Db, asked: readonly Asked[], { holding }: Holdings): Promise<ReadonlySet<Asked>> {
  const uncounted = asked.filter((one) => !one.forms.some((form) => form.split(' ').every((word) => holding.has(word))))
  if (uncounted.length === 0) return new Set()
  const there = await present(
    db,
    uncounted.flatMap((one) => one.forms),
  )
  return new Set(uncounted.filter((one) => !one.forms.some((form) => there.has(form))))
}

/** Ways to read a German word beyond which none is looked up. */
const PARTS_MAX = 24
const COMPOUND_PART_MIN = 4

/** A German word is also its parts, where the catalogue has both, and the commonest words that it is the last part of. */
async function withCompounds(db: Db, asked: readonly Asked[], languages: readonly Language[]): Promise<Asked[]> {
  if (!languages.includes('de')) return [...asked]
  const looked = asked.flatMap((one) => {
    const [token = '', ...more] = one.tokens
    if (more.length > 0 || token.length < COMPOUND_PART_MIN || /^\d/.test(token)) return []
    const ways = partsOf(token).slice(0, PARTS_MAX)
    return [{ one, word: wordOf(token, 'de'), ways: ways.map((parts) => parts.map((part) => wordOf(part, 'de'))) }]
  })
  const [{ holding }, longer] = await Promise.all([
    holdings(db, [...new Set(looked.flatMap(({ ways }) => ways.flat()))]),
    endingWith(
      db,
      looked.map(({ word }) => word),
    ),
  ])
  const more = new Map(
    looked.map(({ one, ways }, index) => {
      const split = ways.find((way) => way.every((part) => holding.has(part)))
      return [one, [...(split ? [split.join(' ')] : []), ...(longer[index] ?? [])]]
    }),
  )
  return asked.map((one) => ({ ...one, forms: [...new Set([...one.forms, ...(more.get(one) ?? [])])] }))
}

function wordsIn(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap((one) => one.forms.flatMap((form) => form.split(' '))))]
}

/** The same thing asked for twice counts once. */
function distinct(asked: readonly Asked[]): Asked[] {
  return [...new Map(asked.toReversed().map((one) => [one.forms.join('|'), one])).values()].toReversed()
}
