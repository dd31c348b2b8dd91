/** A way to send: its price by weight, from which subtotal it is free, and how many business days it takes. */
interface Tariff {
  /** Price of one parcel up to a weight, lightest first. */
  readonly steps: readonly { readonly upToGrams: number; readonly priceMinor: number }[]
  readonly freeFromMinor?: number
  readonly days: readonly [earliest: number, latest: number]
}

/** A day as `YYYY-MM-DD`, in UTC. */
export type Day = string

/** What a shopper may choose. */
export interface Option {
  id: string
  name: string
  price: { amount: number; currency: string }
  promise: { earliest: Day; latest: Day }
}

/** What is sent, and from where to where. */
export interface Parcel {
  readonly from: string
  readonly to: string
  readonly weightGrams: number
  readonly subtotal: { readonly amount: number; readonly currency: string }
}

type Zone = 'domestic' | 'europe' | 'world'

const METHODS = [
  { id: 'standard', name: 'Standard' },
  { id: 'express', name: 'Express' },
] as const

/** The rate card says the same numbers in each of these; a basket in another currency is not shipped. */
const CURRENCIES: ReadonlySet<string> = new Set(['EUR', 'USD', 'GBP', 'CHF', 'CAD'])

const STEP_GRAMS = [1_000, 5_000, 10_000, 31_500] as const
/** Heavier goods go in several parcels; beyond this many, they are freight. */
const PARCELS_MAX = 50

/** Units: minor units per step of `STEP_GRAMS`. */
const TARIFFS: Readonly<Record<Zone, Readonly<Record<(typeof METHODS)[number]['id'], Tariff>>>> = {
  domestic: {
    standard: { steps: steps(390, 490, 790, 1490), freeFromMinor: 5_000, days: [1, 3] },
    express: { steps: steps(990, 1290, 1790, 2990), days: [1, 1] },
  },
  europe: {
    standard: { steps: steps(990, 1490, 1990, 3490), freeFromMinor: 15_000, days: [3, 7] },
    express: { steps: steps(2490, 3490, 4990, 8990), days: [1, 3] },
  },
  world: {
    standard: { steps: steps(1990, 3990, 6990, 12_990), days: [7, 15] },
    express: { steps: steps(4990, 7990, 12_990, 24_990), days: [2, 5] },
  },
}

const EUROPE: ReadonlySet<string> = new Set(
  'AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA XK'.split(
    ' ',
  ),
)
const WORLD: ReadonlySet<string> = new Set(
  'AE AR AU BH BR CA CL CN CO CR EG GE HK ID IL IN JO JP KE KR KW MA MX MY NG NZ OM PA PE PH QA SA SG TH TN TR TW UA US UY VN ZA'.split(
    ' ',
  ),
)

/** The options for a parcel, none when the place is not served, the parcel too heavy, or the currency not on the card. */
export function optionsFor(parcel: Parcel, today: Date): Option[] {
  const zone = zoneOf(parcel.from, parcel.to)
  if (!zone || !CURRENCIES.has(parcel.subtotal.currency)) return []
  return METHODS.flatMap(({ id, name }) => {
    const tariff = TARIFFS[zone][id]
    const amount = priceOf(tariff, parcel)
    if (amount === undefined) return []
    const [earliest, latest] = tariff.days
    const promise = { earliest: afterBusinessDays(today, earliest), latest: afterBusinessDays(today, latest) }
    return { id, name, price: { amount, currency: parcel.subtotal.currency }, promise }
  })
}

/** The day that lies `days` business days after `from`; Saturdays and Sundays do not count. */
export function afterBusinessDays(from: Date, days: number): Day {
  const day = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()))
  for (let left = days; left > 0; ) {
    day.setUTCDate(day.getUTCDate() + 1)
    if (day.getUTCDay() !== 0 && day.getUTCDay() !== 6) left--
  }
  return day.toISOString().slice(0, 10)
}

function zoneOf(from: string, to: string): Zone | undefined {
  if (from === to) return 'domestic'
  if (EUROPE.has(to)) return EUROPE.has(from) ? 'europe' : 'world'
  return WORLD.has(to) ? 'world' : undefined
}

function priceOf(tariff: Tariff, { weightGrams, subtotal }: Parcel): number | undefined {
  const heaviest = tariff.steps.at(-1) as Tariff['steps'][number]
  const full = Math.max(0, Math.ceil(weightGrams / heaviest.upToGrams) - 1)
  if (full + 1 > PARCELS_MAX) return undefined
  if (tariff.freeFromMinor !== undefined && subtotal.amount >= tariff.freeFromMinor) return 0
  const rest = weightGrams - full * heaviest.upToGrams
  const last = tariff.steps.find((step) => rest <= step.upToGrams) ?? heaviest
  return full * heaviest.priceMinor + last.priceMinor
}

function steps(...pricesMinor: [number, number, number, number]): Tariff['steps'] {
  return STEP_GRAMS.map((upToGrams, index) => ({ upToGrams, priceMinor: pricesMinor[index] as number }))
}
