import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, logIn, makeProduct, until } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
let admin: string
beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
})

interface Card {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly brand: string
  readonly price: { readonly amount: number; readonly currency: string }
  readonly available: number
}
async function list(query: string): Promise<{
  items: Card[]
  nextCursor: string | null
  facets: Record<string, { value: string; count: number }[]>
  total: number
  didYouMean?: string
}> {
  const answer = await ask(origin, `GET /api/products?${query}`)
  expect(answer.status).toBe(200)
  return answer.body
}
async function everything(query: string): Promise<Card[]> {
  const cards: Card[] = []
  for (let cursor = '', pages = 0; pages < 20; pages++) {
    const page = await list(`${query}&limit=100${cursor}`)
    cards.push(...page.items)
    if (page.nextCursor === null) return cards
    cursor = `&cursor=${page.nextCursor}`
  }
  throw new Error('the list does not end')
}

describe('shoppers', () => {
  test('Verify that the search returns relevant products when searching by name.', async () => {
    const { items } = await list('q=table+lamp&limit=10')
    expect(items.length).toBeGreaterThan(3)
    expect(items[0]?.name).toMatch(/lamp/i)
    const wanted = items[2] as Card
    const exact = await list(`q=${encodeURIComponent(wanted.name)}`)
    expect(exact.items[0]?.id).toBe(wanted.id)
    // Spelling knows the catalogue's words once they were counted, which a young shop does within seconds.
    const misspelt = await until(
      () => ask(origin, 'GET /api/products?q=headfones'),
      (answer) => answer.body.didYouMean === 'headphones',
      20,
    )
    expect(misspelt.body.items[0].name).toMatch(/phone/i)
  })

  test('Verify that products can be filtered by category.', async () => {
    const tree = (await ask(origin, 'GET /api/categories')).body.items as { slug: string; children: { slug: string; name: string }[] }[]
    const family = tree.flatMap((one) => one.children)[0] as { slug: string }
    const all = await everything('sort=newest')
    const cards = await everything(`category=${family.slug}`)
    expect(cards.length).toBeGreaterThan(5)
    expect(cards.length).toBeLessThan(all.length)
    for (const card of cards.slice(0, 5)) {
      const product = (await ask(origin, `GET /api/products/${card.slug}`)).body
      const path = product.categories.map((one: { path: string }) => one.path).join('|')
      expect(path.toLowerCase()).toContain(tree.flatMap((one) => one.children)[0]?.name.toLowerCase())
    }
    const counted = await list(`category=${family.slug}&facets=true`)
    expect(counted.total).toBe(cards.length)
    expect(counted.facets.category?.find((one) => one.value === family.slug)?.count).toBe(cards.length)
  })

  test('Verify that search results can be filtered by price range.', async () => {
    const every = await everything('q=lamp')
    const prices = every.map((one) => one.price.amount).toSorted((a, b) => a - b)
    const low = prices[Math.floor(prices.length / 3)] as number
    const high = prices[Math.floor((prices.length * 2) / 3)] as number
    const within = await everything(`q=lamp&minPrice=${low}&maxPrice=${high}`)
    expect(within.length).toBeGreaterThan(0)
    expect(within.map((one) => one.id).toSorted()).toEqual(
      every
        .filter((one) => one.price.amount >= low && one.price.amount <= high)
        .map((one) => one.id)
        .toSorted(),
    )
  })

  test('Verify that similar product suggestions are displayed when viewing a product.', async () => {
    const [card] = (await list('q=table+lamp&limit=1')).items as [Card]
    const { similar } = (await ask(origin, `GET /api/products/${card.slug}`)).body as { similar: Card[] }
    expect(similar.length).toBeGreaterThanOrEqual(4)
    expect(similar.map((one) => one.id)).not.toContain(card.id)
    expect(similar.every((one) => /lamp|light|lantern|sconce|pendant/i.test(one.name))).toBe(true)
    const page = await ask(origin, `GET /p/${card.slug}`)
    expect(page.status).toBe(200)
    for (const one of similar.slice(0, 2)) expect(page.body).toContain(one.slug)
  })
})

describe('an administrator', () => {
  test('who exports the catalogue as CSV and imports the file again finds nothing changed', async () => {
    const file = await ask(origin, 'GET /api/exports/products', { token: admin, headers: { accept: 'text/csv' } })
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    const headers = { 'content-type': 'text/csv' }
    const { importId } = (await ask(origin, 'POST /api/imports/products', { token: admin, headers, body: file.body })).body
    const { body } = await until(
      () => ask(origin, `GET /api/imports/${importId}`, { token: admin }),
      (answer) => answer.body.state !== 'running',
      60,
    )
    expect(body).toMatchObject({ state: 'done', created: 0, updated: 0, failed: 0, errors: [] })
    expect(body.read).toBeGreaterThan(100)
    expect(body.unchanged).toBe(body.read)
  })

  test('a new product is found within moments, and so is what becomes of it', async () => {
    const word = `zq${randomUUID().replace(/[^a-f]/g, '')}x`
    const created = await ask(origin, 'POST /api/products', {
      token: admin,
      body: {
        name: `Thing ${word}`,
        tags: ['journey'],
        variants: [{ sku: `J-${word}`, price: { amount: 700, currency: 'EUR' }, stock: 3 }],
      },
    })
    expect(created.status).toBe(201)
    const found = (done: (items: Card[]) => boolean) =>
      until(
        () => ask(origin, `GET /api/products?q=${word}`),
        (answer) => done(answer.body.items),
        10,
      )
    await found((items) => items[0]?.available === 3)
    const got = await ask(origin, `GET /api/products/${created.body.id}`)
    expect(got.headers.get('etag')).toBe('"1"')
    const changed = await ask(origin, `PUT /api/products/${created.body.id}`, {
      token: admin,
      headers: { 'if-match': '"1"' },
      body: { ...got.body, variants: [{ ...got.body.variants[0], price: { amount: 500, currency: 'EUR' } }] },
    })
    expect(changed.status).toBe(200)
    expect((await ask(origin, `GET /api/products/${created.body.id}`)).body.variants[0].price.amount).toBe(500)
    await found((items) => items[0]?.price.amount === 500)
    expect(
      (await ask(origin, `PUT /api/products/${created.body.id}`, { token: admin, headers: { 'if-match': '"1"' }, body: got.body })).body
        .code,
    ).toBe('stale')
    expect((await ask(origin, `DELETE /api/products/${created.body.id}`, { token: admin })).status).toBe(204)
    await found((items) => items.length === 0)
  })

  test('stock on the product page moves by itself', async () => {
    const { id, sku } = await makeProduct(origin, admin, 4)
    const stream = await fetch(`${origin}/api/products/${id}/events`, { signal: AbortSignal.timeout(20_000) })
    const reader = (stream.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const hear = async (text: string) => {
      while (!heard.includes(text)) heard += (await reader.read()).value ?? ''
    }
    await hear(`{"sku":"${sku}","available":4}`)
    await ask(origin, `POST /api/stock/${sku}/adjustments`, { token: admin, key: randomUUID(), body: { delta: -3, reason: 'counted' } })
    await hear(`{"sku":"${sku}","available":1}`)
    await reader.cancel()
  })
})
