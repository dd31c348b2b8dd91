/** Addresses: what each country calls its parts, and what is wrong with one. */
import { collect, type FieldErrors } from './forms.ts'
import type { Address } from './shop.ts'

/** Countries that parcels go to. */
const CODES =
  'AD AE AL AR AT AU BA BE BG BH BR CA CH CL CN CO CR CY CZ DE DK EE EG ES FI FR GB GE GR HK HR HU ID IE IL IN IS IT JO JP KE KR KW LI LT LU LV MA MC MD ME MK MT MX MY NG NL NO NZ OM PA PE PH PL PT QA RO RS SA SE SG SI SK SM TH TN TR TW UA US UY VA VN XK ZA'.split(
    ' ',
  )

const names = new Intl.DisplayNames(['en'], { type: 'region' })

/** Countries by name, in the order of names. */
export const countries: readonly { readonly code: string; readonly name: string }[] = CODES.map((code) => ({
  code,
  name: countryName(code),
})).sort((a, b) => a.name.localeCompare(b.name, 'en'))

/** A country's name in English. */
export function countryName(code: string): string {
  return names.of(code) ?? code
}

/** What a country calls the parts of its addresses, and which of them it needs. */
export interface AddressForm {
  readonly postalCode: string
  readonly city: string
  readonly region: string | null
  readonly regionNeeded: boolean
  /** What a postal code looks like there, as an example and as a rule. */
  readonly example?: string
  readonly rule?: RegExp
}

const plainForm: AddressForm = { postalCode: 'Postal code', city: 'Town or city', region: null, regionNeeded: false }
const digits = (count: number, example: string): AddressForm => ({ ...plainForm, example, rule: new RegExp(`^\\d{${count}}$`) })
const forms: Record<string, AddressForm> = {
  AT: digits(4, '1010'),
  AU: { postalCode: 'Postcode', city: 'Suburb', region: 'State or territory', regionNeeded: true, example: '2000', rule: /^\d{4}$/ },
  BE: digits(4, '1000'),
  BR: { ...plainForm, postalCode: 'CEP', region: 'State', regionNeeded: true, example: '01310-100', rule: /^\d{5}-?\d{3}$/ },
  CA: { ...plainForm, region: 'Province', regionNeeded: true, example: 'K1A 0B1', rule: /^[a-z]\d[a-z] ?\d[a-z]\d$/i },
  CH: digits(4, '8001'),
  CN: { ...plainForm, region: 'Province', regionNeeded: true, example: '100000', rule: /^\d{6}$/ },
  DE: digits(5, '10115'),
  DK: digits(4, '1050'),
  ES: digits(5, '28013'),
  FI: digits(5, '00100'),
  FR: digits(5, '75001'),
  GB: { ...plainForm, postalCode: 'Postcode', example: 'SW1A 1AA', rule: /^[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}$/i },
  GR: { ...plainForm, example: '105 55', rule: /^\d{3} ?\d{2}$/ },
  IE: { ...plainForm, postalCode: 'Eircode', region: 'County', example: 'D02 X285', rule: /^[a-z]\d[\dw] ?[a-z\d]{4}$/i },
  IN: { ...plainForm, postalCode: 'PIN code', region: 'State', regionNeeded: true, example: '110001', rule: /^\d{6}$/ },
  IT: digits(5, '00118'),
  JP: { ...plainForm, region: 'Prefecture', regionNeeded: true, example: '100-0001', rule: /^\d{3}-?\d{4}$/ },
  MX: { ...plainForm, region: 'State', regionNeeded: true, example: '06000', rule: /^\d{5}$/ },
  NL: { ...plainForm, example: '1012 AB', rule: /^\d{4} ?[a-z]{2}$/i },
  NO: digits(4, '0150'),
  PL: { ...plainForm, example: '00-001', rule: /^\d{2}-?\d{3}$/ },
  PT: { ...plainForm, example: '1100-148', rule: /^\d{4}-?\d{3}$/ },
  SE: { ...plainForm, example: '111 22', rule: /^\d{3} ?\d{2}$/ },
  US: { ...plainForm, postalCode: 'ZIP code', region: 'State', regionNeeded: true, example: '94103', rule: /^\d{5}(?:-\d{4})?$/ },
}

/** The form of a country's addresses. */
export function formOf(country: string): AddressForm {
  return forms[country] ?? plainForm
}

/** The names of an address's fields, and how long each may be: together they fit in a cookie. */
export const addressLimits = { name: 100, line1: 120, line2: 120, city: 80, postalCode: 20, region: 80, country: 2, phone: 32 } as const
export type AddressField = keyof typeof addressLimits
export const addressFields = Object.keys(addressLimits) as AddressField[]

/** Every fault of a typed address, at its field. */
export function addressErrors(texts: Record<string, string | undefined>): FieldErrors {
  const country = texts['country'] ?? ''
  const form = formOf(country)
  const needed = (name: AddressField, words: string) => (texts[name] ? tooLong(name, texts[name]) : words)
  const postalCode = texts['postalCode'] ?? ''
  return collect({
    country: CODES.includes(country) ? undefined : 'Choose a country.',
    name: needed('name', 'Enter the name of whoever receives it.'),
    line1: needed('line1', 'Enter the street and number.'),
    line2: tooLong('line2', texts['line2']),
    postalCode:
      needed('postalCode', `Enter the ${form.postalCode === 'CEP' ? 'CEP' : form.postalCode.toLowerCase()}.`) ??
      (form.rule && !form.rule.test(postalCode) ? `In ${countryName(country)} this looks like ${form.example}.` : undefined),
    city: needed('city', `Enter the ${form.city.toLowerCase()}.`),
    region: form.regionNeeded
      ? needed('region', `Enter the ${(form.region ?? 'region').toLowerCase()}.`)
      : tooLong('region', texts['region']),
    phone:
      tooLong('phone', texts['phone']) ??
      (texts['phone'] && !/^[+\d][\d\s()/.-]{4,}$/.test(texts['phone']) ? 'Enter a phone number, or leave it empty.' : undefined),
  })
}

function tooLong(name: AddressField, text: string | undefined): string | undefined {
  return text !== undefined && text.length > addressLimits[name] ? `Shorten this to ${addressLimits[name]} characters.` : undefined
}

/** The address in typed texts, without empty parts. Only to be called on texts without errors. */
export function addressOf(texts: Record<string, string | undefined>): Address {
  return Object.fromEntries(addressFields.flatMap((name) => (texts[name] ? [[name, texts[name]]] : []))) as Address
}

/** An address as lines of a label. */
export function addressLines(address: Address): string[] {
  const town = [address.postalCode, address.city].join(' ')
  return [
    address.name,
    address.line1,
    address.line2,
    address.region ? `${town}, ${address.region}` : town,
    countryName(address.country),
  ].filter((line): line is string => line !== undefined && line !== '')
}
