import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Room } from '@stoa/chassis/testing/room.ts'
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import { OrderConfirmed } from '@stoa/contracts/orders.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { add, allPages, confirmed, names, openMarket, stocked, tended } from './testing/market.ts'

let room: Room
beforeAll(async () => {
  room = await openMarket()
})
afterAll(() => room.stop())

const sell = (one: ProductDocument, units: number) =>
  room.publish(OrderConfirmed, { ...confirmed(one, units), total: { amount: 1, currency: 'EUR' }, method: 'card' })

test('among equals the best sold and rated come first, the sold out last; a better answer stays before them all', async () => {
  const [gone, plain, sold, rated] = (await add(
    { name: 'Copper kettle A' },
    { name: 'Copper kettle B' },
    { name: 'Copper kettle C' },
    { name: 'Copper kettle D' },
    { name: 'Kettle', description: 'Copper, in parts.' },
  )) as [ProductDocument, ProductDocument, ProductDocument, ProductDocument]
  await tended()
  await stocked(gone, 0)
  await sell(sold, 3000)
  await sell(gone, 5000)
  await room.publish(ProductRated, { productId: rated.productId, average: 4.5, count: 20 })
  await room.settled()
  const found = await names('q=copper+kettle')
  expect(found).toEqual([sold.name, rated.name, plain.name, gone.name, 'Kettle'])
})

test('pages that began before goods sold out or sold well hold each of them once, in the order of the first page', async () => {
  const goods = await add(...Array.from({ length: 12 }, (_, index) => ({ name: `Pewter mug ${'abcdefghijkl'[index]}` })))
  await tended()
  const whole = await names('q=pewter+mug')
  let turned = 0
  const cards = await allPages('q=pewter+mug&limit=3', async () => {
    // Of the middle to the end, and of the end to the front.
    await stocked(goods[7 - turned] as ProductDocument, 0)
    await sell(goods[turned++] as ProductDocument, 5000)
    await room.settled()
  })
  expect(cards.map((one) => one.name)).toEqual(whole)
  expect(await names('q=pewter+mug')).not.toEqual(whole)
})
