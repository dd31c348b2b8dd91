import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed } from '@stoa/contracts/orders.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { CountIndexed, SimilarTo } from '@stoa/contracts/search.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import search from './service.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [search] })
})
afterAll(() => room.stop())

const categories = new Map<string, { id: string; slug: string; path: string }>()
function category(path: string) {
  const known = categories.get(path) ?? { id: newId(), slug: path.toLowerCase().replace(/[^a-z]+/g, '-'), path }
  categories.set(path, known)
  return known
}
function tree(path: string) {
  const names = path.split(' > ')
  return names.map((_, index) => category(names.slice(0, index + 1).join(' > ')))
}

interface Given extends Partial<Omit<ProductDocument, 'categories'>> {
  path?: string
  skus?: string[]
  priceMinor?: number
}
let made = 0
function document({ path, skus, priceMinor, ...more }: Given = {}): ProductDocument {
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
function stocked(one: ProductDocument, available: number, sku = one.variants[0]?.sku as string, low = false) {
  const version = (versions.get(sku) ?? 0) + 1
  versions.set(sku, version)
  return room.publish(StockChanged, { sku, productId: one.productId, onHand: available, reserved: 0, available, low, version })
}
const confirmed = (one: ProductDocument, quantity: number) => ({
  orderId: newId(),
  lines: [{ sku: one.variants[0]?.sku as string, productId: one.productId, quantity, unitPriceMinor: 1 }],
})
async function add(...given: Given[]): Promise<ProductDocument[]> {
  const documents = given.map(document)
  for (const one of documents) {
    await room.publish(ProductCreated, one)
    await stocked(one, 5)
  }
  await room.settled()
  return documents
}
async function list(query: string) {
  return room.request(`GET /api/products?${query.replaceAll(' ', '+')}`)
}
async function names(query: string): Promise<string[]> {
  const { status, body } = await list(query)
  expect(status).toBe(200)
  return body.items.map((one: Card) => one.name)
}
/** All pages, as a shopper turns them. */
async function allPages(query: string, between: () => Promise<unknown> = async () => {}): Promise<Card[]> {
  const seen: Card[] = []
  let cursor = ''
  for (let page = 0; page < 50; page++) {
    const { status, body } = await list(`${query}${cursor}`)
    expect(status).toBe(200)
    seen.push(...body.items)
    if (body.nextCursor === null) return seen
    cursor = `&cursor=${body.nextCursor}`
    await between()
  }
  throw new Error('the list does not end')
}

describe('what the index knows', () => {
  test('a created product is a card with its first SKU, its price and the stock of all its variants', async () => {
    const [one] = await add({
      name: 'Card of the test',
      brand: 'Marke',
      path: 'Cards',
      skus: ['CARD-1', 'CARD-2'],
      priceMinor: 4200,
      image: { url: '/a.svg', alt: 'A', width: 1, height: 1 },
    })
    await stocked(one as ProductDocument, 3, 'CARD-2')
    await room.settled()
    const { body } = await list('q=card of the test')
    expect(body.items).toEqual([
      {
        id: one?.productId,
        slug: one?.slug,
        sku: 'CARD-1',
        name: 'Card of the test',
        brand: 'Marke',
        image: { url: '/a.svg', alt: 'A', width: 1, height: 1 },
        price: { amount: 4200, currency: 'EUR' },
        rating: { average: 0, count: 0 },
        availability: 'in-stock',
        available: 8,
        variants: 2,
      },
    ])
  })

  test('facts that come before their product count once it is there', async () => {
    const early = document({ name: 'Early bird' })
    const sku = early.variants[0]?.sku as string
    await stocked(early, 2, sku, true)
    await room.publish(PriceChanged, {
      sku,
      productId: early.productId,
      price: { amount: 900, currency: 'EUR' },
      compareAt: { amount: 1000, currency: 'EUR' },
      version: 1,
    })
    await room.publish(ProductRated, { productId: early.productId, average: 4.5, count: 2 })
    await room.settled()
    await room.publish(ProductCreated, early)
    await room.settled()
    expect((await list('q=early bird')).body.items).toMatchObject([
      { price: { amount: 900 }, compareAt: { amount: 1000 }, available: 2, availability: 'low', rating: { average: 4.5, count: 2 } },
    ])
  })

  test('an older price or stock of a SKU is ignored', async () => {
    const [one] = (await add({ name: 'Oldtimer' })) as [ProductDocument]
    const sku = one.variants[0]?.sku as string
    const price = (amount: number, version: number) =>
      room.publish(PriceChanged, { sku, productId: one.productId, price: { amount, currency: 'EUR' }, compareAt: null, version })
    await price(2000, 5)
    await price(1500, 4)
    await room.publish(StockChanged, { sku, productId: one.productId, onHand: 99, reserved: 0, available: 99, low: false, version: 0 })
    await room.settled()
    expect((await list('q=oldtimer')).body.items).toMatchObject([{ price: { amount: 2000 }, available: 5 }])
  })

  test('a changed product is found by what it is now, an archived one or a draft not at all', async () => {
    const [one] = (await add({ name: 'Caterpillar' })) as [ProductDocument]
    await room.publish(ProductChanged, { ...one, version: 2, name: 'Butterfly' })
    await room.settled()
    expect(await names('q=butterfly')).toEqual(['Butterfly'])
    expect(await names('q=caterpillar')).toEqual([])
    const before = await room.call(CountIndexed, {})
    await room.publish(ProductArchived, { ...one, version: 3, name: 'Butterfly', status: 'archived' })
    await room.settled()
    expect(await names('q=butterfly')).toEqual([])
    expect(await room.call(CountIndexed, {})).toEqual({ products: (before as { products: number }).products - 1 })
    await room.publish(ProductChanged, { ...one, version: 4, name: 'Butterfly' })
    await room.settled()
    expect((await list('q=butterfly')).body.items).toMatchObject([{ available: 5 }])
  })

  test('sales rise with confirmed orders and fall with those cancelled after', async () => {
    const [a, b] = (await add({ name: 'Seller one', tags: ['sold'] }, { name: 'Seller two', tags: ['sold'] })) as [
      ProductDocument,
      ProductDocument,
    ]
    const order = { total: { amount: 1, currency: 'EUR' }, method: 'card' as const }
    await room.publish(OrderConfirmed, { ...confirmed(a, 5), ...order })
    await room.publish(OrderConfirmed, { ...confirmed(b, 4), ...order })
    await room.settled()
    expect(await names('tag=sold&sort=sales')).toEqual(['Seller one', 'Seller two'])
    await room.publish(OrderCancelled, { ...confirmed(a, 5), reason: 'customer', from: 'CONFIRMED', cartId: null, accountId: null })
    await room.publish(OrderCancelled, { ...confirmed(b, 4), reason: 'payment-declined', from: 'PENDING', cartId: null, accountId: null })
    await room.settled()
    expect(await names('tag=sold&sort=sales')).toEqual(['Seller two', 'Seller one'])
  })
})

describe('filters', () => {
  let chairs: ProductDocument[]
  beforeAll(async () => {
    chairs = await add(
      {
        name: 'Filter oak chair',
        brand: 'Holz',
        path: 'Home > Chairs',
        priceMinor: 10_000,
        attributes: { material: 'Oak', seats: 1 },
        tags: ['Filtered'],
      },
      {
        name: 'Filter steel chair',
        brand: 'Eisen',
        path: 'Home > Chairs',
        priceMinor: 20_000,
        attributes: { material: ['Steel', 'Felt'] },
        tags: ['Filtered'],
        vendorId: newId(),
      },
      {
        name: 'Filter oak table',
        brand: 'Holz',
        path: 'Home > Tables',
        priceMinor: 30_000,
        attributes: { material: 'Oak' },
        tags: ['Filtered'],
      },
    )
    await room.publish(ProductRated, { productId: chairs[0]?.productId as string, average: 4, count: 3 })
    await room.publish(ProductRated, { productId: chairs[2]?.productId as string, average: 2.5, count: 1 })
    await stocked(chairs[1] as ProductDocument, 0)
    await room.settled()
  })
  const base = 'tag=filtered&sort=price'

  test.each([
    ['category=home', ['Filter oak chair', 'Filter steel chair', 'Filter oak table']],
    ['category=home-chairs', ['Filter oak chair', 'Filter steel chair']],
    ['category=home-chairs&category=home-tables', ['Filter oak chair', 'Filter steel chair', 'Filter oak table']],
    ['category=nowhere', []],
    ['brand=holz', ['Filter oak chair', 'Filter oak table']],
    ['brand=HOLZ&brand=Eisen', ['Filter oak chair', 'Filter steel chair', 'Filter oak table']],
    ['brand=Holz&category=home-chairs', ['Filter oak chair']],
    ['minPrice=10001&maxPrice=30000', ['Filter steel chair', 'Filter oak table']],
    ['minRating=4', ['Filter oak chair']],
    ['minRating=2.5', ['Filter oak chair', 'Filter oak table']],
    ['inStock=true', ['Filter oak chair', 'Filter oak table']],
    ['inStock=false', ['Filter oak chair', 'Filter steel chair', 'Filter oak table']],
    ['attr.material=oak', ['Filter oak chair', 'Filter oak table']],
    ['attr.Material=Felt&attr.Material=Oak', ['Filter oak chair', 'Filter steel chair', 'Filter oak table']],
    ['attr.material=oak&attr.seats=1', ['Filter oak chair']],
    ['vendor=somebody', []],
    ['currency=USD', []],
    ['currency=EUR&minPrice=30000', ['Filter oak table']],
  ])('%s', async (query, found) => {
    expect(await names(`${base}&${query}`)).toEqual(found)
  })

  test('Verify that search results can be filtered by product rating.', async () => {
    const rated = async (query: string) => (await list(query)).body.items.map((one: Card) => one.rating.average)
    expect(await rated('q=filter chair&minRating=3.5')).toEqual([4])
    expect((await rated('tag=filtered&minRating=2&sort=rating')).every((average: number) => average >= 2)).toBe(true)
    expect(await names('tag=filtered&minRating=2&sort=rating')).toEqual(['Filter oak chair', 'Filter oak table'])
    expect(await names('tag=filtered&minRating=4.01')).toEqual([])
  })

  test('by ids of category and vendor as well', async () => {
    expect(await names(`${base}&category=${category('Home > Tables').id}`)).toEqual(['Filter oak table'])
    expect(await names(`${base}&vendor=${chairs[1]?.vendorId}`)).toEqual(['Filter steel chair'])
  })

  test('each facet is counted without its own filter, with all others', async () => {
    const { body } = await list(`${base}&brand=Holz&attr.material=Oak&facets=true`)
    expect(body.total).toBe(2)
    expect(body.facets).toMatchObject({
      brand: [{ value: 'Holz', count: 2 }],
      category: [
        { value: 'home', label: 'Home', count: 2 },
        { value: 'home-chairs', count: 1 },
        { value: 'home-tables', count: 1 },
      ],
      'attr.material': [{ value: 'Oak', count: 2 }],
      tag: [{ value: 'filtered', count: 2 }],
      price: [
        { value: '10000-24999', count: 1 },
        { value: '25000-49999', count: 1 },
      ],
      rating: [
        { value: '4', count: 1 },
        { value: '3', count: 1 },
        { value: '2', count: 2 },
        { value: '1', count: 2 },
      ],
      availability: [{ value: 'in-stock', count: 2 }],
    })
    const wide = (await list(`${base}&brand=Holz&facets=true`)).body.facets
    expect(wide.brand).toEqual([
      { value: 'Holz', count: 2 },
      { value: 'Eisen', count: 1 },
    ])
    expect((await list(`${base}&attr.material=Oak&facets=true`)).body.facets['attr.material']).toEqual([
      { value: 'Oak', count: 2 },
      { value: 'Felt', count: 1 },
      { value: 'Steel', count: 1 },
    ])
    expect((await list(`${base}&facets=true`)).body.facets['attr.material']).toEqual([
      { value: 'Oak', count: 2 },
      { value: 'Felt', count: 1 },
      { value: 'Steel', count: 1 },
    ])
  })

  test('counts are those of the list, with words too', async () => {
    const { body } = await list('q=filter oak&facets=true&limit=1')
    expect(body.total).toBe((await allPages('q=filter oak&limit=1')).length)
  })
})

describe('sorts and pages', () => {
  let set: ProductDocument[]
  beforeAll(async () => {
    set = await add(
      ...Array.from({ length: 23 }, (_, index) => ({
        name: `Paged thing ${index}`,
        tags: ['paged'],
        priceMinor: 1000 + (index % 5) * 100,
      })),
    )
    for (const [index, one] of set.entries())
      if (index % 3 === 0) await room.publish(ProductRated, { productId: one.productId, average: (index % 5) + 0.5, count: index })
    await room.settled()
  })

  test.each(['relevance', 'newest', 'price', '-price', 'rating', 'sales'])(
    'sorted by %s every product comes exactly once, in order',
    async (sort) => {
      const cards = await allPages(`tag=paged&limit=4&sort=${sort}`)
      expect(new Set(cards.map((one) => one.id)).size).toBe(23)
      expect(cards).toHaveLength(23)
      const whole = (await list(`tag=paged&limit=100&sort=${sort}`)).body.items
      expect(cards.map((one) => one.id)).toEqual(whole.map((one: Card) => one.id))
      const prices = cards.map((one) => one.price.amount)
      if (sort === 'price') expect(prices).toEqual(prices.toSorted((a, b) => a - b))
      if (sort === '-price') expect(prices).toEqual(prices.toSorted((a, b) => b - a))
      if (sort === 'rating')
        expect(cards.map((one) => one.rating.average)).toEqual(cards.map((one) => one.rating.average).toSorted((a, b) => b - a))
      if (sort === 'newest') expect(cards.map((one) => one.name)).toEqual(set.map((one) => one.name).toReversed())
    },
  )

  test('words give every product once as well, also while stock changes and new goods arrive', async () => {
    let changed = 0
    const cards = await allPages('q=paged thing&limit=4', async () => {
      const one = set[changed++ % set.length] as ProductDocument
      await stocked(one, changed)
      await add({ name: 'Thing of another kind' })
    })
    expect(
      cards
        .filter((one) => one.name.startsWith('Paged thing'))
        .map((one) => one.id)
        .toSorted(),
    ).toEqual(set.map((one) => one.productId).toSorted())
  })

  test('pages of the newest stay as they were while goods arrive and stock runs out', async () => {
    let changed = 0
    const cards = await allPages('tag=paged&limit=4', async () => {
      await stocked(set[changed++] as ProductDocument, 0)
      await add({ name: 'Late arrival', tags: ['paged-late'] })
    })
    expect(cards.map((one) => one.id)).toEqual(set.map((one) => one.productId).toReversed())
  })

  test('a cursor goes with another limit, but not with another list, and a made-up one is refused', async () => {
    const { nextCursor } = (await list('tag=paged&sort=price&limit=4')).body
    expect((await list(`tag=paged&sort=price&limit=2&facets=true&cursor=${nextCursor}`)).body.items).toHaveLength(2)
    expect((await list(`tag=paged&sort=-price&cursor=${nextCursor}`)).body).toMatchObject({ status: 422, code: 'invalid-cursor' })
    expect((await list(`tag=other&sort=price&cursor=${nextCursor}`)).body.code).toBe('invalid-cursor')
    expect((await list('tag=paged&cursor=nonsense')).body.code).toBe('invalid-cursor')
    const [mark] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString()) as [string]
    for (const forged of [
      [["1'; drop table documents", newId()], null],
      [[1.5, newId()], null],
      [[1, 'x'], null],
      [[1], null],
      [null, null],
      [],
      [
        [1, newId()],
        [1, 1, [["a' | 'b", 1]]],
      ],
    ]) {
      const cursor = Buffer.from(JSON.stringify([mark, ...forged])).toString('base64url')
      expect((await list(`tag=paged&sort=price&cursor=${cursor}`)).body.code).toBe('invalid-cursor')
    }
  })
})

describe('words', () => {
  beforeAll(async () => {
    await add(
      { name: 'TN-2110 Toner', brand: 'Brother', description: 'Fits many printers.' },
      { name: 'Laser printer HL-2130', brand: 'Brother', attributes: { cartridge: 'TN-2110' } },
      { name: 'Wireless headphones Café', brand: 'Klang', path: 'Sound > Headphones' },
      { name: 'Headphone stand', brand: 'Holz', description: 'For wireless headphones of any size.' },
      { name: 'Notebook 13.3"', brand: 'Rechner' },
      { name: 'Laptop sleeve', description: 'Keeps a notebook clean.' },
    )
    await room.advance(3600)
    await room.settled()
    await room.db('search').run(sql`UPDATE index_state SET counted_at = '-infinity', changed = 1`)
    await search.jobs?.[0]?.run({
      db: room.db('search'),
      transaction: (work: never) => room.house.services.get('search')?.database.transaction(work),
    } as never)
  })

  test.each([
    ['tn2110', 'TN-2110 Toner'],
    ['tn 2110', 'TN-2110 Toner'],
    ['TN-2110', 'TN-2110 Toner'],
    ['wireless headphones', 'Wireless headphones Café'],
    ['cafe headphone', 'Wireless headphones Café'],
    ['sound klang', 'Wireless headphones Café'],
    ['notebook 13.3', 'Notebook 13.3"'],
    ['notebook', 'Notebook 13.3"'],
  ])('%s finds first %s', async (q, name) => {
    expect((await names(`q=${encodeURIComponent(q)}`))[0]).toBe(name)
  })

  test('a name weighs more than a description, and all words more than some', async () => {
    const found = await names('q=wireless headphones')
    expect(found.slice(0, 2)).toEqual(['Wireless headphones Café', 'Headphone stand'])
  })

  test('a question that nothing answers whole is answered in part', async () => {
    expect(await names('q=brother toner xylophone')).toEqual(expect.arrayContaining(['TN-2110 Toner']))
    expect((await names('q=klang headphone stand'))[0]).toMatch(/headphone/i)
  })

  test.each([
    ['hedphones', 'headphone'],
    ['lap top', 'laptop'],
    ['tonerprinter', 'toner printer'],
  ])('%s is read as %s', async (q, meant) => {
    const { body } = await list(`q=${encodeURIComponent(q)}`)
    expect(body.didYouMean).toBe(meant)
    expect(body.items.length).toBeGreaterThan(0)
  })

  test('words that nobody has give an empty list', async () => {
    expect((await list('q=qqqqqqqqzzzz&facets=true')).body).toEqual({ items: [], nextCursor: null, facets: {}, total: 0 })
  })

  test('suggestions are categories, brands and products that begin or hold what was typed', async () => {
    const suggest = async (q: string) => (await room.request(`GET /api/products/suggest?q=${encodeURIComponent(q)}`)).body.items
    expect(await suggest('hea')).toEqual(
      expect.arrayContaining([
        { text: 'Headphones', kind: 'category', slug: 'sound-headphones' },
        expect.objectContaining({ text: 'Headphone stand', kind: 'product' }),
        expect.objectContaining({ text: 'Wireless headphones Café' }),
      ]),
    )
    expect(await suggest('KLA')).toEqual(expect.arrayContaining([{ text: 'Klang', kind: 'brand' }]))
    expect(await suggest('wireless hea')).toMatchObject([{ text: 'Wireless headphones Café', kind: 'product' }])
    for (const odd of ['', '%', '_', '\\', "'", '😀', '\u0007'])
      expect((await room.request(`GET /api/products/suggest?q=${encodeURIComponent(odd)}`)).status).toBe(200)
  })
})

describe('whatever is asked', () => {
  const odd = [
    "'",
    '"',
    "'; drop table documents; --",
    '%',
    '\\',
    '&|!():*<->',
    'a & ! b',
    ':*',
    '😀😀',
    '\u202e',
    'ﬁ',
    'İstanbul',
    '𝔘𝔫𝔦',
    ' ',
    '-',
    '1e999',
    '0'.repeat(500),
    'a '.repeat(250),
    'äöüß'.repeat(100),
    '中文 日本語',
    'a.b.c',
    '..',
    '1.2.3.4',
    'null',
    '__proto__',
  ]
  test.each(odd)('the question %j is answered', async (q) => {
    for (const more of ['', '&facets=true', '&sort=price', '&limit=1']) {
      const { status, body } = await list(`q=${encodeURIComponent(q)}${more}`)
      expect({ status, items: Array.isArray(body.items) }).toEqual({ status: 200, items: true })
      if (body.nextCursor) expect((await list(`q=${encodeURIComponent(q)}${more}&cursor=${body.nextCursor}`)).status).toBe(200)
    }
  })

  test.each([
    `q=${'x'.repeat(10_000)}`,
    'colour=red',
    'limit=0',
    'limit=101',
    'minPrice=-1',
    'minPrice=abc',
    'minRating=6',
    'sort=cheapest',
    'currency=euro',
    'inStock=perhaps',
    'q=a%00b',
    'attr.=x',
    Array.from({ length: 200 }, (_, index) => `attr.name${index}=x`).join('&'),
    Array.from({ length: 200 }, () => 'brand=x').join('&'),
    `cursor=${'a'.repeat(2000)}`,
  ])('%s is refused with 422', async (query) => {
    const { status, body } = await list(query)
    expect(status).toBe(422)
    expect(['invalid-request', 'invalid-cursor']).toContain(body.code)
  })

  test('200 filters of one kind, or odd names of attributes, are a 422 or an answer', async () => {
    for (const query of [
      "attr.'%3B drop=x",
      'attr.__proto__=x',
      'attr.%F0%9F%98%80=%F0%9F%98%80',
      'brand=',
      'category=%27',
      `vendor=${newId()}`,
      'attr.a=%1F',
    ])
      expect([200, 422]).toContain((await list(query)).status)
  })
})

describe('likeness', () => {
  test('similar goods are of the same kind, the likest first, never the product itself', async () => {
    const lamp = (name: string, priceMinor: number, more: Given = {}) => ({
      name,
      path: 'Lights > Lamps',
      brand: 'Licht',
      priceMinor,
      attributes: { bulb: 'E27', colour: 'white' },
      ...more,
    })
    const [one, near, , far, gone] = (await add(
      lamp('Reading lamp', 5000),
      lamp('Reading lamp tall', 5500),
      lamp('Arc lamp', 50_000, { brand: 'Anders', attributes: { bulb: 'G9' } }),
      { name: 'Reading spectacles', path: 'Eyes' },
      lamp('Reading lamp short', 5000),
    )) as [ProductDocument, ProductDocument, ProductDocument, ProductDocument, ProductDocument]
    await stocked(gone, 0)
    await room.settled()
    const alike = await room.call(SimilarTo, { productId: one.productId, limit: 3 })
    const ids = (alike as { items: Card[] }).items.map((card) => card.id)
    expect(ids[0]).toBe(near.productId)
    expect(ids).not.toContain(one.productId)
    expect(ids).not.toContain(far.productId)
    expect(await room.call(SimilarTo, { productId: newId(), limit: 3 })).toEqual({ items: [] })
  })
})

test('the check of the index sums every product up and finds one that is wrong', async () => {
  const run = () => room.house.services.get('search')?.runCheck(search.checks?.[0] as never)
  expect(await run()).toMatchObject({ broken: 0 })
  await room
    .db('search')
    .run(sql`UPDATE facts SET available = available + 1 WHERE product_id = (SELECT min(product_id::text)::uuid FROM documents)`)
  expect(await run()).toMatchObject({ broken: 1, examples: [expect.any(String)] })
})
