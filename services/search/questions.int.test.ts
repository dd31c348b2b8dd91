import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Room } from '@stoa/chassis/testing/room.ts'
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openMarket, stocked, add, list, names, allPages, tended } from './testing/market.ts'

let room: Room
beforeAll(async () => {
  room = await openMarket()
})
afterAll(() => room.stop())

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
      const keys: Readonly<Record<string, (card: Card) => number>> = {
        price: (one) => one.price.amount,
        '-price': (one) => -one.price.amount,
        rating: (one) => -one.rating.average,
      }
      const key = keys[sort] ?? ((one) => -Date.parse(set.find((given) => given.productId === one.id)?.createdAt ?? ''))
      const sorted = cards.map(key)
      expect(sort === 'sales' ? [] : sorted).toEqual(sort === 'sales' ? [] : sorted.toSorted((a, b) => a - b))
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
        [1, 1, [[["a' | 'b"], 1, 0]], null, null],
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
    await tended()
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

  test('who names a word twice, in the same number of words, tells more of it', async () => {
    await add(
      { name: 'Bobbin chest with linen' },
      { name: 'Bobbin chest with bobbin' },
      { name: 'Bobbin chest with cotton', description: 'Bobbin, bobbin, bobbin.' },
    )
    await tended()
    expect((await names('q=bobbin')).slice(0, 3)).toEqual([
      'Bobbin chest with bobbin',
      'Bobbin chest with cotton',
      'Bobbin chest with linen',
    ])
  })

  test('whoever asks for an SKU gets what it is first, before goods whose names hold the same words, and once', async () => {
    await add(
      { name: 'ZQ 4711 printer', skus: ['ZQ-9000'] },
      { name: 'Grey cable', skus: ['OTHER-1', 'ZQ-4711'] },
      { name: 'ZQ 4711 toner' },
    )
    for (const q of ['ZQ-4711', 'zq-4711', ' ZQ-4711 '])
      expect(await names(`q=${q}`)).toEqual(['Grey cable', 'ZQ 4711 printer', 'ZQ 4711 toner'])
    const cards = await allPages('q=ZQ-4711&limit=1')
    expect(cards.map((one) => one.name)).toEqual(['Grey cable', 'ZQ 4711 printer', 'ZQ 4711 toner'])
    expect((await list('q=ZQ-4711&sort=price')).body.items).toHaveLength(3)
  })

  test('a question that nothing answers whole is answered in part', async () => {
    expect(await names('q=brother toner xylophone')).toEqual(expect.arrayContaining(['TN-2110 Toner']))
    expect((await names('q=klang headphone stand'))[0]).toMatch(/headphone/i)
  })

  test.each([
    ['hedphones', 'headphones'],
    ['lap top', 'laptop'],
    ['tonerprinter', 'toner printer'],
  ])('%s is read as %s', async (q, meant) => {
    const { body } = await list(`q=${encodeURIComponent(q)}`)
    expect(body.didYouMean).toBe(meant)
    expect(body.items.length).toBeGreaterThan(0)
  })

  test('words that nobody has give an empty list', async () => {
    expect((await list('q=qqqqqqqqzzzz&facets=true')).body).toMatchObject({ items: [], nextCursor: null, facets: {}, total: 0 })
  })

  test('an empty list offers what comes near: the words without the filters, else what sells best', async () => {
    const near = async (query: string) => {
      const { items, near: cards } = (await list(query)).body
      expect(items).toEqual([])
      return cards.map((one: Card) => one.name)
    }
    expect(await near('q=toner&minPrice=90000000')).toEqual(expect.arrayContaining(['TN-2110 Toner']))
    expect((await near('q=qqqqqqqqzzzz')).length).toBeGreaterThan(3)
    expect(await near('category=sound-headphones&minPrice=90000000')).toEqual(['Wireless headphones Café'])
    expect((await list('q=toner')).body.near).toBeUndefined()
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
      const next = body.nextCursor === null ? 200 : (await list(`q=${encodeURIComponent(q)}${more}&cursor=${body.nextCursor}`)).status
      expect(next).toBe(200)
    }
  })

  test.each([
    `q=${'x'.repeat(10_000)}`,
    'colour=red',
    'limit=0',
    'limit=101',
    'minPrice=-1',
    'minPrice=abc',
    'minPrice=1e300',
    'maxPrice=99999999999999999999',
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
