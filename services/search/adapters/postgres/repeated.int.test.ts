import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Account, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import search from '../../service.ts'
import { add, document, stocked, tended, tendedByHand, world } from '../../testing/market.ts'

/** All alike, and more than are kept of one question. */
const PEBBLES = 420

let room: Room
let shopper: Account
let kettles: ProductDocument[]
beforeAll(async () => {
  // This engine, whichever the run is on.
  room = world.room = await openRoom({ services: [search] })
  await tendedByHand()
  shopper = room.account()
  kettles = await add(
    ...Array.from({ length: 40 }, (_, index) => ({
      name: `Brook kettle ${'of copper '.repeat(index % 5)}${index}`,
      description: index % 3 === 0 ? 'A kettle for the brook.' : 'Boils water.',
    })),
  )
  await add({ name: 'Brook shoe', skus: ['BR-77'] }, { name: 'Kettle stand' }, { name: 'Copper wire' })
  await room.house.services.get('outside')?.database.transaction(async (tx) => {
    for (let index = 0; index < PEBBLES; index++) tx.publish(ProductCreated, document({ name: `Pebble ${index}` }))
  })
  await room.settled()
  await tended()
})
afterAll(() => room.stop())

/** Answers to one who says who he is are made anew each time. */
async function ask(query: string) {
  const { status, body } = await room.request(`GET /api/products?${query}`, { as: shopper })
  if (status !== 200) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`)
  return body as { items: Card[]; nextCursor: string | null; total?: number; didYouMean?: string }
}
const names = async (query: string) => (await ask(query)).items.map((one) => one.name)
/** The same list by a filter that every product passes, where everything is weighed. */
const whole = (query: string) => names(`${query}&minPrice=1`)
async function repeated(query: string): Promise<string[]> {
  for (let time = 0; time < 2; time++) await ask(query)
  return names(query)
}

function priceOf({ productId, variants }: ProductDocument, amount: number) {
  return { sku: variants[0]?.sku as string, productId, price: { amount, currency: 'EUR' }, compareAt: null }
}

const QUESTIONS = [
  'q=brook',
  'q=brook+kettle',
  'q=brook+kettle+copper&limit=5',
  'q=kettel',
  'q=br-77',
  'q=copper+shoe&limit=100',
  'q=kettle&limit=1',
]

test.each(QUESTIONS)('%s, asked again, is answered as when it is asked first', async (query) => {
  const first = await ask(query)
  for (let time = 0; time < 3; time++) {
    const again = await ask(query)
    // A cursor holds the moment that the list began.
    expect({ ...again, nextCursor: again.nextCursor !== null }).toEqual({ ...first, nextCursor: first.nextCursor !== null })
  }
  expect(first.items.map((one) => one.name)).toEqual(await whole(query))
})

test('nothing is weighed for who asks again; prices, stock and standing are those of the moment', async () => {
  const before = await repeated('q=brook+kettle')
  await repeated('q=brook+kettle&limit=1')
  // The words weigh most in these three, and the same.
  const alike = [kettles[0], kettles[15], kettles[30]] as ProductDocument[]
  expect(before.slice(0, 3).toSorted()).toEqual(alike.map((one) => one.name).toSorted())
  const db = room.db('search')
  await db.run(sql`CREATE TABLE texts_aside AS TABLE texts`)
  await db.run(sql`DELETE FROM texts`)
  try {
    expect(await names('q=brook+kettle')).toEqual(before)
    expect(await whole('q=brook+kettle')).toEqual([])
    for (const one of alike) {
      for (const each of alike) await stocked(each, each === one ? 7 : 0)
      await room.settled()
      expect((await ask('q=brook+kettle&limit=1')).items).toMatchObject([{ name: one.name, available: 7 }])
    }
    await room.publish(PriceChanged, { ...priceOf(alike[2] as ProductDocument, 4321), version: 9 })
    await room.settled()
    expect((await ask('q=brook+kettle&limit=1')).items).toMatchObject([{ price: { amount: 4321, currency: 'EUR' } }])
  } finally {
    await db.run(sql`INSERT INTO texts TABLE texts_aside`)
    await db.run(sql`DROP TABLE texts_aside`)
  }
  expect(await names('q=brook+kettle')).toEqual(await whole('q=brook+kettle'))
})

test('who turns the pages of it finds every product once, in the order of the whole list', async () => {
  const all = await whole('q=brook+kettle&limit=100')
  await repeated('q=brook+kettle&limit=7')
  const turned: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await ask(`q=brook+kettle&limit=7${cursor === undefined ? '' : `&cursor=${cursor}`}`)
    turned.push(...page.items.map((one) => one.name))
    cursor = page.nextCursor
  }
  expect(turned).toEqual(all)
})

test('words that came, changed or went are seen by who asks again', async () => {
  expect(await repeated('q=brook+lamp')).not.toContain('Brook lamp')
  const [lamp] = (await add({ name: 'Brook lamp' })) as [ProductDocument]
  expect((await names('q=brook+lamp'))[0]).toBe('Brook lamp')
  await repeated('q=brook+lamp')
  await room.publish(ProductChanged, { ...lamp, version: 2, name: 'Brook lantern' })
  await room.settled()
  expect(await names('q=brook+lamp')).not.toContain('Brook lamp')
  expect((await repeated('q=brook+lantern'))[0]).toBe('Brook lantern')
  await room.publish(ProductArchived, { ...lamp, version: 3, status: 'archived' })
  await room.settled()
  expect(await names('q=brook+lantern')).not.toContain('Brook lantern')
  // Once words were counted anew they are worth something else.
  await tended()
  expect(await repeated('q=brook+lantern')).toEqual(await whole('q=brook+lantern'))
})

test('what the merchant wants of a question is done for who asks it again', async () => {
  const admin = room.account({ roles: ['admin'] })
  const last = (await repeated('q=brook+kettle&limit=100')).at(-1) as string
  const pinned = kettles.find((one) => one.name === last)?.productId
  const made = await room.request('POST /api/search/placements', {
    as: admin,
    body: { question: 'brook kettle', pinned: [pinned], buried: [] },
    headers: { 'idempotency-key': 'pin-kettle-1' },
  })
  expect(made.status).toBe(201)
  expect((await repeated('q=brook+kettle&limit=5'))[0]).toBe(last)
  expect(await names('q=brook+kettle&limit=5')).toEqual(await whole('q=brook+kettle&limit=5'))
})

test('so many that are alike that they are not kept are weighed each time', async () => {
  expect(await repeated('q=pebble')).toEqual(await whole('q=pebble'))
  expect(new Set(await repeated('q=pebble&limit=100')).size).toBe(100)
})

test('a page is full although somebody on it went unheard', async () => {
  const before = await repeated('q=kettle&limit=10')
  const away = kettles.find((one) => one.name === before[3]) as ProductDocument
  await room.db('search').run(sql`DELETE FROM documents WHERE product_id = ${away.productId}`)
  const after = await names('q=kettle&limit=10')
  expect(after).toEqual(before.filter((name) => name !== away.name).concat((await whole('q=kettle&limit=10')).slice(9)))
})

test('what is suggested is told again until words change, and then at once anew', async () => {
  const suggested = async () =>
    (await room.request('GET /api/products/suggest?q=harbour')).body.items.map((one: { text: string }) => one.text)
  await add({ name: 'Harbour bell' })
  expect(await suggested()).toEqual(['Harbour bell'])
  await room.db('search').run(sql`UPDATE documents SET name = 'Harbour gong' WHERE name = 'Harbour bell'`)
  expect(await suggested()).toEqual(['Harbour bell'])
  await add({ name: 'Harbour lamp' })
  expect((await suggested()).toSorted()).toEqual(['Harbour gong', 'Harbour lamp'])
})

test('the first product in a language is soon found by who asked for it before', async () => {
  await repeated('q=bachlaternen')
  await room.publish(ProductCreated, document({ name: 'Bachlaterne', language: 'de' }))
  await room.settled()
  // Whoever asks at once may be answered in the languages of half a second ago.
  await expect.poll(() => names('q=bachlaternen'), { timeout: 5000, interval: 20 }).toEqual(['Bachlaterne'])
})
