import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed } from '@stoa/contracts/orders.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { CountIndexed, SimilarTo } from '@stoa/contracts/search.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openMarket, document, stocked, confirmed, add, list, names, type Given } from './testing/market.ts'
import search from './service.ts'

let room: Room
beforeAll(async () => {
  room = await openMarket()
})
afterAll(() => room.stop())

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

  test('who asks before a product is indexed does not keep others from seeing what is like it', async () => {
    const [productId, asks] = [newId(), { limit: 3 }]
    expect(await room.call(SimilarTo, { productId, ...asks })).toEqual({ items: [] })
    await add({ productId, name: 'Early lantern', path: 'Lights > Lanterns' }, { name: 'Late lantern', path: 'Lights > Lanterns' })
    const { items } = (await room.call(SimilarTo, { productId, ...asks })) as { items: Card[] }
    expect(items[0]?.name).toBe('Late lantern')
  })
})

test('the checks of the index examine every product and find one that is wrong', async () => {
  const run = (index: number) => room.house.services.get('search')?.runCheck(search.checks?.[index] as never)
  for (const index of [0, 1]) expect(await run(index)).toMatchObject({ broken: 0, examined: expect.any(Number) })
  await room
    .db('search')
    .run(sql`UPDATE facts SET available = available + 1 WHERE product_id = (SELECT min(product_id::text)::uuid FROM documents)`)
  expect(await run(0)).toMatchObject({ broken: 1, examples: [expect.any(String)] })
  await room.db('search').run(sql`DELETE FROM documents WHERE product_id = (SELECT min(product_id::text)::uuid FROM documents)`)
  expect(await run(1)).toMatchObject({ broken: 1, examples: [expect.any(String)] })
})
