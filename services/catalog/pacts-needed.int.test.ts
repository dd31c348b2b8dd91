import { afterAll, beforeAll, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { AvailabilityOf, OpenStock } from '@stoa/contracts/inventory.ts'
import { PricesOf, PutPrices } from '@stoa/contracts/pricing.ts'
import { CountIndexed, SimilarTo } from '@stoa/contracts/search.ts'
import { newId } from '@stoa/kit/ids.ts'
import catalog from './service.ts'
import { beginDemoImport, demoImport } from './store/imports.ts'
import { euro, playNeighbours } from './testing/neighbours.ts'
import { importWork } from './workers.ts'

const needs = new Needs('catalog', [PutPrices, PricesOf, OpenStock, AvailabilityOf, SimilarTo, CountIndexed])
let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [catalog], calls: needs.neighbours(playNeighbours().calls) })
})
afterAll(() => room.stop())
afterAll(() => needs.close())

const create = (sku: string) =>
  room.request('POST /api/products', {
    as: room.account({ roles: ['admin'] }),
    body: {
      name: `Camera ${sku}`,
      description: 'For mountains.',
      categories: ['Cameras'],
      images: [],
      status: 'active',
      variants: [{ sku, options: {}, price: euro(49900), stock: 7, weightGrams: 640 }],
    },
  })
/** A product that is shown. */
const shown = async (sku: string, groups: string[] = []) => {
  const { id } = (await create(sku)).body
  return async () => (await room.request(`GET /api/products/${id}`, { as: room.account({ groups }) })).body
}

test('a new product is handed to pricing', () =>
  needs.of(
    PutPrices,
    {
      asks: {
        products: [
          {
            productId: uuid(),
            productVersion: 1,
            archived: false,
            variants: [{ sku: 'CAM-1', price: euro(49900), compareAt: null, weightGrams: 640, taxClass: 'standard' }],
          },
        ],
      },
      answers: {},
    },
    async () => expect((await create('CAM-1')).status).toBe(201),
  ))

test('a new product is handed to inventory', () =>
  needs.of(OpenStock, { asks: { items: [{ sku: 'CAM-2', productId: uuid(), units: 7 }] }, answers: {} }, async () =>
    expect((await create('CAM-2')).status).toBe(201),
  ))

test('a product is shown with the price of whoever looks', async () => {
  const look = await shown('CAM-3', ['trade'])
  await needs.of(
    PricesOf,
    {
      given: { 'a product has a price': { sku: 'CAM-3' } },
      asks: { skus: ['CAM-3'], groups: ['trade'] },
      answers: { items: [{ sku: exactly('CAM-3'), price: euro(39900), compareAt: null }] },
    },
    async () => expect(await look()).toMatchObject({ variants: [{ price: euro(39900) }] }),
  )
})

test('a product is shown with the units that can be had', async () => {
  const look = await shown('CAM-4')
  await needs.of(
    AvailabilityOf,
    {
      given: { 'units are on hand': { sku: 'CAM-4', units: 2 } },
      asks: { skus: ['CAM-4'] },
      answers: { items: [{ sku: exactly('CAM-4'), available: exactly(2), low: exactly(true) }] },
    },
    async () => expect(await look()).toMatchObject({ variants: [{ available: 2, availability: 'low' }] }),
  )
})

test('a product is shown with others like it', async () => {
  const look = await shown('CAM-5')
  const card = {
    id: uuid(),
    slug: 'other',
    sku: 'OTHER',
    name: 'Other camera',
    brand: 'Ersatz',
    image: { url: '/media/camera.svg', alt: 'A camera', width: 800, height: 600 },
    price: euro(100),
    rating: { average: 0, count: 0 },
    availability: 'in-stock',
    available: 5,
    variants: 1,
  }
  await needs.of(
    SimilarTo,
    {
      given: { 'two products are alike': {} },
      asks: { productId: uuidOf('productId'), limit: 8 },
      answers: { items: [card] },
    },
    async () => expect(await look()).toMatchObject({ similar: [{ slug: 'other', price: euro(100) }] }),
  )
})

test('the demo opens when search has heard of all goods', () =>
  needs.of(CountIndexed, { asks: {}, answers: { products: 1000 } }, async () => {
    const service = room.house.services.get('catalog')
    const id = newId()
    await service?.database.transaction(async (tx) => {
      await beginDemoImport(tx, id, [])
      tx.schedule(importWork, id, 0)
    })
    await room.settled()
    expect(await demoImport(room.db('catalog'))).toMatchObject({ id, state: 'done' })
  }))

test('the pacts that are committed say this', () => needs.areCommitted())
