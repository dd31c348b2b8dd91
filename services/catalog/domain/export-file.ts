/** The catalogue as a file that `POST /imports/products` takes back: without stock, which is inventory's to tell. */
import { cellOf, documentCell, listCell, textCell } from './csv-cells.ts'
import type { Product } from './product.ts'

/** Columns of an exported CSV file. The import knows more of them; these say everything, whatever a product holds. */
const COLUMNS = [
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
  'attributes',
  'sku',
  'options',
  'priceMinor',
  'compareAtMinor',
  'currency',
  'weightGrams',
  'barcode',
] as const
type Column = (typeof COLUMNS)[number]

/** The header of an exported CSV file. */
export const CSV_HEADER = `${COLUMNS.join(',')}\r\n`

/** A product as one line of JSON. Its ids are kept for readers. */
export function jsonLineOf(product: Product): string {
  const { details } = product
  const line = {
    id: product.id,
    name: product.name,
    description: details.description,
    brand: details.brand,
    categories: details.categories.map((one) => one.path),
    attributes: details.attributes,
    tags: details.tags,
    images: details.images,
    status: product.status,
    taxClass: details.taxClass,
    ...(details.language ? { language: details.language } : {}),
    variants: details.variants.map(({ id, sku, options, price, compareAt, weightGrams, barcode }) => ({
      id,
      sku,
      options,
      price,
      ...(compareAt ? { compareAt } : {}),
      weightGrams,
      barcode,
    })),
  }
  return `${JSON.stringify(line)}\n`
}

/** A product as rows of CSV, one for each variant; what belongs to the product stands in the first. */
export function csvRowsOf(product: Product): string {
  const { details } = product
  const whole: Partial<Record<Column, string>> = {
    name: product.name,
    description: details.description,
    brand: details.brand ?? '',
    categories: listCell(details.categories.map((one) => one.path)),
    tags: listCell(details.tags),
    status: product.status,
    taxClass: details.taxClass,
    language: details.language ?? '',
    images: documentCell(details.images),
    attributes: documentCell(details.attributes),
  }
  return details.variants
    .map((one, index) =>
      rowOf({
        product: product.id,
        ...(index === 0 ? whole : {}),
        sku: one.sku,
        options: documentCell(one.options),
        priceMinor: String(one.price.amount),
        compareAtMinor: one.compareAt === null ? '' : String(one.compareAt.amount),
        currency: one.price.currency,
        weightGrams: String(one.weightGrams),
        barcode: textCell(one.barcode),
      }),
    )
    .join('')
}

function rowOf(cells: Partial<Record<Column, string>>): string {
  return `${COLUMNS.map((column) => cellOf(cells[column] ?? '')).join(',')}\r\n`
}
