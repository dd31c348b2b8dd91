/** A product's words as PostgreSQL keeps them. */
import { fieldsOf, type Content } from '../../domain/document.ts'
import { lengthNorm, type Field } from '../../domain/ranking.ts'
import { wordsOf } from '../../domain/text.ts'

/** Words of one field beyond which nothing is indexed. */
const FIELD_WORDS_MAX = 4000
/** Positions of fields other than the name: only that they hold the word counts. */
const PLACE = { B: 4097, C: 8193, D: 12_289 } as const
/** Places of a word in the name beyond which none is kept. */
const PLACES_MAX = 8

export interface Words {
  readonly productId: string
  /** Text form of a tsvector. */
  readonly vector: string
  readonly norms: Readonly<Record<Field, number>>
}

/** The words of a product with the fields that hold them, and what a word in each field is worth. */
export function wordsOfProduct(content: Content): Words {
  const texts = fieldsOf(content)
  const words = (field: Field) => wordsOf(texts[field], content.language).slice(0, FIELD_WORDS_MAX)
  const fields = { A: words('A'), B: words('B'), C: words('C'), D: words('D') }
  const norm = (field: Field) => lengthNorm(field, fields[field].length)
  return {
    productId: content.productId,
    vector: vectorOf(fields),
    norms: { A: norm('A'), B: norm('B'), C: norm('C'), D: norm('D') },
  }
}

/** Positions only in the name, elsewhere the mere presence. */
function vectorOf(fields: Readonly<Record<Field, readonly string[]>>): string {
  const places = new Map<string, string[]>()
  const put = (word: string, place: string) => {
    const known = places.get(word)
    if (!known) places.set(word, [place])
    else if (known.length < PLACES_MAX && known.at(-1) !== place) known.push(place)
  }
  for (const [index, word] of fields.A.entries()) put(word, `${index + 1}A`)
  for (const field of ['B', 'C', 'D'] as const) for (const word of fields[field]) put(word, `${PLACE[field]}${field === 'D' ? '' : field}`)
  return [...places].map(([word, at]) => `'${word}':${at.join(',')}`).join(' ')
}
