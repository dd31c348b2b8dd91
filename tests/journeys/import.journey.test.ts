import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogueLines, CHORUS_PRODUCTS } from '../support/chorus.ts'
import { ask, logIn, postOrder, until, untilStatus } from '../support/client.ts'
import { doctor, startShop, type Shop } from '../support/shop.ts'

/** Room for a busy machine; a quiet one needs a tenth of it. */
const MINUTES = 60_000
const MIDDLE = 4000

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-import-'))
const lines = catalogueLines()
const products = lines
  .trim()
  .split('\n')
  .map(
    (line) =>
      JSON.parse(line) as { name: string; brand: string | null; variants: [{ sku: string; stock: number; price: { amount: number } }] },
  )
let shop: Shop
let admin: string
async function start(): Promise<void> {
  shop = await startShop({ dataDir })
  admin = (await logIn(shop.origin, 'admin@stoa.example')).token
}
beforeAll(start)
afterAll(async () => {
  await shop.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function upload(): Promise<string> {
  const answer = await ask(shop.origin, 'POST /api/imports/products', {
    token: admin,
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines,
    timeoutMs: MINUTES,
  })
  expect(answer.status).toBe(202)
  return answer.body.importId
}
const report = (id: string) => ask(shop.origin, `GET /api/imports/${id}`, { token: admin })
const done = (id: string) =>
  until(
    () => report(id),
    (answer) => answer.body.state !== 'running',
    300,
  )
/** Events that every service has put in order so far. */
/** How many each service has written, as the check of its streams counts them. */
async function eventsWritten(): Promise<string[]> {
  const { checks } = await doctor(shop.dataDir, 120)
  return checks.filter((one) => one.name.endsWith('no gap in its streams')).map((one) => `${one.name}: ${one.examined}`)
}
async function tagsOf(sample: readonly (typeof products)[number][]): Promise<(string | null)[]> {
  const tags: (string | null)[] = []
  for (const one of sample) {
    const { items } = (await ask(shop.origin, `GET /api/products?q=${encodeURIComponent(one.variants[0].sku)}&limit=1`)).body
    tags.push((await ask(shop.origin, `GET /api/products/${items[0].id}`)).headers.get('etag'))
  }
  return tags
}
const sample = products.filter((_, index) => index % 900 === 0)
const movements = async () =>
  (await Promise.all(sample.map((one) => ask(shop.origin, `GET /api/stock/${one.variants[0].sku}/movements`, { token: admin })))).map(
    (answer) => answer.body.items,
  )

test('killed in the middle, an import of a whole catalogue goes on and counts every line once', { timeout: 8 * MINUTES }, async () => {
  expect(products).toHaveLength(CHORUS_PRODUCTS)
  const id = await upload()
  await until(
    () => report(id),
    (answer) => answer.body.created >= MIDDLE,
    120,
  )
  const before = (await report(id)).body
  expect(before.state).toBe('running')
  await shop.kill()
  await start()
  const { body } = await done(id)
  expect(body).toMatchObject({
    state: 'done',
    read: CHORUS_PRODUCTS,
    created: CHORUS_PRODUCTS,
    updated: 0,
    unchanged: 0,
    failed: 0,
    errors: [],
  })
})

test('what was imported is found, filtered and bought', { timeout: 4 * MINUTES }, async () => {
  const wanted = products.filter((one) => one.variants[0].stock > 10)[5] as (typeof products)[number]
  const { sku } = wanted.variants[0]
  await until(
    () => ask(shop.origin, `GET /api/products?q=${encodeURIComponent(sku)}&limit=1`),
    (answer) => answer.body.items[0]?.sku === sku && answer.body.items[0].available === wanted.variants[0].stock,
    120,
  )
  const last = products.at(-1) as (typeof products)[number]
  await until(
    () => ask(shop.origin, `GET /api/products?q=${encodeURIComponent(last.variants[0].sku)}&limit=1`),
    (answer) => answer.body.items[0]?.sku === last.variants[0].sku,
    120,
  )
  const brand = wanted.brand as string
  const dear = products.filter((one) => one.brand?.toLowerCase() === brand.toLowerCase() && one.variants[0].price.amount >= 50_000)
  const filtered = await until(
    () => ask(shop.origin, `GET /api/products?brand=${encodeURIComponent(brand)}&minPrice=50000&sort=price&limit=50&facets=true`),
    (answer) => answer.body.total === dear.length,
    120,
  )
  const prices = filtered.body.items.map((one: { price: { amount: number } }) => one.price.amount)
  expect(prices.length).toBeGreaterThan(0)
  expect(prices).toEqual(prices.toSorted((a: number, b: number) => a - b))
  expect(Math.min(...prices)).toBeGreaterThanOrEqual(50_000)
  const placed = await postOrder(shop.origin, { sku, quantity: 2 })
  expect(placed.status).toBe(201)
  await untilStatus(shop.origin, placed.body.orderId, placed.body.viewToken, ['CONFIRMED'], 20)
  await until(
    () => ask(shop.origin, `GET /api/products?q=${encodeURIComponent(sku)}&limit=1`),
    (answer) => answer.body.items[0]?.available === wanted.variants[0].stock - 2,
    10,
  )
})

test('the same file again leaves no event, no movement and no changed tag', { timeout: 8 * MINUTES }, async () => {
  expect((await doctor(shop.dataDir, 120)).checks.filter((one) => !one.ok)).toEqual([])
  const before = { events: await eventsWritten(), tags: await tagsOf(sample), movements: await movements() }
  expect(before.events.length).toBeGreaterThanOrEqual(3)
  const { body } = await done(await upload())
  expect(body).toMatchObject({ state: 'done', read: CHORUS_PRODUCTS, created: 0, updated: 0, unchanged: CHORUS_PRODUCTS, failed: 0 })
  expect((await doctor(shop.dataDir, 60)).checks.filter((one) => !one.ok)).toEqual([])
  expect({ events: await eventsWritten(), tags: await tagsOf(sample), movements: await movements() }).toEqual(before)
})
