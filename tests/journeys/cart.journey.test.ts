/** Carts from outside: a guest's and an account's, what is in them when the world changes, and what orders take and give back. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, until, untilStatus, type Answer, type Ask } from '../support/client.ts'
import { doctor } from '../support/shop.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin, dataDir } = sharedShop()
let admin: { token: string }

beforeAll(async () => {
  admin = await logIn(origin, 'admin@stoa.example')
})

/** A browser's side of a cart: it keeps the cookie it is given, and a token once it has logged in. */
function visitor() {
  let cookie: string | undefined
  let token: string | undefined
  const send = async (door: string, options: Ask = {}) => {
    const answer = await ask(origin, door, {
      ...options,
      ...(token && { token }),
      headers: { ...options.headers, ...(cookie && { cookie: `stoa_cart=${cookie}` }) },
    })
    for (const line of answer.headers.getSetCookie()) {
      const given = /^stoa_cart=([^;]*)/.exec(line)?.[1]
      if (given !== undefined) cookie = given === '' ? undefined : given
    }
    return answer
  }
  return {
    send,
    look: () => send('GET /api/cart'),
    add: (sku: string, quantity: number) => send('POST /api/cart/items', { body: { sku, quantity } }),
    logIn: (accessToken: string) => {
      token = accessToken
    },
    order: (cardToken: string, more: object = {}) =>
      send('POST /api/orders', {
        key: randomUUID(),
        body: {
          cart: true,
          ...(token ? {} : { email: 'guest@example.com' }),
          shippingAddress: ADDRESS,
          shippingOption: 'standard',
          payment: { method: 'card', token: cardToken },
          ...more,
        },
      }),
    get cookie() {
      return cookie
    },
  }
}

/** Registers somebody new, by the mail they are sent. */
async function newAccount(): Promise<{ token: string }> {
  const email = `${randomUUID()}@example.com`
  await ask(origin, 'POST /api/register', { body: { email, password: 'a quiet colonnade' } })
  const inbox = await until(
    () => ask(origin, `GET /api/sandbox/inbox?to=${encodeURIComponent(email)}`),
    (answer) => answer.body.items.length > 0,
    20,
  )
  const link = inbox.body.items[0].links.find((one: string) => one.includes('token='))
  const verified = await ask(origin, 'POST /api/users/verify', { body: { token: new URL(link).searchParams.get('token') } })
  return { token: verified.body.accessToken }
}

const units = (answer: Answer) =>
  Object.fromEntries(answer.body.items.map((one: { sku: string; quantity: number }) => [one.sku, one.quantity]))

describe('a cart', () => {
  test('when a guest who filled one logs in, it becomes one with the account’s, and stays with the account', async () => {
    const [lamp, clock, account] = [
      await makeProduct(origin, admin.token, 5),
      await makeProduct(origin, admin.token, 5),
      await newAccount(),
    ]
    const atHome = visitor()
    atHome.logIn(account.token)
    expect((await atHome.add(lamp.sku, 2)).status).toBe(200)
    expect(atHome.cookie).toBeUndefined()

    const onTheWay = visitor()
    await onTheWay.add(lamp.sku, 4)
    await onTheWay.add(clock.sku, 1)
    expect(onTheWay.cookie).toBeDefined()
    onTheWay.logIn(account.token)
    expect(units(await onTheWay.look())).toEqual({ [lamp.sku]: 5, [clock.sku]: 1 })
    expect(onTheWay.cookie).toBeUndefined()
    expect(units(await atHome.look())).toEqual({ [lamp.sku]: 5, [clock.sku]: 1 })
  })

  test('when price or stock change, the next look shows them and names the problem', async () => {
    const { id, sku } = await makeProduct(origin, admin.token, 8, 2500)
    const guest = visitor()
    expect((await guest.add(sku, 3)).body).toMatchObject({
      items: [{ sku, quantity: 3, unitPrice: { amount: 2500, currency: 'EUR' }, lineTotal: { amount: 7500 }, available: 8 }],
      subtotal: { amount: 7500 },
      total: { amount: 7500 },
      taxIncluded: true,
    })
    const product = await ask(origin, `GET /api/products/${id}`)
    const variants = product.body.variants.map((one: object) => ({ ...one, price: { amount: 3000, currency: 'EUR' } }))
    const changed = await ask(origin, `PUT /api/products/${id}`, {
      token: admin.token,
      headers: { 'if-match': product.headers.get('etag') ?? '' },
      body: { ...product.body, variants },
    })
    expect(changed.status).toBe(200)
    expect((await guest.look()).body).toMatchObject({
      items: [{ unitPrice: { amount: 3000 }, problem: 'price-changed' }],
      total: { amount: 9000 },
    })

    await ask(origin, `POST /api/stock/${encodeURIComponent(sku)}/adjustments`, {
      token: admin.token,
      key: randomUUID(),
      body: { setTo: 2, reason: 'counted' },
    })
    expect((await guest.look()).body.items[0]).toMatchObject({ available: 2, problem: 'insufficient-stock' })
    expect(await guest.send(`PATCH /api/cart/items/${sku}`, { body: { quantity: 3 } })).toMatchObject({
      status: 409,
      body: { code: 'insufficient-stock', availableUnits: 2 },
    })
    expect((await guest.send(`PATCH /api/cart/items/${sku}`, { body: { quantity: 2 } })).body.items[0]).not.toHaveProperty('problem')

    await ask(origin, `DELETE /api/products/${id}`, { token: admin.token })
    expect((await guest.look()).body).toMatchObject({ items: [{ sku, problem: 'unavailable' }], total: { amount: 0 } })
    expect(await guest.send(`DELETE /api/cart/items/${sku}`)).toMatchObject({ status: 200, body: { items: [] } })
  })

  test('when it is ordered, a quote holds its price, its lines leave it, and what came in meanwhile stays', async () => {
    const [lamp, clock] = [await makeProduct(origin, admin.token, 5, 1999), await makeProduct(origin, admin.token, 5)]
    const guest = visitor()
    await guest.add(lamp.sku, 2)
    const options = await guest.send('POST /api/shipping/calculate', { body: { address: ADDRESS, cart: true } })
    const standard = options.body.options.find((one: { id: string }) => one.id === 'standard')
    const quote = await guest.send('POST /api/checkout/quote', {
      body: { cart: true, shippingAddress: ADDRESS, shippingOption: 'standard' },
    })
    expect(quote.body).toMatchObject({
      subtotal: { amount: 3998 },
      shipping: standard.price,
      total: { amount: 3998 + standard.price.amount },
    })

    const order = await guest.order('tok_ok', { quoteId: quote.body.quoteId })
    expect(order).toMatchObject({ status: 201, body: { status: 'PENDING', total: quote.body.total } })
    expect(units(await guest.look())).toEqual({})
    await guest.add(clock.sku, 1)
    await untilStatus(origin, order.body.orderId, order.body.viewToken, ['CONFIRMED'], 20)
    expect(units(await guest.look())).toEqual({ [clock.sku]: 1 })
    expect(await guest.order('tok_ok', { quoteId: quote.body.quoteId })).toMatchObject({ status: 409, body: { code: 'quote-mismatch' } })
  })

  test('when the payment is declined, the lines come back, also to a guest who has logged in since', async () => {
    const [lamp, account] = [await makeProduct(origin, admin.token, 5), await newAccount()]
    const guest = visitor()
    await guest.add(lamp.sku, 3)
    const order = await guest.order('tok_declined')
    expect(order.status).toBe(201)
    guest.logIn(account.token)
    const ended = await untilStatus(origin, order.body.orderId, order.body.viewToken, ['CANCELLED'], 20)
    expect(ended.body.cancelReason).toBe('payment-declined')
    const back = await until(guest.look, (answer) => answer.body.items.length > 0, 20)
    expect(units(back)).toEqual({ [lamp.sku]: 3 })
    await until(guest.look, (answer) => answer.body.items[0].available === 5, 20)
    expect((await guest.look()).body.items[0]).not.toHaveProperty('problem')
  })

  test('when nothing is in it, it cannot be quoted, shipped or ordered', async () => {
    const guest = visitor()
    const answers = [
      await guest.send('POST /api/checkout/quote', { body: { cart: true, shippingAddress: ADDRESS, shippingOption: 'standard' } }),
      await guest.send('POST /api/shipping/calculate', { body: { cart: true, address: ADDRESS } }),
      await guest.order('tok_ok'),
    ]
    expect(answers.map((one) => [one.status, one.body.code])).toEqual(Array.from({ length: 3 }, () => [409, 'cart-empty']))
  })
})

describe('a parcel', () => {
  test('when the order ships and arrives, its holder sees it move; a stranger sees nothing', async () => {
    const { sku } = await makeProduct(origin, admin.token, 3)
    const guest = visitor()
    await guest.add(sku, 1)
    const order = await guest.order('tok_ok')
    const { orderId, viewToken } = order.body
    await untilStatus(origin, orderId, viewToken, ['CONFIRMED'], 20)
    const track = (query = '') => ask(origin, `POST /api/shipping/track${query}`, { body: { orderId } })
    expect((await track(`?token=${viewToken}`)).body).toMatchObject({ state: 'not-shipped', events: [] })
    for (const status of ['PROCESSING', 'SHIPPED']) {
      expect((await ask(origin, `PUT /api/orders/${orderId}/status`, { token: admin.token, body: { status } })).status).toBe(200)
    }
    const moving = await until(
      () => track(`?token=${viewToken}`),
      (answer) => answer.body.state === 'in-transit',
      20,
    )
    expect(moving.body.events.map((one: { state: string }) => one.state)).toEqual(['announced', 'in-transit'])
    expect((await ask(origin, 'POST /api/shipping/track', { body: { trackingNumber: moving.body.trackingNumber } })).body.state).toBe(
      'in-transit',
    )
    expect((await track()).status).toBe(404)
    await ask(origin, `PUT /api/orders/${orderId}/status`, { token: admin.token, body: { status: 'DELIVERED' } })
    await until(
      () => track(`?token=${viewToken}`),
      (answer) => answer.body.state === 'delivered',
      20,
    )
  })

  test('when all of this has happened, the books of carts, prices and parcels agree', async () => {
    const { checks } = await doctor(dataDir)
    const own = new Set([
      'pricing: one price in force per SKU and currency, of a product that is sold',
      'shipping: every shipment has its tracking events, the last one telling its state',
      'shipping: no parcel under way for an order that was not shipped',
      'cart: a merged cart holds nothing and leads to an account’s',
      'cart: lines left carts only with orders that exist',
    ])
    const found = checks.filter((one) => own.has(one.name))
    expect(found).toHaveLength(own.size)
    expect(found.filter((one) => !one.ok || one.examined === 0)).toEqual([])
  })
})
