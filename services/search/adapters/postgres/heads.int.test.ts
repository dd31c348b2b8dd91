import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { OrderConfirmed } from '@stoa/contracts/orders.ts'
import { HEADED_MIN } from '../../domain/ranking.ts'
import type { EngineContext } from '../../engine.ts'
import search from '../../service.ts'
import { tendHeads } from './heads.ts'
import {
  add,
  allPages,
  confirmed,
  document,
  list,
  names,
  stocked,
  tended,
  tendedByHand,
  wordsTouched,
  world,
} from '../../testing/market.ts'

const GOODS = HEADED_MIN + 300
/** Goods of another kind, all alike: more of them than a head holds are the best. */
const THINGS = HEADED_MIN + 50
const PUT_AT_ONCE = 250

let room: Room
let goods: ProductDocument[]
let things: ProductDocument[]
beforeAll(async () => {
  // This engine, whichever the run is on.
  room = world.room = await openRoom({ services: [search] })
  await tendedByHand()
  // Names and descriptions of many lengths, so that the word tells more of some than of others.
  goods = Array.from({ length: GOODS }, (_, index) =>
    document({
      name: `Lantern ${'of brass and glass for the garden '.repeat(index % 7)}${index}`,
      description: index % 3 === 0 ? `A lantern. ${'It shines. '.repeat(index % 11)}` : '',
      language: index % 20 === 0 ? 'de' : 'en',
    }),
  )
  things = Array.from({ length: THINGS }, (_, index) => document({ name: `Thing ${index}` }))
  const all = [...goods, ...things]
  for (let from = 0; from < all.length; from += PUT_AT_ONCE) {
    await room.house.services.get('outside')?.database.transaction(async (tx) => {
      for (const one of all.slice(from, from + PUT_AT_ONCE)) tx.publish(ProductCreated, one)
    })
    await room.settled()
  }
  await tended()
}, 120_000)
afterAll(() => room.stop())

const headOf = (word: string) =>
  room
    .db('search')
    .one<{ length: number; floor: number | null }>(
      sql`SELECT (SELECT count(*) FROM heads WHERE word = ${word}) AS length, (SELECT floor FROM terms WHERE word = ${word}) AS floor`,
    )

/** The same list twice: as its first page is found, and by the filter that every product passes, which no head can answer. */
async function bothWays(query: string): Promise<[string[], string[]]> {
  return [await names(query), await names(`${query}&minPrice=1`)]
}

async function expectSame(query: string): Promise<string[]> {
  const [quick, whole] = await bothWays(query)
  expect(quick).toEqual(whole)
  return quick
}

const change = (one: ProductDocument, more: Partial<ProductDocument>, version = 2) =>
  room.publish(ProductChanged, { ...one, ...more, version })

test('a word that very many products hold has a head, a rarer one has none', async () => {
  const { length, floor } = await headOf('lantern')
  expect(length).toBe(400)
  expect(floor).toBeGreaterThan(0)
  expect(await headOf('brass')).toMatchObject({ length: 0, floor: null })
  expect(await expectSame('q=lantern&limit=100')).toHaveLength(100)
})

test('whatever changes, the first page is the one that weighing every product gives', async () => {
  const [best, ...others] = (await list('q=lantern&limit=24')).body.items.map((card: { id: string }) =>
    goods.find((one) => one.productId === card.id),
  ) as [ProductDocument, ...ProductDocument[]]
  await stocked(best, 0)
  await room.publish(OrderConfirmed, {
    ...confirmed(others[20] as ProductDocument, 5000),
    total: { amount: 1, currency: 'EUR' },
    method: 'card',
  })
  await room.settled()
  expect((await expectSame('q=lantern'))[0]).not.toBe(best.name)
  const last = goods.at(-1) as ProductDocument
  await change(last, { name: 'Lantern', description: 'Lantern', tags: ['Lantern'], brand: 'Lantern', language: 'en' })
  await change(others[0] as ProductDocument, { name: 'Torch', description: '' })
  await room.publish(ProductArchived, { ...(others[1] as ProductDocument), status: 'archived', version: 2 })
  await add({ name: 'Lantern of Lantern', brand: 'Lantern' })
  const page = await expectSame('q=lantern&limit=48')
  expect(page.slice(0, 2).sort()).toEqual(['Lantern', 'Lantern of Lantern'])
  expect(page).not.toContain('Torch')
  await tended()
  expect((await expectSame('q=lantern&limit=48')).slice(0, 2)).toEqual(page.slice(0, 2))
})

test('where somebody outside of the head may be as good, every product is weighed', async () => {
  await expectSame('q=thing')
  const inside = await room
    .db('search')
    .rows<{ id: string }>(sql`SELECT product_id AS id FROM heads WHERE word = 'thing' ORDER BY id LIMIT 30`)
  const known = await room.db('search').rows<{ id: string }>(sql`SELECT product_id AS id FROM heads WHERE word = 'thing'`)
  const isInside = (one: ProductDocument) => known.some(({ id }) => id === one.productId)
  const outside = things.filter((one) => !isInside(one)).sort((a, b) => (a.productId < b.productId ? 1 : -1))[0] as ProductDocument
  for (const one of [outside, ...things.filter(({ productId }) => inside.some(({ id }) => id === productId))])
    await room.publish(OrderConfirmed, { ...confirmed(one, 5000), total: { amount: 1, currency: 'EUR' }, method: 'card' })
  await room.settled()
  expect((await expectSame('q=thing&limit=20'))[0]).toBe(outside.name)
})

test('heads that are made while goods change miss none of them', async () => {
  await room.db('search').run(sql`UPDATE terms SET floor = NULL WHERE word IN ('lantern', 'thing')`)
  const changed = goods.slice(100, 140)
  await Promise.all([
    tended(),
    ...changed.map((one, index) => change(one, { name: `Lantern L${index}`, brand: 'Lantern', language: 'en' })),
  ])
  await room.settled()
  expect((await headOf('lantern')).length).toBeGreaterThanOrEqual(400)
  const page = await expectSame('q=lantern&limit=45')
  expect(page.filter((name) => /^Lantern L\d/.test(name))).toHaveLength(40)
})

test('whoever dies while a head is made leaves right answers, and the next look makes it', async () => {
  const db = room.db('search')
  await db.run(sql`DELETE FROM heads WHERE word = 'lantern'`)
  await db.run(sql`UPDATE terms SET floor = -1 WHERE word = 'lantern'`)
  await change(goods[200] as ProductDocument, { name: 'Lantern in the dark', language: 'en' })
  await room.settled()
  expect(await headOf('lantern')).toEqual({ length: 1, floor: -1 })
  await expectSame('q=lantern&limit=30')
  await tended()
  expect((await headOf('lantern')).length).toBeGreaterThanOrEqual(400)
  await expectSame('q=lantern&limit=31')
})

test('a head that another release weighed otherwise is made anew once a process has begun', async () => {
  const db = room.db('search')
  await tended()
  const mostIn = () =>
    db.one<{ x: number; floor: number }>(sql`SELECT max(x) AS x, min(floor) AS floor FROM heads NATURAL JOIN terms WHERE word = 'lantern'`)
  const right = await mostIn()
  await db.run(sql`UPDATE heads SET x = x * 0.9 WHERE word = 'lantern'`)
  await db.run(sql`UPDATE terms SET floor = floor * 0.9 WHERE word = 'lantern'`)
  const { database } = room.house.services.get('search') ?? {}
  const { rows, maybe, one, run } = db
  // What a process has seen hangs on its `Db`.
  const another = { rows: rows.bind(db), maybe: maybe.bind(db), one: one.bind(db), run: run.bind(db) }
  const context = { db: another, transaction: database?.transaction.bind(database), signal: AbortSignal.timeout(30_000) }
  await tendHeads(context as EngineContext)
  expect(await mostIn()).toEqual(right)
})

test('all pages together hold every product once', async () => {
  const cards = await allPages('q=lantern&limit=100')
  // One came, one went, one is a torch now.
  expect(new Set(cards.map((one) => one.id)).size).toBe(GOODS - 1)
  expect(cards).toHaveLength(GOODS - 1)
})

test('a list that a common word fills up holds the best of that word, and the better answers before them', async () => {
  await add(
    ...Array.from({ length: 30 }, (_, index) => ({ name: `Widget ${'spare part '.repeat(index)}` })),
    { name: 'Gadget' },
    { name: 'Sprocket' },
    { name: 'Gadget sprocket' },
  )
  await tended()
  const whole = await names('q=widget+gadget+sprocket&limit=100')
  expect(whole.filter((name) => name.startsWith('Widget'))).toHaveLength(30)
  // As if `widget` were one of thousands: only the best three are known ahead.
  const db = room.db('search')
  await db.run(
    sql`INSERT INTO heads SELECT 'widget', d.product_id, 1 FROM documents d WHERE name LIKE 'Widget%' ORDER BY length(name) LIMIT 3`,
  )
  await db.run(sql`UPDATE terms SET floor = 1 WHERE word = 'widget'`)
  await db.run(sql`UPDATE index_state SET headed_at = headed_at + interval '1 second'`)
  await wordsTouched()
  const filled = await list('q=widget+gadget+sprocket&limit=100&facets=true')
  const found = filled.body.items.map((card: { name: string }) => card.name)
  expect(found).toEqual(whole.filter((name) => !name.startsWith('Widget') || name.length < 'Widget spare part spare part spare'.length))
  expect(filled.body.total).toBe(6)
  expect((await allPages('q=widget+gadget+sprocket&limit=2')).map((card) => card.name)).toEqual(found)
})

const offered = async (q: string): Promise<string[]> => {
  const { body } = await room.request(`GET /api/products/suggest?q=${encodeURIComponent(q)}`)
  return body.items.flatMap((one: { kind: string; text: string }) => (one.kind === 'product' ? [one.text] : []))
}

test('while a common word is typed, the best sold of those that it tells most of are offered, and any where those are too few', async () => {
  const known = await room
    .db('search')
    .rows<{ id: string; name: string }>(sql`SELECT product_id AS id, name FROM heads NATURAL JOIN documents WHERE word = 'lantern'`)
  const nameOf = (one: ProductDocument | undefined) => known.find(({ id }) => id === one?.productId)?.name
  const sold = goods.findLast(nameOf) as ProductDocument
  await stocked(sold, 5)
  await room.publish(OrderConfirmed, { ...confirmed(sold, 9000), total: { amount: 1, currency: 'EUR' }, method: 'card' })
  await room.settled()
  expect((await offered('lante'))[0]).toBe(nameOf(sold))
  const long = goods[2204] as ProductDocument
  expect(nameOf(long)).toBeUndefined()
  expect(await offered('2204 lante')).toEqual([long.name])
  expect(await offered('lantern 2204')).toEqual([long.name])
})

test('of two words that very many hold, those are offered that either tells much of; what few others hold is found wherever it stands', async () => {
  const [inHead, outside] = [{ name: 'Lantern thing of old' }, { name: `Lantern ${'of brass and glass for the garden '.repeat(7)} thing` }]
  await add(inHead, outside)
  await tended()
  const db = room.db('search')
  const isIn = async (word: string, { name }: { name: string }) =>
    (await db.rows(sql`SELECT FROM heads NATURAL JOIN documents WHERE word = ${word} AND name = ${name}`)).length > 0
  // The head of `thing` as if it had only others.
  await db.run(
    sql`DELETE FROM heads USING documents d WHERE d.product_id = heads.product_id AND word = 'thing' AND (name LIKE 'Lantern%' OR name > 'Thing 2')`,
  )
  expect([await isIn('lantern', inHead), await isIn('lantern', outside)]).toEqual([true, false])
  // Few enough to look at all.
  expect((await offered('lantern thi')).sort()).toEqual([outside.name, inHead.name])
  // As if there were very many of them.
  await db.run(sql`UPDATE terms SET products = 5000 WHERE word = 'lantern'`)
  await db.run(sql`UPDATE index_state SET headed_at = headed_at + interval '1 second'`)
  await wordsTouched()
  expect(await offered('lantern thi')).toEqual([inHead.name])
  // Its last word has no head, so all there are are looked at.
  expect(await offered('lantern 2204')).toEqual([(goods[2204] as ProductDocument).name])
  await tended()
})

test('when the index is made anew its heads are, too, and only then the words themselves are not asked', async () => {
  const db = room.db('search')
  await room.request('POST /api/search/index/rebuild', { as: room.account({ roles: ['admin'] }) })
  await tended()
  expect((await headOf('lantern')).length).toBe(400)
  const page = await expectSame('q=lantern')
  const german = new Set(goods.filter((one) => one.language === 'de').map((one) => one.name))
  await db.run(sql`DELETE FROM texts`)
  // Few hold its German form, which therefore has no head.
  const [quick, whole] = await bothWays('q=lantern&limit=20')
  expect(quick.slice(0, 12)).toEqual(page.filter((name) => !german.has(name)).slice(0, 12))
  expect(whole).toEqual([])
})
