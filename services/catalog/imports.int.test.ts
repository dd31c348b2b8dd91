import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Readable } from 'node:stream'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { newId } from '@stoa/kit/ids.ts'
import { euro, playNeighbours } from './testing/neighbours.ts'
import catalog from './service.ts'

const { told, calls } = playNeighbours()
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [catalog], calls })
})
afterAll(() => room.stop())
afterEach(() => told.away.clear())

const admin = () => room.account({ roles: ['admin'] })
async function upload(body: string | Readable, type = 'application/x-ndjson', headers: Record<string, string> = {}) {
  return room.request('POST /api/imports/products', { body, as: admin(), headers: { 'content-type': type, ...headers } })
}
async function reportOf(importId: string) {
  return (await room.request(`GET /api/imports/${importId}`, { as: admin() })).body
}
async function imported(lines: readonly object[] | string, type?: string) {
  const answer = await upload(typeof lines === 'string' ? lines : lines.map((one) => JSON.stringify(one)).join('\n'), type)
  expect(answer.status).toBe(202)
  await room.settled()
  return { id: answer.body.importId as string, ...(await reportOf(answer.body.importId)) }
}
const line = (sku: string, more: object = {}) => ({
  name: `Imported ${sku}`,
  categories: ['Imported'],
  variants: [{ sku, price: euro(100), stock: 2 }],
  ...more,
})
const lines = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => line(`${prefix}-${index}`))
const productBy = async (sku: string) => {
  const row = await room.db('catalog').one<{ product_id: string }>(sql`SELECT product_id FROM variants WHERE sku = ${sku}`)
  return room.request(`GET /api/products/${row.product_id}`, { as: admin() })
}

test('a file of several batches comes in whole: told, priced, stocked', async () => {
  const report = await imported(lines('WHOLE', 450))
  expect(report).toMatchObject({
    state: 'done',
    read: 450,
    created: 450,
    updated: 0,
    unchanged: 0,
    failed: 0,
    errors: [],
    reportUrl: `/api/imports/${report.id}/report`,
  })
  expect((await room.events(ProductCreated)).filter((one) => one.name.startsWith('Imported WHOLE'))).toHaveLength(450)
  expect(told.prices.get('WHOLE-449')).toEqual(euro(100))
  expect(told.stock.get('WHOLE-0')).toBe(2)
  expect((await productBy('WHOLE-7')).body).toMatchObject({
    name: 'Imported WHOLE-7',
    categories: [{ path: 'Imported' }],
    variants: [{ available: 2 }],
  })
  expect(await room.db('catalog').rows(sql`SELECT 1 FROM import_batches`)).toEqual([])
})

test('a line whose attribute has a name that cannot be stored is a bad line, and the others come in', async () => {
  const odd = JSON.parse('{"nul\\u0000": "a", "half\\ud800": "b"}')
  const report = await imported([line('STORABLE-1'), line('STORABLE-2', { attributes: odd }), line('STORABLE-3')])
  expect(report).toMatchObject({ state: 'done', created: 2, failed: 1, errors: [{ line: 2, code: 'invalid-request' }] })
})

test('the same file again changes nothing and tells nothing; another stock in it is no change either', async () => {
  await imported(lines('SAME', 30))
  const before = {
    tag: (await productBy('SAME-3')).headers.etag,
    created: (await room.events(ProductCreated)).length,
    changed: (await room.events(ProductChanged)).length,
  }
  expect(await imported(lines('SAME', 30))).toMatchObject({ state: 'done', created: 0, updated: 0, unchanged: 30 })
  expect(
    await imported(
      Array.from({ length: 30 }, (_, index) =>
        line(`SAME-${index}`, { variants: [{ sku: `SAME-${index}`, price: euro(100), stock: 99 }] }),
      ),
    ),
  ).toMatchObject({ unchanged: 30 })
  expect({
    tag: (await productBy('SAME-3')).headers.etag,
    created: (await room.events(ProductCreated)).length,
    changed: (await room.events(ProductChanged)).length,
  }).toEqual(before)
  expect(told.stock.get('SAME-3')).toBe(2)
})

test('a line replaces the product that owns its SKU, and keeps ids and owner', async () => {
  await imported([line('KEEP-1')])
  const before = (await productBy('KEEP-1')).body
  expect(
    await imported([
      line('KEEP-1', {
        name: 'Better',
        variants: [
          { sku: 'KEEP-1', price: euro(150) },
          { sku: 'KEEP-2', price: euro(160), stock: 4 },
        ],
      }),
    ]),
  ).toMatchObject({ updated: 1 })
  const after = (await productBy('KEEP-1')).body
  expect(after).toMatchObject({
    id: before.id,
    name: 'Better',
    variants: [
      { id: before.variants[0].id, price: euro(150), available: 2 },
      { sku: 'KEEP-2', available: 4 },
    ],
  })
})

test('within a file the last line of a product wins, whether in one batch or in two', async () => {
  const far = lines('FILL', 250)
  expect(
    await imported([line('LAST-1', { name: 'First' }), line('LAST-1', { name: 'Second' }), ...far, line('LAST-1', { name: 'Third' })]),
  ).toMatchObject({ read: 253, created: 251, updated: 2, failed: 0 })
  expect(await productBy('LAST-1')).toMatchObject({ body: { name: 'Third' }, headers: { etag: '"2"' } })
  const told = (await room.events(ProductCreated)).filter((one) => one.variants[0]?.sku === 'LAST-1')
  expect(told).toMatchObject([{ name: 'Second', version: 1 }])
})

test('every bad line is reported once with all its faults, and good ones are kept', async () => {
  const text = [
    '\uFEFF' + JSON.stringify(line('GOOD-1')),
    '{"name": "broken',
    '[1, 2]',
    '',
    JSON.stringify({ name: '', colour: 'red', variants: [{ sku: 'BAD-1', price: { amount: -1, currency: 'euro' } }] }),
    JSON.stringify(line('BAD-2', { status: 'archived' })),
    JSON.stringify(line('BAD-3', { description: 'NUL \u0000' })),
    JSON.stringify(line('GOOD-2')),
    JSON.stringify(
      line('GOOD-1', {
        variants: [
          { sku: 'GOOD-1', price: euro(1) },
          { sku: 'GOOD-2', price: euro(1) },
        ],
      }),
    ),
    `{"name":"${'x'.repeat(2_100_000)}"}`,
    '"\ud800"',
  ].join('\r\n')
  const report = await imported(text)
  expect(report).toMatchObject({ state: 'done', read: 10, created: 2, failed: 8 })
  expect(report.errors.map((one: { line: number; code: string }) => [one.line, one.code])).toEqual([
    [2, 'invalid-json'],
    [3, 'invalid-request'],
    [5, 'invalid-request'],
    [6, 'invalid-request'],
    [7, 'invalid-request'],
    [9, 'sku-taken'],
    [10, 'line-too-long'],
    [11, 'invalid-request'],
  ])
  for (const part of ['name', 'colour', 'variants[0].price.amount', 'variants[0].price.currency'])
    expect(report.errors[2].message).toContain(part)
  const csv = await room.request(`GET ${report.reportUrl}`, { as: admin() })
  expect(csv.headers['content-type']).toContain('text/csv')
  expect(csv.body.split('\r\n').slice(0, 2)).toEqual(['line,code,message', '2,invalid-json,"is not JSON"'])
  expect(csv.body.trim().split('\r\n')).toHaveLength(9)
})

test('the report shows the first hundred bad lines, the file all of them', async () => {
  const report = await imported(Array.from({ length: 350 }, (_, index) => ({ name: `No variants ${index}` })))
  expect(report).toMatchObject({ failed: 350, read: 350, created: 0 })
  expect(report.errors).toHaveLength(100)
  expect((await room.request(`GET ${report.reportUrl}`, { as: admin() })).body.trim().split('\r\n')).toHaveLength(351)
})

test('an empty file is done at once', async () => {
  expect(await imported('')).toMatchObject({ state: 'done', read: 0 })
})

test('CSV: rows of one product become its variants, prices are whole units, quotes may hold newlines', async () => {
  const report = await imported(
    [
      'product,name,description,brand,categories,tags,sku,price,compareAt,currency,stock,weightGrams,barcode,option:size,attr:material',
      'mug,"Mug, blue","Two\nlines",Ton,Kitchen > Mugs|Gifts,new|blue,MUG-S,12.99,15,EUR,5,300,401,S,Clay|Glaze',
      'mug,,,,,,MUG-L,14.5,,EUR,6,400,,L,',
      'pot,Pot,,,,,POT,7,,JPY,1,,,,',
      'bad,Bad,,,,,BAD-CSV,1.234,,EUR,many,,,,',
      'long,Long,,,,,LONG,1,,,,,,,,surplus',
    ].join('\r\n'),
    'text/csv; charset=utf-8',
  )
  expect(report).toMatchObject({ state: 'done', read: 4, created: 2, failed: 2 })
  expect(report.errors.map((one: { line: number }) => one.line)).toEqual([6, 7])
  expect(report.errors[0].message).toMatch(/price.*stock/)
  expect((await productBy('MUG-S')).body).toMatchObject({
    name: 'Mug, blue',
    description: 'Two\nlines',
    brand: 'Ton',
    categories: [{ path: 'Kitchen > Mugs' }, { path: 'Gifts' }],
    tags: ['new', 'blue'],
    attributes: { material: ['Clay', 'Glaze'] },
    variants: [
      { sku: 'MUG-S', options: { size: 'S' }, price: euro(1299), available: 5, weightGrams: 300, barcode: '401' },
      { sku: 'MUG-L', options: { size: 'L' }, price: euro(1450), available: 6 },
    ],
  })
  expect((await productBy('POT')).body.variants[0].price).toEqual({ amount: 7, currency: 'JPY' })
})

test('CSV with a header that cannot be read fails as a whole; a row with a broken quote is one bad line', async () => {
  expect(await imported('name,sku,price,colour\nA,B,1,red', 'text/csv')).toMatchObject({
    state: 'failed',
    read: 0,
    errors: [{ line: 1, code: 'invalid-csv', message: expect.stringContaining('"colour"') }],
  })
  const broken = await imported('name,sku,price\nBefore,BEFORE-Q,1\nB"roken",X-Q,1\nAfter,AFTER-Q,1\n', 'text/csv')
  expect(broken).toMatchObject({ state: 'done', created: 2, failed: 1, errors: [{ line: 3, code: 'invalid-csv' }] })
  expect((await productBy('AFTER-Q')).status).toBe(200)
  const unclosed = await imported('name,sku,price\nBefore,BEFORE-R,1\n"never closed,Y-R,1\nAfter,AFTER-R,1\n', 'text/csv')
  expect(unclosed).toMatchObject({ state: 'done', created: 1, failed: 1, errors: [{ code: 'invalid-csv' }] })
})

test('while inventory is away the import waits, and is done only when its goods can be bought', async () => {
  told.away.add('inventory')
  const { body } = await upload(JSON.stringify(line('AWAY-1')))
  await expect.poll(async () => (await reportOf(body.importId)).created, { timeout: 5000 }).toBe(1)
  expect(await reportOf(body.importId)).toMatchObject({ state: 'running' })
  told.away.delete('inventory')
  await expect
    .poll(
      async () => {
        await room.advance(600)
        return (await reportOf(body.importId)).state
      },
      { timeout: 10_000, interval: 100 },
    )
    .toBe('done')
  expect(told.stock.get('AWAY-1')).toBe(2)
})

test('two processes at one import: every batch is applied once', async () => {
  const { body } = await upload(
    lines('RIVAL', 600)
      .map((one) => JSON.stringify(one))
      .join('\n'),
  )
  // Leases that end at once: a rival claims the same import again and again.
  for (let round = 0; round < 10; round++) await room.advance(60)
  await room.settled()
  for (let wait = 0; wait < 20 && (await reportOf(body.importId)).state === 'running'; wait++) {
    await room.advance(600)
    await room.settled()
  }
  expect(await reportOf(body.importId)).toMatchObject({ state: 'done', read: 600, created: 600, updated: 0, unchanged: 0 })
  expect((await room.events(ProductCreated)).filter((one) => one.name.startsWith('Imported RIVAL'))).toHaveLength(600)
})

test('a broken upload imports nothing', async () => {
  async function* broken() {
    yield `${JSON.stringify(line('BROKEN-1'))}\n`.repeat(300)
    throw new Error('connection lost')
  }
  await upload(Readable.from(broken())).catch(() => undefined)
  await room.settled()
  expect(await room.db('catalog').rows(sql`SELECT 1 FROM variants WHERE sku = 'BROKEN-1'`)).toEqual([])
  expect(await room.db('catalog').rows(sql`SELECT 1 FROM imports WHERE state = 'uploading'`)).toEqual([])
})

test('the same key again is the same import', async () => {
  const headers = { 'idempotency-key': 'import-twice-1' }
  const as = admin()
  const send = () =>
    room.request('POST /api/imports/products', {
      body: JSON.stringify(line('KEYED-1')),
      as,
      headers: { 'content-type': 'application/x-ndjson', ...headers },
    })
  const first = await send()
  const second = await send()
  expect(second.body).toEqual(first.body)
  expect(second.headers['idempotent-replayed']).toBe('true')
})

test('other bodies, other people and unknown imports are refused', async () => {
  expect((await upload('<xml/>', 'application/xml')).status).toBe(415)
  expect(
    (
      await room.request('POST /api/imports/products', {
        body: '',
        as: room.account({ roles: ['vendor'] }),
        headers: { 'content-type': 'text/csv' },
      })
    ).status,
  ).toBe(403)
  expect((await room.request(`GET /api/imports/${newId()}`, { as: admin() })).body.code).toBe('not-found')
  expect((await room.request(`GET /api/imports/${newId()}/report`, { as: admin() })).status).toBe(404)
})
