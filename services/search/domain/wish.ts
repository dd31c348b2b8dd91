/** What a merchant may wish of a question. */
import type { FieldError } from '@stoa/chassis/contract.ts'
import { phraseKey, phraseOf } from './asked.ts'
import { tokensOf } from './text.ts'

/** Words of a question with an order of its own. */
const QUESTION_TOKENS_MAX = 12

/** Reads a group of synonyms; names every word that says nothing, is too long, or stands twice. */
export function synonymsOf(
  words: readonly string[],
): { readonly phrases: string[]; readonly keys: string[] } | { readonly errors: FieldError[] } {
  const phrases = words.map(phraseOf)
  const keys = phrases.map((phrase) => phrase && phraseKey(phrase))
  const errors = words.flatMap((_, index) => {
    const path = `words[${index}]`
    if (keys[index] === undefined) return [{ path, code: 'phrase', message: 'must have one to four words' }]
    return keys.indexOf(keys[index]) < index ? [{ path, code: 'duplicate', message: 'stands here already' }] : []
  })
  return errors.length > 0 ? { errors } : { phrases: phrases as string[], keys: keys as string[] }
}

/** Reads a placement; a product can come first or last, not both, and once. */
export function placementOf(given: {
  readonly question: string
  readonly pinned: readonly string[]
  readonly buried: readonly string[]
}): { readonly key: string; readonly pinned: string[]; readonly buried: string[] } | { readonly errors: FieldError[] } {
  const tokens = [...new Set(tokensOf(given.question))]
  const [pinned, buried] = [given.pinned, given.buried].map((ids) => ids.map((id) => id.toLowerCase())) as [string[], string[]]
  const all = [...pinned, ...buried]
  const errors = all.flatMap((id, index) => {
    const path = index < pinned.length ? `pinned[${index}]` : `buried[${index - pinned.length}]`
    return all.indexOf(id) < index ? [{ path, code: 'duplicate', message: 'stands here already' }] : []
  })
  if (tokens.length === 0 || tokens.length > QUESTION_TOKENS_MAX)
    errors.push({ path: 'question', code: 'phrase', message: `must have one to ${QUESTION_TOKENS_MAX} words` })
  return errors.length > 0 ? { errors } : { key: phraseKey(tokens.join(' ')), pinned, buried }
}
