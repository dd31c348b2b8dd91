/** Goods, prices and stock as the index hears of them, and a shopper who looks, for the tests of this room. */
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import { forgetCatalogue } from '../adapters/postgres/words.ts'
import search from '../service.ts'
import { WORDS } from '../store/write.ts'

/** The room of the running test file. */
export const world = {} as { room: Room }

/** Opens the room on the engine that the run of tests names, the same tests for each: OpenSearch at STOA_TEST_OPENSEARCH, else PostgreSQL. */
export async function openMarket(): Promise<Room> {
  const url = process.env.STOA_TEST_OPENSEARCH
  world.room = await openRoom({ services: [search], env: url ? { STOA_SEARCH_ENGINE: 'opensearch', STOA_OPENSEARCH_URL: url } : {} })
  if (url) await untilMirrored()
  return world.room
}

const WAIT_MS_MAX = 30_000

/** Waits until an index is whole: before, the database answers. */
export async function untilMirrored(): Promise<void> {
  const isWhole = () => world.room.db('search').maybe(sql`SELECT live FROM mirror WHERE live IS NOT NULL`)
  await until('an index is whole', async () => (await isWhole()) !== undefined)
}

/** Waits until something is so. Throws: when it is not for too long. */
export async function until(what: string, isSo: () => Promise<boolean>, msMax = WAIT_MS_MAX): Promise<void> {
  const latest = Date.now() + msMax
  while (!(await isSo())) {
    if (Date.now() > latest) throw new Error(`it never came that ${what}`)
    await new Promise((go) => setTimeout(go, 50))
  }
}

/** Does the regular work at once: words are counted again. */
export async function tended(): Promise<void> {
  await world.room.db('search').run(sql`UPDATE index_state SET counted_at = '-infinity', changed = 1`)
  const service = world.room.house.services.get('search')
  const context = { ...service?.common(), db: service?.database, transaction: service?.database.transaction.bind(service.database) }
  for (const job of search.jobs ?? []) await job.run({ ...context, signal: AbortSignal.timeout(30_000) } as never)
}

/** From here on nobody but `tended` does the regular work: the room's own loop would do it in the midst of a test. */
export async function tendedByHand(): Promise<void> {
  const db = world.room.db('search')
  for (const { name } of search.jobs ?? [])
    await db.run(
      sql`INSERT INTO chassis.job_runs (name, due_at) VALUES (${name}, 'infinity') ON CONFLICT (name) DO UPDATE SET due_at = 'infinity'`,
    )
  await until(
    'the last look has ended',
    async () => !(await db.maybe(sql`SELECT 1 FROM chassis.job_runs WHERE leased_until > now() AND due_at = 'infinity'`)),
  )
}

/** Whatever this process remembers of words is old, as after writing them; for tests that write rows by hand. */
export async function wordsTouched(): Promise<void> {
  await world.room.house.services.get('search')?.database.transaction(async (tx) => tx.touch([WORDS]))
  forgetCatalogue(world.room.db('search'))
}

const categories = new Map<string, { id: string; slug: string; path: string }>()
export function category(path: string) {
  const known = categories.get(path) ?? { id: newId(), slug: path.toLowerCase().replace(/[^a-z]+/g, '-'), path }
  categories.set(path, known)
  return known
}
function tree(path: string) {
  const names = path.split(' > ')
  return names.map((_, index) => category(names.slice(0, index + 1).join(' > ')))
}

export interface Given extends Partial<Omit<ProductDocument, 'categories'>> {
  path?: string
  skus?: string[]
  priceMinor?: number
}
let made = 0
export function document({ path, skus, priceMinor, ...more }: Given = {}): ProductDocument {
  made++
  return {
    productId: newId(),
    version: 1,
    slug: `product-${made}`,
    name: `Product ${made}`,
    description: '',
    brand: null,
    categories: path === undefined ? [] : [category(path)],
    categoryTree: path === undefined ? [] : tree(path),
    attributes: {},
    tags: [],
    image: null,
    status: 'active',
    taxClass: 'standard',
    vendorId: null,
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, made)).toISOString(),
    variants: (skus ?? [`SKU-${made}`]).map((sku) => ({
      variantId: newId(),
      sku,
      options: {},
      price: { amount: priceMinor ?? 1000, currency: 'EUR' },
      compareAt: null,
      openingStock: 5,
      weightGrams: 0,
    })),
    ...more,
  }
}
const versions = new Map<string, number>()
export function stocked(one: ProductDocument, available: number, sku = one.variants[0]?.sku as string, low = false) {
  const version = (versions.get(sku) ?? 0) + 1
  versions.set(sku, version)
  return world.room.publish(StockChanged, { sku, productId: one.productId, onHand: available, reserved: 0, available, low, version })
}
export const confirmed = (one: ProductDocument, quantity: number) => ({
  orderId: newId(),
  lines: [{ sku: one.variants[0]?.sku as string, productId: one.productId, quantity, unitPriceMinor: 1 }],
})
export async function add(...given: Given[]): Promise<ProductDocument[]> {
  const documents = given.map(document)
  for (const one of documents) {
    await world.room.publish(ProductCreated, one)
    await stocked(one, 5)
  }
  await world.room.settled()
  return documents
}
export async function list(query: string) {
  return world.room.request(`GET /api/products?${query.replaceAll(' ', '+')}`)
}
export async function names(query: string): Promise<string[]> {
  const { status, body } = await list(query)
  if (status !== 200) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`)
  return body.items.map((one: Card) => one.name)
}
/** All pages, as a shopper turns them. */
export async function allPages(query: string, between: () => Promise<unknown> = async () => {}): Promise<Card[]> {
  const seen: Card[] = []
  let cursor = ''
  for (let page = 0; page < 50; page++) {
    const { status, body } = await list(`${query}${cursor}`)
    if (status !== 200) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`)
    seen.push(...body.items)
    if (body.nextCursor === null) return seen
    cursor = `&cursor=${body.nextCursor}`
    await between()
  }
  throw new Error('the list does not end')
}
