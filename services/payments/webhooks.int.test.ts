import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { newId } from '@stoa/kit/ids.ts'
import { SECRET } from './testing/outside.ts'
import { openShop, type Shop } from './testing/shop.ts'

const FORMER = 'the-secret-before-the-last-change'
let shop: Shop

beforeAll(async () => {
  shop = await openShop({ env: { STOA_SANDBOX_SECRET_BEFORE: FORMER } })
})
afterAll(() => shop.stop())

const seconds = () => Math.floor(Date.now() / 1000)

function signed(body: string, { secret = SECRET, time = seconds() } = {}): string {
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`
}

function post(body: string, signature?: string) {
  const headers = { 'content-type': 'application/json', ...(signature === undefined ? {} : { 'sandbox-signature': signature }) }
  return shop.room.request('POST /api/payments/webhooks/sandbox', { body, headers })
}

function notice(chargeId: string, revision: number, id = `evt_${newId()}`): string {
  return JSON.stringify({
    id,
    type: 'charge.updated',
    createdAt: new Date().toISOString(),
    data: { charge: { id: chargeId, revision, state: 'captured' } },
  })
}

/** Everything a notice could change. */
async function books(): Promise<unknown> {
  const db = shop.room.db('payments')
  return {
    ops: await db.rows(sql`SELECT * FROM payment_ops ORDER BY id`),
    inbox: await db.rows(sql`SELECT event_id FROM webhook_inbox ORDER BY event_id`),
    ledger: await db.rows(sql`SELECT id FROM ledger_entries`),
  }
}

async function authorised(): Promise<{ orderId: string; chargeId: string }> {
  const orderId = await shop.place()
  await shop.told(orderId, 'authorized')
  await shop.room.settled()
  return { orderId, chargeId: (await shop.charges(orderId))[0]?.id as string }
}

describe('a notice', () => {
  test.each([
    ['without a signature', (body: string) => post(body)],
    ['signed with another secret', (body: string) => post(body, signed(body, { secret: 'guessed' }))],
    ['signed with no secret at all', (body: string) => post(body, signed(body, { secret: '' }))],
    ['older than five minutes', (body: string) => post(body, signed(body, { time: seconds() - 301 }))],
    ['from more than five minutes ahead', (body: string) => post(body, signed(body, { time: seconds() + 302 }))],
    ['whose body was written anew after it was signed', (body: string) => post(JSON.stringify(JSON.parse(body), null, 1), signed(body))],
    ['with a signature of no known shape', (body: string) => post(body, 'v1=abc')],
  ])('%s is refused with invalid-signature, and nothing changes', async (_, send) => {
    const { chargeId } = await authorised()
    const before = await books()
    expect((await send(notice(chargeId, 999_999))).body).toMatchObject({ status: 400, code: 'invalid-signature' })
    expect(await books()).toEqual(before)
  })

  test('signed with the former secret, or with several signatures of which one is right, is taken', async () => {
    const { chargeId } = await authorised()
    const body = notice(chargeId, 1)
    expect((await post(body, signed(body, { secret: FORMER }))).status).toBe(200)
    const other = notice(chargeId, 1)
    expect((await post(other, signed(other).replace('v1=', 'v1=0000,v1='))).status).toBe(200)
  })

  test('that is signed but of no known shape is refused with invalid-request', async () => {
    for (const body of [
      '[]',
      '{"id":"evt_1"}',
      '{"id":7,"data":{"charge":{"id":"ch_1","revision":1}}}',
      'null',
      '{"id":"e","data":{"charge":{"id":"c","revision":"1"}}}',
    ]) {
      expect((await post(body, signed(body))).body).toMatchObject({ status: 422, code: 'invalid-request' })
    }
  })

  test('that lies about the charge changes nothing: the provider is asked', async () => {
    const { orderId, chargeId } = await authorised()
    const body = notice(chargeId, 999_999)
    expect((await post(body, signed(body))).status).toBe(200)
    await shop.until('the notice to be applied', waitingNone)
    expect((await shop.status(orderId)).state).toBe('authorized')
    expect(await shop.ledger(orderId)).toEqual({})
  })

  test('of a charge that nobody has is taken and changes nothing', async () => {
    const body = notice('ch_unheard_of', 5)
    expect((await post(body, signed(body))).status).toBe(200)
    await shop.until('the notice to be applied', waitingNone)
  })

  test('of a charge that nobody here asked for is taken, and the reconciliation reports it', async () => {
    const orderId = newId()
    await shop.ask('POST', '/gateway/authorizations', { orderId, amount: { amount: 77, currency: 'EUR' }, token: 'tok_ok' }, newId())
    await shop.until(
      'the notice to come',
      async () =>
        (
          await shop.room
            .db('payments')
            .rows(sql`SELECT 1 FROM webhook_inbox i WHERE i.event_id LIKE 'evt%' AND i.charge_id = ${(await shop.charges(orderId))[0]?.id}`)
        ).length > 0,
    )
    await shop.until('the notice to be applied', waitingNone)
    await shop.room.advance(3700)
    await shop.until('the report', async () => (await mismatches(orderId)).length > 0)
    expect(await mismatches(orderId)).toEqual(['missing-here'])
  })

  test('sent five times is taken down once', async () => {
    const { chargeId } = await authorised()
    const body = notice(chargeId, 1, 'evt_five_times')
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(body, signed(body))))
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200, 200, 200])
    expect(await shop.room.db('payments').rows(sql`SELECT 1 FROM webhook_inbox WHERE event_id = 'evt_five_times'`)).toHaveLength(1)
  })
})

describe('notices repeated, delayed and out of order', () => {
  test('leave the books as a run without them does', async () => {
    await shop.control('webhooks', { chaosSeed: 'twelve' })
    const orderIds = await Promise.all(
      Array.from({ length: 12 }, (_, index) => shop.place({ token: index % 3 === 2 ? 'tok_webhook_first' : 'tok_ok' })),
    )
    for (const orderId of orderIds) await shop.told(orderId, 'authorized')
    for (const orderId of orderIds) await shop.facts.shipped(orderId)
    for (const orderId of orderIds) await shop.told(orderId, 'captured')
    const as = shop.room.account({ roles: ['admin'] })
    for (const orderId of orderIds.slice(0, 4))
      await shop.room.request('POST /api/payment/refund', { as, headers: { 'idempotency-key': newId() }, body: { orderId, reason: 'x' } })
    for (const orderId of orderIds.slice(0, 4)) await shop.told(orderId, 'refunded')
    await shop.control('webhooks', { hurry: true })
    await shop.until('all notices to be delivered and applied', async () => {
      const { webhooks } = await shop.ask<{ webhooks: { pending: number } }>('GET', '/control/state')
      return webhooks.pending === 0 && (await waitingNone())
    })
    await shop.control('webhooks', { chaosSeed: null })
    for (const [index, orderId] of orderIds.entries()) {
      expect(await shop.outcomes(orderId)).toEqual(index < 4 ? ['authorized', 'captured', 'refunded'] : ['authorized', 'captured'])
      expect(await shop.ledger(orderId)).toEqual(index < 4 ? {} : { 'gateway_clearing:sandbox': 1299, revenue: -1299 })
      expect(await shop.charges(orderId)).toHaveLength(1)
    }
  })
})

async function waitingNone(): Promise<boolean> {
  const [row] = await shop.room.db('payments').rows<{ n: number }>(sql`SELECT count(*) AS n FROM webhook_inbox WHERE applied_at IS NULL`)
  return row?.n === 0
}

async function mismatches(orderId: string): Promise<string[]> {
  const rows = await shop.room
    .db('payments')
    .rows<{ class: string }>(
      sql`SELECT class FROM reconciliation_mismatches WHERE order_id = ${orderId} AND resolved_at IS NULL ORDER BY class`,
    )
  return rows.map((row) => row.class)
}
