import type { ColourName } from './colours.ts'

/** The families of the demo shop, in the order of the home page. */
export const familyKeys = [
  'lamps',
  'chairs',
  'mugs',
  'kettles',
  'plants',
  'blankets',
  'bags',
  'notebooks',
  'knives',
  'headphones',
  'cameras',
  'bicycle-parts',
] as const
export type FamilyKey = (typeof familyKeys)[number]

/** What a picture of an article is drawn from, besides its colour. */
export interface Design {
  /** The kind of drawing within the family. */
  form: string
  /** The colour of the other part: shade, handle, lid, legs. */
  second?: ColourName
  pattern?: string
  /** Proportions, 1 is the form's own. */
  width?: number
  height?: number
}

/** One product as its maker describes it. */
export interface Article extends Design {
  name: string
  brand: string
  /** The last part of the category path. */
  shelf: string
  priceMinor: number
  /** The price before a reduction. */
  wasMinor?: number
  says: string
  colours: readonly ColourName[]
  facts: Record<string, string | number | boolean | string[]>
  /** Sizes or kinds beside the colours: label, surcharge in minor units, extra grams. */
  sizes?: readonly (readonly [label: string, addMinor: number, addGrams: number])[]
  grams: number
  tags: readonly string[]
}

export interface Family {
  key: FamilyKey
  /** The first part of its SKUs. */
  code: string
  name: string
  /** The category path above the shelf. */
  path: string
  /** What one of them is called in an alternative text. */
  noun: string
  /** What the colour of a variant is called. */
  colourOption: string
  sizeOption: string
  /** What holds for every article: care, delivery, use. */
  note: string
  /** What the second picture shows, as the end of its alternative text. */
  inUse: string
  articles: readonly Article[]
}
