import { isRefusal, refuse, type FieldError, type Refusal } from '@stoa/chassis/contract.ts'
import { isTransient } from '@stoa/chassis/fault.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { CallFn } from '@stoa/chassis/service.ts'
import { CartOf } from '@stoa/contracts/cart.ts'
import { DescribeSkus, type SkuFacts } from '@stoa/contracts/catalog.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import type { Place } from '@stoa/contracts/shared.ts'
import { ShippingRates } from '@stoa/contracts/shipping.ts'
import { money } from '@stoa/kit/money.ts'
import { exceedsMoney, LINE_UNITS_MAX, mergeItems, type PricedItem, type Wanted } from './domain/basket.ts'
import { newestOf, type StatedProduct } from './domain/price-book.ts'
import { loadPrices, putPrices, type PriceRow } from './store.ts'

/** A basket as a shopper names it. */
export interface NamedBasket {
  readonly items?: readonly { readonly sku?: string; readonly productId?: string; readonly quantity: number }[]
  readonly cart?: true
  readonly accountId?: string | undefined
  readonly guestToken?: string | undefined
}

/** A priced item and what it weighs. */
export interface WeighedItem extends PricedItem {
  readonly weightGrams: number
}

/** The SKUs a named basket stands for. A product id stands for its variant when it has one. */
export async function findItems(
  basket: NamedBasket,
  call: CallFn,
): Promise<Wanted[] | Refusal<'unknown-sku' | 'invalid-request' | 'cart-empty'>> {
  const faults = faultsOf(basket)
  if (faults.length > 0) return refuse('invalid-request', { errors: faults })
  if (basket.cart) {
    const cart = await call(CartOf, { accountId: basket.accountId, guestToken: basket.guestToken })
    if (isRefusal(cart)) throw new Error(`cart refused: ${cart.refused}`)
    return cart.items.length > 0 ? cart.items : refuse('cart-empty', { detail: 'The cart holds nothing.' })
  }
  const named = basket.items ?? []
  const facts = await describe(named, call)
  if (!facts) return mergeItems(named.map((item) => ({ sku: item.sku ?? '', quantity: item.quantity })))
  return chooseVariants(named, facts)
}

/** Prices of items in `currency`. Refuses: `unknown-sku`; `invalid-request` when one has no price in it or the sum is past all money. */
export async function findPrices(
  db: Db,
  items: readonly Wanted[],
  currency: string,
): Promise<WeighedItem[] | Refusal<'unknown-sku' | 'invalid-request'>> {
  const merged = mergeItems(items)
  const tooMany = merged.filter((item) => item.quantity > LINE_UNITS_MAX)
  if (tooMany.length > 0)
    return refuseItems('too-many-units', `At most ${LINE_UNITS_MAX} units of one SKU: ${tooMany.map((item) => item.sku).join(', ')}.`)
  const skus = merged.map((item) => item.sku)
  const known = await loadPrices(db, skus)
  const unknown = skus.filter((sku) => !known.has(sku))
  if (unknown.length > 0) return refuse('unknown-sku', { detail: `Not sold here: ${unknown.join(', ')}.`, skus: unknown })
  const priced = merged.map((item) => ({ item, price: known.get(item.sku)?.find((one) => one.currency === currency) }))
  const missing = priced.filter((one) => !one.price).map((one) => one.item.sku)
  if (missing.length > 0) {
    return refuse('invalid-request', {
      errors: [{ path: 'currency', code: 'no-price', message: `No price in ${currency}: ${missing.join(', ')}.` }],
    })
  }
  const weighed = priced.map(({ item, price }) => weighedItem(item, price as PriceRow))
  if (exceedsMoney(weighed)) return refuseItems('too-large', 'The basket costs more than can be sold at once.')
  return weighed
}

/** A wanted SKU with the facts of its price. */
export function weighedItem(item: Wanted, price: PriceRow): WeighedItem {
  return {
    ...item,
    unitMinor: price.amount_minor,
    compareAtMinor: price.compare_at_minor,
    taxClass: price.tax_class,
    weightGrams: price.weight_grams,
  }
}

/** No coupon is known yet, so every one is refused by name. */
export function refuseCoupon() {
  return refuse('invalid-request', { errors: [{ path: 'coupon', code: 'unknown-coupon', message: 'No such coupon.' }] })
}

/** What a shipping option costs for a basket and a place. Refuses: `invalid-request` when the place is not served by it. */
export async function findShippingPrice(call: CallFn, place: Place, option: string, items: readonly WeighedItem[], currency: string) {
  const weightGrams = items.reduce((total, item) => total + item.weightGrams * item.quantity, 0)
  const subtotalMinor = items.reduce((total, item) => total + item.unitMinor * item.quantity, 0)
  const rates = await call(ShippingRates, { place, weightGrams, subtotal: money(subtotalMinor, currency) })
  if (isRefusal(rates)) throw new Error(`shipping refused: ${rates.refused}`)
  const chosen = rates.options.find((one) => one.id === option)
  if (chosen) return { priceMinor: chosen.price.amount }
  const ids = rates.options.map((one) => one.id).join(', ')
  const message = ids === '' ? `Nothing is shipped to ${place.country}.` : `Not offered for this basket and place; there is: ${ids}.`
  return refuse('invalid-request', { errors: [{ path: 'shippingOption', code: 'unknown-option', message }] })
}

/** Takes over what the catalogue states and tells what became of it. */
export async function takePrices(tx: Tx, products: readonly StatedProduct[]): Promise<number> {
  const changed = await putPrices(tx, newestOf(products))
  for (const row of changed) {
    const { weightGrams: _, taxClass: __, ...facts } = priceFacts(row)
    tx.publish(PriceChanged, { ...facts, version: row.version })
  }
  return changed.length
}

/** A price in force, as other services see it. */
export function priceFacts(row: PriceRow) {
  return {
    sku: row.sku,
    productId: row.product_id,
    price: money(row.amount_minor, row.currency),
    compareAt: row.compare_at_minor === null ? null : money(row.compare_at_minor, row.currency),
    weightGrams: row.weight_grams,
    taxClass: row.tax_class,
  }
}

function refuseItems(code: string, message: string) {
  return refuse('invalid-request', { errors: [{ path: 'items', code, message }] })
}

function faultsOf(basket: NamedBasket): FieldError[] {
  if ((basket.items === undefined) === (basket.cart === undefined)) {
    return [{ path: 'items', code: 'exactly-one', message: 'give either items or cart' }]
  }
  return (basket.items ?? []).flatMap((item, index) =>
    (item.sku === undefined) === (item.productId === undefined)
      ? [{ path: `items[${index}]`, code: 'exactly-one', message: 'give either sku or productId' }]
      : [],
  )
}

/** Facts of the named goods. With the catalogue away, undefined when SKUs alone were named: their prices tell whether they are sold. */
async function describe(named: NonNullable<NamedBasket['items']>, call: CallFn): Promise<readonly SkuFacts[] | undefined> {
  const productIds = named.flatMap((item) => item.productId ?? [])
  try {
    const facts = await call(DescribeSkus, { skus: named.flatMap((item) => item.sku ?? []), productIds })
    if (isRefusal(facts)) throw new Error(`catalog refused: ${facts.refused}`)
    return facts.items
  } catch (error) {
    if (isTransient(error) && productIds.length === 0) return undefined
    throw error
  }
}

function chooseVariants(named: NonNullable<NamedBasket['items']>, facts: readonly SkuFacts[]) {
  const sold = facts.filter((one) => one.active)
  const unknown: string[] = []
  const faults: FieldError[] = []
  const items: Wanted[] = []
  for (const [index, item] of named.entries()) {
    const matches = sold.filter((one) => (item.sku === undefined ? one.productId === item.productId : one.sku === item.sku))
    const [first] = matches
    if (!first) unknown.push(item.sku ?? item.productId ?? '')
    else if (matches.length > 1 && item.sku === undefined)
      faults.push({
        path: `items[${index}].productId`,
        code: 'ambiguous',
        message: 'has several variants: name one by its sku',
      })
    else items.push({ sku: first.sku, quantity: item.quantity })
  }
  if (faults.length > 0) return refuse('invalid-request', { errors: faults })
  if (unknown.length > 0) return refuse('unknown-sku', { detail: `Not sold here: ${unknown.join(', ')}.`, skus: unknown })
  return mergeItems(items)
}
