import type { TaxClass } from './tax.ts'

/** Prices of a product as the catalogue states them; the newest version is all that counts. */
export interface StatedProduct {
  readonly productId: string
  readonly productVersion: number
  readonly archived: boolean
  readonly variants: readonly StatedPrice[]
}

/** A price as stated. Units: minor units of `price.currency`. */
export interface StatedPrice {
  readonly sku: string
  readonly price: { readonly amount: number; readonly currency: string }
  readonly compareAt: { readonly amount: number; readonly currency: string } | null
  readonly weightGrams: number
  readonly taxClass: TaxClass
}

/** One product stated several times counts as its newest. */
export function newestOf(products: readonly StatedProduct[]): StatedProduct[] {
  const newest = new Map<string, StatedProduct>()
  for (const product of products) {
    const known = newest.get(product.productId)
    if (!known || known.productVersion < product.productVersion) newest.set(product.productId, product)
  }
  return [...newest.values()].sort((a, b) => (a.productId < b.productId ? -1 : 1))
}

/** The prices a product is sold at: none when it is archived, one per SKU; a crossed-out price must be in the same currency. */
export function pricesOf(product: StatedProduct) {
  if (product.archived) return []
  const bySku = new Map(product.variants.map((variant) => [variant.sku, variant]))
  return [...bySku.values()].map((variant) => ({
    sku: variant.sku,
    currency: variant.price.currency,
    productId: product.productId,
    amountMinor: variant.price.amount,
    compareAtMinor: variant.compareAt && variant.compareAt.currency === variant.price.currency ? variant.compareAt.amount : null,
    weightGrams: variant.weightGrams,
    taxClass: variant.taxClass,
  }))
}
