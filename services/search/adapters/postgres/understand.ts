/** From a shopper's words to a ranking. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import { depthFor, tiersOf, weighted, type Ranking } from '../../domain/ranking.ts'
import { joinsOf, nearest, splitsOf } from '../../domain/spelling.ts'
import type { Query } from '../../domain/query.ts'
import { countHits, holdings, knownWords, likeWords, present, sellerOf } from './words.ts'

/** How a question is understood. `mended` is what was searched instead, where words had to be mended. */
export interface Understood {
  readonly ranking: Ranking
  readonly mended: string | undefined
}

/** Weighs the words of a question; words the catalogue lacks are mended by its own, or left out. Undefined when none is left. */
export async function understand(db: Db, { words: asked, code }: Pick<Query, 'words' | 'code'>): Promise<Understood | undefined> {
  if (asked.length === 0) return undefined
  const named = code === undefined ? undefined : await sellerOf(db, code)
  let { holding, products } = await holdings(db, asked)
  const uncounted = asked.filter((word) => !holding.has(word))
  const there = uncounted.length === 0 ? new Set<string>() : await present(db, uncounted)
  const lacking = new Set(uncounted.filter((word) => !there.has(word)))
  let words = asked
  if (lacking.size > 0) {
    words = await mend(db, asked, lacking)
    ;({ holding, products } = await holdings(db, words))
  }
  if (words.length === 0) return undefined
  const ranked = weighted(words, holding, products)
  const [first, second] = tiersOf(ranked, products)
  const hits = await countHits(db, first, second)
  const isMended = words.some((word) => !asked.includes(word))
  return {
    ranking: { words: ranked, products, depth: depthFor(hits.first, hits.second), named },
    mended: isMended ? words.join(' ') : undefined,
  }
}

/** Words looked up by likeness in one question: each look is dear. */
const MENDED_MAX = 3

/** Replaces what nobody has: joined with its neighbour, split in two, or by the nearest word; else it is dropped. */
async function mend(db: Db, asked: readonly string[], lacking: ReadonlySet<string>): Promise<string[]> {
  const joins = joinsOf(asked).filter(({ at }) => lacking.has(asked[at] as string) || lacking.has(asked[at + 1] as string))
  const splits = new Map([...lacking].map((word) => [word, splitsOf(word)]))
  const candidates = [...joins.map((one) => one.word), ...[...splits.values()].flat(2)]
  const known = new Map((candidates.length === 0 ? [] : await knownWords(db, candidates)).map((one) => [one.word, one.products]))
  const mended: string[] = []
  let looked = 0
  for (let at = 0; at < asked.length; at++) {
    const word = asked[at] as string
    const joined = joins.find((one) => one.at === at && known.has(one.word))
    if (joined) {
      mended.push(joined.word)
      at++
    } else if (!lacking.has(word)) {
      mended.push(word)
    } else {
      const near = looked++ < MENDED_MAX ? nearest(word, await likeWords(db, word)) : undefined
      const split = (splits.get(word) ?? []).find(([left, right]) => known.has(left) && known.has(right))
      mended.push(...(near === undefined ? (split ?? []) : [near]))
    }
  }
  return [...new Set(mended)]
}
