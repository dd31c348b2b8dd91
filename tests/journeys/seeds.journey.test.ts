/** Every endpoint that the seeds name, as api.md words it: its answer, and its refusal for the wrong person. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, postOrder, untilStatus, type Answer, type Ask } from '../support/client.ts'
import { newPerson, type Person } from '../support/people.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
const send = (door: string, options?: Ask) => ask(origin, door, options)
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const euros = (amount: number) => ({ amount, currency: 'EUR' })
const codeOf = ({ status, body }: Answer) => [status, body.code]
const NOBODY = randomUUID()

let admin: string
let warehouse: string
let owner: Person
let stranger: Person
beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
  warehouse = (await logIn(origin, 'warehouse@stoa.example')).token
  owner = await newPerson(origin, { address: true })
  stranger = await newPerson(origin)
})

/** A guest and a customer at a door of staff. */
async function refusesOutsiders(door: string, options: Ask): Promise<void> {
  expect(codeOf(await send(door, options))).toEqual([401, 'unauthenticated'])
  expect(codeOf(await send(door, { ...options, token: stranger.token }))).toEqual([403, 'forbidden'])
}

/** An order of the owner's, confirmed, of a product of its own. */
async function confirmedOrder(method = 'card'): Promise<{ orderId: string; sku: string }> {
  const { sku } = await makeProduct(origin, admin, 5)
  const placed = await postOrder(origin, { sku, token: owner.token, method })
  expect(placed.status).toBe(201)
  const { orderId } = placed.body
  await expect
    .poll(async () => (await send(`GET /api/orders/${orderId}`, { token: owner.token })).body.status, { timeout: 20_000 })
    .toBe('CONFIRMED')
  return { orderId, sku }
}

describe.each([
  ['seed 0', '/register', '/login', '/profile'],
  ['seed 1', '/users/register', '/users/login', '/users/profile'],
])('people of %s', (_, register, login, profile) => {
  test(`POST ${register} answers the same for a new and a known address, and names every bad field`, async () => {
    for (const email of [`new-${randomUUID()}@example.com`, owner.email]) {
      const answer = await send(`POST /api${register}`, { body: { email, password: 'a quiet colonnade' } })
      expect([answer.status, answer.body]).toEqual([202, { status: 'confirmation-sent' }])
    }
    const bad = await send(`POST /api${register}`, { body: { email: 'x', password: 'short', surprise: 1 } })
    expect(codeOf(bad)).toEqual([422, 'invalid-request'])
    expect(bad.body.errors.map((one: { path: string }) => one.path).sort()).toEqual(['email', 'password', 'surprise'])
    const taken = { email: `new-${randomUUID()}@example.com`, password: 'a quiet colonnade', username: owner.username }
    expect(codeOf(await send(`POST /api${register}`, { body: taken }))).toEqual([409, 'username-taken'])
    const common = { email: `new-${randomUUID()}@example.com`, password: 'password123' }
    expect(codeOf(await send(`POST /api${register}`, { body: common }))).toEqual([422, 'invalid-request'])
  })

  test(`POST ${login} answers a session; wrong, unknown and missing are told alike`, async () => {
    for (const who of [{ email: owner.email }, { username: owner.username }]) {
      const { status, body, headers } = await send(`POST /api${login}`, { body: { ...who, password: owner.password } })
      expect([status, body]).toEqual([
        200,
        {
          accessToken: expect.any(String),
          tokenType: 'Bearer',
          expiresIn: 600,
          user: { id: owner.id, email: owner.email, username: owner.username, name: null, roles: ['customer'], emailVerified: true },
        },
      ])
      expect(headers.getSetCookie().join()).toMatch(/stoa_refresh=.*HttpOnly/)
    }
    const wrong = await send(`POST /api${login}`, { body: { email: owner.email, password: 'wrong' } })
    const unknown = await send(`POST /api${login}`, { body: { email: `no-${randomUUID()}@example.com`, password: 'wrong' } })
    expect([codeOf(wrong), codeOf(unknown)]).toEqual(Array(2).fill([401, 'invalid-credentials']))
    expect(codeOf(await send(`POST /api${login}`, { body: {} }))).toEqual([422, 'invalid-request'])
  })

  test(`GET ${profile} shows the caller; a guest is unauthenticated`, async () => {
    const { status, body } = await send(`GET /api${profile}`, { token: owner.token })
    expect([status, body]).toMatchObject([200, { id: owner.id, email: owner.email, username: owner.username, addresses: [ADDRESS] }])
    expect(codeOf(await send(`GET /api${profile}`))).toEqual([401, 'unauthenticated'])
  })
})

test('PUT /users/update changes what is given and nothing else; a guest is unauthenticated, a taken name refused', async () => {
  const { status, body } = await send('PUT /api/users/update', { token: stranger.token, body: { name: 'A Stranger' } })
  expect([status, body]).toMatchObject([200, { name: 'A Stranger', username: stranger.username, email: stranger.email }])
  expect(codeOf(await send('PUT /api/users/update', { body: { name: 'x' } }))).toEqual([401, 'unauthenticated'])
  const taken = await send('PUT /api/users/update', { token: stranger.token, body: { username: owner.username } })
  expect(codeOf(taken)).toEqual([409, 'username-taken'])
  for (const body of [{ roles: ['admin'] }, { id: owner.id }, { emailVerified: true }])
    expect(codeOf(await send('PUT /api/users/update', { token: stranger.token, body }))).toEqual([422, 'invalid-request'])
})

describe('products', () => {
  const product = (sku = `T-${randomUUID().slice(0, 13)}`) => ({ name: `Piece ${sku}`, variants: [{ sku, price: euros(1999), stock: 5 }] })

  test('GET /products lists cards, in pages', async () => {
    const { status, body } = await send('GET /api/products?limit=2')
    expect([status, body.items.length, typeof body.nextCursor]).toEqual([200, 2, 'string'])
    expect(body.items[0]).toMatchObject({
      id: expect.stringMatching(UUID),
      slug: expect.any(String),
      sku: expect.any(String),
      name: expect.any(String),
      price: { amount: expect.any(Number), currency: 'EUR' },
      rating: { average: expect.any(Number), count: expect.any(Number) },
      availability: expect.stringMatching(/^(in-stock|low|out)$/),
      available: expect.any(Number),
      variants: expect.any(Number),
    })
    const next = await send(`GET /api/products?limit=3&cursor=${body.nextCursor}`)
    expect([next.status, next.body.items.length]).toEqual([200, 3])
    expect(codeOf(await send(`GET /api/products?sort=price&cursor=${body.nextCursor}`))).toEqual([422, 'invalid-cursor'])
    expect(codeOf(await send('GET /api/products?colour=black'))).toEqual([422, 'invalid-request'])
  })

  test('POST /products creates what can be read at once; guests and customers may not', async () => {
    await refusesOutsiders('POST /api/products', { body: product() })
    const created = await send('POST /api/products', { token: admin, body: product() })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`/api/products/${created.body.id}`)
    const { status, body, headers } = await send(`GET ${created.headers.get('location')}`)
    expect([status, body]).toMatchObject([200, { id: created.body.id, variants: [{ price: euros(1999), available: 5 }] }])
    expect((await send(`GET /api/products/${body.slug}`)).headers.get('etag')).toBe(headers.get('etag'))
    const bad = await send('POST /api/products', { token: admin, body: { variants: [{}] } })
    expect(bad.body.errors.map((one: { path: string }) => one.path).sort()).toEqual(['name', 'variants[0].price', 'variants[0].sku'])
    expect(codeOf(await send('POST /api/products', { token: admin, body: product(created.body.variants[0].sku) }))).toEqual([
      409,
      'sku-taken',
    ])
  })

  test('GET /products/{id} of what does not exist is not-found', async () => {
    for (const id of [NOBODY, 'no-such-slug']) expect(codeOf(await send(`GET /api/products/${id}`))).toEqual([404, 'not-found'])
  })

  test('PUT /products/{id} takes what GET gave, with its tag; without or with an old one it refuses', async () => {
    const { id } = await makeProduct(origin, admin, 5)
    await refusesOutsiders(`PUT /api/products/${id}`, { body: product() })
    const seen = await send(`GET /api/products/${id}`)
    const tag = { 'if-match': seen.headers.get('etag') as string }
    const body = { ...seen.body, name: 'Another name' }
    expect(codeOf(await send(`PUT /api/products/${id}`, { token: admin, body }))).toEqual([428, 'precondition-required'])
    expect(codeOf(await send(`PUT /api/products/${NOBODY}`, { token: admin, body, headers: tag }))).toEqual([404, 'not-found'])
    expect((await send(`PUT /api/products/${id}`, { token: admin, body, headers: tag })).status).toBe(200)
    const now = await send(`GET /api/products/${id}`)
    expect([now.body.name, now.headers.get('etag') === tag['if-match']]).toEqual(['Another name', false])
    expect(codeOf(await send(`PUT /api/products/${id}`, { token: admin, body, headers: tag }))).toEqual([412, 'stale'])
  })

  test('DELETE /products/{id} archives; old orders still show it', async () => {
    const { orderId, sku } = await confirmedOrder()
    const { productId } = (await send(`GET /api/orders/${orderId}`, { token: owner.token })).body.lines[0]
    await refusesOutsiders(`DELETE /api/products/${productId}`, {})
    expect((await send(`DELETE /api/products/${productId}`, { token: admin })).status).toBe(204)
    expect(codeOf(await send(`DELETE /api/products/${NOBODY}`, { token: admin }))).toEqual([404, 'not-found'])
    expect(codeOf(await postOrder(origin, { sku }))).toEqual([404, 'unknown-sku'])
    expect((await send(`GET /api/orders/${orderId}`, { token: owner.token })).body.lines[0]).toMatchObject({ sku, productId })
  })
})

describe('orders', () => {
  test('POST /orders answers PENDING with its place; GET /orders/{id} is for owner and staff alone', async () => {
    const { sku } = await makeProduct(origin, admin, 5)
    const placed = await postOrder(origin, { sku, token: owner.token })
    const { orderId } = placed.body
    expect([placed.status, placed.body]).toEqual([
      201,
      {
        orderId: expect.stringMatching(UUID),
        number: expect.stringMatching(/^S-\d+$/),
        status: 'PENDING',
        total: expect.anything(),
        payment: { state: 'authorizing' },
      },
    ])
    expect(placed.headers.get('location')).toBe(`/api/orders/${orderId}`)
    for (const token of [owner.token, admin, warehouse])
      expect(await send(`GET /api/orders/${orderId}`, { token })).toMatchObject({
        status: 200,
        body: { orderId, shippingAddress: ADDRESS, payment: { method: 'card', provider: 'sandbox' }, shipments: [] },
      })
    expect(codeOf(await send(`GET /api/orders/${orderId}`))).toEqual([404, 'not-found'])
    expect(codeOf(await send(`GET /api/orders/${orderId}`, { token: stranger.token }))).toEqual([404, 'not-found'])
    expect(codeOf(await send(`GET /api/orders/${NOBODY}`, { token: admin }))).toEqual([404, 'not-found'])
  })

  test('PUT /orders/{id}/status is for staff, and illegal steps are refused', async () => {
    const { orderId } = await confirmedOrder()
    const door = `PUT /api/orders/${orderId}/status`
    await refusesOutsiders(door, { body: { status: 'SHIPPED' } })
    expect(codeOf(await send(door, { token: owner.token, body: { status: 'SHIPPED' } }))).toEqual([403, 'forbidden'])
    expect(codeOf(await send(door, { token: warehouse, body: { status: 'DELIVERED' } }))).toEqual([409, 'illegal-transition'])
    expect(codeOf(await send(door, { token: warehouse, body: { status: 'LOST' } }))).toEqual([422, 'invalid-request'])
    expect(codeOf(await send(`PUT /api/orders/${NOBODY}/status`, { token: warehouse, body: { status: 'SHIPPED' } }))).toEqual([
      404,
      'not-found',
    ])
    const shipped = await send(door, { token: warehouse, body: { status: 'SHIPPED', trackingNumber: 'TRACK-1' } })
    expect([shipped.status, shipped.body]).toMatchObject([200, { status: 'SHIPPED', shipments: [{ trackingNumber: 'TRACK-1' }] }])
  })

  test('POST /order of seed 2 answers {orderId, status}; guests, others and those without address are refused', async () => {
    const { id: productId } = await makeProduct(origin, admin, 5)
    const body = { userId: owner.id, items: [{ productId, qty: 1 }], paymentMethod: 'CARD' }
    const placed = await send('POST /api/order', { token: owner.token, body })
    expect([placed.status, placed.body]).toEqual([201, { orderId: expect.stringMatching(UUID), status: 'PENDING' }])
    expect((await send('POST /api/order', { token: owner.token, body })).body.orderId).toBe(placed.body.orderId)
    expect(codeOf(await send('POST /api/order', { body }))).toEqual([401, 'unauthenticated'])
    expect(codeOf(await send('POST /api/order', { token: stranger.token, body }))).toEqual([403, 'forbidden'])
    expect(codeOf(await send('POST /api/order', { token: stranger.token, body: { ...body, userId: stranger.id } }))).toEqual([
      422,
      'address-missing',
    ])
    expect(
      codeOf(await send('POST /api/order', { token: owner.token, body: { ...body, items: [{ productId: NOBODY, qty: 1 }] } })),
    ).toEqual([404, 'unknown-sku'])
    expect(codeOf(await send('POST /api/order', { token: owner.token, body: { ...body, items: [{ productId, qty: 50 }] } }))).toEqual([
      409,
      'insufficient-stock',
    ])
    expect(codeOf(await send('POST /api/order', { token: owner.token, body: { ...body, paymentMethod: 'GOLD' } }))).toEqual([
      422,
      'invalid-request',
    ])
  })
})

describe('payments', () => {
  test('POST /payment/checkout is for a PENDING order without a running payment, and for its owner', async () => {
    const { sku } = await makeProduct(origin, admin, 5)
    const { orderId } = (await postOrder(origin, { sku, token: owner.token, method: 'bank-transfer' })).body
    const body = { orderId, method: 'card', token: 'tok_ok' }
    for (const token of [undefined, stranger.token])
      expect(codeOf(await send('POST /api/payment/checkout', { body, ...(token ? { token } : {}) }))).toEqual([404, 'not-found'])
    expect(await send('POST /api/payment/checkout', { token: owner.token, body })).toMatchObject({
      status: 200,
      body: { orderId, method: 'card' },
    })
    await expect
      .poll(async () => (await send(`GET /api/orders/${orderId}`, { token: owner.token })).body, { timeout: 20_000 })
      .toMatchObject({ status: 'CONFIRMED', payment: { method: 'card', provider: 'sandbox', state: 'authorized' } })
    expect(codeOf(await send('POST /api/payment/checkout', { token: owner.token, body }))).toEqual([409, 'illegal-transition'])
    expect(codeOf(await send('POST /api/payment/checkout', { token: owner.token, body: { ...body, orderId: NOBODY } }))).toEqual([
      404,
      'not-found',
    ])
  })

  test('GET /payment/status tells how it stands; strangers hear not-found', async () => {
    const { orderId } = await confirmedOrder()
    const { status, body } = await send(`GET /api/payment/status?orderId=${orderId}`, { token: owner.token })
    expect([status, body]).toMatchObject([
      200,
      { orderId, state: 'authorized', amount: { currency: 'EUR' }, refunded: euros(0), operations: [{ kind: 'authorize' }] },
    ])
    for (const token of [undefined, stranger.token])
      expect(codeOf(await send(`GET /api/payment/status?orderId=${orderId}`, token ? { token } : {}))).toEqual([404, 'not-found'])
    expect(codeOf(await send('GET /api/payment/status'))).toEqual([422, 'invalid-request'])
  })

  test('POST /payment/refund is for staff with a key, of captured money, never more than that', async () => {
    const { orderId } = await confirmedOrder()
    const body = { orderId, amount: euros(100), reason: 'a scratch' }
    await refusesOutsiders('POST /api/payment/refund', { body })
    expect(codeOf(await send('POST /api/payment/refund', { token: warehouse, body }))).toEqual([403, 'forbidden'])
    const refund = (more: object = {}) => send('POST /api/payment/refund', { token: admin, key: randomUUID(), body: { ...body, ...more } })
    expect(codeOf(await send('POST /api/payment/refund', { token: admin, body }))).toEqual([400, 'idempotency-key-missing'])
    expect(codeOf(await refund())).toEqual([409, 'illegal-transition'])
    expect(codeOf(await refund({ orderId: NOBODY }))).toEqual([404, 'not-found'])
    await send(`PUT /api/orders/${orderId}/status`, { token: admin, body: { status: 'SHIPPED' } })
    await expect
      .poll(async () => (await send(`GET /api/payment/status?orderId=${orderId}`, { token: admin })).body.state, { timeout: 20_000 })
      .toBe('captured')
    expect(codeOf(await refund({ amount: euros(9_999_999) }))).toEqual([409, 'amount-too-high'])
    const refunded = await refund()
    expect([refunded.status, refunded.body]).toMatchObject([202, { kind: 'refund', amount: euros(100) }])
  })
})

describe('shipping', () => {
  test('POST /shipping/calculate answers options with price and promise', async () => {
    const { sku } = await makeProduct(origin, admin, 5)
    const body = { address: { country: 'DE', postalCode: '10115' }, items: [{ sku, quantity: 1 }] }
    const { status, body: answer } = await send('POST /api/shipping/calculate', { body })
    expect(status).toBe(200)
    expect(answer.options).toContainEqual({
      id: 'standard',
      name: expect.any(String),
      price: { amount: expect.any(Number), currency: 'EUR' },
      promise: { earliest: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), latest: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
    })
    expect(codeOf(await send('POST /api/shipping/calculate', { body: { ...body, items: [{ sku: 'NO-SUCH', quantity: 1 }] } }))).toEqual([
      404,
      'unknown-sku',
    ])
    expect(codeOf(await send('POST /api/shipping/calculate', { body: { ...body, cart: true } }))).toEqual([422, 'invalid-request'])
  })

  test('POST /shipping/track finds a parcel by its number, or by order for its owner', async () => {
    const { orderId } = await confirmedOrder()
    const trackingNumber = `TRACK-${randomUUID().slice(0, 8)}`
    const track = (body: object, token?: string) => send('POST /api/shipping/track', { body, ...(token ? { token } : {}) })
    expect(await track({ orderId }, owner.token)).toMatchObject({ status: 200, body: { events: [] } })
    await send(`PUT /api/orders/${orderId}/status`, { token: warehouse, body: { status: 'SHIPPED', trackingNumber } })
    const seen = async (body: object, token?: string) => {
      const answer = await track(body, token)
      return [answer.status, answer.body.trackingNumber, answer.body.events?.map((one: { state: string }) => one.state)]
    }
    await expect.poll(() => seen({ trackingNumber }), { timeout: 20_000 }).toEqual([200, trackingNumber, ['announced', 'in-transit']])
    expect(await seen({ orderId }, owner.token)).toEqual([200, trackingNumber, ['announced', 'in-transit']])
    for (const token of [undefined, stranger.token]) expect(codeOf(await track({ orderId }, token))).toEqual([404, 'not-found'])
    expect(codeOf(await track({ trackingNumber: 'NO-SUCH' }))).toEqual([404, 'not-found'])
    expect(codeOf(await track({}))).toEqual([422, 'invalid-request'])
  })
})

describe('notifications', () => {
  test('POST /notifications/send is for staff; its reader finds it in their history, nobody else does', async () => {
    const body = {
      userId: owner.id,
      channel: 'email',
      template: 'plain',
      data: { subject: `Hello ${NOBODY}`, text: 'A word from the shop.' },
    }
    await refusesOutsiders('POST /api/notifications/send', { body })
    const sent = await send('POST /api/notifications/send', { token: admin, body })
    expect([sent.status, sent.body]).toMatchObject([202, { channel: 'email', template: 'plain', to: owner.email }])
    const history = async (token: string) => (await send('GET /api/notifications/history', { token })).body.items
    await expect
      .poll(async () => (await history(owner.token)).map((one: { id: string }) => one.id), { timeout: 20_000 })
      .toContain(sent.body.id)
    expect((await history(stranger.token)).map((one: { id: string }) => one.id)).not.toContain(sent.body.id)
    expect(codeOf(await send('POST /api/notifications/send', { token: admin, body: { ...body, template: 'no-such' } }))).toEqual([
      422,
      'unknown-template',
    ])
    expect(codeOf(await send('POST /api/notifications/send', { token: admin, body: { ...body, userId: NOBODY } }))).toEqual([
      404,
      'not-found',
    ])
  })

  test('GET /notifications/history is the caller’s own', async () => {
    expect(codeOf(await send('GET /api/notifications/history'))).toEqual([401, 'unauthenticated'])
    const { status, body } = await send('GET /api/notifications/history?limit=1', { token: owner.token })
    expect([status, body.items.length]).toEqual([200, 1])
    expect(codeOf(await send(`GET /api/notifications/history?cursor=x`, { token: owner.token }))).toEqual([422, 'invalid-cursor'])
  })
})

test('a guest’s order is confirmed and answers its holder everywhere that a token opens', async () => {
  const { sku } = await makeProduct(origin, admin, 5)
  const { orderId, viewToken } = (await postOrder(origin, { sku })).body
  await untilStatus(origin, orderId, viewToken, ['CONFIRMED'], 20)
  expect((await send(`GET /api/payment/status?orderId=${orderId}&token=${viewToken}`)).body.state).toBe('authorized')
  expect((await send(`GET /api/payment/status?orderId=${orderId}`, { headers: { 'order-token': viewToken } })).status).toBe(200)
  const cancelled = await send(`POST /api/orders/${orderId}/cancel?token=${viewToken}`, { body: {} })
  expect([cancelled.status, cancelled.body]).toMatchObject([200, { status: 'CANCELLED', cancelReason: 'customer' }])
})
