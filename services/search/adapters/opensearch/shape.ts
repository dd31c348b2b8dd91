/** What products look like in OpenSearch. Words are ours, in the normal form that the questions have too: OpenSearch takes them as they are. */
import { attributeKey, EQUALS } from '../../domain/document.ts'
import { keyOf } from '../../domain/text.ts'
import { impactsOf, productWords } from '../../domain/words.ts'
import type { Entry } from '../../engine.ts'

/** Goes up with every change of what is below: the index is then made anew beside the old one. */
export const SHAPE = 2

/** Standings are kept as what a score is multiplied by. Units: thousandths. */
export const WHOLE = 1000

const keyword = { type: 'keyword' }
/** For questions alone, never counted or sorted by. */
const filter = { type: 'keyword', doc_values: false }
const number = { type: 'long' }

/** Settings and mapping of an index. `alias`: the one name by which it is spoken to. */
export function indexOf(alias: string): object {
  return {
    aliases: { [alias]: {} },
    settings: {
      number_of_shards: 1,
      auto_expand_replicas: '0-1',
      // A deleted product is known for so long: what is older and late cannot bring it back.
      gc_deletes: '1h',
      analysis: { analyzer: { words: { type: 'custom', tokenizer: 'whitespace' } } },
    },
    mappings: {
      dynamic: 'strict',
      _source: { excludes: ['words', 'name', 'impacts'] },
      properties: {
        id: keyword,
        words: filter,
        // In their order, for words that stand side by side.
        name: { type: 'text', analyzer: 'words', norms: false },
        impacts: { type: 'rank_features' },
        brand: keyword,
        brandKey: filter,
        vendorId: filter,
        categoryIds: keyword,
        tags: keyword,
        attributes: keyword,
        attributeNames: keyword,
        attributeKeys: filter,
        createdAt: { type: 'date' },
        price: number,
        currency: filter,
        availability: keyword,
        inStock: { type: 'boolean' },
        rating: number,
        ratings: number,
        sales: number,
        standing: number,
        standingBefore: number,
        standingAt: { type: 'date' },
      },
    },
  }
}

/** A product as OpenSearch keeps it: all that it is found, counted and sorted by. What is shown of it is in the room's rows. */
export function documentOf({ content, facts }: NonNullable<Entry['product']>): object {
  const words = productWords(content)
  const impacts = [...impactsOf(words)].map(([word, impact]) => [featureOf(word), impact] as const)
  return {
    id: content.productId,
    words: impacts.map(([word]) => word),
    name: words.fields.A.join(' '),
    impacts: Object.fromEntries(impacts),
    brand: content.brand,
    brandKey: content.brandKey,
    vendorId: content.vendorId,
    categoryIds: content.categoryIds,
    tags: content.tags,
    attributes: content.attributes.map((one) => `${nameKeyOf(one)}${EQUALS}${one}`),
    attributeNames: [...new Set(content.attributes.map(nameKeyOf))],
    attributeKeys: content.attributes.map(attributeKey),
    createdAt: content.createdAt,
    price: facts.priceMinor,
    currency: facts.currency,
    availability: facts.available <= 0 ? 'out' : facts.low ? 'low' : 'in-stock',
    inStock: facts.available > 0,
    rating: facts.ratingHundredths,
    ratings: facts.ratingCount,
    sales: facts.sales,
    standing: WHOLE + facts.standing,
    standingBefore: WHOLE + facts.standingBefore,
    standingAt: facts.standingAt,
  }
}

/** A word as the name of a feature, where a dot would be read as a path. No word holds what stands for it. */
export function featureOf(word: string): string {
  return word.replaceAll('.', '_')
}

function nameKeyOf(attribute: string): string {
  return keyOf(attribute.slice(0, attribute.indexOf(EQUALS)))
}
