import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { defineService } from '@stoa/chassis/service.ts'
import { DescribeSkus, ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { newId } from '@stoa/kit/ids.ts'
import { euro, playNeighbours } from './testing/neighbours.ts'
import catalog from './service.ts'

const { told, calls } = playNeighbours()

/** Plays the stream of inventory. */
const stocktake = defineService({ name: 'stocktake', owns: 'Nothing.', publishes: [StockChanged] })

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [catalog, stocktake], calls })
})
afterAll(() => room.stop())

const admin = () => room.account({ roles: ['admin'] })
let made = 0
const camera = (more: object = {}) => {
  made++
  return {
    name: `Field camera ${made}`,
    description: 'For mountains.',
    brand: 'Ersatz',
    categories: ['Cameras > Digital'],
    attributes: { colour: 'black', ports: ['USB-C', 'HDMI'], weatherproof: true, megapixels: 24 },
    tags: ['new'],
    images: [{ url: '/media/camera.svg', alt: 'A camera', width: 800, height: 600 }],
    status: 'active',
    variants: [
      { sku: `CAM-${made}`, options: { colour: 'black' }, price: euro(49900), stock: 7, weightGrams: 640, barcode: '4006381333931' },
    ],
    ...more,
  }
}
const post = (body: object, more: object = {}) => room.request('POST /api/products', { body, as: admin(), ...more })
const put = (id: string, version: string | string[] | undefined, body: object, as = admin()) =>
  room.request(`PUT /api/products/${id}`, { body, as, headers: { 'if-match': String(version) } })
const changesOf = async (id: string) => (await room.events(ProductChanged)).filter((one) => one.productId === id)

describe('creating', () => {
  test('a created product is told, priced, stocked and answered whole, with its address', async () => {
    const input = camera()
    const answer = await post(input)
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe(`/api/products/${answer.body.id}`)
    expect(answer.body).toMatchObject({
      name: input.name,
      slug: `field-camera-${made}`,
      brand: 'Ersatz',
      status: 'active',
      categories: [{ slug: 'digital', path: 'Cameras > Digital' }],
      attributes: input.attributes,
      rating: { average: 0, count: 0 },
      similar: [],
      vendor: null,
      variants: [
        {
          sku: `CAM-${made}`,
          options: { colour: 'black' },
          price: euro(49900),
          available: 7,
          availability: 'in-stock',
          weightGrams: 640,
          barcode: '4006381333931',
        },
      ],
    })
    const [event] = (await room.events(ProductCreated)).filter((one) => one.productId === answer.body.id)
    expect(event).toMatchObject({
      version: 1,
      name: input.name,
      categoryTree: [{ path: 'Cameras' }, { path: 'Cameras > Digital' }],
      variants: [{ sku: `CAM-${made}`, price: euro(49900), openingStock: 7 }],
    })
    expect(told.puts.at(-1)).toMatchObject({ productId: answer.body.id, productVersion: 1, archived: false })
  })

  test('name, SKU and price are enough', async () => {
    const answer = await post({ name: 'Plain', variants: [{ sku: 'PLAIN-1', price: euro(100) }] })
    expect(answer).toMatchObject({
      status: 201,
      body: {
        description: '',
        brand: null,
        categories: [],
        tags: [],
        status: 'active',
        variants: [{ available: 0, availability: 'out', weightGrams: 0, barcode: null }],
      },
    })
  })

  test('every fault of a body is named at once', async () => {
    const answer = await post({ description: 3, variants: [{ sku: '' }], colour: 'red' })
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((one: { path: string }) => one.path).sort()).toEqual([
      'colour',
      'description',
      'name',
      'variants[0].price',
      'variants[0].sku',
      'variants[0].sku',
    ])
  })

  test('faults beyond the schema are invalid-request, each with its path', async () => {
    const answer = await post(
      camera({
        categories: ['A > > B'],
        images: [{ url: 'javascript:x', alt: '', width: 1, height: 1 }],
        variants: [
          { sku: 'TWICE', price: euro(1) },
          { sku: 'TWICE', price: { amount: 1, currency: 'USD' } },
        ],
      }),
    )
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-request' } })
    expect(answer.body.errors.map((one: { path: string }) => one.path)).toEqual([
      'categories[0]',
      'variants[1].sku',
      'variants[1].price.currency',
      'images[0].url',
    ])
    expect((await post(camera({ status: 'archived' }))).status).toBe(422)
  })

  test('a SKU of another product is sku-taken, also when that product is archived', async () => {
    const first = await post(camera())
    const { sku } = first.body.variants[0]
    const again = { ...camera(), variants: [{ sku, price: euro(5) }] }
    expect(await post(again)).toMatchObject({ status: 409, body: { code: 'sku-taken', errors: [{ path: 'variants[0].sku' }] } })
    await room.request(`DELETE /api/products/${first.body.id}`, { as: admin() })
    expect((await post(again)).body.code).toBe('sku-taken')
    expect((await post({ ...again, variants: [{ sku: sku.toLowerCase(), price: euro(5) }] })).status).toBe(201)
  })

  test('one SKU posted many times at once is one product', async () => {
    const bodies = Array.from({ length: 12 }, () => camera({ variants: [{ sku: 'RACE-1', price: euro(5) }] }))
    const answers = await Promise.all(bodies.map((body) => post(body)))
    expect(answers.filter((one) => one.status === 201)).toHaveLength(1)
    expect(answers.filter((one) => one.body.code === 'sku-taken')).toHaveLength(11)
  })

  test('products of one name get slugs of their own, and "suggest" is nobody’s', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => post({ name: 'Same name', variants: [{ sku: `SAME-${index}`, price: euro(1) }] })),
    )
    expect(new Set(answers.map((one) => one.body.slug)).size).toBe(6)
    expect(answers.map((one) => one.body.slug)).toContain('same-name')
    expect((await post({ name: 'Suggest', variants: [{ sku: 'SUGGEST', price: euro(1) }] })).body.slug).toBe('suggest-2')
  })

  test('when inventory is away the product is kept, and a retry with the same key goes on to success', async () => {
    const body = camera()
    const options = { headers: { 'idempotency-key': 'retry-after-away' }, as: admin() }
    told.away.add('inventory')
    const failed = await post(body, options)
    told.away.delete('inventory')
    expect(failed).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    const retried = await post(body, options)
    expect(retried).toMatchObject({ status: 201, body: { variants: [{ available: 7 }] } })
    expect((await post(body, options)).headers['idempotent-replayed']).toBe('true')
    expect((await room.events(ProductCreated)).filter((one) => one.name === body.name)).toHaveLength(1)
  })

  test('customers may not, guests may not', async () => {
    expect((await post(camera(), { as: room.account() })).status).toBe(403)
    expect((await room.request('POST /api/products', { body: camera() })).status).toBe(401)
  })
})

describe('reading', () => {
  test('by id and by slug, with an ETag that neither stock nor rating moves', async () => {
    const { body: product } = await post(camera())
    const before = await room.request(`GET /api/products/${product.id}`)
    expect(before.headers.etag).toBe('"1"')
    told.stock.set(product.variants[0].sku, 2)
    await room.publish(ProductRated, { productId: product.id, average: 4.25, count: 8 })
    await room.settled()
    const after = await room.request(`GET /api/products/${product.slug}`)
    expect(after.headers.etag).toBe('"1"')
    expect(after.body).toMatchObject({
      id: product.id,
      rating: { average: 4.25, count: 8 },
      variants: [{ available: 2, availability: 'low' }],
    })
  })

  test('unknown ids and slugs are 404', async () => {
    expect((await room.request(`GET /api/products/${newId()}`)).body.code).toBe('not-found')
    expect((await room.request('GET /api/products/nothing-of-that-name')).status).toBe(404)
  })

  test('with every neighbour away the own price is shown, stock as last seen, nothing similar', async () => {
    const { body: product } = await post(camera())
    await room.request(`GET /api/products/${product.id}`)
    for (const one of ['pricing', 'inventory', 'search']) told.away.add(one)
    const answer = await room.request(`GET /api/products/${product.id}`)
    told.away.clear()
    expect(answer).toMatchObject({ status: 200, body: { similar: [], variants: [{ price: euro(49900), available: 7 }] } })
  })

  test('a draft is seen by its keepers only', async () => {
    const { body: draft } = await post(camera({ status: 'draft' }))
    expect((await room.request(`GET /api/products/${draft.id}`)).status).toBe(404)
    expect((await room.request(`GET /api/products/${draft.id}`, { as: admin() })).status).toBe(200)
  })

  test('the tree of categories holds every level once', async () => {
    const { body: product } = await post(camera({ categories: ['Garden > Tools > Spades', 'Garden > Tools > Rakes', ' garden >  Other '] }))
    expect(product.categories.map((one: { path: string }) => one.path)).toEqual([
      'Garden > Tools > Spades',
      'Garden > Tools > Rakes',
      'Garden > Other',
    ])
    const { items } = (await room.request('GET /api/categories')).body
    const named = (name: string) => items.filter((one: { name: string }) => one.name.toLowerCase() === name)
    expect(named('garden')).toMatchObject([
      {
        slug: 'garden',
        path: 'Garden',
        children: [{ name: 'Other' }, { name: 'Tools', children: [{ name: 'Rakes', slug: 'rakes' }, { name: 'Spades' }] }],
      },
    ])
  })
})

describe('prices of lists', () => {
  test('when a list counts for the caller, its price is shown, under a tag that no change goes with', async () => {
    const { body: product } = await post(camera())
    const { sku } = product.variants[0]
    told.listed.set(sku, { group: 'trade', price: euro(44900) })
    const read = (as?: ReturnType<typeof admin>) => room.request(`GET /api/products/${product.id}`, as ? { as } : {})
    const trader = await read(room.account({ groups: ['trade'] }))
    expect([trader.body.variants[0].price, (await read()).body.variants[0].price]).toEqual([euro(44900), euro(49900)])
    expect(trader.headers.etag).toMatch(/^"1-[\w-]{11}"$/)
    expect((await read()).headers.etag).toBe('"1"')
    expect((await put(product.id, trader.headers.etag, product)).status).toBe(412)
  })

  test('when whoever reads may replace the product, they read its own prices', async () => {
    const { body: product } = await post(camera())
    told.listed.set(product.variants[0].sku, { group: 'trade', price: euro(44900) })
    const as = room.account({ roles: ['admin'], groups: ['trade'] })
    const read = (query = '') => room.request(`GET /api/products/${product.id}${query}`, { as })
    const own = await read()
    expect([own.body.variants[0].price, own.headers.etag]).toEqual([euro(49900), '"1"'])
    expect((await read('?currency=EUR')).body.variants[0].price).toEqual(euro(44900))
    expect((await put(product.id, own.headers.etag, own.body)).body.variants[0].price).toEqual(euro(49900))
  })
})

describe('replacing', () => {
  test('what GET gave is taken back and changes nothing', async () => {
    const { body: product } = await post(camera())
    const got = await room.request(`GET /api/products/${product.id}`)
    const answer = await put(product.id, got.headers.etag, got.body)
    expect(answer).toMatchObject({ status: 200, headers: { etag: '"1"' } })
    expect(await changesOf(product.id)).toEqual([])
  })

  test('after a change the next GET has the new tag, fields and price', async () => {
    const { body: product } = await post(camera())
    const answer = await put(product.id, '"1"', {
      ...product,
      name: 'Renamed camera',
      variants: [{ ...product.variants[0], price: euro(39900), compareAt: euro(49900) }],
    })
    expect(answer).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { slug: 'renamed-camera', variants: [{ id: product.variants[0].id, price: euro(39900) }] },
    })
    const got = await room.request(`GET /api/products/${product.slug}`)
    expect(got).toMatchObject({
      headers: { etag: '"2"' },
      body: { name: 'Renamed camera', slug: 'renamed-camera', variants: [{ price: euro(39900) }] },
    })
    expect(await changesOf(product.id)).toMatchObject([
      { version: 2, slug: 'renamed-camera', variants: [{ price: euro(39900), compareAt: euro(49900), openingStock: 7 }] },
    ])
  })

  test('a stale tag is refused, a missing one is asked for', async () => {
    const { body: product } = await post(camera())
    await put(product.id, '"1"', { ...product, description: 'second' })
    expect(await put(product.id, '"1"', { ...product, description: 'lost' })).toMatchObject({
      status: 412,
      body: { code: 'stale', currentVersion: 2 },
    })
    expect((await room.request(`PUT /api/products/${product.id}`, { body: product, as: admin() })).status).toBe(428)
    expect((await put(newId(), '"1"', camera())).body.code).toBe('not-found')
  })

  test('of many changes at once to one version exactly one wins', async () => {
    const { body: product } = await post(camera())
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => put(product.id, '"1"', { ...product, description: `by ${index}` })),
    )
    expect(answers.map((one) => one.status).sort()).toEqual([200, ...Array(9).fill(412)])
    expect(await changesOf(product.id)).toHaveLength(1)
  })

  test('variants are matched by id, else by SKU; one left out is no longer sold, but its SKU stays the product’s', async () => {
    const { body: product } = await post(
      camera({ variants: ['A', 'B', 'C'].map((one) => ({ sku: `MATCH-${one}`, price: euro(100), stock: 1 })) }),
    )
    const [a, b, c] = product.variants
    const answer = await put(product.id, '"1"', {
      ...product,
      variants: [
        { id: c.id, sku: 'MATCH-C2', price: euro(100) },
        { sku: 'MATCH-A', price: euro(100) },
      ],
    })
    expect(answer.body.variants.map((one: { id: string; sku: string }) => [one.id, one.sku])).toEqual([
      [c.id, 'MATCH-C2'],
      [a.id, 'MATCH-A'],
    ])
    expect(await room.call(DescribeSkus, { skus: ['MATCH-B', 'MATCH-A', 'NOBODY'], productIds: [] })).toMatchObject({
      items: [
        { sku: 'MATCH-B', active: false, variantId: b.id },
        { sku: 'MATCH-A', active: true },
      ],
    })
    expect((await post(camera({ variants: [{ sku: 'MATCH-B', price: euro(1) }] }))).body.code).toBe('sku-taken')
    expect(
      (await put(product.id, '"2"', { ...answer.body, variants: [...answer.body.variants, { sku: 'MATCH-B', price: euro(100) }] })).status,
    ).toBe(200)
  })

  test('a SKU of another product cannot be taken over', async () => {
    const [first, second] = await Promise.all([post(camera()), post(camera())])
    expect(await put(first.body.id, '"1"', { ...first.body, variants: second.body.variants })).toMatchObject({
      status: 409,
      body: { code: 'sku-taken' },
    })
    expect((await put(first.body.id, '"1"', { ...first.body, name: ' ' })).body.code).toBe('invalid-request')
  })

  test('old slugs lead to the product, and an old name takes its old slug back', async () => {
    const { body: product } = await post({ name: 'Wandering lamp', variants: [{ sku: 'LAMP-W', price: euro(100) }] })
    await put(product.id, '"1"', { ...product, name: 'Standing lamp' })
    expect((await room.request('GET /api/products/wandering-lamp')).body.slug).toBe('standing-lamp')
    expect((await put(product.id, '"2"', { ...product, name: 'Wandering lamp' })).body.slug).toBe('wandering-lamp')
    expect((await post({ name: 'Standing lamp', variants: [{ sku: 'LAMP-S', price: euro(100) }] })).body.slug).toBe('standing-lamp-2')
  })
})
