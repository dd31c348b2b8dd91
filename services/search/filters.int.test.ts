import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Room } from '@stoa/chassis/testing/room.ts'
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openMarket, category, stocked, add, list, names, allPages } from './testing/market.ts'

let room: Room
beforeAll(async () => {
  room = await openMarket()
})
afterAll(() => room.stop())

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
