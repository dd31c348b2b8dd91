/** Real products as the search room hears of them, and as many more as are wanted, made of them with changed words and numbers. */
import { createHash } from 'node:crypto'
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import { chorusProducts, hasChorus, madeUpProducts, type ChorusProduct } from '../../tests/support/chorus.ts'

/** What the other rooms tell of a product. */
export interface Told {
  readonly document: ProductDocument
  readonly available: number
  readonly sold: number
  readonly rating: { readonly average: number; readonly count: number }
}

/** One word in so many is changed in a copy. */
const CHANGED_EVERY = 4
const CHANGED_LENGTH_MIN = 4
const START = Date.UTC(2026, 0, 1)

/** `count` products: the real ones first, copies after. Stock, sales and ratings hang on the id alone, so they favour no answer. */
export function* catalogue(count: number): Generator<Told> {
  const originals = hasChorus() ? chorusProducts() : madeUpProducts()
  for (let index = 0; index < count; index++) {
    const copy = Math.floor(index / originals.length)
    const original = originals[index % originals.length] as ChorusProduct
    yield told(copy === 0 ? original : changed(original, copy), index)
  }
}

function told(product: ChorusProduct, index: number): Told {
  const [variant] = product.variants
  const chance = createHash('sha256').update(variant.sku).digest()
  const refs = product.categories.flatMap((path) => treeOf(path))
  const own = refs.filter((one) => product.categories.includes(one.path))
  return {
    available: variant.stock,
    // Few sell a lot, most little or nothing.
    sold: Math.floor(2000 * (chance.readUInt16BE(12) / 65_536) ** 8),
    rating: { average: 2 + (chance.readUInt8(14) % 31) / 10, count: Math.floor(200 * (chance.readUInt8(15) / 256) ** 4) },
    document: {
      productId: idOf(`product ${variant.sku}`),
      version: 1,
      slug: `product-${index}`,
      name: product.name,
      description: product.description,
      brand: product.brand,
      categories: own,
      categoryTree: refs,
      attributes: product.attributes,
      tags: [],
      image: null,
      status: 'active',
      taxClass: 'standard',
      vendorId: null,
      createdAt: new Date(START + index * 1000).toISOString(),
      variants: [
        {
          variantId: idOf(`variant ${variant.sku}`),
          sku: variant.sku,
          options: {},
          price: variant.price,
          compareAt: null,
          openingStock: variant.stock,
          weightGrams: variant.weightGrams,
        },
      ],
    },
  }
}

/** A copy of another kind: other numbers everywhere, and other words here and there. */
function changed(product: ChorusProduct, copy: number): ChorusProduct {
  const alter = (text: string) =>
    text
      .replace(/\d+/g, (digits) => String((Number(digits.slice(0, 12)) * 31 + copy * 17) % 10 ** Math.min(12, digits.length)))
      .replace(/\p{L}+/gu, (word) => (word.length >= CHANGED_LENGTH_MIN && isChanged(word, copy) ? `${word}${suffix(copy)}` : word))
  const [variant] = product.variants
  return {
    ...product,
    name: alter(product.name).slice(0, 300),
    description: alter(product.description),
    attributes: Object.fromEntries(Object.entries(product.attributes).map(([name, value]) => [name, alter(value).slice(0, 1000)])),
    variants: [{ ...variant, sku: `${variant.sku}-${copy}` }],
  }
}

function isChanged(word: string, copy: number): boolean {
  return createHash('md5').update(`${word} ${copy}`).digest().readUInt8(0) % CHANGED_EVERY === 0
}

/** Letters that stand for the number of a copy. */
function suffix(copy: number): string {
  return [...String(copy)].map((digit) => 'abcdefghij'[Number(digit)]).join('')
}

function treeOf(path: string): { id: string; slug: string; path: string }[] {
  const names = path.split(' > ')
  return names.map((_, index) => {
    const whole = names.slice(0, index + 1).join(' > ')
    return { id: idOf(`category ${whole}`), slug: whole.toLowerCase().replace(/[^\p{L}\d]+/gu, '-'), path: whole }
  })
}

/** A UUID made of a name: the same on every run. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
