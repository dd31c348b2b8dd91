/** Which of several prices counts: the product's own, or one of a price list. */

/** Where somebody buys. */
export type Channel = 'web' | 'pos'

/** Who buys, as far as prices care. */
export interface Buyer {
  /** Customer groups; guests have none. */
  readonly groups: readonly string[]
  readonly channel: Channel
}

/** Everybody: what listings and search show. */
export const PUBLIC: Buyer = { groups: [], channel: 'web' }

/** The list a price stands on. `position` grows with every new list. A group or channel of null means all. */
export interface OfferingList {
  readonly name: string
  readonly position: number
  readonly group: string | null
  readonly channel: Channel | null
}

/** A price that may count. Units: minor units of `currency`. `list` is null for the product's own price. */
export interface Offer {
  readonly currency: string
  readonly amountMinor: number
  readonly compareAtMinor: number | null
  readonly minQuantity: number
  readonly list: OfferingList | null
}

/** What is asked for: units of a SKU by somebody, paid in a currency. */
export interface Demand extends Buyer {
  readonly currency: string
  readonly quantity: number
}

/**
 * The price that counts, of those in force: the lowest for this buyer, quantity and currency. Of equal ones the product's
 * own, then the older list's, then the one for fewer pieces. Undefined when there is no price in the currency.
 */
export function bestOffer(offers: readonly Offer[], demand: Demand): Offer | undefined {
  let best: Offer | undefined
  for (const offer of offers) if (fits(offer, demand) && (best === undefined || isBetter(offer, best))) best = offer
  return best
}

/** The public price of one unit: in the shop's currency, or in the product's own when it has none in the shop's. */
export function publicOffer(offers: readonly Offer[], shopCurrency: string, ownCurrency: string): Offer | undefined {
  return (
    bestOffer(offers, { ...PUBLIC, currency: shopCurrency, quantity: 1 }) ??
    bestOffer(offers, { ...PUBLIC, currency: ownCurrency, quantity: 1 })
  )
}

/** Why a price counts, for people: `Trade price from 10 pieces`. */
export function offerInWords(list: { readonly name: string } | null, minQuantity: number): string {
  if (list === null) return 'List price'
  const name = /\bprices?$/i.test(list.name) ? list.name : `${list.name} price`
  return minQuantity > 1 ? `${name} from ${minQuantity} pieces` : name
}

function fits({ currency, minQuantity, list }: Offer, demand: Demand): boolean {
  if (currency !== demand.currency || minQuantity > demand.quantity) return false
  if (list === null) return true
  return (list.group === null || demand.groups.includes(list.group)) && (list.channel === null || list.channel === demand.channel)
}

function isBetter(one: Offer, other: Offer): boolean {
  if (one.amountMinor !== other.amountMinor) return one.amountMinor < other.amountMinor
  const [age, otherAge] = [one.list?.position ?? -1, other.list?.position ?? -1]
  return age === otherAge ? one.minQuantity < other.minQuantity : age < otherAge
}
