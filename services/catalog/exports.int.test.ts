import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { CSV_HEADER } from './domain/export-file.ts'
import { euro, playNeighbours } from './testing/neighbours.ts'
import catalog from './service.ts'

const JSON_LINES = 'application/x-ndjson'
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [catalog], calls: playNeighbours().calls })
  const written = await imported([...plain, ...odd].map((one) => JSON.stringify(one)).join('\n'), JSON_LINES)
  expect(written).toMatchObject({ state: 'done', created: plain.length + odd.length, failed: 0 })
})
afterAll(() => room.stop())

const admin = () => room.account({ roles: ['admin'] })
async function imported(body: string, type: string) {
  const answer = await room.request('POST /api/imports/products', { body, as: admin(), headers: { 'content-type': type } })
  await room.settled()
  return (await room.request(`GET /api/imports/${answer.body.importId}`, { as: admin() })).body
}
const exported = (query = '', accept?: string) =>
  room.request(`GET /api/exports/products${query}`, { as: admin(), ...(accept === undefined ? {} : { headers: { accept } }) })

/** More than one page of the export. */
const plain = Array.from({ length: 620 }, (_, index) => ({
  name: `Plain ${index}`,
  variants: [{ sku: `PLAIN-${index}`, price: euro(100 + index), stock: 3 }],
}))
const picture = (url: string, alt = '') => ({ url, alt, width: 800, height: 1000 })
/** Everything that could be lost on the way through a file of cells. */
const odd = [
  {
    name: 'Mug, "blue" 🫖',
    description: '  First line\nsecond, with "quotes"\r\nand\ttabs; =1+1\n ',
    brand: 'Töpferei',
    categories: ['Kitchen > Mugs', 'Gifts | small'],
    tags: ['new', 'a|b'],
    images: [picture('/media/a.jpg', 'One, two'), picture('https://example.com/b.png?a=1,2', 'A "second"'), picture('/media/c.svg')],
    attributes: { material: ['Clay'], holds: 350, dishwasher: true, b: 'x|y', a: ' padded ', 'odd name, "yes"': '=2+2', blank: '' },
    taxClass: 'reduced',
    language: 'de',
    variants: [
      {
        sku: 'MUG-S',
        options: { size: 'S', 'glaze, kind': 'blue|white' },
        price: euro(1299),
        compareAt: euro(1500),
        weightGrams: 300,
        barcode: ' 401 ',
      },
      { sku: 'MUG-M', options: { size: '=M' }, price: euro(1399), barcode: '"402"' },
      { sku: 'MUG-L', options: {}, price: euro(1499), barcode: '' },
    ],
  },
  {
    name: '=1+1',
    description: '=HYPERLINK("http://evil.example","press me")',
    brand: '@brand',
    categories: ['-Sale'],
    tags: ['+plus', '[brackets]'],
    variants: [{ sku: '=SKU-1', price: euro(1), barcode: '+49 30' }],
  },
  {
    name: "'=quoted already",
    tags: ['[1'],
    description: "''-1",
    status: 'draft',
    variants: [{ sku: "'@SKU", price: { amount: 7, currency: 'JPY' } }],
  },
]

test('the whole catalogue as CSV comes back unchanged, and nobody is told', async () => {
  const events = async () => [(await room.events(ProductCreated)).length, (await room.events(ProductChanged)).length]
  const before = await events()
  const { status, headers, body } = await exported('?format=csv')
  expect([status, headers['content-type'], headers['content-disposition']]).toEqual([
    200,
    'text/csv; charset=utf-8',
    'attachment; filename="products.csv"',
  ])
  const count = plain.length + odd.length
  expect(await imported(body, 'text/csv')).toMatchObject({
    state: 'done',
    read: count,
    unchanged: count,
    updated: 0,
    failed: 0,
    errors: [],
  })
  expect(await events()).toEqual(before)
})

test('its header is the one that the import documents, its rows have as many cells, and none begins a formula', async () => {
  const { body } = await exported('', 'text/csv')
  expect(body.startsWith(CSV_HEADER)).toBe(true)
  expect(readFileSync(new URL('README.md', import.meta.url), 'utf8')).toContain(`\n${CSV_HEADER.trim()}\n`)
  const [head, ...rows] = parse(body) as [string[], ...string[][]]
  expect(rows).toHaveLength(plain.length + odd.length + 2)
  expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([head.length]))
  expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
  expect(rows.find((cells) => cells.includes("'=1+1"))).toBeDefined()
})

test('the whole catalogue as JSON Lines comes back unchanged, without stock', async () => {
  const { headers, body } = await exported()
  expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
  expect(body).not.toContain('stock')
  const count = plain.length + odd.length
  expect(body.trim().split('\n')).toHaveLength(count)
  expect(await imported(body, JSON_LINES)).toMatchObject({ state: 'done', read: count, unchanged: count, failed: 0 })
})

test('the address decides before Accept; another format is refused, another type not acceptable', async () => {
  const typeOf = async (query: string, accept: string) => (await exported(query, accept)).headers['content-type']
  expect(await typeOf('?format=jsonl', 'text/csv, */*')).toContain(JSON_LINES)
  expect(await typeOf('?format=csv', '*/*')).toContain('text/csv')
  expect(await typeOf('', 'text/html, */*;q=0.8')).toContain(JSON_LINES)
  expect((await exported('?format=xml')).body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'format' }] })
  expect((await exported('', 'image/png')).body.code).toBe('not-acceptable')
})

test('a cell of JSON that is none is a bad line that says which; cells of their own add to it', async () => {
  const report = await imported(
    [
      'name,sku,price,images,attributes,attr:colour,options,option:size,image',
      'Bad,JSON-1,1,nonsense,{not json,,,,',
      'Good,JSON-2,1,"[{""url"":""/a.png"",""alt"":"""",""width"":1,""height"":1}]","{""holds"":3}",red,"{""kind"":""tall""}",S,/b.png',
    ].join('\n'),
    'text/csv',
  )
  expect(report).toMatchObject({
    created: 1,
    failed: 1,
    errors: [{ line: 2, message: expect.stringMatching(/(images.*attributes|attributes.*images)/) }],
  })
  const { body } = await exported()
  const good = body.split('\n').find((line: string) => line.includes('JSON-2'))
  expect(JSON.parse(good as string)).toMatchObject({
    attributes: { holds: 3, colour: 'red' },
    images: [{ url: '/a.png' }, { url: '/b.png' }],
    variants: [{ options: { kind: 'tall', size: 'S' } }],
  })
})

test('only those who may import may export', async () => {
  expect((await room.request('GET /api/exports/products?format=csv')).status).toBe(401)
  expect((await room.request('GET /api/exports/products?format=csv', { as: room.account({ roles: ['vendor'] }) })).status).toBe(403)
})
