/** What the index keeps of a product: words with the fields that hold them, and values to filter by. */
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { keyOf, wordsOf } from './text.ts'

/** Fields by weight, heaviest first: name, brand and categories, attributes and tags, description. */
export const FIELDS = ['A', 'B', 'C', 'D'] as const
/** Usual length of a field in words: a longer one says less with each word. */
const USUAL_WORDS: Readonly<Record<(typeof FIELDS)[number], number>> = { A: 10, B: 3, C: 60, D: 60 }
/** How much length counts (the b of BM25). */
const LENGTH_SHARE = 0.6
/** Words of one field beyond which nothing is indexed. */
const WORDS_MAX = 4000
const ATTRIBUTES_MAX = 200
const VALUE_MAX = 200
/** Positions of fields other than the name: only that they hold the word counts. */
const PLACE = { B: 4097, C: 8193, D: 12_289 } as const

/** Stands between name and value of an attribute; neither can hold it. */
export const EQUALS = '\u001f'

/** A product as the index stores it. */
export interface Indexed {
  readonly productId: string
  readonly version: number
  readonly listed: boolean
  readonly slug: string
  readonly name: string
  readonly nameKey: string
  readonly brand: string | null
  readonly brandKey: string | null
  readonly vendorId: string | null
  readonly createdAt: string
  /** Categories and all above them. */
  readonly categoryIds: readonly string[]
  /** Categories the product itself names. */
  readonly ownCategoryIds: readonly string[]
  readonly tags: readonly string[]
  /** `name EQUALS value` as the merchant wrote them. */
  readonly attributes: readonly string[]
  readonly attributeKeys: readonly string[]
  readonly vector: string
  readonly norms: readonly [number, number, number, number]
  readonly card: Pick<Card, 'image' | 'variants' | 'sku'>
  readonly variants: readonly {
    readonly sku: string
    readonly position: number
    readonly priceMinor: number
    readonly currency: string
    readonly compareAtMinor: number | null
  }[]
}

/** Reads a product's document for the index. */
export function indexedOf(document: ProductDocument): Indexed {
  const attributes = attributesOf(document)
  const names = document.categories.flatMap((one) => one.path.split(' > '))
  const fields = {
    A: limited(wordsOf(document.name)),
    B: limited(wordsOf([document.brand ?? '', ...names].join(' '))),
    C: limited(
      wordsOf(
        [...attributes.map((one) => one.replace(EQUALS, ' ')), ...document.tags, ...document.variants.map((one) => one.sku)].join(' '),
      ),
    ),
    D: limited(wordsOf(document.description)),
  }
  return {
    productId: document.productId,
    version: document.version,
    listed: document.status === 'active',
    slug: document.slug,
    name: document.name,
    nameKey: keyOf(document.name),
    brand: document.brand,
    brandKey: document.brand === null ? null : keyOf(document.brand),
    vendorId: document.vendorId,
    createdAt: document.createdAt,
    categoryIds: [...new Set([...(document.categoryTree ?? []), ...document.categories].map((one) => one.id))],
    ownCategoryIds: document.categories.map((one) => one.id),
    tags: [...new Set(document.tags.map(keyOf))],
    attributes,
    attributeKeys: [...new Set(attributes.map(attributeKey))],
    vector: vectorOf(fields),
    norms: [norm('A', fields.A), norm('B', fields.B), norm('C', fields.C), norm('D', fields.D)],
    card: { image: document.image, variants: document.variants.length, sku: document.variants[0]?.sku ?? '' },
    variants: document.variants.map(({ sku, price, compareAt }, position) => ({
      sku,
      position,
      priceMinor: price.amount,
      currency: price.currency,
      compareAtMinor: compareAt?.amount ?? null,
    })),
  }
}

/** The key by which an attribute is filtered: case does not count. */
export function attributeKey(attribute: string): string {
  return attribute.split(EQUALS).map(keyOf).join(EQUALS)
}

/** Attributes of the product and options of its variants, one entry for each value. */
function attributesOf(document: ProductDocument): string[] {
  const found = new Set<string>()
  const add = (name: string, value: unknown) => {
    const text = String(value).trim().slice(0, VALUE_MAX)
    if (text !== '') found.add(`${name.replaceAll(EQUALS, ' ')}${EQUALS}${text.replaceAll(EQUALS, ' ')}`)
  }
  for (const [name, value] of Object.entries(document.attributes)) for (const one of Array.isArray(value) ? value : [value]) add(name, one)
  for (const variant of document.variants) for (const [name, value] of Object.entries(variant.options)) add(name, value)
  return [...found].slice(0, ATTRIBUTES_MAX)
}

function limited(words: readonly string[]): readonly string[] {
  return words.slice(0, WORDS_MAX)
}

function norm(field: (typeof FIELDS)[number], words: readonly string[]): number {
  return 1 / (1 - LENGTH_SHARE + (LENGTH_SHARE * words.length) / USUAL_WORDS[field])
}

/** PostgreSQL's text form of a tsvector: positions only in the name, elsewhere the mere presence. */
function vectorOf(fields: Readonly<Record<(typeof FIELDS)[number], readonly string[]>>): string {
  const places = new Map<string, string[]>()
  const put = (word: string, place: string) => {
    const known = places.get(word)
    if (!known) places.set(word, [place])
    else if (known.length < 8 && known.at(-1) !== place) known.push(place)
  }
  for (const [index, word] of fields.A.entries()) put(word, `${index + 1}A`)
  for (const field of ['B', 'C', 'D'] as const) for (const word of fields[field]) put(word, `${PLACE[field]}${field === 'D' ? '' : field}`)
  return [...places].map(([word, at]) => `'${word}':${at.join(',')}`).join(' ')
}
