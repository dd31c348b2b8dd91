/** How well a product answers a question: BM25F over its fields, in tiers (all words, all but one, the rare ones). */

/** A word of the question and how much it tells. */
export interface Weighted {
  readonly word: string
  readonly idf: number
}

/** How far down the tiers a list goes: 1 all words, 2 also all but one, 3 also the rare words alone. */
export type Depth = 1 | 2 | 3

/** How the words of a question are ranked; fixed when the first page is made. */
export interface Ranking {
  /** The rarest first. */
  readonly words: readonly Weighted[]
  readonly products: number
  readonly depth: Depth
  /** The product that sells the SKU the question is: it comes first. */
  readonly named?: string | undefined
}

/** Words of a question beyond which only the rarest count. */
export const WORDS_MAX = 12

/** Fields by weight, heaviest first: name; brand and categories; attributes, tags and SKUs; description. */
export const FIELDS = ['A', 'B', 'C', 'D'] as const
export type Field = (typeof FIELDS)[number]
/** Usual length of a field in words: a longer one says less with each word. */
const USUAL_WORDS: Readonly<Record<Field, number>> = { A: 10, B: 3, C: 60, D: 60 }
/** How much length counts (the b of BM25). */
const LENGTH_SHARE = 0.6
/** Weight of each field, before its length is counted. */
export const FIELD_WEIGHTS = { A: 3, B: 2, C: 1, D: 0.5 } as const
/** Saturation (k1 of BM25). */
export const SATURATION = 1.2
/** A list that all words fill with this many is not filled up with less fitting goods. */
export const ENOUGH = 24
/** A word in more than this share of the products is not rare. */
const RARE_SHARE = 0.05
const RARE_PRODUCTS_MIN = 20

/** Inverse document frequency. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), in the form that is never negative. */
export function idf(products: number, holding: number): number {
  return Number(Math.log(1 + (Math.max(products, holding) - holding + 0.5) / (holding + 0.5)).toFixed(3))
}

/** What one word in a field of so many words is worth. */
export function lengthNorm(field: Field, words: number): number {
  return 1 / (1 - LENGTH_SHARE + (LENGTH_SHARE * words) / USUAL_WORDS[field])
}

/** The words of a question with their weights, the rarest first. */
export function weighted(words: readonly string[], holding: ReadonlyMap<string, number>, products: number): Weighted[] {
  return words
    .map((word) => ({ word, idf: idf(products, holding.get(word) ?? 0) }))
    .sort((a, b) => b.idf - a.idf)
    .slice(0, WORDS_MAX)
}

/** The questions of the tiers, as PostgreSQL's tsquery text; a tier that adds nothing is undefined. `words` come rarest first. */
export function tiersOf(words: readonly Weighted[], products: number): readonly [string, string | undefined, string | undefined] {
  const quoted = words.map((one) => `'${one.word}'`)
  const [rarest] = quoted
  const all = quoted.join(' & ')
  if (quoted.length < 2 || rarest === undefined) return [all, undefined, undefined]
  const butOne = quoted.slice(1).map((_, left) => [rarest, ...quoted.slice(1).filter((__, index) => index !== left)].join(' & '))
  const limit = idf(products, Math.max(RARE_PRODUCTS_MIN, products * RARE_SHARE))
  const rare = quoted.filter((_, index) => (words[index] as Weighted).idf >= limit)
  return [all, butOne.map((one) => `(${one})`).join(' | '), rare.length === 0 ? undefined : rare.join(' | ')]
}

/** How deep a list must go, given how many products the first and the first two tiers hold (counted up to `ENOUGH`). */
export function depthFor(first: number, second: number): Depth {
  if (first >= ENOUGH) return 1
  return first + second >= ENOUGH ? 2 : 3
}
