/** Money as people of a language write it. */
import type { Money } from '@stoa/kit/money.ts'

interface Format {
  readonly digits: number
  readonly print: Intl.NumberFormat
}

const formats = new Map<string, Format>()
const FORMATS_MAX = 200

/** `{amount: 1299, currency: 'EUR'}` → `€12.99`, or `12,99 €` in German. */
export function formatMoney({ amount, currency }: Money, language: string): string {
  const { digits, print } = formatOf(currency, language)
  const padded = String(Math.abs(amount)).padStart(digits + 1, '0')
  const whole = padded.slice(0, padded.length - digits)
  const fraction = padded.slice(padded.length - digits)
  // As text, so that no amount passes through a float.
  const decimal = `${amount < 0 ? '-' : ''}${whole}${digits > 0 ? `.${fraction}` : ''}` as `${number}`
  return print.format(decimal)
}

function formatOf(currency: string, language: string): Format {
  const name = `${language} ${currency}`
  let known = formats.get(name)
  if (!known) {
    const print = new Intl.NumberFormat(language, { style: 'currency', currency })
    known = { digits: print.resolvedOptions().maximumFractionDigits ?? 2, print }
    if (formats.size >= FORMATS_MAX) formats.clear()
    formats.set(name, known)
  }
  return known
}
