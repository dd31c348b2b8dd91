import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, postOrder, until, untilStatus } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
let admin: string
let sku: string
beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
  sku = (await makeProduct(origin, admin, 100)).sku
})

interface Charge {
  readonly id: string
  readonly state: string
  readonly amount: { readonly amount: number }
  readonly captured: { readonly amount: number }
  readonly refunded: { readonly amount: number }
}

const chargesOf = async (orderId: string) =>
  (await ask(origin, `GET /api/sandbox/gateway/charges?orderId=${orderId}`, { token: admin })).body.items as Charge[]
const statusOf = async ({ orderId, viewToken }: Placed) =>
  (await ask(origin, `GET /api/payment/status?orderId=${orderId}&token=${viewToken}`)).body

interface Placed {
  readonly orderId: string
  readonly viewToken: string
}

async function place(cardToken: string): Promise<Placed> {
  const { status, body } = await postOrder(origin, { sku, cardToken })
  expect(status).toBe(201)
  return body
}

/** An order whose card is chosen on the provider's page. */
async function placeWithPage(): Promise<Placed & { url: string }> {
  const body = {
    items: [{ sku, quantity: 1 }],
    email: 'guest@example.com',
    shippingAddress: ADDRESS,
    shippingOption: 'standard',
    payment: { method: 'card' },
  }
  const placed = await ask(origin, 'POST /api/orders', { key: randomUUID(), body })
  expect(placed.body).toMatchObject({
    status: 'PENDING',
    payment: { state: 'requires-action', nextAction: { type: 'redirect', url: expect.stringContaining('/pay/') } },
  })
  return { ...placed.body, url: placed.body.payment.nextAction.url }
}

async function click(url: string, form: string) {
  return fetch(url, { method: 'POST', body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' }, redirect: 'manual' })
}

describe('each card of the sandbox ends where it must', () => {
  test.concurrent.each([
    ['tok_ok', 'CONFIRMED', undefined, 10],
    ['tok_slow', 'CONFIRMED', undefined, 60],
    ['tok_timeout_charged', 'CONFIRMED', undefined, 60],
    ['tok_error_then_ok', 'CONFIRMED', undefined, 60],
    ['tok_webhook_first', 'CONFIRMED', undefined, 60],
    ['tok_declined', 'CANCELLED', 'payment-declined', 10],
    ['tok_insufficient_funds', 'CANCELLED', 'payment-declined', 10],
    ['tok_timeout_lost', 'CANCELLED', 'payment-timeout', 120],
  ] as const)('%s: %s %s within %i s', { timeout: 150_000 }, async (cardToken, status, cancelReason, seconds) => {
    const placed = await place(cardToken)
    const order = await untilStatus(origin, placed.orderId, placed.viewToken, ['CONFIRMED', 'CANCELLED'], seconds)
    expect([order.body.status, order.body.cancelReason]).toEqual([status, cancelReason])
    const live = (await chargesOf(placed.orderId)).filter((one) => one.state === 'authorized')
    expect(live).toHaveLength(status === 'CONFIRMED' ? 1 : 0)
  })

  test.concurrent('tok_late: CANCELLED, and its late success is voided', { timeout: 150_000 }, async () => {
    const placed = await place('tok_late')
    await untilStatus(origin, placed.orderId, placed.viewToken, ['CANCELLED'], 10)
    await expect.poll(async () => (await chargesOf(placed.orderId)).map((one) => one.state), { timeout: 100_000 }).toEqual(['voided'])
    // The gateway knows first; the shop writes down what it answered.
    await until(
      () => ask(origin, `GET /api/payment/status?orderId=${placed.orderId}&token=${placed.viewToken}`),
      ({ body }) => body.state === 'voided',
      10,
    )
  })

  test.concurrent('tok_3ds: PENDING until the shopper’s step on the provider’s page', { timeout: 60_000 }, async () => {
    const placed = await place('tok_3ds')
    const asked = await until(
      () => ask(origin, `GET /api/payment/status?orderId=${placed.orderId}&token=${placed.viewToken}`),
      (answer) => answer.body.state === 'requires-action',
      10,
    )
    expect((await ask(origin, `GET /api/orders/${placed.orderId}?token=${placed.viewToken}`)).body.status).toBe('PENDING')
    const back = await click(asked.body.nextAction.url, 'decision=confirm')
    expect(back.status).toBe(303)
    expect(back.headers.get('location')).toContain(placed.orderId)
    await untilStatus(origin, placed.orderId, placed.viewToken, ['CONFIRMED'], 10)
  })
})

describe('the provider’s own page', () => {
  test('takes the card of an order placed without one', async () => {
    const placed = await placeWithPage()
    expect(await (await fetch(placed.url)).text()).toContain('<form')
    expect((await click(placed.url, 'card=tok_ok')).status).toBe(303)
    await untilStatus(origin, placed.orderId, placed.viewToken, ['CONFIRMED'], 10)
  })

  test('given up for another card closes, and the order is charged once', async () => {
    const placed = await placeWithPage()
    const paid = await ask(origin, `POST /api/payment/checkout?token=${placed.viewToken}`, {
      key: randomUUID(),
      body: { orderId: placed.orderId, method: 'card', token: 'tok_ok' },
    })
    expect(paid.status).toBe(200)
    await untilStatus(origin, placed.orderId, placed.viewToken, ['CONFIRMED'], 10)
    expect((await click(placed.url, 'card=tok_ok')).status).toBe(409)
    expect(await chargesOf(placed.orderId)).toHaveLength(1)
  })
})

describe('money back', () => {
  test('in part and then whole after shipment, never more than was captured', async () => {
    const placed = await place('tok_ok')
    await untilStatus(origin, placed.orderId, placed.viewToken, ['CONFIRMED'], 10)
    await ask(origin, `PUT /api/orders/${placed.orderId}/status`, { token: admin, body: { status: 'SHIPPED' } })
    await expect.poll(async () => (await statusOf(placed)).state, { timeout: 20_000 }).toBe('captured')
    const { amount } = await statusOf(placed)
    const refund = (minor?: number) =>
      ask(origin, 'POST /api/payment/refund', {
        token: admin,
        key: randomUUID(),
        body: {
          orderId: placed.orderId,
          reason: 'scratched',
          ...(minor === undefined ? {} : { amount: { amount: minor, currency: amount.currency } }),
        },
      })
    expect(await refund(amount.amount + 1)).toMatchObject({ status: 409, body: { code: 'amount-too-high' } })
    expect(await refund(100)).toMatchObject({ status: 202, body: { kind: 'refund', amount: { amount: 100 } } })
    await expect.poll(async () => (await statusOf(placed)).state, { timeout: 20_000 }).toBe('partially-refunded')
    expect((await refund()).body.amount.amount).toBe(amount.amount - 100)
    await expect.poll(async () => (await statusOf(placed)).state, { timeout: 20_000 }).toBe('refunded')
    expect(await chargesOf(placed.orderId)).toMatchObject([{ state: 'refunded', refunded: amount }])
  })

  test('of cash on delivery is received with the parcel', async () => {
    const { body } = await postOrder(origin, { sku, method: 'cash-on-delivery' })
    await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED'], 10)
    for (const status of ['SHIPPED', 'DELIVERED'])
      await ask(origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status } })
    await expect.poll(async () => (await statusOf(body)).state, { timeout: 20_000 }).toBe('captured')
    expect(await chargesOf(body.orderId)).toEqual([])
  })

  test('by transfer is awaited, booked by staff, and paid back when the order is cancelled', async () => {
    const { body } = await postOrder(origin, { sku, method: 'bank-transfer' })
    const order = (await ask(origin, `GET /api/orders/${body.orderId}?token=${body.viewToken}`)).body
    expect(order).toMatchObject({ status: 'PENDING', payment: { state: 'none', transfer: { iban: expect.any(String) } } })
    await expect.poll(async () => (await statusOf(body)).transfer?.reference, { timeout: 10_000 }).toBe(body.number)
    expect((await ask(origin, `PUT /api/orders/${body.orderId}/status`, { token: admin, body: { status: 'CONFIRMED' } })).body.status).toBe(
      'CONFIRMED',
    )
    await ask(origin, `POST /api/orders/${body.orderId}/cancel?token=${body.viewToken}`, { body: {} })
    await expect.poll(async () => (await statusOf(body)).state, { timeout: 20_000 }).toBe('refunded')
  })
})
