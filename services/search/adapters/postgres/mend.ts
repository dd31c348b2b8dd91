/** Words that nobody has, mended by the catalogue's own. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import { formsOf, type Asked } from '../../domain/asked.ts'
import { joinsOf, nearest, splitsOf, surfaceOf } from '../../domain/spelling.ts'
import { wordOf } from '../../domain/text.ts'
import { knownWords, likeWords, namesWith } from './words.ts'

/** Words looked up by likeness in one question: each look is dear. */
const MENDED_MAX = 3

interface Mended {
  readonly asked: readonly Asked[]
  /** The question as it was meant, for people; undefined when words were only left out. */
  readonly shown: string | undefined
}

/** Replaces what nobody has: joined with its neighbour, split in two, or by the nearest word; else it is dropped. */
export async function mend(db: Db, asked: readonly Asked[], lacking: ReadonlySet<Asked>, languages: readonly Language[]): Promise<Mended> {
  const known = await knownAround(db, asked, lacking, languages)
  const mended: Asked[] = []
  let isMended = false
  let looked = 0
  for (let at = 0; at < asked.length; at++) {
    const one = asked[at] as Asked
    const next = asked[at + 1]
    const joined = next && (lacking.has(one) || lacking.has(next)) ? one.tokens.join('') + next.tokens.join('') : undefined
    if (joined !== undefined && known(joined)) {
      mended.push(readAs(joined, languages))
      isMended = true
      at++
      continue
    }
    if (!lacking.has(one)) {
      mended.push(one)
      continue
    }
    const near = looked++ < MENDED_MAX ? await nearestOf(db, one, languages) : []
    const split = near.length > 0 ? [] : (splitsOf(one.tokens.join('')).find((parts) => parts.every(known)) ?? [])
    mended.push(...near, ...split.map((part) => readAs(part, languages)))
    if (near.length + split.length > 0) isMended = true
  }
  return { asked: mended, shown: isMended ? mended.flatMap((one) => one.tokens).join(' ') : undefined }
}

function readAs(token: string, languages: readonly Language[]): Asked {
  return { tokens: [token], forms: formsOf([token], languages) }
}

/** Tells of what could be joined or split whether the catalogue has it. */
async function knownAround(db: Db, asked: readonly Asked[], lacking: ReadonlySet<Asked>, languages: readonly Language[]) {
  const tokens = asked.map((one) => one.tokens.join(''))
  const joins = joinsOf(tokens).filter(({ at }) => lacking.has(asked[at] as Asked) || lacking.has(asked[at + 1] as Asked))
  const splits = [...lacking].flatMap((one) => splitsOf(one.tokens.join('')))
  const candidates = [...new Set([...joins.map((one) => one.word), ...splits.flat()])]
  const words = candidates.flatMap((token) => languages.map((language) => wordOf(token, language)))
  const found = new Set((words.length === 0 ? [] : await knownWords(db, words)).map((one) => one.word))
  return (token: string) => languages.some((language) => found.has(wordOf(token, language)))
}

/** The nearest word of the catalogue in any of its languages, shown as a product's name spells it. */
async function nearestOf(db: Db, one: Asked, languages: readonly Language[]): Promise<Asked[]> {
  const typed = one.tokens.join('')
  for (const language of languages) {
    const word = nearest(wordOf(typed, language), await likeWords(db, wordOf(typed, language)))
    if (word === undefined) continue
    return [{ tokens: [surfaceOf(await namesWith(db, word), word, typed)], forms: [word] }]
  }
  return []
}
