/** The words of a product, by the fields that hold them. */
import { fieldsOf, type Content } from './document.ts'
import { FIELD_WEIGHTS, FIELDS, lengthNorm, NAME_PLACES_MAX, SATURATION, type Field } from './ranking.ts'
import { wordsOf } from './text.ts'

/** Words of one field beyond which nothing is indexed. */
const FIELD_WORDS_MAX = 4000

export interface ProductWords {
  readonly fields: Readonly<Record<Field, readonly string[]>>
  /** What one word in each field is worth. */
  readonly norms: Readonly<Record<Field, number>>
}

/** The words of a product in their order, and what a word in each field is worth. */
export function productWords(content: Content): ProductWords {
  const texts = fieldsOf(content)
  const words = (field: Field) => wordsOf(texts[field], content.language).slice(0, FIELD_WORDS_MAX)
  const fields = { A: words('A'), B: words('B'), C: words('C'), D: words('D') }
  const norm = (field: Field) => lengthNorm(field, fields[field].length)
  return { fields, norms: { A: norm('A'), B: norm('B'), C: norm('C'), D: norm('D') } }
}

/** What each word of a product tells of it before its rarity is counted: the part of BM25F that no other product has a share in. */
export function impactsOf({ fields, norms }: ProductWords): Map<string, number> {
  const sums = new Map<string, number>()
  for (const field of FIELDS)
    for (const [word, places] of Map.groupBy(fields[field], (one) => one)) {
      const counted = field === 'A' ? Math.min(places.length, NAME_PLACES_MAX) : 1
      sums.set(word, (sums.get(word) ?? 0) + counted * FIELD_WEIGHTS[field] * norms[field])
    }
  return new Map([...sums].map(([word, sum]) => [word, sum / (SATURATION + sum)]))
}
