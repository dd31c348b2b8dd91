import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRoom } from '@stoa/chassis/testing/room.ts'
import { PaymentsOf, PreparePayment } from '@stoa/contracts/payments.ts'
import { newId } from '@stoa/kit/ids.ts'
import payments from './service.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.stop())

const AMOUNT = { amount: 1299, currency: 'EUR' }

describe('PreparePayment', () => {
  test('said twice is one payment; said otherwise before the order is placed, the last word counts', async () => {
    const { orderId } = await shop.prepare({ token: 'tok_declined' })
    await shop.prepare({ orderId, token: 'tok_ok' })
    await shop.prepare({ orderId, token: 'tok_ok', amountMinor: 2000 })
    await shop.facts.created(orderId)
    await shop.told(orderId, 'authorized')
    expect((await shop.charges(orderId)).map((one) => one.amount.amount)).toEqual([2000])
  })

  test('said otherwise after the order was placed is refused with illegal-transition', async () => {
    const orderId = await shop.place()
    await shop.told(orderId, 'authorized')
    const asked = { orderId, method: 'card' as const, token: 'tok_ok', returnUrl: 'http://127.0.0.1/' }
    expect(await shop.room.call(PreparePayment, { ...asked, amount: AMOUNT })).toEqual({ state: 'authorized' })
    expect(await shop.room.call(PreparePayment, { ...asked, amount: { amount: 1, currency: 'EUR' } })).toMatchObject({
      refused: 'illegal-transition',
    })
  })

  test('fifty times at once is one charge', async () => {
    const orderId = newId()
    const asked = { orderId, amount: AMOUNT, method: 'card' as const, token: 'tok_ok', returnUrl: 'http://127.0.0.1/' }
    await Promise.all(Array.from({ length: 50 }, () => shop.room.call(PreparePayment, asked)))
    await shop.facts.created(orderId)
    await shop.told(orderId, 'authorized')
    expect(await shop.charges(orderId)).toHaveLength(1)
  })

  test('of an order that is placed without it is told as timed-out, and nothing is charged', async () => {
    const orderId = newId()
    await shop.facts.created(orderId)
    await shop.told(orderId, 'timed-out')
    expect(await shop.charges(orderId)).toEqual([])
    const cash = newId()
    await shop.facts.created(cash, 'cash-on-delivery')
    await shop.told(cash, 'authorized')
  })

  test('of a card page while the provider is away is refused with unavailable, and asked again gives the page', async () => {
    await shop.control('outage', { seconds: 60, mode: 'reset' })
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    expect(prepared).toMatchObject({ refused: 'unavailable' })
    await shop.control('outage', { seconds: 0 })
    expect((await shop.prepare({ orderId, token: undefined })).prepared).toMatchObject({ state: 'requires-action' })
  })

  test('of a card where no provider is set up is refused with unavailable; other methods are served', async () => {
    const room = await openRoom({ services: [payments] })
    const asked = { amount: AMOUNT, token: 'tok_ok', returnUrl: 'http://127.0.0.1/' }
    expect(await room.call(PreparePayment, { ...asked, orderId: newId(), method: 'card' })).toMatchObject({ refused: 'unavailable' })
    expect(await room.call(PreparePayment, { ...asked, orderId: newId(), method: 'bank-transfer' })).toEqual({ state: 'none' })
    const { body } = await room.request('POST /api/payment/checkout', { body: { orderId: newId(), method: 'card', token: 'tok_ok' } })
    expect([body.status, body.errors]).toEqual([422, [{ path: 'method', code: 'not-offered', message: 'cards are not taken here' }]])
    await room.stop()
  })
})

describe('the state of a payment', () => {
  test('is shown to the owner, to staff and to the holder of the order’s token, and is not-found for everybody else', async () => {
    const orderId = await shop.place()
    await shop.told(orderId, 'authorized')
    const door = `GET /api/payment/status?orderId=${orderId}`
    const { owner, token } = shop.orderOf(orderId)
    expect((await shop.room.request(door, { as: shop.room.account({ accountId: owner }) })).body).toMatchObject({
      orderId,
      state: 'authorized',
      amount: AMOUNT,
      refunded: { amount: 0, currency: 'EUR' },
    })
    expect((await shop.room.request(door, { as: shop.room.account({ roles: ['admin'] }) })).status).toBe(200)
    expect((await shop.room.request(door, { headers: { 'order-token': token } })).status).toBe(200)
    expect((await shop.room.request(`${door}&token=${token}`)).status).toBe(200)
    expect((await shop.room.request(door)).body).toMatchObject({ status: 404, code: 'not-found' })
    expect((await shop.room.request(door, { as: shop.room.account() })).body).toMatchObject({ status: 404, code: 'not-found' })
    expect((await shop.room.request(`${door}&token=guessed`)).status).toBe(404)
    expect((await shop.room.request(`GET /api/payment/status?orderId=${newId()}`)).status).toBe(404)
  })

  test('of many orders leaves out those without a payment', async () => {
    const orderId = await shop.place({ method: 'cash-on-delivery' })
    const { items } = (await shop.room.call(PaymentsOf, { orderIds: [orderId, newId()] })) as { items: { orderId: string }[] }
    expect(items.map((one) => one.orderId)).toEqual([orderId])
  })

  test('cannot be asked for while orders does not answer', async () => {
    const room = await openRoom({ services: [payments], calls: { 'orders.OrderStates': () => ({ items: [] }) } })
    expect((await room.request(`GET /api/payment/status?orderId=${newId()}`)).body).toMatchObject({ status: 503, code: 'unavailable' })
    await room.stop()
  })
})

describe('paying a pending order anew', () => {
  const checkout = (orderId: string, body: object, key?: string) =>
    shop.room.request(`POST /api/payment/checkout?token=view-${orderId}`, {
      body: { orderId, method: 'card', ...body },
      ...(key ? { headers: { 'idempotency-key': key } } : {}),
    })

  test('by card instead of a transfer is authorised', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    await shop.room.settled()
    expect((await checkout(orderId, { token: 'tok_ok' })).body).toMatchObject({ state: 'authorizing', method: 'card', provider: 'sandbox' })
    await shop.told(orderId, 'authorized')
    expect(await shop.outcomes(orderId)).toEqual(['authorized'])
  })

  test('by another card after a page was given up, closes the page first', async () => {
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    await shop.facts.created(orderId)
    await shop.told(orderId, 'requires-action')
    expect((await checkout(orderId, { token: 'tok_ok' })).status).toBe(200)
    await shop.told(orderId, 'authorized')
    const { url } = (prepared as { nextAction: { url: string } }).nextAction
    const late = await fetch(url, {
      method: 'POST',
      body: 'card=tok_ok',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      redirect: 'manual',
    })
    expect(late.status).toBe(409)
    expect((await shop.charges(orderId)).filter((one) => one.state === 'authorized')).toHaveLength(1)
  })

  test('when the page was paid on in the meantime, is refused with illegal-transition', async () => {
    await shop.control('webhooks', { paused: true })
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    await shop.facts.created(orderId)
    await shop.told(orderId, 'requires-action')
    const { url } = (prepared as { nextAction: { url: string } }).nextAction
    await fetch(url, {
      method: 'POST',
      body: 'card=tok_ok',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      redirect: 'manual',
    })
    expect((await checkout(orderId, { token: 'tok_ok' })).body).toMatchObject({ status: 409, code: 'illegal-transition' })
    await shop.control('webhooks', { paused: false })
    await shop.told(orderId, 'authorized')
    expect(await shop.charges(orderId)).toHaveLength(1)
  })

  test('on a page of its own, by transfer or by cash works too', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    expect((await checkout(orderId, {})).body).toMatchObject({ state: 'requires-action', nextAction: { type: 'redirect' } })
    expect((await checkout(orderId, { method: 'bank-transfer' })).body).toMatchObject({ state: 'none', transfer: { recipient: 'Stoa' } })
    expect((await checkout(orderId, { method: 'cash-on-delivery' })).body).toMatchObject({ state: 'authorized' })
    await shop.told(orderId, 'authorized')
  })

  test('ten times at once with one key, or with ten, is one charge', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    await shop.room.settled()
    const key = newId()
    await Promise.all(Array.from({ length: 10 }, () => checkout(orderId, { token: 'tok_ok' }, key)))
    await shop.told(orderId, 'authorized')
    const other = await shop.place({ method: 'bank-transfer' })
    await shop.room.settled()
    const answers = await Promise.all(Array.from({ length: 10 }, () => checkout(other, { token: 'tok_ok' }, newId())))
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1)
    await shop.told(other, 'authorized')
    for (const id of [orderId, other]) expect(await shop.charges(id)).toHaveLength(1)
  })

  test('of an order that is paid, cancelled, not there or somebody else’s is refused by name', async () => {
    const orderId = await shop.place()
    await shop.told(orderId, 'authorized')
    expect((await checkout(orderId, { token: 'tok_ok' })).body).toMatchObject({ status: 409, code: 'illegal-transition' })
    const declined = await shop.place({ token: 'tok_declined' })
    await shop.told(declined, 'declined')
    expect((await checkout(declined, { token: 'tok_ok' })).body).toMatchObject({ status: 409, code: 'illegal-transition' })
    const waiting = await shop.place({ method: 'bank-transfer' })
    shop.orderOf(waiting).status = 'CANCELLED'
    expect((await checkout(waiting, { token: 'tok_ok' })).body).toMatchObject({ status: 409, code: 'illegal-transition' })
    expect((await checkout(newId(), { token: 'tok_ok' })).body).toMatchObject({ status: 404, code: 'not-found' })
    const body = { orderId: waiting, method: 'card', token: 'tok_ok' }
    expect((await shop.room.request('POST /api/payment/checkout', { body })).body).toMatchObject({ status: 404, code: 'not-found' })
  })

  test('while the provider cannot tell about the former page, is unavailable and changes nothing', async () => {
    const { orderId } = await shop.prepare({ token: undefined })
    await shop.facts.created(orderId)
    await shop.told(orderId, 'requires-action')
    await shop.control('outage', { seconds: 60, mode: 'reset' })
    expect((await checkout(orderId, { token: 'tok_ok' })).body).toMatchObject({ status: 503, code: 'unavailable' })
    await shop.control('outage', { seconds: 0 })
    expect((await shop.status(orderId)).state).toBe('requires-action')
  })
})

describe('the gateway’s own book', () => {
  test('is shown to staff, by order and in pages', async () => {
    const orderId = await shop.place({ token: 'tok_declined' })
    await shop.told(orderId, 'declined')
    const as = shop.room.account({ roles: ['admin'] })
    const { items } = (await shop.room.request(`GET /api/sandbox/gateway/charges?orderId=${orderId}`, { as })).body
    expect(items).toEqual([
      {
        id: expect.any(String),
        orderId,
        state: 'declined',
        amount: AMOUNT,
        captured: { amount: 0, currency: 'EUR' },
        refunded: { amount: 0, currency: 'EUR' },
        idempotencyKey: expect.any(String),
        at: expect.any(String),
      },
    ])
    const first = (await shop.room.request('GET /api/sandbox/gateway/charges?limit=1', { as })).body
    const next = (await shop.room.request(`GET /api/sandbox/gateway/charges?limit=1&cursor=${first.nextCursor}`, { as })).body
    expect(next.items[0].id).not.toBe(first.items[0].id)
  })

  test('is refused to shoppers, with a foreign cursor, and while the gateway is away', async () => {
    const as = shop.room.account({ roles: ['admin'] })
    expect((await shop.room.request('GET /api/sandbox/gateway/charges', { as: shop.room.account() })).status).toBe(403)
    expect((await shop.room.request('GET /api/sandbox/gateway/charges?cursor=next', { as })).body).toMatchObject({
      status: 422,
      code: 'invalid-cursor',
    })
    await shop.control('outage', { seconds: 60, mode: 'unavailable' })
    expect((await shop.room.request('GET /api/sandbox/gateway/charges', { as })).body).toMatchObject({ status: 503, code: 'unavailable' })
    await shop.control('outage', { seconds: 0 })
  })
})
