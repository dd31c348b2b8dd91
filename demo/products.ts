import { ean13, hashOf, skuPart, slugOf } from './catalogue/codes.ts'
import { spokenColour } from './catalogue/colours.ts'
import type { ColourName } from './catalogue/colours.ts'
import { families } from './catalogue/families.ts'
import type { Article, Family } from './catalogue/shape.ts'
import { imageOf, portraitName, inUseName } from './pictures.ts'
import type { DemoImage } from './pictures.ts'

interface Euros {
  amount: number
  currency: 'EUR'
}

export interface DemoVariant {
  sku: string
  options: Record<string, string>
  price: Euros
  compareAt?: Euros
  stock: number
  weightGrams: number
  barcode: string
}

/** A product in the shape that `POST /products` takes. */
export interface DemoProduct {
  name: string
  description: string
  brand: string
  categories: string[]
  attributes: Record<string, string | number | boolean | string[]>
  tags: string[]
  images: DemoImage[]
  status: 'active'
  variants: DemoVariant[]
}

/** The whole demo catalogue: the same products, codes and stock on every call. */
export function demoProducts(): DemoProduct[] {
  return families.flatMap((family) => family.articles.map((article, index) => productOf(family, article, index)))
}

function productOf(family: Family, article: Article, index: number): DemoProduct {
  return {
    name: article.name,
    description: `${article.says}\n\n${family.note}`,
    brand: article.brand,
    categories: [`${family.path} > ${article.shelf}`],
    attributes: { ...article.facts, colour: article.colours.map(spokenColour) },
    tags: [family.key, ...article.tags],
    images: imagesOf(family, article),
    status: 'active',
    variants: variantsOf(family, article, index),
  }
}

function imagesOf(family: Family, article: Article): DemoImage[] {
  const slug = slugOf(article.name)
  const portraits = article.colours.map((colour) =>
    imageOf(
      portraitName(slug, colour),
      `${article.name}, a ${family.noun} in ${spokenColour(colour)}, on a pale plate in light from the left`,
    ),
  )
  const [first, ...others] = portraits
  const second = imageOf(inUseName(slug), `${article.name} in ${spokenColour(article.colours[0] as ColourName)}, ${family.inUse}`)
  return first ? [first, second, ...others] : [second]
}

function variantsOf(family: Family, article: Article, index: number): DemoVariant[] {
  const number = String(index + 1).padStart(3, '0')
  const sizes = article.sizes ?? [[undefined, 0, 0] as const]
  const pairs = article.colours.flatMap((colour) => sizes.map((size) => ({ colour, size })))
  return pairs.map(({ colour, size: [label, addMinor, addGrams] }, place) => {
    const sku = [family.code, number, colour.toUpperCase(), ...(label === undefined ? [] : [skuPart(label)])].join('-')
    // Numbers that begin with 20 are for use inside one company, so they never meet a real article.
    const digits = `20${String(families.indexOf(family) + 1).padStart(3, '0')}${number}${String(place + 1).padStart(4, '0')}`
    return {
      sku,
      options: { [family.colourOption]: spokenColour(colour), ...(label === undefined ? {} : { [family.sizeOption]: label }) },
      price: { amount: article.priceMinor + addMinor, currency: 'EUR' },
      ...(article.wasMinor === undefined ? {} : { compareAt: { amount: article.wasMinor + addMinor, currency: 'EUR' as const } }),
      stock: openingStock(sku, place),
      weightGrams: article.grams + addGrams,
      barcode: ean13(digits),
    }
  })
}

/** What lies in the store on the first day: mostly plenty, a few of the last pieces, a few none; never none of the first variant. */
function openingStock(sku: string, place: number): number {
  const hash = hashOf(sku)
  const kind = hash % 100
  const units = Math.floor(hash / 100)
  if (kind < 4 && place > 0) return 0
  if (kind < 13) return 1 + (units % 4)
  return 8 + (units % 85)
}
