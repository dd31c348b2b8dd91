import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { setFailPoints } from '@stoa/chassis/fail-point.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ env: { STOA_PAYMENTS_ABANDON_AFTER: '86400', STOA_PAYMENTS_SHOPPER_EVERY: '600' } })
})
afterAll(() => shop.stop())
afterEach(async () => {
  setFailPoints('')
  await shop.control('outage', { seconds: 0 })
  await shop.control('webhooks', { paused: false })
  for (const operation of ['authorize', 'capture', 'void', 'close', 'inquire']) {
    await shop.control('faults', { operation, kind: 'busy', times: 0 })
  }
  const as = shop.room.account({ roles: ['admin'] })
  const answers = async () => (await shop.room.request('GET /api/sandbox/gateway/charges?limit=1', { as })).status === 200
  await shop.until('the breaker to let calls through again', answers)
})

const db = () => shop.room.db('payments')

async function authorised(): Promise<string> {
  const orderId = await shop.place()
  await shop.told(orderId, 'authorized')
  return orderId
}

async function onlyOp(orderId: string, kind: string) {
  return db().one<{ id: string; state: string; tries: number; hash_conflicts: number }>(
    sql`SELECT id, state, tries, hash_conflicts FROM payment_ops WHERE order_id = ${orderId} AND kind = ${kind}`,
  )
}

describe('a crash between the gateway’s answer and our record of it', () => {
  test('of an authorisation ends in one charge', async () => {
    await shop.control('webhooks', { paused: true })
    setFailPoints('payments.after-gateway-answer=throw')
    const orderId = await shop.place()
    await shop.told(orderId, 'authorized')
    await shop.control('webhooks', { paused: false })
    expect((await onlyOp(orderId, 'authorize')).tries).toBe(2)
    expect(await shop.charges(orderId)).toHaveLength(1)
  })

  test('of a capture ends in one capture, booked once', async () => {
    const orderId = await authorised()
    await shop.control('webhooks', { paused: true })
    setFailPoints('payments.after-gateway-answer=throw')
    await shop.facts.shipped(orderId)
    await shop.told(orderId, 'captured')
    await shop.control('webhooks', { paused: false })
    expect((await shop.charges(orderId)).map((one) => one.operations.map((each) => each.kind))).toEqual([['authorize', 'capture']])
    expect(await shop.ledger(orderId)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
  })

  test('of a refund pays back once', async () => {
    const orderId = await authorised()
    await shop.facts.shipped(orderId)
    await shop.told(orderId, 'captured')
    setFailPoints('payments.after-gateway-answer=throw')
    const as = shop.room.account({ roles: ['admin'] })
    await shop.room.request('POST /api/payment/refund', {
      as,
      headers: { 'idempotency-key': newId() },
      body: { orderId, reason: 'x', amount: { amount: 400, currency: 'EUR' } },
    })
    await shop.told(orderId, 'partially-refunded')
    await shop.room.settled()
    expect((await shop.charges(orderId))[0]?.refunded.amount).toBe(400)
  })
})

describe('a gateway that misbehaves', () => {
  test.each(['reset-before', 'reset-after', 'silence-before', 'silence-after', 'error-before', 'error-after', 'busy'])(
    'at the authorisation with %s ends in one charge',
    async (kind) => {
      await shop.control('faults', { operation: 'authorize', kind, times: 2 })
      const orderId = await shop.place()
      await shop.told(orderId, 'authorized')
      await shop.room.settled()
      expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['authorized'])
    },
  )

  test.each(['reset-before', 'reset-after', 'silence-after', 'error-before', 'error-after', 'busy'])(
    'at the capture with %s captures once',
    async (kind) => {
      const orderId = await authorised()
      await shop.control('faults', { operation: 'capture', kind, times: 2 })
      await shop.facts.shipped(orderId)
      await shop.told(orderId, 'captured')
      expect(await shop.outcomes(orderId)).toEqual(['authorized', 'captured'])
      expect(await shop.ledger(orderId)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
    },
  )

  test('at the capture for longer than the fast phase is told as capture-failed, and captured in the end', async () => {
    const orderId = await authorised()
    await shop.control('faults', { operation: 'capture', kind: 'error-before', times: 6 })
    await shop.facts.shipped(orderId)
    await shop.told(orderId, 'captured')
    expect(await shop.outcomes(orderId)).toEqual(['authorized', 'capture-failed', 'captured'])
  })

  test('at the release with lost answers releases in the end', async () => {
    const orderId = await authorised()
    await shop.control('faults', { operation: 'void', kind: 'reset-before', times: 5 })
    await shop.facts.cancelled(orderId)
    await shop.told(orderId, 'voided')
    expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['voided'])
  })

  test('while a key is closed leaves the order unknown until it is closed', async () => {
    await shop.control('faults', { operation: 'close', kind: 'reset-before', times: 3 })
    const orderId = await shop.place({ token: 'tok_timeout_lost' })
    await shop.told(orderId, 'timed-out')
    expect(await shop.outcomes(orderId)).toEqual(['unknown', 'timed-out'])
  })
})

describe('a gateway that is down', () => {
  test('leaves payments unknown, and when it is back they are charged once', async () => {
    await shop.sandboxDown()
    const orderIds = await Promise.all([1, 2, 3, 4, 5].map(() => shop.place()))
    for (const orderId of orderIds) await shop.told(orderId, 'unknown')
    expect((await shop.status(orderIds[0] as string)).state).toBe('unknown')
    await shop.sandboxUp()
    for (const orderId of orderIds) {
      await shop.told(orderId, 'authorized')
      expect(await shop.charges(orderId)).toHaveLength(1)
    }
  })

  test('for a day: the order is let go, the operation watched on, and its late success released', async () => {
    await shop.control('faults', { operation: 'inquire', kind: 'reset-before', times: 1000 })
    const orderId = await shop.place({ token: 'tok_timeout_charged' })
    await shop.told(orderId, 'unknown')
    await shop.room.advance(86_500)
    await shop.told(orderId, 'abandoned')
    await shop.facts.cancelled(orderId, 'payment-unknown')
    expect((await onlyOp(orderId, 'authorize')).state).toBe('unknown')
    await shop.control('faults', { operation: 'inquire', kind: 'reset-before', times: 0 })
    await shop.told(orderId, 'voided')
    expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['voided'])
    expect(await shop.outcomes(orderId)).toEqual(['unknown', 'abandoned', 'voided'])
  })
})

describe('an operation whose task was lost', () => {
  test('is found after a quarter of an hour and asked about', async () => {
    await shop.control('webhooks', { paused: true })
    const orderId = await shop.place({ token: 'tok_3ds' })
    await shop.told(orderId, 'requires-action')
    await shop.room.settled()
    const { id } = await onlyOp(orderId, 'authorize')
    await db().run(sql`DELETE FROM chassis.moments WHERE key = ${id}`)
    await db().run(sql`UPDATE payment_ops SET updated_at = now() - interval '16 minutes' WHERE id = ${id}`)
    await fetch((await shop.status(orderId)).nextAction.url, { method: 'POST', body: 'decision=confirm', redirect: 'manual' })
    expect(await shop.outcomes(orderId)).toEqual(['requires-action'])
    await shop.room.advance(61)
    await shop.told(orderId, 'authorized')
  })
})

describe('one key', () => {
  test('is never sent with another request', async () => {
    const { orderId } = await shop.prepare({ token: 'tok_ok' })
    await db().run(sql`UPDATE payment_ops SET request_hash = 'of another request' WHERE order_id = ${orderId}`)
    await shop.facts.created(orderId)
    await shop.until('the attempt to be refused', async () => (await onlyOp(orderId, 'authorize')).hash_conflicts > 0)
    expect(await shop.charges(orderId)).toEqual([])
    const broken = (await shop.doctor()).filter((one) => one.broken > 0).map((one) => one.name)
    expect(broken).toContain('a key at the gateway never had two requests')
    await db().run(sql`UPDATE payment_ops SET request_hash = NULL, hash_conflicts = 0 WHERE order_id = ${orderId}`)
    await shop.room.advance(60)
    await shop.told(orderId, 'authorized')
  })
})

describe('the three-way match', () => {
  const open = async (orderId: string) => {
    const rows = await db().rows<{ class: string }>(
      sql`SELECT class FROM reconciliation_mismatches WHERE order_id = ${orderId} AND resolved_at IS NULL`,
    )
    return rows.map((row) => row.class)
  }
  const match = async (done: () => Promise<boolean>) => {
    await shop.room.advance(3700)
    await shop.until('the match', done)
  }

  test('reports a refund made elsewhere as a difference of amounts', async () => {
    const orderId = await authorised()
    await shop.facts.shipped(orderId)
    await shop.told(orderId, 'captured')
    const [charge] = await shop.charges(orderId)
    await shop.ask('POST', `/gateway/charges/${charge?.id}/refund`, { amount: { amount: 1, currency: 'EUR' } }, newId())
    await match(async () => (await open(orderId)).length > 0)
    expect(await open(orderId)).toEqual(['amount'])
  })

  test('reports two live charges of one order as duplicate', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    const body = { orderId, method: 'card' }
    await shop.room.request(`POST /api/payment/checkout?token=view-${orderId}`, { body })
    await shop.room.request(`POST /api/payment/checkout?token=view-${orderId}`, { body: { ...body, token: 'tok_ok' } })
    await shop.told(orderId, 'authorized')
    await shop.ask('POST', '/gateway/authorizations', { orderId, amount: { amount: 1299, currency: 'EUR' }, token: 'tok_ok' }, newId())
    await match(async () => (await open(orderId)).length > 1)
    expect((await open(orderId)).sort()).toEqual(['duplicate', 'missing-here'])
  })

  test('reports an operation that the gateway has no charge of, and resolves it when it has', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    await shop.room.settled()
    const opId = newId()
    await db().run(sql`
      INSERT INTO payment_ops (id, order_id, kind, attempt, provider, amount_minor, currency, state, hosted, updated_at)
      VALUES (${opId}, ${orderId}, 'authorize', ${opId}, 'sandbox', 1299, 'EUR', 'succeeded', false, now() - interval '1 hour')`)
    await match(async () => (await open(orderId)).length > 0)
    expect(await open(orderId)).toEqual(['missing-there'])
    await shop.ask('POST', '/gateway/authorizations', { orderId, amount: { amount: 1299, currency: 'EUR' }, token: 'tok_ok' }, opId)
    await match(async () => !(await open(orderId)).includes('missing-there'))
  })

  test('learns what no notice told, and acts on it', async () => {
    const orderId = await shop.place({ token: 'tok_late' })
    await shop.told(orderId, 'declined')
    await shop.facts.cancelled(orderId, 'payment-declined')
    await shop.control('webhooks', { paused: true })
    const [charge] = await shop.charges(orderId)
    await shop.control('late-now', { chargeId: charge?.id })
    await shop.room.advance(3700)
    await shop.told(orderId, 'voided')
    await shop.control('webhooks', { paused: false })
    expect(await open(orderId)).toEqual([])
  })
})
