/** What the index keeps of a product. */
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import type { Field } from './ranking.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import { keyOf } from './text.ts'

const ATTRIBUTES_MAX = 200
const VALUE_MAX = 200
/** Stands between name and value of an attribute; neither can hold it. */
export const EQUALS = '\u001f'

/** What changes seldom of a listed product: what it is found and filtered by. All that an engine is told of it. */
export interface Content {
  readonly productId: string
  readonly version: number
  readonly language: Language
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
  /** Names of its categories and of all above them. */
  readonly categoryNames: readonly string[]
  readonly tags: readonly string[]
  /** `name EQUALS value` as the merchant wrote them. */
  readonly attributes: readonly string[]
  readonly attributeKeys: readonly string[]
  readonly skus: readonly string[]
  readonly description: string
  readonly card: Pick<Card, 'image' | 'variants' | 'sku'>
}

/** A variant as its SKU's row takes it. */
export interface Sold {
  readonly sku: string
  readonly position: number
  readonly priceMinor: number
  readonly currency: string
  readonly compareAtMinor: number | null
}

/** A product as the room's rows take it. */
export interface Indexed {
  readonly content: Content
  readonly listed: boolean
  readonly variants: readonly Sold[]
}

/** Reads a product's document for the index. `shopLanguage` is that of products that tell none. */
export function indexedOf(document: ProductDocument, shopLanguage: Language): Indexed {
  const attributes = attributesOf(document)
  return {
    listed: document.status === 'active',
    content: {
      productId: document.productId,
      version: document.version,
      language: document.language ?? shopLanguage,
      slug: document.slug,
      name: document.name,
      nameKey: keyOf(document.name),
      brand: document.brand,
      brandKey: document.brand === null ? null : keyOf(document.brand),
      vendorId: document.vendorId,
      createdAt: document.createdAt,
      categoryIds: [...new Set([...(document.categoryTree ?? []), ...document.categories].map((one) => one.id))],
      ownCategoryIds: document.categories.map((one) => one.id),
      categoryNames: document.categories.flatMap((one) => one.path.split(' > ')),
      tags: [...new Set(document.tags.map(keyOf))],
      attributes,
      attributeKeys: [...new Set(attributes.map(attributeKey))],
      skus: document.variants.map((one) => one.sku),
      description: document.description,
      card: { image: document.image, variants: document.variants.length, sku: document.variants[0]?.sku ?? '' },
    },
    variants: document.variants.map(({ sku, price, compareAt }, position) => ({
      sku,
      position,
      priceMinor: price.amount,
      currency: price.currency,
      compareAtMinor: compareAt?.amount ?? null,
    })),
  }
}

/** The text of each field that words are looked for in. */
export function fieldsOf(content: Content): Readonly<Record<Field, string>> {
  return {
    A: content.name,
    B: [content.brand ?? '', ...content.categoryNames].join(' '),
    C: [...content.attributes.map((one) => one.replace(EQUALS, ' ')), ...content.tags, ...content.skus].join(' '),
    D: content.description,
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
