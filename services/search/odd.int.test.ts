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

/** Questions of any script and sign. */
const typed = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 500 }),
  fc.string({ unit: fc.constantFrom(...`':*!&|()<->\\%_"\`$;,.- 1ab`), maxLength: 500 }),
  fc
    .array(fc.constantFrom('steady', 'usb', '&', '|', '!', '<->', ':*', "'", '(', ')', '%', 'OR', 'NOT'), { maxLength: 60 })
    .map((one) => one.join(' ')),
)
const attacks: readonly (readonly [string, string])[] = [
  ['a quote', "it's"],
  ['quotes alone', `'''"""`],
  ['operators of a tsquery', 'a & | ! <-> (b:*A) <2> c'],
  ['an injection', "'; DROP TABLE documents; --"],
  ['signs of LIKE', '%_%\\%'],
  ['emoji', '📱🔌 👩‍👩‍👧 cable'],
  ['Arabic', 'كابل شاحن'],
  ['Chinese', '充电线'],
  ['accents piled up', `e${'\u0301'.repeat(400)}`],
  ['a hundred words', Array.from({ length: 100 }, (_, index) => `w${index}`).join(' ')],
  ['one word of 500 letters', 'x'.repeat(500)],
  ['numbers that overflow', `${'9'.repeat(300)} 1e999999 0x7fffffff -2147483649`],
  ['a parameter of SQL', '$1 $2 $999'],
  ['half of a pair', '\ud800 cable'],
  ['nothing but blanks', ' \t\n\u00a0\u2003'],
]

test.each(attacks)('%s is a question like any other: to the list, with counts, and while typing', async (_, question) => {
  const found = await list(`q=${encodeURIComponent(question.toWellFormed())}&facets=true`)
  expect([found.status, Array.isArray(found.body.items)]).toEqual([200, true])
  const suggested = await room.request(`GET /api/products/suggest?q=${encodeURIComponent(question.slice(0, 200).toWellFormed())}`)
  expect([suggested.status, Array.isArray(suggested.body.items)]).toEqual([200, true])
})

test('whatever is typed gets an answer or is refused by name, and the index stays as it was', async () => {
  const before = (await list('limit=1&facets=true')).body.total
  for (const question of fc.sample(typed, 150)) {
    const { status, body } = await list(`q=${encodeURIComponent(question.toWellFormed())}`)
    expect({ question, fits: status === 200 || (status === 422 && body.errors.length > 0) }).toEqual({ question, fits: true })
  }
  expect((await list('limit=2&facets=true')).body.total).toBe(before)
})

test.each([
  ['a question of 10,000 letters', `q=${'a'.repeat(10_000)}`, 'q'],
  ['a NUL', 'q=a%00b', 'q'],
  ['200 brands', Array.from({ length: 200 }, (_, index) => `brand=b${index}`).join('&'), 'brand'],
  ['200 attributes', Array.from({ length: 200 }, (_, index) => `attr.a${index}=x`).join('&'), 'attr'],
  ['a price that is none', 'minPrice=cheap', 'minPrice'],
])('%s is refused by name', async (_, query, path) => {
  const { status, body } = await list(query)
  expect([status, body.errors?.some((one: { path: string }) => one.path.includes(path))]).toEqual([422, true])
})

test('as many filters as may be asked at once are answered', async () => {
  const fifty = (name: string) => Array.from({ length: 50 }, (_, index) => `${name}=v${index}`)
  const attributes = Array.from({ length: 20 }, (_, index) => `attr.a${index}=x`)
  const query = ['brand', 'category', 'tag', 'vendor'].flatMap(fifty).concat(attributes, 'facets=true', 'q=steady+usb').join('&')
  expect(await list(query)).toMatchObject({ status: 200, body: { items: [], total: 0 } })
})
