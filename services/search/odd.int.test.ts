import { afterAll, beforeAll, expect, test } from 'vitest'
import fc from 'fast-check'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { ProductCreated } from '@stoa/contracts/catalog.ts'
import { document, list, openMarket } from './testing/market.ts'

let room: Room
beforeAll(async () => {
  room = await openMarket()
})
afterAll(() => room.stop())

/** Text as the catalogue lets it through: any script and sign, but neither NUL nor halves of pairs. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom("it's \\ 'quoted':1A", 'x'.repeat(20_000), 'ß '.repeat(9000), '1.2.3 '.repeat(3000), '\u001f', '\n'),
  )
  .map((one) => one.replaceAll('\0', '').toWellFormed())
const name = text.map((one) => `N ${one}`.slice(0, 300).toWellFormed())
const value = fc.oneof(
  text.map((one) => one.slice(0, 1000).toWellFormed()),
  fc.double(),
  fc.boolean(),
  fc.array(
    text.map((one) => one.slice(0, 100).toWellFormed()),
    { maxLength: 50 },
  ),
)
const goods = fc.record({
  name,
  description: text,
  brand: fc.option(name.map((one) => one.slice(0, 200).toWellFormed())),
  path: name.map((one) => one.replaceAll('>', '')),
  tags: fc.array(name, { maxLength: 20 }),
  attributes: fc.dictionary(
    name.map((one) => one.slice(0, 40).toWellFormed()),
    value,
    { maxKeys: 30 },
  ),
  priceMinor: fc.constantFrom(0, 1, 9_000_000_000_000),
})

test('whatever the catalogue tells is indexed: nothing is parked, and all of it is listed and counted', async () => {
  const documents = fc.sample(goods, 120).map((one) => document(one))
  for (const one of documents) await room.publish(ProductCreated, one)
  await room.settled()
  expect(await room.db('search').rows(sql`SELECT error FROM chassis.parked`)).toEqual([])
  expect((await list('facets=true&limit=100')).body.total).toBe(documents.length)
  for (const one of documents.slice(0, 30)) {
    const { status, body } = await list(`q=${encodeURIComponent(one.name.slice(0, 100).toWellFormed())}&facets=true`)
    expect({ status, items: Array.isArray(body.items) }).toEqual({ status: 200, items: true })
  }
})
