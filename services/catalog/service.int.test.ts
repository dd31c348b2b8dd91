import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { defineService } from '@stoa/chassis/service.ts'
import { DescribeSkus, ProductArchived } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
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

describe('archiving', () => {
  test('an archived product is told of, no longer sold, and still shown by its address', async () => {
    const { body: product } = await post(camera())
    expect((await room.request(`DELETE /api/products/${product.id}`, { as: admin() })).status).toBe(204)
    expect((await room.request(`DELETE /api/products/${product.id}`, { as: admin() })).status).toBe(204)
    expect((await room.events(ProductArchived)).filter((one) => one.productId === product.id)).toMatchObject([
      { version: 2, status: 'archived' },
    ])
    expect(told.puts.at(-1)).toMatchObject({ productId: product.id, archived: true })
    const got = await room.request(`GET /api/products/${product.id}`)
    expect(got.body).toMatchObject({ status: 'archived', variants: [{ available: 0, availability: 'out' }] })
    expect(await put(product.id, got.headers.etag, got.body)).toMatchObject({ status: 200, headers: { etag: '"2"' } })
    expect(await room.call(DescribeSkus, { skus: [], productIds: [product.id] })).toMatchObject({
      items: [{ active: false, name: product.name }],
    })
    expect((await room.request(`DELETE /api/products/${newId()}`, { as: admin() })).body.code).toBe('not-found')
  })
})

describe('vendors', () => {
  test('a vendor keeps the own goods and does not see the writing side of others', async () => {
    const vendor = room.account({ roles: ['vendor'] })
    const rival = room.account({ roles: ['vendor'] })
    const { body: own } = await post(camera(), { as: vendor })
    expect(own.vendor).toEqual({ id: vendor.accountId })
    expect((await put(own.id, '"1"', { ...own, description: 'mine' }, vendor)).status).toBe(200)
    expect((await put(own.id, '"2"', { ...own, description: 'yours' }, rival)).status).toBe(404)
    expect((await room.request(`DELETE /api/products/${own.id}`, { as: rival })).status).toBe(404)
    expect((await put(own.id, '"2"', { ...own, description: 'the house' })).status).toBe(200)
    const { body: houses } = await post(camera())
    expect((await put(houses.id, '"1"', { ...houses, description: 'mine' }, vendor)).status).toBe(404)
  })
})

test('both checks of the books examine products and find what is wrong', async () => {
  const own = room.house.services.get('catalog') as NonNullable<ReturnType<typeof room.house.services.get>>
  const check = async () => Promise.all((catalog.checks ?? []).map(async (one) => own.runCheck(one)))
  const { body: product } = await post(camera())
  await post(camera())
  const sound = await check()
  expect(sound.map((one) => one.broken)).toEqual([0, 0])
  expect(sound.every((one) => one.examined >= 2)).toBe(true)
  await room.db('catalog').run(sql`UPDATE variants SET archived = true WHERE product_id = ${product.id}`)
  await room.db('catalog').run(sql`UPDATE products SET version = version + 1 WHERE id = ${product.id}`)
  expect(await check()).toMatchObject([
    { broken: 1, examples: [product.id] },
    { broken: 1, examples: [product.id] },
  ])
  await room.db('catalog').run(sql`UPDATE variants SET archived = false WHERE product_id = ${product.id}`)
  await room.db('catalog').run(sql`UPDATE products SET version = version - 1 WHERE id = ${product.id}`)
})

test('watching begins with the present and goes on with what changes', async () => {
  const { body: product } = await post(camera())
  const { sku } = product.variants[0]
  const address = await room.house.server.listen({ host: '127.0.0.1', port: 0 })
  const stop = new AbortController()
  try {
    const response = await fetch(`${address}/api/products/${product.slug}/events`, { signal: stop.signal })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let seen = ''
    const until = async (text: string) => {
      while (!seen.includes(text)) seen += (await reader.read()).value ?? ''
    }
    await until('"amount":49900')
    expect(seen).toContain(`event: stock\ndata: {"sku":"${sku}","available":7}`)
    await room.publish(StockChanged, { sku, productId: product.id, onHand: 6, reserved: 0, available: 6, low: false, version: 2 })
    await until('"available":6')
    expect((await fetch(`${address}/api/products/${newId()}/events`)).status).toBe(404)
  } finally {
    stop.abort()
  }
})
