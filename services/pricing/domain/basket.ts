import { money, type Money } from '@stoa/kit/money.ts'
import { offerInWords } from './offers.ts'
import { pricesIncludeTax, taxAt, taxOf, type Destination, type TaxClass } from './tax.ts'

/** The largest subtotal of a basket: money in a contract ends at 9,000,000,000,000, less room for shipping and tax. Units: minor units. */
export const SUBTOTAL_MINOR_MAX = 7_000_000_000_000
/** The most units of a SKU that a basket may hold. */
export const LINE_UNITS_MAX = 10_000

/** Units of a SKU that somebody wants. */
export interface Wanted {
  readonly sku: string
  readonly quantity: number
}

/** A wanted SKU with the facts its price is made of. */
export interface PricedItem extends Wanted {
  readonly unitMinor: number
  readonly compareAtMinor: number | null
  /** The price list that the price stands on; null for the product's own. */
  readonly list: { readonly name: string; readonly minQuantity: number } | null
  readonly taxClass: TaxClass
}

/** A line as a shopper sees it. */
export interface BasketLine {
  sku: string
  quantity: number
  unitPrice: Money
  discount: Money
  tax: Money
  total: Money
  why: string[]
}

/** Lines and their sums. */
export interface BasketTotals {
  lines: BasketLine[]
  shipping: Money
  subtotal: Money
  discount: Money
  tax: Money
  taxIncluded: boolean
  total: Money
  currency: string
}

/** Where a basket is sold from and sent to, and in which currency. */
export interface Terms {
  readonly shopCountry: string
  readonly to: Destination
  readonly currency: string
}

/** Puts lines of one SKU together; the order of first mention stays. */
export function mergeItems(items: readonly Wanted[]): Wanted[] {
  const units = new Map<string, number>()
  for (const item of items) units.set(item.sku, (units.get(item.sku) ?? 0) + item.quantity)
  return [...units].map(([sku, quantity]) => ({ sku, quantity }))
}

/** Whether the basket costs more than can be sold at once. */
export function exceedsMoney(items: readonly PricedItem[]): boolean {
  return items.reduce((total, item) => total + item.unitMinor * item.quantity, 0) > SUBTOTAL_MINOR_MAX
}

/** Those of `items` that can be sold at once, the first ones first. */
export function withinMoney(items: readonly PricedItem[]): PricedItem[] {
  let left = SUBTOTAL_MINOR_MAX
  return items.filter((item) => {
    const costs = item.unitMinor * item.quantity
    if (costs > left) return false
    left -= costs
    return true
  })
}

/**
 * Prices a basket: total = subtotal − discount + shipping (+ tax where it is not included); tax is rounded half-even per
 * line and is the sum over lines and shipping, which bears the standard rate.
 */
export function priceBasket(items: readonly PricedItem[], shippingMinor: number, terms: Terms): BasketTotals {
  const { currency } = terms
  const taxIncluded = pricesIncludeTax(terms.shopCountry)
  const lines = items.map((item) => priceLine(item, terms))
  const subtotal = items.reduce((total, item) => total + item.unitMinor * item.quantity, 0)
  const shippingTax = taxOf(shippingMinor, taxAt(terms.shopCountry, terms.to, 'standard'))
  const tax = lines.reduce((total, line) => total + line.tax.amount, shippingTax)
  return {
    lines,
    shipping: money(shippingMinor, currency),
    subtotal: money(subtotal, currency),
    discount: money(0, currency),
    tax: money(tax, currency),
    taxIncluded,
    total: money(subtotal + shippingMinor + (taxIncluded ? 0 : tax), currency),
    currency,
  }
}

function priceLine(item: PricedItem, terms: Terms): BasketLine {
  const { currency } = terms
  const rule = taxAt(terms.shopCountry, terms.to, item.taxClass)
  const net = item.unitMinor * item.quantity
  const tax = taxOf(net, rule)
  const reduced = item.compareAtMinor !== null && item.compareAtMinor > item.unitMinor
  const price = offerInWords(item.list, item.list?.minQuantity ?? 1)
  return {
    sku: item.sku,
    quantity: item.quantity,
    unitPrice: money(item.unitMinor, currency),
    discount: money(0, currency),
    tax: money(tax, currency),
    total: money(net + (rule.included ? 0 : tax), currency),
    why: [reduced ? `${price}, reduced from ${inWords(item.compareAtMinor ?? 0, currency)}` : price, rule.text],
  }
}

const digits = new Map<string, number>()

/** An amount for people, e.g. `12.99 EUR`. */
export function inWords(minor: number, currency: string): string {
  let places = digits.get(currency)
  if (places === undefined) {
    places = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    digits.set(currency, places)
  }
  if (places === 0) return `${minor} ${currency}`
  const text = String(minor).padStart(places + 1, '0')
  return `${text.slice(0, -places)}.${text.slice(-places)} ${currency}`
}
