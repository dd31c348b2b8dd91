/**
 * The one normal form of text, for the index and for what is searched. A text has a language; its words are stems of that language and
 * carry its mark, so that `drucker` in a German text and `drucker` in an English one are two words. A question is asked in every language
 * that the catalogue has (decision 0019).
 */
import type { Language } from '@stoa/contracts/shared.ts'
import { germanStem } from './german.ts'

/** Longest word kept. Units: characters. */
const WORD_MAX = 40
/** Letters of any script, or a number with its decimals: `TN-2110` is `tn 2110`, `13.3"` stays `13.3`. */
const PIECES = /\p{L}+|\d+(?:\.\d+)?/gu
/** Stands before a German stem. English ones and numbers are bare. */
const GERMAN = 'de.'

/** Words as they were typed, in their order: lower case, without accents, letters and digits apart. */
export function tokensOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/['’](?=s\b)/g, '')
  return (plain.match(PIECES) ?? []).map((word) => word.slice(0, WORD_MAX))
}

/** The word of the index that a token stands for in a language. */
export function wordOf(token: string, language: Language): string {
  if (/^\d/.test(token)) return token
  return language === 'de' ? `${GERMAN}${germanStem(token)}` : stemOf(token)
}

/** The words of a text of a language. */
export function wordsOf(text: string, language: Language = 'en'): string[] {
  return tokensOf(text).map((token) => wordOf(token, language))
}

/** Takes an English plural ending off; whatever looks unlike one is left alone. */
export function stemOf(word: string): string {
  if (word.length < 4 || !/^[a-z]+s$/.test(word)) return word
  if (/(ss|us|is|ous)$/.test(word)) return word
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word
  if (/(x|ch|sh|ss|zz)es$/.test(word)) return word.slice(0, -2)
  return word.slice(0, -1)
}

/** A word of the index as people may read it. */
export function shownOf(word: string): string {
  return word.startsWith(GERMAN) ? word.slice(GERMAN.length) : word
}

/** The language whose mark a word carries. */
export function languageOf(word: string): Language {
  return word.startsWith(GERMAN) ? 'de' : 'en'
}

/** Whether this is a word that `wordsOf` could have made. */
export function isWord(word: unknown): word is string {
  return typeof word === 'string' && word.length <= WORD_MAX + GERMAN.length && /^(?:(?:de\.)?\p{L}+|\d+(?:\.\d+)?)$/u.test(word)
}

/** A key that two spellings of a name share. */
export function keyOf(text: string): string {
  return text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
}
