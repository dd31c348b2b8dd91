/** A product's words as PostgreSQL keeps them, and weighs them. */
import type { Content } from '../../domain/document.ts'
import { FIELD_WEIGHTS, FIELDS, NAME_PLACES_MAX, type Field } from '../../domain/ranking.ts'
import { productWords, type ProductWords } from '../../domain/words.ts'

/** Positions of fields other than the name: only that they hold the word counts. */
const PLACE = { B: 4097, C: 8193, D: 12_289 } as const
/** More than a place in any field may be worth. */
const WORTH_MAX = 8
/** What a place of a word is worth by its field, the least first. `ts_rank_cd` takes 1 at most. */
const WORTHS = FIELDS.toReversed().map((field) => `t.norm_${field.toLowerCase()} * ${FIELD_WEIGHTS[field] / WORTH_MAX}::real`)

export interface Words {
  readonly productId: string
  /** Text form of a tsvector. */
  readonly vector: string
  readonly norms: Readonly<Record<Field, number>>
}

/** The words of a product with the fields that hold them, and what a word in each field is worth. */
export function wordsOfProduct(content: Content): Words {
  const { fields, norms } = productWords(content)
  return { productId: content.productId, vector: vectorOf(fields), norms }
}

/** Positions only in the name, elsewhere the mere presence. */
function vectorOf(fields: ProductWords['fields']): string {
  const places = new Map<string, string[]>()
  const put = (word: string, place: string) => {
    const known = places.get(word)
    if (!known) places.set(word, [place])
    else if (known.length < NAME_PLACES_MAX && known.at(-1) !== place) known.push(place)
  }
  for (const [index, word] of fields.A.entries()) put(word, `${index + 1}A`)
  for (const field of ['B', 'C', 'D'] as const) for (const word of fields[field]) put(word, `${PLACE[field]}${field === 'D' ? '' : field}`)
  return [...places].map(([word, at]) => `'${word}':${at.join(',')}`).join(' ')
}

/** What a question for one term is worth in a row of `texts t`, before saturation: the sum over the places that answer it. Words of one way to say it count less the further apart they are. */
export function worthOf(question: string): string {
  return `ts_rank_cd(ARRAY[${WORTHS.join(', ')}], t.words, ${question}::tsquery) * ${WORTH_MAX}::float8`
}
