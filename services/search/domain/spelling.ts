/** Words the catalogue lacks, mended by its own words. */
import { languageOf, shownOf, tokensOf, wordOf } from './text.ts'

/** A word of the catalogue and how many products hold it. */
export interface Known {
  readonly word: string
  readonly products: number
  /** Whether the best of them are known ahead. */
  readonly headed?: boolean
}

/** The likeliest meaning of a word nobody has: the nearest, then the commonest. Undefined when none is near. */
export function nearest(word: string, candidates: readonly Known[]): string | undefined {
  const { length } = shownOf(word)
  const reach = length < 4 ? 0 : length < 8 ? 1 : 2
  const near = candidates
    .map((one) => ({ ...one, distance: distance(shownOf(word), shownOf(one.word)) }))
    .filter((one) => one.distance <= reach)
    .sort((a, b) => a.distance - b.distance || b.products - a.products)
  return near[0]?.word
}

/** How names spell a word, the way that is nearest to what was typed; the word itself where no name has it. */
export function surfaceOf(names: readonly string[], word: string, typed: string): string {
  const spelt = names.flatMap((name) => name.split(/[^\p{L}\p{M}\d]+/u)).filter((one) => isSpelling(one, word))
  const near = spelt.map((one) => ({ one: one.toLowerCase(), distance: distance(typed, tokensOf(one).join('')) }))
  near.sort((a, b) => a.distance - b.distance || (a.one < b.one ? -1 : 1))
  return near[0]?.one ?? shownOf(word)
}

function isSpelling(spelt: string, word: string): boolean {
  const tokens = tokensOf(spelt)
  return tokens.length === 1 && wordOf(tokens[0] as string, languageOf(word)) === word
}

/** Every way to read a word as two: `usbcable` as `usb` and `cable`. */
export function splitsOf(word: string): [string, string][] {
  return Array.from({ length: Math.max(0, word.length - 3) }, (_, index) => [word.slice(0, index + 2), word.slice(index + 2)])
}

/** Neighbours read as one: `lap top` as `laptop`. */
export function joinsOf(words: readonly string[]): { readonly at: number; readonly word: string }[] {
  return words.slice(1).map((word, at) => ({ at, word: `${words[at]}${word}` }))
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, (previous[j - 1] as number) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] as number) + 1)
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return previous[b.length] as number
}
