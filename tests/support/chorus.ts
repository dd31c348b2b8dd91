/** Real electronics products and human judgements of the Chorus project, kept beside the repository and never in it. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** The evaluator, and below it the data: STOA_EVAL_DATA. */
export const EVAL_FOLDER = process.env.STOA_EVAL_DATA ?? resolve(import.meta.dirname, '../../../shared/eval/search')
/** Products, questions and judgements. */
export const CHORUS_FOLDER = join(EVAL_FOLDER, 'chorus')
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
  return existsSync(join(CHORUS_FOLDER, 'products.tsv.gz'))
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
      variants: [variantOf(id, chance)],
    }
  })
}

/** As many products of the same shape, made up, for machines without the data. */
export function madeUpProducts(count = CHORUS_PRODUCTS): ChorusProduct[] {
  const kinds = ['Notebook', 'Headphones', 'Processor', 'Toner', 'Monitor', 'Keyboard', 'Router', 'Cable', 'Printer', 'Battery']
  const brands = ['Norden', 'Aster', 'Kellmann', 'Oriel', 'Vantor', 'Pelle', 'Sund', 'Tarn']
  const colours = ['black', 'silver', 'white', 'blue', 'grey']
  return Array.from({ length: count }, (_, index) => {
    const chance = createHash('sha256').update(`made up ${index}`).digest()
    const pick = (from: readonly string[], at: number) => from[(chance[at] as number) % from.length] as string
    const kind = pick(kinds, 0)
    const brand = pick(brands, 1)
    const model = `${brand.slice(0, 2).toUpperCase()}-${1000 + index}`
    return {
      name: `${brand} ${model} ${kind} ${pick(colours, 2)}`,
      description: `A ${kind.toLowerCase()} by ${brand}, model ${model}.`,
      brand,
      categories: [`Electronics > ${kind}`],
      attributes: { 'product type': kind, 'product colour': pick(colours, 2), model },
      variants: [variantOf(String(index), chance)],
    }
  })
}

/** Real products where they are at hand, else made-up ones, as an import file. */
export function catalogueLines(): string {
  return (hasChorus() ? chorusProducts() : madeUpProducts()).map((one) => `${JSON.stringify(one)}\n`).join('')
}

/** Questions that people judged answers to, by id. */
export function chorusQueries(): { readonly id: string; readonly q: string }[] {
  return rowsOf('queries.tsv').map(([id = '', q = '']) => ({ id, q }))
}

function variantOf(id: string, chance: Buffer): ChorusProduct['variants'][0] {
  return {
    sku: chorusSku(id),
    price: { amount: 499 + (chance.readUInt32BE(4) % 200_000), currency: 'EUR' },
    stock: chance.readUInt16BE(8) % 120,
    weightGrams: 50 + (chance.readUInt16BE(10) % 5000),
  }
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
  const bytes = readFileSync(join(CHORUS_FOLDER, file))
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}
