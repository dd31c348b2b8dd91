import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sandbox } from './start.ts'
import { gatewayClient, startForTest, startShopStub, temporaryDirectory } from './testing.ts'
import type { ShopStub } from './testing.ts'

const directory = temporaryDirectory()
let shop: ShopStub
let sandbox: Sandbox
let gateway: ReturnType<typeof gatewayClient>

beforeAll(async () => {
  shop = await startShopStub()
  sandbox = await startForTest(directory.path, shop.origin)
  gateway = gatewayClient(sandbox.origin)
})

afterAll(async () => {
  await sandbox.close()
  await shop.close()
  directory.remove()
})

const chargesUnder = async (key: string) => (await gateway.list(`idempotencyKey=${key}`)).body.items

describe('cards', () => {
  it('tok_ok is authorised for the whole amount, held for a week, and told by webhook', async () => {
    const { status, body } = await gateway.authorize('tok_ok')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      state: 'authorized',
      amount: { amount: 1299, currency: 'EUR' },
      captured: { amount: 0 },
      refunded: { amount: 0 },
    })
    expect(Date.parse(body.captureBefore ?? '')).toBeGreaterThan(Date.now() + 6 * 24 * 3600 * 1000)
    await shop.until((notices) => notices.some((notice) => notice.data.charge.id === body.id && notice.data.charge.state === 'authorized'))
    expect(shop.badSignatures).toBe(0)
  })

  it('tok_slow is in flight until it answers: a second call gets 409, and the key cannot be closed', async () => {
    const key = randomUUID()
    const first = gateway.authorize('tok_slow', key)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await gateway.authorize('tok_slow', key)).toMatchObject({ status: 409, body: { code: 'idempotency-key-in-use' } })
    expect(await gateway.close(key)).toMatchObject({ status: 409 })
    expect((await first).body.state).toBe('authorized')
    expect(await gateway.authorize('tok_slow', key)).toMatchObject({ status: 200, replayed: true })
  })

  it('tok_timeout_charged authorises once, every answer is lost, and only asking tells', async () => {
    const key = randomUUID()
    for (let tries = 0; tries < 3; tries++) await expect(gateway.authorize('tok_timeout_charged', key)).rejects.toThrow('fetch failed')
    expect(await chargesUnder(key)).toMatchObject([{ state: 'authorized' }])
    expect(await gateway.close(key)).toMatchObject({ body: { closed: false, charge: { state: 'authorized' } } })
  })

  it('tok_error_then_ok fails twice without effect and then authorises', async () => {
    const key = randomUUID()
    expect((await gateway.authorize('tok_error_then_ok', key)).status).toBe(500)
    expect((await gateway.authorize('tok_error_then_ok', key)).status).toBe(500)
    expect(await chargesUnder(key)).toEqual([])
    expect((await gateway.authorize('tok_error_then_ok', key)).body.state).toBe('authorized')
    expect(await chargesUnder(key)).toHaveLength(1)
  })

  it('tok_webhook_first answers after the shop has acknowledged the webhook', async () => {
    const { body } = await gateway.authorize('tok_webhook_first')
    expect(shop.notices.map((notice) => notice.data.charge.id)).toContain(body.id)
  })

  it.each([
    ['tok_declined', 'card-declined'],
    ['tok_insufficient_funds', 'insufficient-funds'],
    ['tok_nobody_issued', 'unknown-token'],
    ['constructor', 'unknown-token'],
  ])('%s is declined with %s', async (token, declineReason) => {
    expect((await gateway.authorize(token)).body).toMatchObject({ state: 'declined', declineReason })
  })

  it('tok_timeout_lost does nothing and answers nothing; closing its key proves that, and refuses it for ever', async () => {
    const key = randomUUID()
    for (let tries = 0; tries < 3; tries++) await expect(gateway.authorize('tok_timeout_lost', key)).rejects.toThrow('fetch failed')
    expect(await gateway.close(key)).toMatchObject({ status: 200, body: { closed: true } })
    expect(await gateway.authorize('tok_timeout_lost', key)).toMatchObject({ status: 409, body: { code: 'key-closed' } })
    expect(await gateway.close(key)).toMatchObject({ status: 200, body: { closed: true } })
    expect(await chargesUnder(key)).toEqual([])
  })

  it('tok_late fails, then succeeds by itself and says so by webhook', async () => {
    const { body } = await gateway.authorize('tok_late')
    expect(body.state).toBe('failed')
    await gateway.control('late-now', { chargeId: body.id })
    expect((await gateway.charge(body.id)).body.state).toBe('authorized')
    await shop.until((notices) => notices.some(({ data }) => data.charge.id === body.id && data.charge.state === 'authorized'))
    expect((await gateway.void(body.id)).body.state).toBe('voided')
  })

  it('tok_3ds needs a step, and closing its key before the step cancels it', async () => {
    const key = randomUUID()
    const { body } = await gateway.authorize('tok_3ds', key)
    expect(body.state).toBe('requires-action')
    expect(body.actionUrl).toMatch(/\/pay\/ps_/)
    expect(await gateway.close(key)).toMatchObject({
      body: { closed: true, charge: { state: 'failed', declineReason: 'closed-by-merchant' } },
    })
    expect((await fetch(body.actionUrl ?? '', { method: 'POST', body: 'decision=confirm' })).status).toBe(409)
    expect((await gateway.charge(body.id)).body.state).toBe('failed')
  })
})

describe('keys', () => {
  it('fifty simultaneous calls with one key make one charge', async () => {
    const key = randomUUID()
    const replies = await Promise.all(Array.from({ length: 50 }, () => gateway.authorize('tok_ok', key)))
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1)
    expect(replies.filter((reply) => !reply.replayed)).toHaveLength(1)
    expect(await chargesUnder(key)).toHaveLength(1)
  })

  it('fifty simultaneous slow calls with one key make one charge and 49 conflicts', async () => {
    const key = randomUUID()
    const replies = await Promise.all(Array.from({ length: 50 }, () => gateway.authorize('tok_slow', key)))
    expect(replies.map((reply) => reply.status).toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 49 }, () => 409)])
    expect(await chargesUnder(key)).toHaveLength(1)
  })

  it('the same key with another amount, token or order is refused with 422', async () => {
    const key = randomUUID()
    await gateway.authorize('tok_ok', key, 'order-a', 500)
    expect((await gateway.authorize('tok_ok', key, 'order-a', 501)).status).toBe(422)
    expect((await gateway.authorize('tok_slow', key, 'order-a', 500)).status).toBe(422)
    expect((await gateway.authorize('tok_ok', key, 'order-b', 500)).status).toBe(422)
    expect((await chargesUnder(key))[0]).toMatchObject({ amount: { amount: 500 } })
  })

  it('a replay shows the latest state of the charge', async () => {
    const key = randomUUID()
    const { body } = await gateway.authorize('tok_ok', key)
    await gateway.capture(body.id, 1299)
    expect((await gateway.authorize('tok_ok', key)).body.state).toBe('captured')
  })

  it('a key that was never used can be closed, and a call that arrives later is refused', async () => {
    const key = randomUUID()
    expect((await gateway.close(key)).body).toEqual({ closed: true })
    expect((await gateway.authorize('tok_ok', key)).status).toBe(409)
    expect(await chargesUnder(key)).toEqual([])
  })

  it('without a key, or with a wrong secret, nothing is done', async () => {
    const body = { orderId: 'o', amount: { amount: 1, currency: 'EUR' }, token: 'tok_ok' }
    expect((await gateway.call('POST', '/gateway/authorizations', body)).status).toBe(400)
    expect((await fetch(`${sandbox.origin}/gateway/charges`)).status).toBe(401)
  })

  it.each([
    ['an amount of zero', { amount: { amount: 0, currency: 'EUR' } }],
    ['a fraction of a cent', { amount: { amount: 1.5, currency: 'EUR' } }],
    ['no currency', { amount: { amount: 100 } }],
    ['an unknown field', { cardNumber: '4242424242424242' }],
  ])('a body with %s is refused with 422', async (_what, wrong) => {
    const body = { orderId: 'o', amount: { amount: 100, currency: 'EUR' }, token: 'tok_ok', ...wrong }
    expect((await gateway.call('POST', '/gateway/authorizations', body, randomUUID())).status).toBe(422)
  })
})

describe('after the authorisation', () => {
  it('captures once, at most what is held', async () => {
    const { body } = await gateway.authorize('tok_ok')
    expect(await gateway.capture(body.id, 1300)).toMatchObject({ status: 409, body: { code: 'amount-too-large' } })
    const key = randomUUID()
    expect((await gateway.capture(body.id, 1000, key)).body).toMatchObject({ state: 'captured', captured: { amount: 1000 } })
    expect(await gateway.capture(body.id, 1000, key)).toMatchObject({ status: 200, replayed: true, body: { captured: { amount: 1000 } } })
    expect(await gateway.capture(body.id, 299)).toMatchObject({ status: 409, body: { code: 'illegal-transition' } })
    expect(await gateway.void(body.id)).toMatchObject({ status: 409 })
  })

  it('refunds in parts, in sum at most what was captured', async () => {
    const { body } = await gateway.authorize('tok_ok')
    expect((await gateway.refund(body.id, 1)).status).toBe(409)
    await gateway.capture(body.id, 1299)
    expect((await gateway.refund(body.id, 300)).body).toMatchObject({ state: 'partially-refunded', refunded: { amount: 300 } })
    expect((await gateway.refund(body.id, 1000)).status).toBe(409)
    expect((await gateway.refund(body.id, 999)).body).toMatchObject({ state: 'refunded', refunded: { amount: 1299 } })
    expect((await gateway.charge(body.id)).body.operations.map(({ kind, amount }) => [kind, amount.amount])).toEqual([
      ['authorize', 1299],
      ['capture', 1299],
      ['refund', 300],
      ['refund', 999],
    ])
  })

  it('fifty refunds at once with keys of their own never give back more than was captured', async () => {
    const { body } = await gateway.authorize('tok_ok')
    await gateway.capture(body.id, 1000)
    const replies = await Promise.all(Array.from({ length: 50 }, () => gateway.refund(body.id, 100)))
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(10)
    expect((await gateway.charge(body.id)).body).toMatchObject({ state: 'refunded', refunded: { amount: 1000 } })
  })

  it('a refused operation leaves its key free for a legal one', async () => {
    const { body } = await gateway.authorize('tok_ok')
    const key = randomUUID()
    expect((await gateway.capture(body.id, 9999, key)).status).toBe(409)
    expect((await gateway.capture(body.id, 1299, key)).status).toBe(200)
  })

  it('the book lists newest first, by order, and every change since a cursor', async () => {
    const orderId = `order-${randomUUID()}`
    const first = (await gateway.authorize('tok_declined', randomUUID(), orderId)).body
    const second = (await gateway.authorize('tok_ok', randomUUID(), orderId)).body
    expect((await gateway.list(`orderId=${orderId}`)).body.items.map((item) => item.id)).toEqual([second.id, first.id])
    const captured = (await gateway.capture(second.id, 1299)).body
    const changes = await gateway.list(`after=${captured.revision - 1}`)
    expect(changes.body.items.map((item) => [item.id, item.state])).toEqual([[second.id, 'captured']])
    const pages = await gateway.list('limit=2')
    const next = await gateway.list(`limit=2&before=${pages.body.nextCursor}`)
    expect(new Set([...pages.body.items, ...next.body.items].map((item) => item.id)).size).toBe(4)
  })
})

describe('ordered faults', () => {
  it('an answer lost after a capture leaves exactly one capture, and the same key finds it', async () => {
    const { body } = await gateway.authorize('tok_ok')
    const key = randomUUID()
    await gateway.control('faults', { operation: 'capture', kind: 'reset-after' })
    await expect(gateway.capture(body.id, 1299, key)).rejects.toThrow('fetch failed')
    expect(await gateway.capture(body.id, 1299, key)).toMatchObject({ status: 200, replayed: true, body: { state: 'captured' } })
  })

  it('a provider that is busy or fails before the effect has done nothing', async () => {
    const key = randomUUID()
    await gateway.control('faults', { operation: 'authorize', kind: 'busy' })
    expect((await gateway.authorize('tok_ok', key)).status).toBe(429)
    await gateway.control('faults', { operation: 'authorize', kind: 'error-before', times: 2 })
    expect((await gateway.authorize('tok_ok', key)).status).toBe(500)
    expect((await gateway.authorize('tok_ok', key)).status).toBe(500)
    expect(await chargesUnder(key)).toEqual([])
    expect((await gateway.authorize('tok_ok', key)).body.state).toBe('authorized')
  })

  it('during an outage no call is answered, and afterwards the book is as before', async () => {
    const key = randomUUID()
    await gateway.control('outage', { seconds: 60 })
    await expect(gateway.authorize('tok_ok', key)).rejects.toThrow('fetch failed')
    await gateway.control('outage', { seconds: 60, mode: 'unavailable' })
    expect((await gateway.authorize('tok_ok', key)).status).toBe(503)
    await gateway.control('outage', { seconds: 0 })
    expect(await gateway.authorize('tok_ok', key)).toMatchObject({ status: 200, replayed: false })
  })
})
