/** Catalogues as CSV: one variant a row; consecutive rows with the same `product` are one product. */
import type { Entry } from './import-file.ts'

const PLAIN = new Set([
  'product',
  'name',
  'description',
  'brand',
  'categories',
  'tags',
  'status',
  'taxClass',
  'image',
  'imageAlt',
  'imageWidth',
  'imageHeight',
  'sku',
  'price',
  'priceMinor',
  'compareAt',
  'compareAtMinor',
  'currency',
  'stock',
  'weightGrams',
  'barcode',
])
const PREFIXED = /^(option|attr):(.+)$/
const SEPARATOR = '|'

/** A row by column name. */
export type Row = Readonly<Record<string, string>>

/** What is wrong with a header, in one sentence; undefined when nothing is. */
export function headerFault(columns: readonly string[]): string | undefined {
  const unknown = columns.filter((column) => !PLAIN.has(column) && !PREFIXED.test(column))
  if (unknown.length > 0) return `unknown columns: ${unknown.map((one) => `"${one}"`).join(', ')}`
  const twice = columns.filter((column, index) => columns.indexOf(column) !== index)
  if (twice.length > 0) return `columns that stand twice: ${twice.join(', ')}`
  const missing = ['name', 'sku'].filter((column) => !columns.includes(column))
  if (!columns.includes('price') && !columns.includes('priceMinor')) missing.push('price')
  return missing.length > 0 ? `missing columns: ${missing.join(', ')}` : undefined
}

/** Makes products of rows as they come. */
export class RowGatherer {
  readonly #currency: string
  #open: { readonly line: number; readonly key: string; readonly rows: Row[] } | undefined

  /** `currency` counts where a row names none. */
  constructor(currency: string) {
    this.#currency = currency
  }

  /** Adds a row; answers the product before it when this row begins another. */
  add(line: number, row: Row): Entry[] {
    const key = row.product ?? ''
    if (this.#open && key !== '' && key === this.#open.key) {
      this.#open.rows.push(row)
      return []
    }
    const done = this.end()
    this.#open = { line, key, rows: [row] }
    return done
  }

  /** The last product. */
  end(): Entry[] {
    const open = this.#open
    this.#open = undefined
    return open ? [{ line: open.line, product: productOf(open.rows, this.#currency) }] : []
  }
}

function productOf(rows: readonly Row[], currency: string): Record<string, unknown> {
  const first = rows[0] as Row
  return withoutBlank({
    name: first.name,
    description: text(first.description),
    brand: text(first.brand),
    categories: list(first.categories),
    tags: list(first.tags),
    status: text(first.status),
    taxClass: text(first.taxClass),
    images: imagesOf(first),
    attributes: prefixed(first, 'attr', listOrOne),
    variants: rows.map((row) => variantOf(row, currency)),
  })
}

function variantOf(row: Row, shopCurrency: string): Record<string, unknown> {
  const currency = text(row.currency) ?? shopCurrency
  const compareAt = amount(row.compareAt, row.compareAtMinor, currency)
  return withoutBlank({
    sku: row.sku?.trim(),
    options: prefixed(row, 'option', (value) => value),
    price: { amount: amount(row.price, row.priceMinor, currency), currency },
    compareAt: compareAt === undefined ? undefined : { amount: compareAt, currency },
    stock: number(row.stock),
    weightGrams: number(row.weightGrams),
    barcode: text(row.barcode),
  })
}

function imagesOf(row: Row): unknown[] | undefined {
  const url = text(row.image)
  return url === undefined
    ? undefined
    : [{ url, alt: text(row.imageAlt) ?? row.name ?? '', width: number(row.imageWidth) ?? 1200, height: number(row.imageHeight) ?? 1200 }]
}

/** Minor units: `priceMinor` as it is, `price` in whole units with the currency's decimals (`12.99`). What is no number stays text, to be found faulty. */
function amount(major: string | undefined, minor: string | undefined, currency: string): number | string | undefined {
  if (text(minor) !== undefined) return number(minor)
  const given = text(major)
  if (given === undefined) return undefined
  const digits = decimalsOf(currency)
  const match = /^(\d{1,13})(?:\.(\d+))?$/.exec(given)
  const decimals = match?.[2] ?? ''
  if (!match || decimals.length > digits) return given
  return Number(`${match[1]}${decimals.padEnd(digits, '0')}`)
}

function decimalsOf(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return 2
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

function prefixed(row: Row, prefix: string, read: (value: string) => unknown): Record<string, unknown> | undefined {
  const found = Object.entries(row).filter(([column, value]) => column.startsWith(`${prefix}:`) && value.trim() !== '')
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([column, value]) => [column.slice(prefix.length + 1), read(value.trim())]))
}

function listOrOne(value: string): string | string[] {
  return value.includes(SEPARATOR) ? (list(value) as string[]) : value
}

function list(value: string | undefined): string[] | undefined {
  const parts = (value ?? '').split(SEPARATOR).map((one) => one.trim())
  const given = parts.filter((one) => one !== '')
  return given.length === 0 ? undefined : given
}

function text(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === '' ? undefined : trimmed
}

function number(value: string | undefined): number | string | undefined {
  const given = text(value)
  return given !== undefined && /^-?\d{1,15}$/.test(given) ? Number(given) : given
}

function withoutBlank(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
