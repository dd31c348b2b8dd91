import type { TaxClass as TaxClassSchema } from '@stoa/contracts/catalog.ts'
import type { Static } from 'typebox'
import { shareHalfEven } from '@stoa/kit/money.ts'

/** What a product is taxed as. */
export type TaxClass = Static<typeof TaxClassSchema>

/** Where goods go, as far as tax is concerned. */
export interface Destination {
  readonly country: string
  readonly region?: string | undefined
  readonly postalCode?: string | undefined
}

/** The tax of one class of goods at one destination. `included`: the price holds it already. */
export interface TaxRule {
  /** Units: thousandths, 190 is 19 %. */
  readonly permille: number
  readonly included: boolean
  /** For people, e.g. `Includes 19 % VAT (DE)`. */
  readonly text: string
}

/**
 * Standard and reduced rate in thousandths. Where a country has several reduced rates, the one most goods of that kind
 * bear is taken.
 * Source: European Commission, Taxes in Europe database (rates of November 2026); Council Directive 2006/112/EC, Art. 97–99.
 */
const UNION: Readonly<Record<string, readonly [standard: number, reduced: number]>> = {
  AT: [200, 100],
  BE: [210, 60],
  BG: [200, 90],
  CY: [190, 50],
  CZ: [210, 120],
  DE: [190, 70],
  DK: [250, 250],
  EE: [240, 90],
  ES: [210, 100],
  FI: [255, 135],
  FR: [200, 55],
  GR: [240, 130],
  HR: [250, 130],
  HU: [270, 180],
  IE: [230, 135],
  IT: [220, 100],
  LT: [210, 120],
  LU: [170, 80],
  LV: [210, 120],
  MT: [180, 50],
  NL: [210, 90],
  PL: [230, 80],
  PT: [230, 60],
  RO: [210, 110],
  SE: [250, 120],
  SI: [220, 95],
  SK: [230, 190],
}

/**
 * Countries whose shops show prices with tax.
 * Source: CH MWSTG Art. 25; LI follows CH; GB VATA 1994 s. 2 and Sch. 7A; NO merverdiavgiftsloven and the yearly Stortinget decision.
 */
const INCLUDED: Readonly<Record<string, readonly [standard: number, reduced: number]>> = {
  CH: [81, 26],
  LI: [81, 26],
  GB: [200, 50],
  NO: [250, 150],
}

/**
 * Countries whose shops add tax to the price. United States: no federal sales tax, and a shop without nexus collects
 * none for the states. Canada: goods and services tax, harmonised in some provinces (below).
 * Source: CA Excise Tax Act s. 165.
 */
const ADDED: Readonly<Record<string, readonly [standard: number, reduced: number]>> = { US: [0, 0], CA: [50, 50] }

/** Harmonised rates of Canada's provinces. Source: Canada Revenue Agency, GST/HST rates by province. */
const CANADA: Readonly<Record<string, number>> = { NB: 150, NL: 150, NS: 140, ON: 130, PE: 150 }

/** Parts of member states outside the Union's VAT territory, by postal code. Source: Directive 2006/112/EC, Art. 6. */
const OUTSIDE_UNION: Readonly<Record<string, RegExp>> = {
  DE: /^(27498|78266)$/, // Heligoland, Büsingen
  ES: /^(35|38|51|52)/, // Canary Islands, Ceuta, Melilla
  IT: /^23041$/, // Livigno
  GR: /^63086$/, // Mount Athos
}

/** Treated as another country's territory. Source: Directive 2006/112/EC, Art. 7. */
const COUNTED_AS: Readonly<Record<string, string>> = { MC: 'FR', IM: 'GB' }

/** Whether a shop in `country` can be taxed by this table. */
export function isTaxable(country: string): boolean {
  return country in UNION || country in INCLUDED || country in ADDED
}

/** Whether prices of a shop in `shopCountry` hold their tax. */
export function pricesIncludeTax(shopCountry: string): boolean {
  return !(shopCountry in ADDED)
}

/**
 * The tax of goods of `taxClass` sent from `shopCountry` to `to`: at home the shop's own rate, within the Union the
 * destination's (Art. 33: distance sales), outside it none (Art. 146: export). Prices stay as they are shown, so that
 * the same basket costs the same everywhere; only the share of tax differs.
 */
export function taxAt(shopCountry: string, to: Destination, taxClass: TaxClass): TaxRule {
  const included = pricesIncludeTax(shopCountry)
  const country = COUNTED_AS[to.country] ?? to.country
  const home = COUNTED_AS[shopCountry] ?? shopCountry
  if (isExport(home, country, to.postalCode)) {
    return { permille: 0, included, text: `Export to ${to.country}: no tax is charged; import tax may be due on delivery` }
  }
  const permille = rateOf(country, to.region, taxClass)
  if (permille === 0) return { permille, included, text: `No tax (${to.country})` }
  const percent = `${permille / 10} % tax (${to.country})`
  return { permille, included, text: included ? `Includes ${percent}` : `Plus ${percent}` }
}

/** The tax of `amountMinor`, rounded half to even: the part of it when included, on top of it when added. Units: minor units. */
export function taxOf(amountMinor: number, rule: Pick<TaxRule, 'permille' | 'included'>): number {
  return shareHalfEven(amountMinor, rule.permille, rule.included ? 1000 + rule.permille : 1000)
}

function isExport(home: string, country: string, postalCode: string | undefined): boolean {
  const outside = (code: string) => postalCode !== undefined && (OUTSIDE_UNION[code]?.test(postalCode.replaceAll(/\s/g, '')) ?? false)
  if (home in UNION) return !(country in UNION) || outside(country)
  return home !== country
}

function rateOf(country: string, region: string | undefined, taxClass: TaxClass): number {
  if (taxClass === 'zero') return 0
  const [standard, reduced] = UNION[country] ?? INCLUDED[country] ?? ADDED[country] ?? [0, 0]
  if (country === 'CA' && region !== undefined) return CANADA[region.trim().toUpperCase()] ?? standard
  return taxClass === 'reduced' ? reduced : standard
}
