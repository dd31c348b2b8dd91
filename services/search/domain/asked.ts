/** What a question asks for: its words, with what else they may be called. */
import type { Language } from '@stoa/contracts/shared.ts'
import { stemOf, tokensOf, wordOf } from './text.ts'

/** One thing that is asked for. */
export interface Asked {
  /** Its words in the question. */
  readonly tokens: readonly string[]
  /** What it may be in a product, as in `Term`. */
  readonly forms: readonly string[]
}

/** Phrases that mean the same, in tokens with blanks between; in one language only, where one is told. */
export interface Synonyms {
  readonly phrases: readonly string[]
  readonly language?: Language | undefined
}

/** Ways to say one thing beyond which none counts. */
const FORMS_MAX = 8
const PHRASE_MAX = 4

/**
 * Splits a question into what it asks for. The longest synonym that stands at a place counts, and brings the others of its groups along.
 * Everything is looked for in every language.
 */
export function askedOf(tokens: readonly string[], synonyms: readonly Synonyms[], languages: readonly Language[]): Asked[] {
  const asked: Asked[] = []
  const groups = synonyms.map((one) => ({ ...one, keys: one.phrases.map(phraseKey) }))
  for (let at = 0; at < tokens.length; ) {
    const here = Array.from({ length: Math.min(PHRASE_MAX, tokens.length - at) }, (_, index) =>
      tokens.slice(at, at + index + 1),
    ).toReversed()
    const own = here.find((run) => groups.some((one) => one.keys.includes(phraseKey(run.join(' '))))) ?? [tokens[at] as string]
    const key = phraseKey(own.join(' '))
    const others = groups
      .filter((one) => one.keys.includes(key))
      .flatMap((one) => formsOf(one.phrases, one.language ? [one.language] : languages))
    asked.push({ tokens: own, forms: [...new Set([...formsOf([own.join(' ')], languages), ...others])].slice(0, FORMS_MAX) })
    at += own.length
  }
  return asked
}

/** A phrase by which it is recognised: plurals do not count. */
export function phraseKey(phrase: string): string {
  return phrase.split(' ').map(stemOf).join(' ')
}

/** What a merchant wrote, in tokens; undefined when it says nothing or too much. */
export function phraseOf(text: string): string | undefined {
  const tokens = tokensOf(text)
  return tokens.length === 0 || tokens.length > PHRASE_MAX ? undefined : tokens.join(' ')
}

/** Phrases in the words of the index, each once. */
export function formsOf(phrases: readonly string[], languages: readonly Language[]): string[] {
  const forms = phrases.flatMap((phrase) =>
    languages.map((language) =>
      phrase
        .split(' ')
        .map((token) => wordOf(token, language))
        .join(' '),
    ),
  )
  return [...new Set(forms)]
}

/** Keys of all runs of tokens that a synonym could be. */
export function phraseKeysOf(tokens: readonly string[]): string[] {
  const phrases = tokens.flatMap((_, at) =>
    Array.from({ length: Math.min(PHRASE_MAX, tokens.length - at) }, (__, length) => tokens.slice(at, at + length + 1).join(' ')),
  )
  return [...new Set(phrases.map(phraseKey))]
}
