/** Words the catalogue lacks, mended by its own words. */

/** A word of the catalogue and how many products hold it. */
export interface Known {
  readonly word: string
  readonly products: number
}

/** The likeliest meaning of a word nobody has: the nearest, then the commonest. Undefined when none is near. */
export function nearest(word: string, candidates: readonly Known[]): string | undefined {
  const reach = word.length < 4 ? 0 : word.length < 8 ? 1 : 2
  const near = candidates
    .map((one) => ({ ...one, distance: distance(word, one.word) }))
    .filter((one) => one.distance <= reach)
    .sort((a, b) => a.distance - b.distance || b.products - a.products)
  return near[0]?.word
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
