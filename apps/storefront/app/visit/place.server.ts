/** Where a visitor would have things sent, before they have said so at the checkout. */
import { countries, formOf } from './address.ts'
import type { ShippingOption } from './shop.ts'
import type { Visit } from './visit.ts'

const PLACE = 'stoa_place'
const YEAR_SECONDS = 31_536_000
/** Where nothing tells otherwise. */
const OTHERWISE = 'DE'
/** Rates go by country; a place needs some code, so the country's own example stands in. */
const ANY_CODE = '10000'

const isServed = (code: string | undefined | null): code is string => countries.some((country) => country.code === code)

/** The country a visitor chose (`?to=AT`, kept for a year), else the one their browser speaks of. */
export function placeOf(visit: Visit, acceptLanguage: string | null): string {
  const asked = visit.url.searchParams.get('to')
  if (isServed(asked)) {
    visit.cookies.set(PLACE, asked, { path: '/', maxAge: YEAR_SECONDS })
    return asked
  }
  const kept = visit.cookies.get(PLACE)
  if (isServed(kept)) return kept
  // `en-US` is what browsers are delivered with; it says nothing of where somebody is.
  const spoken = /^(?!en-US)[a-z]{2,3}-([A-Z]{2})\b/.exec(acceptLanguage ?? '')?.[1]
  return isServed(spoken) ? spoken : OTHERWISE
}

/** The cheapest way to send one of `sku` there; null when there is none or it cannot be told now. */
export async function promiseFor(visit: Visit, sku: string, country: string): Promise<ShippingOption | null> {
  const address = { country, postalCode: formOf(country).example ?? ANY_CODE }
  const answer = await visit.ask<{ options: ShippingOption[] }>('POST', '/api/shipping/calculate', {
    body: { address, items: [{ sku, quantity: 1 }] },
  })
  if (!answer.ok) return null
  return answer.data.options.reduce<ShippingOption | null>(
    (best, one) => (best === null || one.price.amount < best.price.amount ? one : best),
    null,
  )
}
