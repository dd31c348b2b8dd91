import { refuse, type FieldError, type Refusal } from '@stoa/chassis/contract.ts'
import type { Channel } from './offers.ts'

/** A price on a list. Units: minor units of the list's currency. */
export interface ListedPrice {
  readonly sku: string
  readonly minQuantity: number
  readonly amountMinor: number
  readonly compareAtMinor: number | null
}

/** The terms of a list. A moment of null is none: always, or for ever. */
export interface GivenList {
  readonly name: string
  readonly currency: string
  readonly group: string | null
  readonly channel: Channel | null
  readonly validFrom: string | null
  readonly validUntil: string | null
}

/** A list as staff write it; what is left out is null, or one piece. */
export interface StatedList extends Partial<GivenList> {
  readonly name: string
  readonly currency: string
  readonly prices: readonly { readonly sku: string; readonly minQuantity?: number; readonly price: number; readonly compareAt?: number }[]
}

/** The last moment that may be named: the database and JSON write years of four digits. */
const MOMENT_MS_MAX = Date.UTC(9999, 11, 31)

/**
 * A list and its prices. Refuses: `invalid-request` when a moment is none or out of all time, when the list ends before it begins,
 * or when it prices one SKU twice for one quantity.
 */
export function readList(stated: StatedList): { list: GivenList; prices: ListedPrice[] } | Refusal<'invalid-request'> {
  const { name, currency, group = null, channel = null, validFrom = null, validUntil = null } = stated
  const errors = [...faultsOfTime(validFrom, validUntil), ...repeated(stated.prices)]
  if (errors.length > 0) return refuse('invalid-request', { errors })
  return {
    list: { name, currency, group, channel, validFrom, validUntil },
    prices: stated.prices.map((one) => ({
      sku: one.sku,
      minQuantity: one.minQuantity ?? 1,
      amountMinor: one.price,
      compareAtMinor: one.compareAt ?? null,
    })),
  }
}

function faultsOfTime(validFrom: string | null, validUntil: string | null): FieldError[] {
  const unreal = Object.entries({ validFrom, validUntil }).flatMap(([path, moment]) =>
    moment === null || isReal(moment) ? [] : [{ path, code: 'not-allowed', message: 'must be a moment from 1970 to 9999' }],
  )
  if (unreal.length > 0 || validFrom === null || validUntil === null || Date.parse(validFrom) < Date.parse(validUntil)) return unreal
  return [{ path: 'validUntil', code: 'too-early', message: 'must be later than validFrom' }]
}

function isReal(moment: string): boolean {
  const at = Date.parse(moment)
  return at >= 0 && at < MOMENT_MS_MAX
}

function repeated(prices: StatedList['prices']): FieldError[] {
  const seen = new Set<string>()
  return prices.flatMap(({ sku, minQuantity = 1 }, index) => {
    const key = `${minQuantity} ${sku}`
    if (seen.has(key)) return [{ path: `prices[${index}]`, code: 'repeated', message: `${sku} has a price from ${minQuantity} already` }]
    seen.add(key)
    return []
  })
}
