/** A product as the world sees it. */
import type { Product as ProductView } from '@stoa/contracts/catalog.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import type { Money } from '@stoa/kit/money.ts'
import type { Product } from './product.ts'

/** What other services say about a product now. What they could not say is left out. */
export interface Facts {
  readonly prices: ReadonlyMap<string, { readonly price: Money; readonly compareAt: Money | null }>
  readonly stock: ReadonlyMap<string, { readonly available: number; readonly low: boolean }>
  readonly similar: readonly Card[]
  readonly rating: { readonly average: number; readonly count: number }
  /** Whether all who were asked have answered. */
  readonly isWhole: boolean
}

/** Puts a product together. A price not told is the merchant's own; stock not told is none. */
export function viewOf(product: Product, facts: Facts): ProductView {
  const { details } = product
  const sold = product.status !== 'archived'
  return {
    id: product.id,
    slug: product.slug,
    name: product.name,
    description: details.description,
    brand: details.brand,
    categories: [...details.categories],
    attributes: details.attributes,
    images: [...details.images],
    tags: [...details.tags],
    status: product.status,
    taxClass: details.taxClass,
    ...(details.language ? { language: details.language } : {}),
    vendor: product.vendorId === null ? null : { id: product.vendorId },
    rating: facts.rating,
    variants: details.variants.map((one) => {
      const { price, compareAt } = facts.prices.get(one.sku) ?? one
      const stock = sold ? facts.stock.get(one.sku) : undefined
      return {
        id: one.id,
        sku: one.sku,
        options: one.options,
        price,
        ...(compareAt ? { compareAt } : {}),
        available: stock?.available ?? 0,
        availability: availabilityOf(stock),
        weightGrams: one.weightGrams,
        barcode: one.barcode,
      }
    }),
    similar: [...facts.similar],
    createdAt: product.createdAt,
  }
}

function availabilityOf(stock: { readonly available: number; readonly low: boolean } | undefined): 'in-stock' | 'low' | 'out' {
  if (!stock || stock.available <= 0) return 'out'
  return stock.low ? 'low' : 'in-stock'
}
