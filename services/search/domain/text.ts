/** The one normal form of text, for the index and for what is searched. */

/** Longest word kept. Units: characters. */
const WORD_MAX = 40
/** Letters of any script, or a number with its decimals: `TN-2110` is `tn 2110`, `13.3"` stays `13.3`. */
const PIECES = /\p{L}+|\d+(?:\.\d+)?/gu

/** Words in their order: lower case, without accents, letters and digits apart, plural endings off. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/['’](?=s\b)/g, '')
  return (plain.match(PIECES) ?? []).map((word) => stemOf(word.slice(0, WORD_MAX)))
}

/** Takes an English plural ending off; whatever looks unlike one is left alone. */
export function stemOf(word: string): string {
  if (word.length < 4 || !/^[a-z]+s$/.test(word)) return word
  if (/(ss|us|is|ous)$/.test(word)) return word
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word
  if (/(x|ch|sh|ss|zz)es$/.test(word)) return word.slice(0, -2)
  return word.slice(0, -1)
}

/** A key that two spellings of a name share. */
export function keyOf(text: string): string {
  return text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
}
