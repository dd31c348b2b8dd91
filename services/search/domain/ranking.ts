/**
 * How well a product answers a question: BM25F over its fields, in tiers (all words, all but one, the rare ones). Each place of a word in the name
 * counts; elsewhere only that the field holds it.
 */

/** A word of the question, or several that mean one thing, and how much it tells. */
export interface Term {
  /** What it may be in a product: words of the index, one or several (with a blank between) that must all be there. */
  readonly forms: readonly string[]
  readonly idf: number
  /** Where it stood in the question. */
  readonly place: number
  /** Those of its forms of which the best products are known ahead: very many hold them. Of no meaning to an engine elsewhere. */
  readonly headed?: readonly string[]
}

/** How far down the tiers a list goes: 1 all words, 2 also all but one, 3 also the rare words alone. */
export type Depth = 1 | 2 | 3

/** How the words of a question are ranked; fixed when the first page is made. */
export interface Ranking {
  /** The rarest first. */
  readonly terms: readonly Term[]
  readonly products: number
  readonly depth: Depth
  /** The product that sells the SKU the question is: it comes first. */
  readonly named?: string | undefined
  /** The moment as of which standings count, so that pages of one list agree; undefined: they do not count. Units: milliseconds since 1970. */
  readonly standingAt?: number | undefined
}

/** Terms of a question beyond which only the rarest count. */
export const TERMS_MAX = 12
/** Forms of all terms together: they travel in cursors. */
export const FORMS_MAX = 36
/** How much it adds when all terms follow each other in the name as in the question. */
export const ADJACENT_SHARE = 0.1

/** Fields by weight, heaviest first: name; brand and categories; attributes, tags and SKUs; description. */
export const FIELDS = ['A', 'B', 'C', 'D'] as const
export type Field = (typeof FIELDS)[number]
/** Usual length of a field in words: a longer one says less with each word. */
const USUAL_WORDS: Readonly<Record<Field, number>> = { A: 10, B: 3, C: 60, D: 60 }
/** How much length counts (the b of BM25). */
const LENGTH_SHARE = 0.6
/** Weight of each field, before its length is counted. */
export const FIELD_WEIGHTS = { A: 3, B: 2, C: 1, D: 0.5 } as const
/** Places of a word in the name beyond which none counts. */
export const NAME_PLACES_MAX = 8
/** Saturation (k1 of BM25). */
export const SATURATION = 1.2
/** A list that all words fill with this many is not filled up with less fitting goods. */
export const ENOUGH = 24
/** A word in more than this share of the products is not rare. */
const RARE_SHARE = 0.05
const RARE_PRODUCTS_MIN = 20
/** A word that so many products hold has a head (`adapters/postgres/heads.ts`). */
export const HEADED_MIN = 2000

/** Inverse document frequency. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), in the form that is never negative. */
export function idf(products: number, holding: number): number {
  return Number(Math.log(1 + (Math.max(products, holding) - holding + 0.5) / (holding + 0.5)).toFixed(3))
}

/** What one word in a field of so many words is worth. */
export function lengthNorm(field: Field, words: number): number {
  return 1 / (1 - LENGTH_SHARE + (LENGTH_SHARE * words) / USUAL_WORDS[field])
}

/** The terms of a question with their weights, the rarest first. `holding` tells how many products hold a word of the index. */
export function weighted(
  asked: readonly (readonly string[])[],
  holding: ReadonlyMap<string, number>,
  products: number,
  headed: ReadonlySet<string> = new Set(),
): Term[] {
  const held = (form: string) => Math.min(...form.split(' ').map((word) => holding.get(word) ?? 0))
  let forms = 0
  return asked
    .map((all, place) => {
      const together = all.reduce((sum, form) => sum + held(form), 0)
      const heads = all.filter((form) => headed.has(form))
      return { forms: all, idf: idf(products, Math.min(products, together)), place, ...(heads.length > 0 && { headed: heads }) }
    })
    .sort((a, b) => b.idf - a.idf)
    .slice(0, TERMS_MAX)
    .filter((one) => (forms += one.forms.length) <= FORMS_MAX)
}

/** A term as PostgreSQL's tsquery text. */
export function questionOf({ forms }: Pick<Term, 'forms'>): string {
  const parts = forms.map((form) => {
    const words = form.split(' ').map((word) => `'${word}'`)
    return words.length === 1 ? (words[0] as string) : `(${words.join(' & ')})`
  })
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' | ')})`
}

/** Words that may stand side by side in a name where the terms do in what was asked: for each two such terms, all their ways. */
export function neighbours(terms: readonly Term[]): (readonly [string, string])[][] {
  const inOrder = terms.toSorted((a, b) => a.place - b.place)
  return inOrder.slice(1).flatMap((second, index) => {
    const first = inOrder[index] as Term
    if (second.place !== first.place + 1) return []
    const pairs = first.forms.flatMap((a) => second.forms.filter((b) => !a.includes(' ') && !b.includes(' ')).map((b) => [a, b] as const))
    return pairs.length === 0 ? [] : [pairs]
  })
}

/** The same as PostgreSQL's tsquery text. */
export function adjacencies(terms: readonly Term[]): string[] {
  return neighbours(terms).map((pairs) => pairs.map(([a, b]) => `('${a}':A <-> '${b}':A)`).join(' | '))
}

/** The questions of the tiers, as PostgreSQL's tsquery text; a tier that adds nothing is undefined. `terms` come rarest first. */
export function tiersOf(terms: readonly Term[], products: number): readonly [string, string | undefined, string | undefined] {
  const quoted = terms.map((one) => questionOf(one))
  const [rarest] = quoted
  const all = quoted.join(' & ')
  if (quoted.length < 2 || rarest === undefined) return [all, undefined, undefined]
  const butOne = quoted
    .slice(1)
    .map((_, left) => `(${[rarest, ...quoted.slice(1).filter((__, index) => index !== left)].join(' & ')})`)
    .join(' | ')
  const rare = rareOf(terms, products)
  const unheaded = rare
    .map((one) => one.forms.filter((form) => !one.headed?.includes(form)))
    .filter((forms) => forms.length > 0)
    .map((forms) => questionOf({ forms }))
  // Of what is headed only the best are in the last tier, so that it has to say that it holds the one before.
  const before = rare.some((one) => one.headed) ? [butOne] : []
  return [all, butOne, rare.length === 0 ? undefined : [...before, ...unheaded].join(' | ')]
}

/** Words whose heads belong to the last tier of a ranking, beside its question. */
export function headsIn({ terms, products, depth }: Ranking): string[] {
  return depth < 3 ? [] : rareOf(terms, products).flatMap((one) => one.headed ?? [])
}

/** Terms of a question that few products hold. */
export function rareOf(terms: readonly Term[], products: number): Term[] {
  const limit = idf(products, Math.max(RARE_PRODUCTS_MIN, products * RARE_SHARE))
  return terms.filter((one) => one.idf >= limit)
}

/** How deep a list must go, given how many products the first and the first two tiers hold (counted up to `ENOUGH`). */
export function depthFor(first: number, second: number): Depth {
  if (first >= ENOUGH) return 1
  return first + second >= ENOUGH ? 2 : 3
}
