/** Money, dates and counts as people read them. */

/** Money in minor units, as the API sends it. */
export interface Minor {
  readonly amount: number
  readonly currency: string
}

const formatters = new Map<string, Intl.NumberFormat>()

function currencyFormat(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`
  let format = formatters.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency })
    formatters.set(key, format)
  }
  return format
}

/** How many decimal places `currency` has: 2 for EUR, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: string): number {
  return currencyFormat('en', currency).resolvedOptions().maximumFractionDigits ?? 2
}

/** `€12.99` for 1299 minor units of EUR. The decimal point is set in the digits, so no float is involved. */
export function moneyText(value: Minor, locale = 'en-IE'): string {
  const decimals = decimalsOf(value.currency)
  const digits = String(Math.abs(value.amount)).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const exact = `${value.amount < 0 ? '-' : ''}${whole}${decimals > 0 ? `.${digits.slice(-decimals)}` : ''}`
  return currencyFormat(locale, value.currency).format(exact as Intl.StringNumericLiteral)
}

const DAY = new Intl.DateTimeFormat('en-IE', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
const DATE = new Intl.DateTimeFormat('en-IE', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const MOMENT = new Intl.DateTimeFormat('en-IE', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
})

/** `Tue 24 Nov` for a date or a moment. */
export function dayText(date: string): string {
  return DAY.format(new Date(date)).replace(',', '')
}

/** `21 November 2026`. */
export function dateText(moment: string): string {
  return DATE.format(new Date(moment))
}

/** `21 Nov, 14:05 UTC`. */
export function momentText(moment: string): string {
  return MOMENT.format(new Date(moment))
}

/** `Tue 24 – Thu 26 Nov`; one day when both are the same. */
export function spanText(earliest: string, latest: string): string {
  return earliest === latest ? dayText(earliest) : `${dayText(earliest)} – ${dayText(latest)}`
}

/** `1 thing`, `3 things`. */
export function countText(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-IE')} ${count === 1 ? one : many}`
}
