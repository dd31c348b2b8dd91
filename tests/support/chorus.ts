/** Real electronics products and human judgements of the Chorus project, kept beside the repository and never in it. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

const FOLDER = process.env.STOA_CHORUS_DIR ?? resolve(import.meta.dirname, '../../../shared/eval/search/chorus')
/** Products in the file. */
export const CHORUS_PRODUCTS = 19_406

export interface ChorusProduct {
  readonly name: string
  readonly description: string
  readonly brand: string | null
  readonly categories: string[]
  readonly attributes: Record<string, string>
  readonly variants: [{ sku: string; price: { amount: number; currency: string }; stock: number; weightGrams: number }]
}

/** Whether the data is on this machine. */
export function hasChorus(): boolean {
  return existsSync(join(FOLDER, 'products.tsv.gz'))
}

/** The SKU made of an id of the data. */
export function chorusSku(id: string): string {
  return `CH-${id}`
}

/** The products as `POST /products` takes them; price and stock come from a hash of the id, the same on every call. */
export function chorusProducts(): ChorusProduct[] {
  return rowsOf('products.tsv.gz').map(([id = '', name = '', brand = '', kind = '', features = '', description = '']) => {
    const chance = createHash('sha256').update(id).digest()
    const category = kind === '' || /^\d+$/.test(kind) ? attributeOf(features, 'product type') : kind
    return {
      name: name.slice(0, 300),
      description,
      brand: brand === '' ? null : brand.slice(0, 200),
      categories: category === undefined ? [] : [`Electronics > ${category.replaceAll('>', ' ').slice(0, 100)}`],
      attributes: attributesOf(features),
      variants: [
        {
          sku: chorusSku(id),
          price: { amount: 499 + (chance.readUInt32BE(0) % 200_000), currency: 'EUR' },
          stock: chance.readUInt16BE(4) % 120,
          weightGrams: 50 + (chance.readUInt16BE(6) % 5000),
        },
      ],
    }
  })
}

/** The products as an import file. */
export function chorusLines(): string {
  return chorusProducts()
    .map((one) => `${JSON.stringify(one)}\n`)
    .join('')
}

/** Questions that people judged answers to, by id. */
export function chorusQueries(): { readonly id: string; readonly q: string }[] {
  return rowsOf('queries.tsv').map(([id = '', q = '']) => ({ id, q }))
}

function attributesOf(features: string): Record<string, string> {
  const pairs = features.split(' | ').flatMap((one) => {
    const at = one.indexOf(': ')
    const [name, value] = [one.slice(0, at).trim(), one.slice(at + 2).trim()]
    return at > 0 && value !== '' ? [[name.slice(0, 80), value.slice(0, 1000)] as const] : []
  })
  return Object.fromEntries(pairs)
}

function attributeOf(features: string, name: string): string | undefined {
  return attributesOf(features)[name]
}

function rowsOf(file: string): string[][] {
  const bytes = readFileSync(join(FOLDER, file))
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}
