import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { ask, logIn, makeProduct, postOrder, until, untilStatus } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
let admin: string
beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
})
const stockOf = async (sku: string) => (await ask(origin, `GET /api/stock/${sku}`, { token: admin })).body
const charges = async (orderId: string) =>
  (await ask(origin, `GET /api/sandbox/gateway/charges?orderId=${orderId}`, { token: admin })).body.items as {
    state: string
    amount: { amount: number }
    captured: { amount: number }
    refunded: { amount: number }
  }[]
const mailTo = (email: string, subject: RegExp) =>
  until(
    () => ask(origin, `GET /api/sandbox/inbox?to=${encodeURIComponent(email)}`),
    (answer) => answer.body.items.some((one: { subject: string; text: string }) => subject.test(`${one.subject} ${one.text}`)),
    20,
  )
const guest = () => `guest-${randomUUID().slice(0, 8)}@example.com`

test('Verify that an order can be placed successfully with valid payment information.', async () => {
  const { sku } = await makeProduct(origin, admin, 5)
  const placed = await postOrder(origin, { sku })
  expect(placed).toMatchObject({ status: 201, body: { status: 'PENDING', total: { currency: 'EUR' } } })
  expect(placed.body.number).toMatch(/^S-\d+$/)
  const order = await untilStatus(origin, placed.body.orderId, placed.body.viewToken, ['CONFIRMED'], 10)
  expect(order.body.timeline.map((one: { status: string }) => one.status)).toEqual(['PENDING', 'CONFIRMED'])
  expect(await charges(placed.body.orderId)).toMatchObject([{ state: 'authorized', amount: placed.body.total }])
})

test('Verify that order status updates are sent to the user.', async () => {
  const { sku } = await makeProduct(origin, admin, 5)
  const email = guest()
  const { body } = await postOrder(origin, { sku, email })
  const stream = await fetch(`${origin}/api/orders/${body.orderId}/events?token=${body.viewToken}`, { signal: AbortSignal.timeout(20_000) })
  const reader = (stream.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!heard.includes('CONFIRMED')) heard += (await reader.read()).value ?? ''
  expect(heard).toMatch(/id: 1\nevent: status\ndata: .*PENDING/)
  await ask(origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status: 'PROCESSING' } })
  while (!heard.includes('PROCESSING')) heard += (await reader.read()).value ?? ''
  await reader.cancel()
  await mailTo(email, new RegExp(body.number))
})

test('Verify that the user receives an email or SMS confirmation upon placing an order.', async () => {
  const { sku } = await makeProduct(origin, admin, 5)
  const email = guest()
  const { body } = await postOrder(origin, { sku, email })
  const inbox = await mailTo(email, new RegExp(body.number))
  const ids = inbox.body.items.map((one: { id: string }) => one.id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('Verify that an order can be canceled within the allowed time frame.', async () => {
  const { sku } = await makeProduct(origin, admin, 3)
  const { body } = await postOrder(origin, { sku, quantity: 3 })
  await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED'], 10)
  const cancelled = await ask(origin, `POST /api/orders/${body.orderId}/cancel?token=${body.viewToken}`, { body: {} })
  expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED', cancelReason: 'customer' } })
  await until(
    () => ask(origin, `GET /api/stock/${sku}`, { token: admin }),
    (answer) => answer.body.available === 3,
    10,
  )
  await expect.poll(async () => (await charges(body.orderId)).map((one) => one.state), { timeout: 20_000 }).toEqual(['voided'])
})

test('Verify that the user receives a confirmation when an order is successfully canceled.', async () => {
  const { sku } = await makeProduct(origin, admin, 3)
  const email = guest()
  const { body } = await postOrder(origin, { sku, email })
  await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED'], 10)
  await ask(origin, `POST /api/orders/${body.orderId}/cancel?token=${body.viewToken}`, { body: {} })
  await mailTo(email, /cancelled/i)
})

test('Verify that the user can view the real-time shipping status of their order.', async () => {
  const { sku } = await makeProduct(origin, admin, 3)
  const { body } = await postOrder(origin, { sku })
  await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED'], 10)
  await ask(origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status: 'PROCESSING' } })
  const shipped = await ask(origin, `PUT /api/orders/${body.orderId}/status`, {
    token: admin,
    body: { status: 'SHIPPED', trackingNumber: `TRK-${sku}` },
  })
  expect(shipped).toMatchObject({ status: 200, body: { status: 'SHIPPED', shipments: [{ trackingNumber: `TRK-${sku}` }] } })
  const tracked = await ask(origin, 'POST /api/shipping/track', { body: { trackingNumber: `TRK-${sku}` } })
  expect(tracked.status).toBe(200)
  expect(tracked.body.events.length).toBeGreaterThan(0)
  await expect.poll(async () => charges(body.orderId), { timeout: 20_000 }).toMatchObject([{ state: 'captured', captured: body.total }])
  await expect.poll(async () => stockOf(sku), { timeout: 10_000 }).toMatchObject({ onHand: 2, reserved: 0, available: 2 })
  expect(await ask(origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status: 'DELIVERED' } })).toMatchObject({
    status: 200,
    body: { status: 'DELIVERED' },
  })
  expect((await ask(origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status: 'PROCESSING' } })).body.code).toBe(
    'illegal-transition',
  )
})

test('Verify that inventory levels are updated immediately after a product is purchased.', async () => {
  const { id, sku } = await makeProduct(origin, admin, 7)
  await postOrder(origin, { sku, quantity: 2 })
  expect(await stockOf(sku)).toMatchObject({ onHand: 7, reserved: 2, available: 5 })
  expect((await ask(origin, `GET /api/products/${id}`)).body.variants[0].available).toBe(5)
})

test('Verify that alerts are sent when inventory levels fall below the threshold.', async () => {
  const { sku } = await makeProduct(origin, admin, 10)
  await ask(origin, `PUT /api/stock/${sku}/threshold`, { token: admin, body: { units: 9 } })
  await postOrder(origin, { sku, quantity: 2 })
  await mailTo('admin@stoa.example', new RegExp(sku))
})

test('Verify that an admin can manually update inventory levels.', async () => {
  const { sku } = await makeProduct(origin, admin, 10)
  const adjusted = await ask(origin, `POST /api/stock/${sku}/adjustments`, {
    token: admin,
    key: randomUUID(),
    body: { setTo: 4, reason: 'counted' },
  })
  expect(adjusted).toMatchObject({ status: 201, body: { delta: -6, onHandAfter: 4, reason: 'counted' } })
  expect(await stockOf(sku)).toMatchObject({ onHand: 4 })
})

test('when 50 posts with one key come at once, there is one order and every answer is the same', async () => {
  const { sku } = await makeProduct(origin, admin, 60)
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 50 }, () => postOrder(origin, { sku, key })))
  const done = answers.filter((one) => one.status === 201)
  expect(new Set(answers.map((one) => one.status)).size).toBeLessThanOrEqual(2)
  expect(answers.every((one) => one.status === 201 || one.body.code === 'idempotency-key-in-use')).toBe(true)
  expect(new Set(done.map((one) => one.body.orderId)).size).toBe(1)
  const replay = await postOrder(origin, { sku, key })
  expect(replay.headers.get('idempotent-replayed')).toBe('true')
  expect(await stockOf(sku)).toMatchObject({ reserved: 1 })
})

test('when stock does not suffice, the order is refused naming the line, and nothing is held', async () => {
  const { sku } = await makeProduct(origin, admin, 1)
  expect(await postOrder(origin, { sku, quantity: 2 })).toMatchObject({
    status: 409,
    body: { code: 'insufficient-stock', lines: [{ sku, availableUnits: 1 }] },
  })
  expect(await stockOf(sku)).toMatchObject({ reserved: 0 })
})

test('when a body is bad in several ways, one answer names them all', async () => {
  const answer = await ask(origin, 'POST /api/orders', {
    key: randomUUID(),
    body: {
      items: [{ sku: 'x', quantity: 0 }],
      shippingAddress: { name: '', country: 'Germany' },
      payment: { method: 'shells' },
      extra: 1,
    },
  })
  expect(answer.status).toBe(422)
  const paths = answer.body.errors.map((one: { path: string }) => one.path)
  for (const path of [
    'items[0].quantity',
    'shippingAddress.name',
    'shippingAddress.country',
    'shippingAddress.line1',
    'payment.method',
    'shippingOption',
    'extra',
  ])
    expect(paths).toContain(path)
})

test('when the seed’s own body is posted to /order, it is answered as the seed says', async () => {
  const { id } = await makeProduct(origin, admin, 5)
  const shopper = await logIn(origin, 'shopper@stoa.example')
  const body = { userId: shopper.userId, items: [{ productId: id, qty: 2 }], paymentMethod: 'CARD' }
  const first = await ask(origin, 'POST /api/order', { token: shopper.token, body })
  expect(first).toMatchObject({ status: 201, body: { status: 'PENDING' } })
  const again = await ask(origin, 'POST /api/order', { token: shopper.token, body })
  expect(again.body.orderId).toBe(first.body.orderId)
  expect((await ask(origin, 'POST /api/order', { token: admin, body })).status).toBe(403)
  expect((await ask(origin, 'POST /api/order', { body })).status).toBe(401)
  const mine = await ask(origin, 'GET /api/orders', { token: shopper.token })
  expect(mine.body.items[0].orderId).toBe(first.body.orderId)
})

test('when somebody else asks for an order, there is none', async () => {
  const { sku } = await makeProduct(origin, admin, 5)
  const { body } = await postOrder(origin, { sku })
  const shopper = await logIn(origin, 'shopper@stoa.example')
  expect((await ask(origin, `GET /api/orders/${body.orderId}`)).body.code).toBe('not-found')
  expect((await ask(origin, `GET /api/orders/${body.orderId}`, { token: shopper.token })).body.code).toBe('not-found')
  expect((await ask(origin, `GET /api/orders/${body.orderId}`, { headers: { 'order-token': body.viewToken } })).status).toBe(200)
  expect((await ask(origin, `GET /api/orders/${body.orderId}`, { token: admin })).status).toBe(200)
})

const ENDS: readonly [card: string, status: string, reason: string | undefined, seconds: number, charge: readonly string[]][] = [
  ['tok_ok', 'CONFIRMED', undefined, 10, ['authorized']],
  ['tok_slow', 'CONFIRMED', undefined, 60, ['authorized']],
  ['tok_timeout_charged', 'CONFIRMED', undefined, 60, ['authorized']],
  ['tok_error_then_ok', 'CONFIRMED', undefined, 60, ['authorized']],
  ['tok_webhook_first', 'CONFIRMED', undefined, 60, ['authorized']],
  ['tok_declined', 'CANCELLED', 'payment-declined', 10, ['declined']],
  ['tok_insufficient_funds', 'CANCELLED', 'payment-declined', 10, ['declined']],
  ['tok_timeout_lost', 'CANCELLED', 'payment-timeout', 120, []],
  ['tok_late', 'CANCELLED', 'payment-declined', 10, ['failed']],
]
test.concurrent.each(ENDS)(
  'when the card is %s, the order ends %s (%s) within %i s and the gateway agrees',
  async (card, status, reason, seconds, states) => {
    const { sku } = await makeProduct(origin, admin, 2)
    const { body } = await postOrder(origin, { sku, cardToken: card })
    const order = await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED', 'CANCELLED'], seconds)
    expect(order.body).toMatchObject({ status, ...(reason ? { cancelReason: reason } : {}) })
    expect((await charges(body.orderId)).map((one) => one.state)).toEqual(states)
    await until(
      () => ask(origin, `GET /api/stock/${sku}`, { token: admin }),
      (answer) => answer.body.available === (status === 'CANCELLED' ? 2 : 1),
      10,
    )
  },
  140_000,
)

test('when a card needs 3-D Secure, the order waits for the shopper on the provider’s page', async () => {
  const { sku } = await makeProduct(origin, admin, 2)
  const { body } = await postOrder(origin, { sku, cardToken: 'tok_3ds' })
  const waiting = await until(
    () => ask(origin, `GET /api/payment/status?orderId=${body.orderId}&token=${body.viewToken}`),
    (answer) => answer.body.state === 'requires-action',
    15,
  )
  expect(waiting.body.nextAction).toMatchObject({ type: 'redirect', url: expect.stringMatching(/^http/) })
  expect((await ask(origin, `GET /api/orders/${body.orderId}?token=${body.viewToken}`)).body.status).toBe('PENDING')
})

test('when cash on delivery is chosen, the order is confirmed at once; a bank transfer waits until staff book it', async () => {
  const { sku } = await makeProduct(origin, admin, 5)
  const cash = await postOrder(origin, { sku, method: 'cash-on-delivery' })
  await untilStatus(origin, cash.body.orderId, cash.body.viewToken, ['CONFIRMED'], 10)
  const transfer = await postOrder(origin, { sku, method: 'bank-transfer' })
  const waiting = await ask(origin, `GET /api/orders/${transfer.body.orderId}?token=${transfer.body.viewToken}`)
  expect(waiting.body).toMatchObject({ status: 'PENDING', payBy: expect.any(String) })
  expect(
    await ask(origin, `PUT /api/orders/${transfer.body.orderId}/status`, { token: admin, body: { status: 'CONFIRMED' } }),
  ).toMatchObject({ status: 200, body: { status: 'CONFIRMED' } })
})
