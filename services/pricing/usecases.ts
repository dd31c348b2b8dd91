import { isRefusal, refuse, type FieldError, type Refusal } from '@stoa/chassis/contract.ts'
import { isTransient } from '@stoa/chassis/fault.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { CallFn, Common } from '@stoa/chassis/service.ts'
import { ShopCurrency } from '@stoa/chassis/settings.ts'
import { CartOf } from '@stoa/contracts/cart.ts'
import { DescribeSkus, type SkuFacts } from '@stoa/contracts/catalog.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import type { Place } from '@stoa/contracts/shared.ts'
import { ShippingRates } from '@stoa/contracts/shipping.ts'
import { money } from '@stoa/kit/money.ts'
import { exceedsMoney, LINE_UNITS_MAX, mergeItems, type PricedItem, type Wanted } from './domain/basket.ts'
import { newestOf, type StatedProduct } from './domain/price-book.ts'
import { bestOffer, PUBLIC, publicOffer, type Buyer, type Channel } from './domain/offers.ts'
import { loadPrices, priceLookup, putPrices, type Priced } from './store/prices.ts'
import { lockPublicPrices, savePublicPrices, untold, type ToldPrice } from './store/public-prices.ts'

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

/** Who buys, and in which currency. */
export type Asker = Buyer & { readonly currency: string }

/** Who buys, as told by a call or route, with what counts when it is left out. */
export function askerOf(
  told: { readonly groups?: readonly string[]; readonly channel?: Channel; readonly currency?: string },
  { setting }: Pick<Common, 'setting'>,
): Asker {
  return {
    groups: told.groups ?? PUBLIC.groups,
    channel: told.channel ?? PUBLIC.channel,
    currency: told.currency ?? setting(ShopCurrency),
  }
}

/** Prices of items. Refuses: `unknown-sku`; `invalid-request` when one has no price in the currency or the sum is past all money. */
export async function findPrices(
  db: Db,
  items: readonly Wanted[],
  asker: Asker,
): Promise<WeighedItem[] | Refusal<'unknown-sku' | 'invalid-request'>> {
  const merged = mergeItems(items)
  const tooMany = merged.filter((item) => item.quantity > LINE_UNITS_MAX)
  if (tooMany.length > 0)
    return refuseItems('too-many-units', `At most ${LINE_UNITS_MAX} units of one SKU: ${tooMany.map((item) => item.sku).join(', ')}.`)
  const skus = merged.map((item) => item.sku)
  const known = await priceLookup(db, asker)(skus)
  const unknown = skus.filter((sku) => !known.has(sku))
  if (unknown.length > 0) return refuse('unknown-sku', { detail: `Not sold here: ${unknown.join(', ')}.`, skus: unknown })
  const weighed = merged.flatMap((item) => weigh(item, known.get(item.sku), asker))
  if (weighed.length < merged.length) {
    const missing = skus.filter((sku) => !weighed.some((item) => item.sku === sku))
    return refuse('invalid-request', {
      errors: [{ path: 'currency', code: 'no-price', message: `No price in ${asker.currency}: ${missing.join(', ')}.` }],
    })
  }
  if (exceedsMoney(weighed)) return refuseItems('too-large', 'The basket costs more than can be sold at once.')
  return weighed
}

/** A wanted SKU with the price that counts for it; nothing when it has none in the currency. */
export function weigh(item: Wanted, priced: Priced | undefined, asker: Asker): WeighedItem[] {
  const offer = priced && bestOffer(priced.offers, { ...asker, quantity: item.quantity })
  if (!offer) return []
  return [
    {
      ...item,
      unitMinor: offer.amountMinor,
      compareAtMinor: offer.compareAtMinor,
      list: offer.list && { name: offer.list.name, minQuantity: offer.minQuantity },
      taxClass: priced.own.tax_class,
      weightGrams: priced.own.weight_grams,
    },
  ]
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
export async function takePrices(tx: Tx, products: readonly StatedProduct[], context: Pick<Common, 'setting'>): Promise<number> {
  const { repriced, skus } = await putPrices(tx, newestOf(products))
  // Also where a price is gone, or only its tax is another.
  if (skus.length > 0) tx.touch(products.map((one) => one.productId))
  await announcePrices(tx, skus, context)
  return repriced
}

/** Tells the public prices of SKUs that became others. To be called after what they are made of was written. */
export async function announcePrices(tx: Tx, skus: readonly string[], { setting }: Pick<Common, 'setting'>): Promise<void> {
  if (skus.length === 0) return
  const currency = setting(ShopCurrency)
  const told = await lockPublicPrices(tx, skus)
  const known = await loadPrices(tx, skus, { ...PUBLIC, currency })
  // Prices for groups, quantities and other currencies are told nobody, but shown all the same.
  tx.touch([...known.values()].map(({ own }) => own.product_id))
  const changed = skus.map((sku) => publicPriceOf(sku, known.get(sku), currency)).filter((now) => !isSame(now, told.get(now.sku)))
  if (changed.length === 0) return
  const versions = await savePublicPrices(tx, changed)
  for (const { sku, productId, currency: paidIn, amountMinor, compareAtMinor } of changed) {
    if (productId === null || paidIn === null || amountMinor === null) continue
    const compareAt = compareAtMinor === null ? null : money(compareAtMinor, paidIn)
    tx.publish(PriceChanged, { sku, productId, price: money(amountMinor, paidIn), compareAt, version: versions.get(sku) ?? 0 })
  }
}

function publicPriceOf(sku: string, priced: Priced | undefined, shopCurrency: string): ToldPrice {
  const offer = priced && publicOffer(priced.offers, shopCurrency, priced.own.currency)
  if (!offer) return untold(sku)
  const { currency, amountMinor, compareAtMinor } = offer
  return { sku, productId: priced.own.product_id, currency, amountMinor, compareAtMinor }
}

function isSame(one: ToldPrice, other: ToldPrice | undefined): boolean {
  const keys = ['productId', 'currency', 'amountMinor', 'compareAtMinor'] as const
  return other !== undefined && keys.every((key) => one[key] === other[key])
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
