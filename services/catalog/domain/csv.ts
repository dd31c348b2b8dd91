/** Catalogues as CSV: one variant a row; consecutive rows with the same `product` are one product. */
import { documentOf, listOf, listOrOne, textOf, unguarded } from './csv-cells.ts'
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
  'language',
  'images',
  'image',
  'imageAlt',
  'imageWidth',
  'imageHeight',
  'attributes',
  'sku',
  'options',
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

/** A row of a file with these columns. Cells that are not there are blank. */
export function rowOf(columns: readonly string[], cells: readonly string[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, unguarded(cells[index] ?? '')]))
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
    // Kept to the last blank: a text may begin with an indent.
    description: first.description === '' ? undefined : first.description,
    brand: text(first.brand),
    categories: listOf(first.categories),
    tags: listOf(first.tags),
    status: text(first.status),
    taxClass: text(first.taxClass),
    language: text(first.language),
    images: imagesOf(first),
    attributes: merged(documentOf(first.attributes), prefixed(first, 'attr', listOrOne)),
    variants: rows.map((row) => variantOf(row, currency)),
  })
}

function variantOf(row: Row, shopCurrency: string): Record<string, unknown> {
  const currency = text(row.currency) ?? shopCurrency
  const compareAt = amount(row.compareAt, row.compareAtMinor, currency)
  return withoutBlank({
    sku: row.sku?.trim(),
    options: merged(
      documentOf(row.options),
      prefixed(row, 'option', (value) => value),
    ),
    price: { amount: amount(row.price, row.priceMinor, currency), currency },
    compareAt: compareAt === undefined ? undefined : { amount: compareAt, currency },
    stock: number(row.stock),
    weightGrams: number(row.weightGrams),
    barcode: textOf(row.barcode),
  })
}

/** Pictures: those listed in `images`, then the one told cell by cell. What is no list stays as it is, to be found faulty. */
function imagesOf(row: Row): unknown {
  const listed = documentOf(row.images)
  const url = text(row.image)
  if (url === undefined || (listed !== undefined && !Array.isArray(listed))) return listed
  const own = {
    url,
    alt: text(row.imageAlt) ?? row.name ?? '',
    width: number(row.imageWidth) ?? 1200,
    height: number(row.imageHeight) ?? 1200,
  }
  return [...(listed ?? []), own]
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

/** A document of one cell with what stands in cells of their own. What is no document stays as it is, to be found faulty. */
function merged(document: unknown, cells: Record<string, unknown> | undefined): unknown {
  if (cells === undefined) return document
  if (document === undefined) return cells
  return typeof document === 'object' && document !== null && !Array.isArray(document) ? { ...document, ...cells } : document
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
