import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { onFailPoint, setFailPoints } from '@stoa/chassis/fail-point.ts'
import type { Account, Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed } from '@stoa/contracts/orders.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import { confirmed, document, list, openMarket, stocked, tended, tendedByHand } from './testing/market.ts'

/** More than one step of making an index anew. */
const GOODS = 250
const BEFORE_THE_END = new Set(['search.between-rebuild-steps', 'search.before-swap', 'search.while-filling'])
let room: Room
let admin: Account
let goods: ProductDocument[]
const waker = document({ name: 'Waker' })
const order = confirmed(waker, 1)
beforeAll(async () => {
  room = await openMarket()
  await tendedByHand()
  admin = room.account({ roles: ['admin'] })
  goods = Array.from({ length: GOODS }, (_, index) =>
    document({ name: `Steady thing ${index}`, path: index % 2 === 0 ? 'Things > Even' : 'Things', description: `Number ${index}.` }),
  )
  await room.house.services.get('outside')?.database.transaction(async (tx) => {
    for (const one of goods) tx.publish(ProductCreated, one)
  })
  for (const one of goods.slice(0, 6)) await stocked(one, 3)
  await room.settled()
  await tended()
})
afterEach(() => {
  setFailPoints('')
  onFailPoint(undefined)
})
afterAll(() => room.stop())

const versions = new Map<string, number>()
async function change(one: ProductDocument, more: Partial<ProductDocument>): Promise<void> {
  const version = (versions.get(one.productId) ?? one.version) + 1
  versions.set(one.productId, version)
  await room.publish(more.status === 'archived' ? ProductArchived : ProductChanged, { ...one, ...more, version })
}

/** Every row that events made, but for when things happened. */
async function wholeIndex(): Promise<Record<string, string[]>> {
  const without: Readonly<Record<string, string>> = { facts: "- 'standing_before' - 'standing_at'" }
  const tables = ['documents', 'contents', 'facts', 'sku_facts', 'categories', 'texts', 'shelves', 'terms', 'languages']
  const rows = tables.map(async (table) => {
    const text = `SELECT (to_jsonb(t) ${without[table] ?? ''})::text AS row FROM ${table} t ORDER BY 1`
    return [table, (await room.db('search').rows<{ row: string }>({ text, values: [] })).map((one) => one.row)] as const
  })
  return Object.fromEntries(await Promise.all(rows))
}

const rebuild = () => room.request('POST /api/search/index/rebuild', { as: admin })

/** Asks for all goods again and again until told to stop; answers what was wrong. */
function flow() {
  let isOver = false
  const faults: unknown[] = []
  let asked = 0
  const asking = (async () => {
    while (!isOver) {
      // Another limit each time, so that no answer is one that was kept.
      const { status, body } = await list(`q=steady+thing&facets=true&limit=${1 + (asked++ % 100)}`)
      if (status !== 200 || body.total < GOODS - 10) faults.push({ status, total: body.total })
    }
  })()
  return async () => {
    isOver = true
    await asking
    return { faults, asked }
  }
}

test('while an index is made anew nobody sees a half-empty shop, and what changes meanwhile is in both', async () => {
  const end = flow()
  // No look ends it before the changes have come.
  onFailPoint((name) => {
    if (BEFORE_THE_END.has(name)) throw new Error(`${name} is as far as it goes`)
  })
  expect((await rebuild()).body).toMatchObject({ engine: expect.any(String), products: GOODS, rebuilding: true })
  // The first goods are in the new index by now.
  await tended().catch(() => {})
  for (const one of goods.slice(0, 5)) await change(one, { name: 'Changed in the middle', categories: [], categoryTree: [] })
  await change(goods.at(-1) as ProductDocument, { status: 'archived' })
  await room.publish(ProductCreated, document({ name: 'Come in the middle' }))
  await room.settled()
  onFailPoint(undefined)
  // An engine elsewhere waits for whoever began before: that may take more than one look.
  await expect
    .poll(async () => tended().then(async () => (await room.request('GET /api/search/index', { as: admin })).body), { timeout: 20_000 })
    .toMatchObject({ rebuilding: false, rebuiltAt: expect.any(String) })
  await room.settled()
  const { faults, asked } = await end()
  expect(faults).toEqual([])
  expect(asked).toBeGreaterThan(3)
  const found = async (q: string, name: string) => (await list(`q=${q}`)).body.items.filter((one: Card) => one.name === name)
  expect(await found('changed+middle', 'Changed in the middle')).toHaveLength(5)
  expect(await found('come+middle', 'Come in the middle')).toHaveLength(1)
  expect((await list('category=things-even&limit=100&facets=true')).body.total).toBe(GOODS / 2 - 3)
})

test.each(['search.between-rebuild-steps=throw:2', 'search.before-swap=throw', 'transaction.before-commit=throw:3'])(
  'an index that was being made when %s is finished by the next look, and is the same',
  async (points) => {
    await tended()
    const before = await wholeIndex()
    await rebuild()
    setFailPoints(points)
    await tended().catch(() => {})
    setFailPoints('')
    await tended()
    expect((await room.request('GET /api/search/index', { as: admin })).body.rebuilding).toBe(false)
    expect(await wholeIndex()).toEqual(before)
  },
)

test.each(['consumer.after-advance', 'consumer.before-commit', 'consumer.after-commit', 'transaction.before-commit'])(
  'however consumers are cut short at %s, the index equals one built from nothing by reading every stream again',
  async (point) => {
    setFailPoints(`${point}=throw:3`)
    const [a, b, c] = goods.slice(20, 23) as [ProductDocument, ProductDocument, ProductDocument]
    const patient = (work: () => Promise<unknown>) => work().catch(() => work())
    await patient(() => change(a, { name: `Cut short ${point}`, tags: ['Cut'] }))
    await patient(() => stocked(a, 0))
    // It goes for good while some of it is there.
    const d = goods.find((one) => !versions.has(one.productId)) as ProductDocument
    await patient(() => stocked(d, 7))
    await room.settled()
    await patient(() => change(d, { status: 'archived' }))
    await patient(() => change(b, { status: 'archived' }))
    await patient(() => change(b, { status: 'active', description: 'It came back.' }))
    const price = { amount: 700, currency: 'EUR' }
    const sku = c.variants[0]?.sku as string
    await patient(() => room.publish(PriceChanged, { sku, productId: c.productId, price, compareAt: null, version: versions.size + 1 }))
    await patient(() => room.publish(ProductRated, { productId: c.productId, average: 4.5, count: 9 }))
    await patient(() => room.publish(OrderConfirmed, { ...confirmed(c, 70), total: price, method: 'card' }))
    await patient(() => change(c, { variants: [{ ...c.variants[0], sku: `OTHER-${newId()}` } as never] }))
    await room.settled()
    setFailPoints('')
    await wake()
    await room.settled()
    await tended()
    const live = await wholeIndex()
    await fromNothing()
    expect(await wholeIndex()).toEqual(live)
  },
)

/** Empties every table and reads all streams again. */
async function fromNothing(): Promise<void> {
  const db = room.db('search')
  await db.run(sql`TRUNCATE documents, contents, facts, sku_facts, categories, texts, shelves, terms`)
  await db.run(sql`DELETE FROM languages WHERE language <> 'en'`)
  await db.run(sql`UPDATE chassis.consumer_position SET last_seq = 0`)
  await wake()
  await room.settled()
  await tended()
}

/** Tells every stream something, the same each time. A reader finds that it is not where it thought when it tries to move on. */
async function wake(): Promise<void> {
  const [{ sku }, { productId }] = [waker.variants[0] as { sku: string }, waker]
  const price = { amount: 1234, currency: 'EUR' }
  await room.publish(ProductCreated, waker)
  await room.publish(StockChanged, { sku, productId, onHand: 4, reserved: 0, available: 4, low: false, version: 1 })
  await room.publish(PriceChanged, { sku, productId, price, compareAt: null, version: 1 })
  await room.publish(ProductRated, { productId, average: 3, count: 5 })
  await room.publish(OrderCancelled, { ...order, reason: 'customer', from: 'PENDING', cartId: null, accountId: null })
}

test('products of an earlier release, whose texts were not kept, keep the words they have', async () => {
  const before = await wholeIndex()
  const db = room.db('search')
  await db.run(sql`DELETE FROM contents WHERE product_id = ${goods[30]?.productId}`)
  await rebuild()
  await tended()
  const after = await wholeIndex()
  expect(after.texts).toEqual(before.texts)
  expect(after.shelves).toEqual(before.shelves)
})

test('only staff may see or remake the index', async () => {
  for (const door of ['GET /api/search/index', 'POST /api/search/index/rebuild'])
    expect((await room.request(door, { as: room.account() })).status).toBe(403)
})
