import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exceedsMoney, inWords, mergeItems, priceBasket, withinMoney, type PricedItem } from './basket.ts'
import { taxAt, taxOf } from './tax.ts'

const item = (sku: string, quantity: number, unitMinor: number, more: Partial<PricedItem> = {}): PricedItem => ({
  sku,
  quantity,
  unitMinor,
  compareAtMinor: null,
  list: null,
  taxClass: 'standard',
  ...more,
})
const germany = { shopCountry: 'DE', to: { country: 'DE', postalCode: '10115' }, currency: 'EUR' }

const anItem = fc.record({
  sku: fc.string({ minLength: 1, maxLength: 8 }),
  quantity: fc.integer({ min: 1, max: 10_000 }),
  unitMinor: fc.integer({ min: 0, max: 50_000_000 }),
  compareAtMinor: fc.option(fc.integer({ min: 0, max: 50_000_000 }), { nil: null }),
  list: fc.constantFrom(null, { name: 'Trade', minQuantity: 10 }),
  taxClass: fc.constantFrom('standard' as const, 'reduced' as const, 'zero' as const),
})
const items = fc.uniqueArray(anItem, { selector: (one) => one.sku, minLength: 1, maxLength: 30 })
const terms = fc.record({
  shopCountry: fc.constantFrom('DE', 'FI', 'CH', 'GB', 'US', 'CA'),
  to: fc.record({ country: fc.constantFrom('DE', 'FR', 'FI', 'CH', 'US', 'CA', 'JP'), region: fc.constantFrom(undefined, 'ON', 'QC') }),
  currency: fc.constant('EUR'),
})

describe('priceBasket', () => {
  test('when tax is included, it is shown per line and the total stays the displayed price', () => {
    const priced = priceBasket([item('CAM', 2, 1999), item('BOOK', 1, 1070, { taxClass: 'reduced', compareAtMinor: 1500 })], 490, germany)
    expect(priced).toMatchObject({
      subtotal: { amount: 5068 },
      discount: { amount: 0 },
      shipping: { amount: 490 },
      tax: { amount: 638 + 70 + 78 },
      taxIncluded: true,
      total: { amount: 5558, currency: 'EUR' },
    })
    expect(priced.lines[1]).toMatchObject({
      tax: { amount: 70 },
      total: { amount: 1070 },
      why: ['List price, reduced from 15.00 EUR', 'Includes 7 % tax (DE)'],
    })
  })

  test('when a price list counts, the line names it in words', () => {
    const priced = priceBasket([item('CAM', 10, 1500, { compareAtMinor: 1999, list: { name: 'Trade', minQuantity: 10 } })], 0, germany)
    expect(priced.lines[0]?.why[0]).toBe('Trade price from 10 pieces, reduced from 19.99 EUR')
  })

  test('when tax is added, it stands on top of lines and total', () => {
    const priced = priceBasket([item('CAM', 1, 10_000)], 1000, { shopCountry: 'CA', to: { country: 'CA', region: 'ON' }, currency: 'CAD' })
    expect(priced).toMatchObject({ taxIncluded: false, tax: { amount: 1430 }, total: { amount: 12_430 } })
    expect(priced.lines[0]).toMatchObject({ tax: { amount: 1300 }, total: { amount: 11_300 } })
  })

  test('when the basket leaves the tax area, the total is the displayed price and holds no tax', () => {
    const priced = priceBasket([item('CAM', 1, 11_900)], 1990, { ...germany, to: { country: 'CH', postalCode: '8000' } })
    expect(priced).toMatchObject({ taxIncluded: true, tax: { amount: 0 }, total: { amount: 13_890 } })
    expect(priced.lines[0]?.why[1]).toMatch(/^Export to CH/)
  })

  test('whatever is bought wherever, the totals agree with the lines', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 100_000 }), terms, (basket, shippingMinor, at) => {
        const priced = priceBasket(basket, shippingMinor, at)
        const lineSum = (pick: (line: (typeof priced.lines)[number]) => number) =>
          priced.lines.reduce((total, line) => total + pick(line), 0)
        const shippingTax = taxOf(shippingMinor, taxAt(at.shopCountry, at.to, 'standard'))
        const onTop = priced.taxIncluded ? 0 : priced.tax.amount
        expect(priced.total.amount).toBe(priced.subtotal.amount - priced.discount.amount + priced.shipping.amount + onTop)
        expect(priced.subtotal.amount).toBe(lineSum((line) => line.unitPrice.amount * line.quantity))
        expect(priced.tax.amount).toBe(lineSum((line) => line.tax.amount) + shippingTax)
        expect(lineSum((line) => line.total.amount) + shippingMinor + (priced.taxIncluded ? 0 : shippingTax)).toBe(priced.total.amount)
        for (const line of priced.lines) expect(line.why.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('mergeItems', () => {
  test('when a SKU stands on several lines, its units are put together', () => {
    expect(
      mergeItems([
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 2 },
        { sku: 'A', quantity: 3 },
      ]),
    ).toEqual([
      { sku: 'A', quantity: 4 },
      { sku: 'B', quantity: 2 },
    ])
  })
})

describe('a basket past all money', () => {
  const dear = item('A', 10_000, 600_000_000)
  test('when one line alone is too dear, it exceeds money and is left out', () => {
    const tooDear = item('B', 10_000, 9_000_000_000_000)
    expect(exceedsMoney([tooDear])).toBe(true)
    expect(withinMoney([tooDear, item('C', 1, 5)]).map((one) => one.sku)).toEqual(['C'])
  })

  test('when only the sum is too much, the first lines are kept', () => {
    expect(exceedsMoney([dear])).toBe(false)
    expect(exceedsMoney([dear, dear])).toBe(true)
    expect(withinMoney([dear, dear])).toHaveLength(1)
  })
})

describe('inWords', () => {
  test('when a currency has other places than two, they are kept', () => {
    expect(inWords(5, 'EUR')).toBe('0.05 EUR')
    expect(inWords(1299, 'EUR')).toBe('12.99 EUR')
    expect(inWords(1299, 'JPY')).toBe('1299 JPY')
    expect(inWords(1299, 'KWD')).toBe('1.299 KWD')
  })
})
