import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { BookReceipt, PaymentsOf } from '@stoa/contracts/payments.ts'
import { newId } from '@stoa/kit/ids.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop

beforeAll(async () => {
  // Nothing is silent here, so nothing may look silent because the machine is busy.
  shop = await openShop({ env: { STOA_PAYMENTS_CALL_DEADLINE: '10', STOA_PAYMENTS_INQUIRY_DEADLINE: '5' } })
})
afterAll(() => shop.stop())

async function authorised(amountMinor = 1299): Promise<string> {
  const orderId = await shop.place({ amountMinor })
  await shop.told(orderId, 'authorized')
  shop.orderOf(orderId).status = 'CONFIRMED'
  return orderId
}

async function captured(amountMinor = 1299): Promise<string> {
  const orderId = await authorised(amountMinor)
  await shop.facts.shipped(orderId)
  await shop.told(orderId, 'captured')
  return orderId
}

function refund(orderId: string, amountMinor?: number, as = shop.room.account({ roles: ['admin'] })) {
  const amount = amountMinor === undefined ? {} : { amount: { amount: amountMinor, currency: 'EUR' } }
  return shop.room.request('POST /api/payment/refund', {
    as,
    headers: { 'idempotency-key': newId() },
    body: { orderId, reason: 'scratched', ...amount },
  })
}

describe('a card', () => {
  test('when the order is shipped, is captured once, and the books say so', async () => {
    const orderId = await captured()
    expect((await shop.charges(orderId)).map((one) => [one.state, one.captured.amount])).toEqual([['captured', 1299]])
    expect(await shop.ledger(orderId)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
    expect((await shop.status(orderId)).operations.map((one: { kind: string; state: string }) => [one.kind, one.state])).toEqual([
      ['authorize', 'succeeded'],
      ['capture', 'succeeded'],
    ])
  })

  test('when the confirmed order is cancelled, is released', async () => {
    const orderId = await authorised()
    await shop.facts.cancelled(orderId)
    await shop.told(orderId, 'voided')
    expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['voided'])
    expect(await shop.ledger(orderId)).toEqual({})
  })

  test('when the order is cancelled while the call is under way, is released as soon as it is known', async () => {
    const orderId = await shop.place({ token: 'tok_slow' })
    await shop.facts.cancelled(orderId)
    await shop.room.settled()
    const charges = await shop.charges(orderId)
    expect(charges.filter((one) => one.state !== 'voided')).toEqual([])
  })

  test('when an order is cancelled in the moment it is shipped, it ends with nothing kept', async () => {
    const orderId = await authorised()
    await Promise.all([shop.facts.shipped(orderId), shop.facts.cancelled(orderId)])
    await shop.until('nothing to be kept', async () => {
      const [charge] = await shop.charges(orderId)
      return charge?.state === 'voided' || charge?.state === 'refunded'
    })
    await shop.room.settled()
    expect(await shop.ledger(orderId)).toEqual({})
    const [charge] = await shop.charges(orderId)
    expect(charge?.captured.amount).toBe(charge?.refunded.amount)
  })
})

describe('refunds', () => {
  test('in part and then the rest, are paid out once each', async () => {
    const orderId = await captured()
    const first = await refund(orderId, 300)
    expect([first.status, first.body.kind, first.body.amount]).toEqual([202, 'refund', { amount: 300, currency: 'EUR' }])
    await shop.told(orderId, 'partially-refunded')
    expect((await refund(orderId)).body.amount).toEqual({ amount: 999, currency: 'EUR' })
    await shop.told(orderId, 'refunded')
    expect((await shop.charges(orderId)).map((one) => [one.state, one.refunded.amount])).toEqual([['refunded', 1299]])
    expect(await shop.ledger(orderId)).toEqual({})
    expect((await shop.status(orderId)).refunded).toEqual({ amount: 1299, currency: 'EUR' })
  })

  test('twenty at once never give back more than was captured', async () => {
    const orderId = await captured(1000)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refund(orderId, 90)))
    expect(answers.filter((one) => one.status === 202)).toHaveLength(11)
    expect(answers.filter((one) => one.status !== 202).map((one) => one.body.code)).toEqual(
      Array.from({ length: 9 }, () => 'amount-too-high'),
    )
    await shop.until('all refunds to be paid', async () => (await shop.charges(orderId))[0]?.refunded.amount === 990)
    await shop.room.settled()
    expect(await shop.ledger(orderId)).toEqual({ 'gateway_clearing:sandbox': 10, revenue: -10 })
  })

  test('with one key fifty times at once are one refund', async () => {
    const orderId = await captured()
    const as = shop.room.account({ roles: ['admin'] })
    const key = newId()
    const body = { orderId, reason: 'late', amount: { amount: 100, currency: 'EUR' } }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => shop.room.request('POST /api/payment/refund', { as, headers: { 'idempotency-key': key }, body })),
    )
    expect(answers.filter((one) => one.status !== 202 && one.status !== 409)).toEqual([])
    expect(new Set(answers.filter((one) => one.status === 202).map((one) => one.body.id)).size).toBe(1)
    await shop.told(orderId, 'partially-refunded')
    expect((await shop.status(orderId)).refunded.amount).toBe(100)
  })

  test('of nothing captured, of too much, in another currency, of an unknown order or without a key are refused by name', async () => {
    const held = await authorised()
    expect((await refund(held)).body).toMatchObject({ status: 409, code: 'illegal-transition' })
    const orderId = await captured()
    expect((await refund(orderId, 1300)).body).toMatchObject({ status: 409, code: 'amount-too-high' })
    expect((await refund(orderId, 0)).body).toMatchObject({ status: 422, code: 'invalid-request' })
    expect((await refund(newId())).body).toMatchObject({ status: 404, code: 'not-found' })
    const body = { orderId, reason: 'x', amount: { amount: 5, currency: 'USD' } }
    const as = shop.room.account({ roles: ['admin'] })
    expect((await shop.room.request('POST /api/payment/refund', { as, headers: { 'idempotency-key': newId() }, body })).body).toMatchObject(
      { status: 422, code: 'invalid-request' },
    )
    expect((await shop.room.request('POST /api/payment/refund', { as, body })).body).toMatchObject({
      status: 400,
      code: 'idempotency-key-missing',
    })
    expect((await refund(orderId, 5, shop.room.account({ roles: ['warehouse'] }))).status).toBe(403)
    expect((await shop.room.request('POST /api/payment/refund', { body })).status).toBe(401)
  })

  test('that the provider refuses for good leave no debt behind', async () => {
    const orderId = await captured()
    const [charge] = await shop.charges(orderId)
    await elsewhere(charge?.id as string, 1299)
    expect((await refund(orderId, 300)).status).toBe(202)
    await shop.until('the refund to fail', async () => (await shop.status(orderId)).operations.at(-1).state === 'failed')
    expect((await shop.status(orderId)).operations.at(-1).reason).toBe('illegal-transition')
    expect(await shop.ledger(orderId)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
  })
})

/** Somebody refunds in the provider's own dashboard. */
async function elsewhere(chargeId: string, amountMinor: number): Promise<void> {
  await shop.ask('POST', `/gateway/charges/${chargeId}/refund`, { amount: { amount: amountMinor, currency: 'EUR' } }, newId())
}

describe('cash on delivery', () => {
  test('is promised at once and received with the parcel', async () => {
    const orderId = await shop.place({ method: 'cash-on-delivery' })
    await shop.told(orderId, 'authorized')
    await shop.facts.shipped(orderId)
    await shop.facts.delivered(orderId)
    await shop.told(orderId, 'captured')
    expect(await shop.ledger(orderId)).toEqual({ cash_clearing: 1299, revenue: -1299 })
    expect((await refund(orderId)).body.state).toBe('succeeded')
    await shop.told(orderId, 'refunded')
    expect(await shop.ledger(orderId)).toEqual({})
  })
})

describe('a bank transfer', () => {
  test('is awaited with the details to pay by, and received when staff book it, once', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    await shop.room.settled()
    expect(await shop.status(orderId)).toMatchObject({
      state: 'none',
      transfer: { reference: shop.orderOf(orderId).number, iban: expect.stringMatching(/^DE/) },
    })
    const booked = await Promise.all([1, 2, 3].map(() => shop.room.call(BookReceipt, { orderId })))
    expect(booked).toEqual([{ booked: true }, { booked: true }, { booked: true }])
    await shop.told(orderId, 'captured')
    expect(await shop.outcomes(orderId)).toEqual(['captured'])
    expect(await shop.ledger(orderId)).toEqual({ bank_clearing: 1299, revenue: -1299 })
    await shop.facts.cancelled(orderId)
    await shop.told(orderId, 'refunded')
    expect(await shop.ledger(orderId)).toEqual({})
  })

  test('of a cancelled order, or of one paid otherwise, cannot be booked', async () => {
    const cancelled = await shop.place({ method: 'bank-transfer' })
    await shop.facts.cancelled(cancelled)
    await shop.told(cancelled, 'voided')
    expect(await shop.room.call(BookReceipt, { orderId: cancelled })).toMatchObject({ refused: 'illegal-transition' })
    expect(await shop.room.call(BookReceipt, { orderId: await authorised() })).toMatchObject({ refused: 'illegal-transition' })
    expect(await shop.room.call(BookReceipt, { orderId: newId() })).toMatchObject({ refused: 'illegal-transition' })
  })

  test('that does not come by its deadline is told as timed-out', async () => {
    const orderId = await shop.place({ method: 'bank-transfer' })
    await shop.facts.deadlinePassed(orderId)
    await shop.told(orderId, 'timed-out')
  })
})

describe('the ledger', () => {
  const db = () => shop.room.db('payments')

  test('is append-only', async () => {
    await captured()
    await expect(db().run(sql`UPDATE ledger_postings SET amount_minor = amount_minor + 1`)).rejects.toThrow('append-only')
    await expect(db().run(sql`DELETE FROM ledger_entries`)).rejects.toThrow('append-only')
    await expect(db().run(sql`TRUNCATE ledger_postings`)).rejects.toThrow('append-only')
  })

  test('takes no entry that does not balance', async () => {
    const lopsided = sql`
      WITH e AS (INSERT INTO ledger_entries (kind, external_ref, order_id, operation_id) VALUES ('sale', gen_random_uuid(), gen_random_uuid(), gen_random_uuid()) RETURNING id)
      INSERT INTO ledger_postings SELECT id, a, m, 'EUR' FROM e, (VALUES ('revenue', -5), ('bank_clearing', 4)) AS p(a, m)`
    await expect(db().run(lopsided)).rejects.toThrow('does not balance')
    const empty = sql`INSERT INTO ledger_entries (kind, external_ref, order_id, operation_id) VALUES ('sale', gen_random_uuid(), gen_random_uuid(), gen_random_uuid())`
    await expect(db().run(empty)).rejects.toThrow('does not balance')
  })

  test('books nothing twice', async () => {
    const orderId = await captured()
    const again = sql`INSERT INTO ledger_entries (kind, external_ref, order_id, operation_id) SELECT kind, external_ref, order_id, operation_id FROM ledger_entries WHERE order_id = ${orderId}`
    await expect(db().run(again)).rejects.toThrow('ledger_entry_once')
  })

  test('and operations keep what is sent under a key', async () => {
    await expect(db().run(sql`UPDATE payment_ops SET amount_minor = amount_minor + 1`)).rejects.toThrow('keeps its parameters')
  })
})

describe('many at once', () => {
  test('a hundred orders placed in one go are charged once each', async () => {
    const orderIds = await Promise.all(Array.from({ length: 100 }, () => shop.place()))
    for (const orderId of orderIds) await shop.told(orderId, 'authorized')
    const { items } = (await shop.room.call(PaymentsOf, { orderIds })) as { items: { state: string }[] }
    expect(items.map((one) => one.state)).toEqual(orderIds.map(() => 'authorized'))
    for (const orderId of orderIds) expect(await shop.charges(orderId)).toHaveLength(1)
  })

  test('and the doctor is content with all of it', async () => {
    await shop.room.settled()
    const checks = await shop.doctor()
    expect(checks.filter((one) => one.broken > 0 && one.name !== 'no open difference between operations, gateway and ledger')).toEqual([])
    expect(checks.filter((one) => one.examined === 0)).toEqual([])
  })
})
