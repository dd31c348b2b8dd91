import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, postOrder, untilStatus } from '../support/client.ts'
import { whileCorrupted } from '../support/corruption.ts'
import { doctor, startShop, type Shop } from '../support/shop.ts'
import { chassisCorruptions, corruptions, PUBLISHED } from './corruptions.ts'

let shop: Shop
let names: string[]
beforeAll(async () => {
  shop = await startShop()
  await doBusiness(shop.origin)
  names = (await doctor(shop.dataDir, 60)).checks.map((one) => one.name)
}, 300_000)
afterAll(async () => {
  await shop.stop()
})

/** Something of everything: carts filled and merged, orders waiting, bound, cancelled and shipped, a product changed. */
async function doBusiness(origin: string): Promise<void> {
  const admin = (await logIn(origin, 'admin@stoa.example')).token
  const { sku, id } = await makeProduct(origin, admin, 50)
  const shown = await ask(origin, `GET /api/products/${id}`, { token: admin })
  const headers = { 'if-match': shown.headers.get('etag') ?? '' }
  const body = { ...shown.body, name: `${shown.body.name}, changed` }
  expect((await ask(origin, `PUT /api/products/${id}`, { token: admin, headers, body })).status).toBe(200)
  const fill = async () => {
    const filled = await ask(origin, 'POST /api/cart/items', { body: { sku, quantity: 1 } })
    return filled.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }
  await fill()
  const shopper = await logIn(origin, 'shopper@stoa.example')
  await ask(origin, 'GET /api/cart', { token: shopper.token, headers: { cookie: await fill() } })
  const bought = await ask(origin, 'POST /api/orders', {
    token: shopper.token,
    key: randomUUID(),
    body: { cart: true, shippingAddress: ADDRESS, shippingOption: 'standard', payment: { method: 'card', token: 'tok_ok' } },
  })
  expect(bought.status).toBe(201)
  await postOrder(origin, { sku, method: 'bank-transfer' })
  for (const [card, end] of [
    ['tok_ok', 'CONFIRMED'],
    ['tok_declined', 'CANCELLED'],
    ['tok_ok', 'CONFIRMED'],
  ] as const) {
    const { body } = await postOrder(origin, { sku, cardToken: card })
    await untilStatus(origin, body.orderId, body.viewToken, [end], 30)
  }
  const gone = (await postOrder(origin, { sku })).body
  await untilStatus(origin, gone.orderId, gone.viewToken, ['CONFIRMED'], 30)
  await ask(origin, `PUT /api/orders/${gone.orderId}/status`, { token: admin, body: { status: 'SHIPPED' } })
}

const broken = async () => (await doctor(shop.dataDir, 0)).checks.filter((one) => !one.ok).map((one) => one.name)

test('when the shop is at rest, every check is content and has looked at something', async () => {
  const { checks } = await doctor(shop.dataDir, 60)
  expect(checks.filter((one) => !one.ok)).toEqual([])
  expect(checks.filter((one) => one.examined === 0).map((one) => one.name)).toEqual([])
}, 100_000)

test('there is no check of which nobody has shown that it can fail', () => {
  const ofChassis = Object.keys(chassisCorruptions)
  const shownElsewhere = [...ofChassis, PUBLISHED]
  const ofRooms = names.filter((name) => !shownElsewhere.some((one) => name.endsWith(`: ${one}`)))
  expect(corruptions.map((one) => one.check).toSorted()).toEqual(ofRooms.toSorted())
})

test.each(corruptions)(
  'when one statement corrupts a book, the doctor sees exactly that: $check',
  async (corruption) => {
    expect(await whileCorrupted(shop.dataDir, [corruption], broken)).toEqual([corruption.check])
  },
  60_000,
)

test.each(Object.entries(chassisCorruptions))(
  'when one statement corrupts it in every service, the doctor sees each: %s',
  async (check, book) => {
    const concerned = names.filter((name) => name.endsWith(`: ${check}`))
    expect(concerned.length).toBeGreaterThan(3)
    const everywhere = concerned.map((name) => ({ database: name.slice(0, name.indexOf(':')), ...book }))
    expect(await whileCorrupted(shop.dataDir, everywhere, broken)).toEqual(concerned)
  },
  60_000,
)

test('when every book is mended, the doctor is content again', async () => {
  expect(await broken()).toEqual([])
})
