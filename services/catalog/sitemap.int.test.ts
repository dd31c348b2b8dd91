import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import catalog from './service.ts'
import { euro, playNeighbours } from './testing/neighbours.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [catalog], calls: playNeighbours().calls, env: { STOA_ORIGIN: 'https://shop.example' } })
})
afterAll(() => room.stop())

const make = async (name: string, status = 'active') => {
  const body = { name, status, categories: ['Cups > Mugs'], variants: [{ sku: name.replaceAll(' ', '-'), price: euro(500) }] }
  return (await room.request('POST /api/products', { as: room.account({ roles: ['admin'] }), body })).body.id as string
}

test('a sitemap leads to the front page, to categories and to what is listed, not to drafts and what is archived', async () => {
  await make('red mug')
  await make('secret mug', 'draft')
  const gone = await make('old mug')
  await room.request(`DELETE /api/products/${gone}`, { as: room.account({ roles: ['admin'] }) })
  const { status, headers, body } = await room.request('GET /api/sitemap')
  expect([status, headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8'])
  expect([...body.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => address)).toEqual([
    'https://shop.example/',
    'https://shop.example/c/cups',
    'https://shop.example/c/mugs',
    'https://shop.example/p/red-mug',
  ])
})

test('when a part is asked for that there is not, it is not found', async () => {
  expect((await room.request('GET /api/sitemap?part=1')).status).toBe(200)
  expect((await room.request('GET /api/sitemap?part=2')).body.code).toBe('not-found')
  expect((await room.request('GET /api/sitemap?part=0')).body.code).toBe('invalid-request')
})
