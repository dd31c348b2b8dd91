import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { ProductChanged, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { add, list, names, openMarket, tended } from './testing/market.ts'

let room: Room
let goods: ProductDocument[]
beforeAll(async () => {
  room = await openMarket()
  goods = await add(
    { name: 'Kühlschrank mit Gefrierfach', language: 'de', description: 'Für kleine Küchen.' },
    { name: 'Ladekabel USB-C', language: 'de' },
    { name: 'Kabel zum Laden, drei Stück', language: 'de', description: 'Laden und Kabel.' },
    { name: 'Laserdrucker mit großen Fächern', language: 'de' },
    { name: 'Printed shirts', language: 'en' },
    { name: 'Laserdruck machine', language: 'en' },
    { name: 'Fridge small' },
  )
  await tended()
})
afterAll(() => room.stop())

test.each([
  ['kühlschränke', 'Kühlschrank mit Gefrierfach'],
  ['kuehlschrank', 'Kühlschrank mit Gefrierfach'],
  ['KUHLSCHRANK', 'Kühlschrank mit Gefrierfach'],
  ['grosses fach', 'Laserdrucker mit großen Fächern'],
  ['fridges', 'Fridge small'],
])('%s finds first %s', async (q, name) => {
  expect((await names(`q=${encodeURIComponent(q)}`))[0]).toBe(name)
})

test.each([
  ['gefrier', 'Kühlschrank mit Gefrierfach'],
  ['mit kuehlschr', 'Kühlschrank mit Gefrierfach'],
  ['große', 'Laserdrucker mit großen Fächern'],
  ['usb', 'Ladekabel USB-C'],
  ['small frid', 'Fridge small'],
])('while %s is typed, %s is offered', async (q, name) => {
  const { body } = await room.request(`GET /api/products/suggest?q=${encodeURIComponent(q)}`)
  expect(body.items.filter((one: { kind: string }) => one.kind === 'product')).toMatchObject([{ text: name }])
})

test('a German word is found as the last part of another, and a compound by its parts', async () => {
  expect((await names('q=kabel')).toSorted()).toEqual(['Kabel zum Laden, drei Stück', 'Ladekabel USB-C'])
  expect((await names('q=ladekabel')).toSorted()).toEqual(['Kabel zum Laden, drei Stück', 'Ladekabel USB-C'])
})

test('the stem of one language is no word of another', async () => {
  expect(await names('q=laserdrucker')).toEqual(['Laserdrucker mit großen Fächern'])
})

test('a German word that was mistyped is mended, and shown as the catalogue spells it', async () => {
  expect((await list(`q=${encodeURIComponent('kühlschrnak')}`)).body).toMatchObject({
    didYouMean: 'kühlschrank',
    items: [{ name: 'Kühlschrank mit Gefrierfach' }],
  })
})

test('a product that changes its language is found by the words of the new one', async () => {
  const [, , , , shirts] = goods as [ProductDocument, ProductDocument, ProductDocument, ProductDocument, ProductDocument]
  expect(await names('q=shirt')).toEqual(['Printed shirts'])
  await room.publish(ProductChanged, { ...shirts, version: 2, name: 'Bedruckte Hemden', language: 'de' })
  await room.settled()
  expect(await names('q=shirt')).toEqual([])
  expect(await names('q=hemd')).toEqual(['Bedruckte Hemden'])
})
