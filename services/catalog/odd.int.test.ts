import { afterAll, beforeAll, expect, test } from 'vitest'
import fc from 'fast-check'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { playNeighbours } from './testing/neighbours.ts'
import catalog from './service.ts'

const { calls } = playNeighbours()
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [catalog], calls })
})
afterAll(() => room.stop())

/** Text of every kind that people and programs send: any script, signs, controls, halves of pairs, names of prototypes. */
const text = fc.oneof(
  { weight: 12, arbitrary: fc.stringMatching(/^[A-Za-zäß][A-Za-zäß0-9 ]{0,20}$/) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "'; drop table products; --",
      '__proto__',
      'constructor',
      ' ',
      '\0',
      '\ud800',
      'ß'.repeat(301),
      'a > b',
      '>',
      '日本 > 語',
    ),
  },
)
const value = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.array(text, { maxLength: 4 }))
const money = fc.record({
  amount: fc.oneof(
    { weight: 20, arbitrary: fc.nat(10_000) },
    { weight: 1, arbitrary: fc.constantFrom(0, 9_000_000_000_000, 9_000_000_000_001, 1.5) },
  ),
  currency: fc.oneof({ weight: 20, arbitrary: fc.constant('EUR') }, { weight: 1, arbitrary: fc.constantFrom('USD', 'eur') }),
})
const variant = fc.record(
  {
    sku: fc.oneof(
      { weight: 9, arbitrary: fc.stringMatching(/^[!-~]{4,12}$/) },
      { weight: 1, arbitrary: fc.constantFrom('A B', ' A', 'A/B?c#d%') },
    ),
    price: money,
    options: fc.dictionary(text, text, { maxKeys: 3 }),
    stock: fc.nat(9),
    compareAt: money,
    barcode: text,
  },
  { requiredKeys: ['sku', 'price'] },
)
const product = fc.record(
  {
    name: text,
    description: text,
    brand: text,
    categories: fc.array(text, { maxLength: 3 }),
    attributes: fc.dictionary(text, value, { maxKeys: 4 }),
    tags: fc.array(text, { maxLength: 3 }),
    variants: fc.array(variant, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['name', 'variants'] },
)

test('whatever is posted is made, refused by name or taken already, and what is made can be read, written back and archived', async () => {
  const as = room.account({ roles: ['admin'] })
  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(product, async (body) => {
      const created = await room.request('POST /api/products', { body, as })
      seen.set(created.status, (seen.get(created.status) ?? 0) + 1)
      // 400: the parser of bodies refuses keys that would reach a prototype.
      expect([201, 400, 409, 422]).toContain(created.status)
      if (created.status !== 201) return
      const got = await room.request(`GET /api/products/${created.body.id}`)
      expect(got.status).toBe(200)
      expect((await room.request(`GET /api/products/${got.body.slug}`)).body.id).toBe(created.body.id)
      const back = await room.request(`PUT /api/products/${created.body.id}`, {
        body: got.body,
        as,
        headers: { 'if-match': got.headers.etag as string },
      })
      expect({ status: back.status, tag: back.headers.etag }).toEqual({ status: 200, tag: '"1"' })
      expect((await room.request(`DELETE /api/products/${created.body.id}`, { as })).status).toBe(204)
    }),
    { numRuns: 150 },
  )
  expect(seen.get(201)).toBeGreaterThan(5)
  expect(seen.get(422)).toBeGreaterThan(5)
})

test('the same, line by line in an import', async () => {
  const lines = fc.sample(product, 300).map((one) => JSON.stringify(one))
  const as = room.account({ roles: ['admin'] })
  const { body } = await room.request('POST /api/imports/products', {
    body: lines.join('\n'),
    as,
    headers: { 'content-type': 'application/x-ndjson' },
  })
  await room.settled()
  const report = (await room.request(`GET /api/imports/${body.importId}`, { as })).body
  expect(report).toMatchObject({ state: 'done', read: 300 })
  expect(report.created + report.updated + report.unchanged + report.failed).toBe(300)
  expect(await room.db('catalog').rows(sql`SELECT 1 FROM import_errors WHERE code = 'internal'`)).toEqual([])
})
