import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, type ProductDocument } from '@stoa/contracts/catalog.ts'
import search from '../../service.ts'
import { add, category, list, tended, world } from '../../testing/market.ts'

const GOODS = 60
let room: Room
let goods: ProductDocument[]
beforeAll(async () => {
  // This engine, whichever the run is on.
  room = world.room = await openRoom({ services: [search] })
  const given = Array.from({ length: GOODS }, (_, index) => ({
    name: `Counted chair ${index}`,
    brand: index % 4 === 0 ? null : `Brand ${index % 3}`,
    path: index % 2 === 0 ? 'Chairs > Even' : 'Chairs',
    tags: index % 5 === 0 ? ['all', 'fifth'] : ['all'],
    attributes: { Colour: ['red', 'green', 'blue'][index % 3] as string },
    priceMinor: 500 + index * 100,
  }))
  goods = await add(...given)
})
afterAll(() => room.stop())

const counted = async (query: string) => (await list(`q=counted chair&facets=true&limit=1${query}`)).body.facets

test('counts by words alone are those of the same list narrowed by what all of it passes, be it a fact or in a document', async () => {
  const alone = await counted('')
  expect(alone.brand).toHaveLength(3)
  expect(alone.tag).toEqual([
    { value: 'all', count: GOODS },
    { value: 'fifth', count: GOODS / 5 },
  ])
  expect(alone['attr.Colour']).toHaveLength(3)
  for (const all of ['&minPrice=1', '&tag=all', '&tag=all&minPrice=1']) expect(await counted(all)).toEqual(alone)
  expect(await counted('&brand=nobody')).toMatchObject({ brand: alone.brand })
})

test('what changes in a product is counted as it is now, and no more when it is gone', async () => {
  const [a, b] = goods as [ProductDocument, ProductDocument]
  await room.publish(ProductChanged, {
    ...a,
    brand: 'Newcomer',
    tags: ['rare'],
    categories: [category('Stools')],
    categoryTree: [category('Stools')],
    version: 2,
  })
  await room.publish(ProductArchived, { ...b, status: 'archived', version: 2 })
  await room.settled()
  // Counts are kept for half a second.
  await expect.poll(async () => (await counted('')).brand, { timeout: 10_000 }).toContainEqual({ value: 'Newcomer', count: 1 })
  const now = await counted('')
  expect(now.tag).toContainEqual({ value: 'rare', count: 1 })
  expect(now.tag).toContainEqual({ value: 'all', count: GOODS - 2 })
  expect(now.category).toContainEqual({ value: 'stools', label: 'Stools', count: 1 })
  expect(now.category).toContainEqual({ value: 'chairs', label: 'Chairs', count: GOODS - 2 })
})

test('what is counted by is checked, and put right when the index is made anew', async () => {
  const check = () => room.house.services.get('search')?.runCheck(search.checks?.[0] as never)
  expect(await check()).toMatchObject({ broken: 0, examined: GOODS - 1 })
  await room.db('search').run(sql`UPDATE facts SET brand = 'Somebody', tags = '{}' WHERE brand = 'Newcomer'`)
  expect(await check()).toMatchObject({ broken: 1 })
  await room.request('POST /api/search/index/rebuild', { as: room.account({ roles: ['admin'] }) })
  await tended()
  expect(await check()).toMatchObject({ broken: 0 })
})
