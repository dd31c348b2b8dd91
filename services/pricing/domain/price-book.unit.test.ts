import { describe, expect, test } from 'vitest'
import { newestOf, pricesOf, type StatedProduct } from './price-book.ts'

const product = (productId: string, productVersion: number, amount: number, more: Partial<StatedProduct> = {}): StatedProduct => ({
  productId,
  productVersion,
  archived: false,
  variants: [{ sku: `${productId}-1`, price: { amount, currency: 'EUR' }, compareAt: null, weightGrams: 10, taxClass: 'standard' }],
  ...more,
})

describe('what the catalogue states', () => {
  test('when one product comes several times, the newest counts, and products stand in order of id', () => {
    const newest = newestOf([product('b', 2, 20), product('a', 1, 5), product('b', 1, 10)])
    expect(newest.map((one) => [one.productId, one.productVersion])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test('when a product is archived, it has no price', () => {
    expect(pricesOf(product('a', 1, 5, { archived: true }))).toEqual([])
  })

  test('when the crossed-out price is in another currency, it is left out', () => {
    const variants = product('a', 1, 5).variants.map((one) => ({ ...one, compareAt: { amount: 9, currency: 'USD' } }))
    expect(pricesOf(product('a', 1, 5, { variants }))).toMatchObject([{ sku: 'a-1', amountMinor: 5, compareAtMinor: null }])
  })
})
