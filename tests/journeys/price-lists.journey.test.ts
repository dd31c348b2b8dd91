/** Price lists from outside: who pays what where, when a list begins and ends, and what a second currency costs. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, until, type Answer } from '../support/client.ts'
import { newPerson } from '../support/people.ts'
import { doctor } from '../support/shop.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin, dataDir } = sharedShop()
const group = `trade-${randomUUID().slice(0, 8)}`
const made: string[] = []
let admin: string
let trader: { token: string; id: string }
let guestCookie: string | undefined

beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
  const person = await newPerson(origin, { address: true })
  const set = await ask(origin, `PUT /api/users/${person.id}/groups`, { token: admin, body: { groups: [group] } })
  expect([set.status, set.body.groups]).toEqual([200, [group]])
  trader = { id: person.id, token: (await logIn(origin, person.email, person.password)).token }
}, 60_000)
afterAll(async () => {
  for (const id of made) await ask(origin, `DELETE /api/price-lists/${id}`, { token: admin })
})

async function list(prices: object[], more: object = {}): Promise<Answer> {
  const answer = await ask(origin, 'POST /api/price-lists', { token: admin, body: { name: 'Trade', currency: 'EUR', prices, ...more } })
  expect([answer.status, answer.body.errors]).toEqual([201, undefined])
  made.push(answer.body.id)
  return answer
}

/** What one unit costs on the product's page, and in the listing. */
const onPage = async (id: string, token?: string, query = '') =>
  (await ask(origin, `GET /api/products/${id}${query}`, token ? { token } : {})).body.variants[0].price
const inSearch = (sku: string, amount: number) =>
  until(
    () => ask(origin, `GET /api/products?q=${sku}`),
    ({ body }) => body.items[0]?.sku === sku && body.items[0].price.amount === amount,
    5,
  )
const quote = (sku: string, quantity: number, token?: string, more: object = {}) =>
  ask(origin, 'POST /api/checkout/quote', {
    ...(token ? { token } : {}),
    body: { items: [{ sku, quantity }], shippingAddress: ADDRESS, shippingOption: 'standard', ...more },
  })
const order = (items: object, token?: string, more: object = {}) =>
  ask(origin, 'POST /api/orders', {
    key: randomUUID(),
    ...(token ? { token } : {}),
    body: {
      ...items,
      ...(token ? {} : { email: 'guest@example.com' }),
      shippingAddress: ADDRESS,
      shippingOption: 'standard',
      payment: { method: 'card', token: 'tok_ok' },
      ...more,
    },
  })
const line = async (placed: Answer, token?: string) => {
  const query = token ? '' : `?token=${placed.body.viewToken}`
  return (await ask(origin, `GET /api/orders/${placed.body.orderId}${query}`, token ? { token } : {})).body.lines[0]
}
async function guestCart(sku: string): Promise<Answer> {
  const answer = await ask(origin, 'POST /api/cart/items', { body: { sku, quantity: 1 } })
  guestCookie = /stoa_cart=[^;]+/.exec(answer.headers.getSetCookie().join())?.[0]
  return answer
}
const lookAgain = () => ask(origin, 'GET /api/cart', { headers: { cookie: guestCookie ?? '' } })

describe('a list for traders', () => {
  test('when a trader buys, page, cart, quote and order have the trade price, from ten pieces a lower one; a guest pays in full', async () => {
    const { id, sku } = await makeProduct(origin, admin, 500, 2000)
    await list(
      [
        { sku, price: 1500 },
        { sku, minQuantity: 10, price: 1200 },
      ],
      { group },
    )
    const eur = (amount: number) => ({ amount, currency: 'EUR' })
    expect([await onPage(id), await onPage(id, trader.token)]).toEqual([eur(2000), eur(1500)])
    expect((await ask(origin, `GET /api/products/${id}`, { token: trader.token })).headers.get('etag')).not.toMatch(/^"\d+"$/)

    const add = (quantity: number) => ask(origin, 'POST /api/cart/items', { token: trader.token, body: { sku, quantity } })
    expect((await add(9)).body.items).toMatchObject([{ unitPrice: eur(1500), lineTotal: eur(13_500) }])
    expect((await add(1)).body).toMatchObject({ items: [{ unitPrice: eur(1200), lineTotal: eur(12_000) }], total: eur(12_000) })
    expect((await guestCart(sku)).body.items).toMatchObject([{ unitPrice: eur(2000) }])

    const quoted = await quote(sku, 10, trader.token)
    expect(quoted.body.lines[0]).toMatchObject({ unitPrice: eur(1200), why: ['Trade price from 10 pieces', expect.any(String)] })
    const bought = await order({ cart: true }, trader.token)
    expect(bought.body.total).toEqual(quoted.body.total)
    expect(await line(bought, trader.token)).toMatchObject({ quantity: 10, unitPrice: eur(1200), total: eur(12_000) })
    const guests = await order({ items: [{ sku, quantity: 10 }] })
    expect(await line(guests)).toMatchObject({ unitPrice: eur(2000), total: eur(20_000) })
    const seed = await ask(origin, 'POST /api/order', {
      token: trader.token,
      body: { userId: trader.id, items: [{ productId: id, qty: 2 }], paymentMethod: 'CARD' },
    })
    expect(await line(seed, trader.token)).toMatchObject({ unitPrice: eur(1500) })
    await inSearch(sku, 2000)
  })

  test('when an administrator edits a product on a list, its own price is what they read, and what stays', async () => {
    const { id, sku } = await makeProduct(origin, admin, 5, 2000)
    await list([{ sku, price: 1500 }])
    expect((await onPage(id)).amount).toBe(1500)
    const read = await ask(origin, `GET /api/products/${id}`, { token: admin })
    expect(read.body.variants[0].price.amount).toBe(2000)
    const put = (headers: Record<string, string>) =>
      ask(origin, `PUT /api/products/${id}`, { token: admin, headers, body: { ...read.body, name: `Renamed ${sku}` } })
    const asGuest = await ask(origin, `GET /api/products/${id}`)
    expect((await put({ 'if-match': asGuest.headers.get('etag') ?? '' })).status).toBe(412)
    expect((await put({ 'if-match': read.headers.get('etag') ?? '' })).status).toBe(200)
    expect((await onPage(id)).amount).toBe(1500)
    expect((await quote(sku, 1)).body.subtotal.amount).toBe(1500)
  })
})

describe('a list for everybody', () => {
  test('when it ends, page, cart and search have the old price again; what was quoted stays', async () => {
    const { id, sku } = await makeProduct(origin, admin, 50, 3000)
    await inSearch(sku, 3000)
    const validUntil = new Date(Date.now() + 6000).toISOString()
    await list([{ sku, price: 2500, compareAt: 3000 }], { name: 'Winter sale', validUntil })
    expect((await onPage(id)).amount).toBe(2500)
    expect((await guestCart(sku)).body.items).toMatchObject([{ unitPrice: { amount: 2500 } }])
    await inSearch(sku, 2500)
    const quoted = await quote(sku, 1)
    expect(quoted.body.lines[0].why[0]).toBe('Winter sale price, reduced from 30.00 EUR')

    await until(
      () => lookAgain(),
      ({ body }) => body.items[0].unitPrice.amount === 3000,
      15,
    )
    expect((await lookAgain()).body.items).toMatchObject([{ problem: 'price-changed' }])
    expect((await onPage(id)).amount).toBe(3000)
    await inSearch(sku, 3000)
    const kept = await order({ items: [{ sku, quantity: 1 }] }, undefined, { quoteId: quoted.body.quoteId })
    expect(kept.body.total).toEqual(quoted.body.total)
    expect(await line(kept)).toMatchObject({ unitPrice: { amount: 2500 } })
  }, 60_000)

  test('when it is in another currency, the SKU can be bought in it', async () => {
    const { id, sku } = await makeProduct(origin, admin, 50, 2000)
    expect((await quote(sku, 1, undefined, { currency: 'CHF' })).body.code).toBe('invalid-request')
    await list([{ sku, price: 2300 }], { currency: 'CHF' })
    expect(await onPage(id, undefined, '?currency=CHF')).toEqual({ amount: 2300, currency: 'CHF' })
    expect(await onPage(id)).toEqual({ amount: 2000, currency: 'EUR' })
    const quoted = await quote(sku, 2, undefined, { currency: 'CHF' })
    expect(quoted.body.subtotal).toEqual({ amount: 4600, currency: 'CHF' })
    const bought = await order({ items: [{ sku, quantity: 2 }] }, undefined, { currency: 'CHF' })
    expect([bought.status, bought.body.total]).toEqual([201, quoted.body.total])
  })
})

test('when all is done, the doctor is content', async () => {
  const { checks } = await doctor(dataDir, 60)
  expect(checks.filter((one) => !one.ok)).toEqual([])
}, 100_000)
