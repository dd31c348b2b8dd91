import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.stop())

describe('each card of the sandbox', () => {
  test.each([
    ['tok_ok', ['authorized'], 'authorized'],
    ['tok_slow', ['authorized'], 'authorized'],
    ['tok_timeout_charged', ['authorized'], 'authorized'],
    ['tok_error_then_ok', ['authorized'], 'authorized'],
    ['tok_webhook_first', ['authorized'], 'authorized'],
    ['tok_declined', ['declined'], 'failed'],
    ['tok_insufficient_funds', ['declined'], 'failed'],
    ['tok_nobody_issued_this', ['declined'], 'failed'],
    ['tok_timeout_lost', ['unknown', 'timed-out'], 'failed'],
  ] as const)('%s is told %j', async (token, outcomes, state) => {
    const orderId = await shop.place({ token })
    await shop.told(orderId, outcomes.at(-1) as string)
    await shop.room.settled()
    expect(await shop.outcomes(orderId)).toEqual(outcomes)
    expect((await shop.status(orderId)).state).toBe(state)
    const charges = await shop.charges(orderId)
    expect(charges.filter((one) => one.state === 'authorized')).toHaveLength(state === 'authorized' ? 1 : 0)
    expect(await shop.ledger(orderId)).toEqual({})
  })

  test('tok_late fails, and its late success on the cancelled order is released by itself', async () => {
    const orderId = await shop.place({ token: 'tok_late' })
    await shop.told(orderId, 'declined')
    await shop.facts.cancelled(orderId, 'payment-declined')
    const [charge] = await shop.charges(orderId)
    await shop.control('late-now', { chargeId: charge?.id })
    await shop.told(orderId, 'voided')
    expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['voided'])
    expect((await shop.status(orderId)).state).toBe('voided')
  })

  test('tok_3ds waits for the shopper’s step on the provider’s page, then is authorised', async () => {
    const orderId = await shop.place({ token: 'tok_3ds' })
    await shop.told(orderId, 'requires-action')
    const { state, nextAction } = await shop.status(orderId)
    expect(state).toBe('requires-action')
    await step(nextAction.url, 'decision=confirm')
    await shop.told(orderId, 'authorized')
  })

  test('tok_3ds that the shopper turns down is declined', async () => {
    const orderId = await shop.place({ token: 'tok_3ds' })
    await shop.told(orderId, 'requires-action')
    await step((await shop.status(orderId)).nextAction.url, 'decision=fail')
    await shop.told(orderId, 'declined')
  })

  test('tok_3ds whose order is cancelled meanwhile cannot be paid any more', async () => {
    const orderId = await shop.place({ token: 'tok_3ds' })
    await shop.told(orderId, 'requires-action')
    const { nextAction } = await shop.status(orderId)
    await shop.facts.cancelled(orderId)
    await shop.until('the page to be closed', async () => (await shop.status(orderId)).state === 'failed')
    expect(await step(nextAction.url, 'decision=confirm')).toBe(409)
    expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['failed'])
  })

  test('tok_3ds whose step and whose order’s cancel come in one moment keeps nothing', async () => {
    for (let round = 0; round < 5; round++) {
      const orderId = await shop.place({ token: 'tok_3ds' })
      await shop.told(orderId, 'requires-action')
      const { nextAction } = await shop.status(orderId)
      await Promise.all([step(nextAction.url, 'decision=confirm'), shop.facts.cancelled(orderId)])
      await shop.until('nothing to be kept', async () => {
        const [charge] = await shop.charges(orderId)
        return charge?.state === 'failed' || charge?.state === 'voided'
      })
    }
  })

  test('tok_3ds whose deadline passes ends with proof, and the step comes too late', async () => {
    const orderId = await shop.place({ token: 'tok_3ds' })
    await shop.told(orderId, 'requires-action')
    const { nextAction } = await shop.status(orderId)
    await shop.facts.deadlinePassed(orderId)
    await shop.told(orderId, 'timed-out')
    expect(await step(nextAction.url, 'decision=confirm')).toBe(409)
    expect((await shop.charges(orderId)).map((one) => one.state)).toEqual(['failed'])
  })
})

describe('the provider’s own page', () => {
  test('is answered by PreparePayment, the same one again, and paid on after the order was placed', async () => {
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    expect(prepared).toMatchObject({ state: 'requires-action', nextAction: { type: 'redirect' } })
    expect((await shop.prepare({ token: undefined, orderId })).prepared).toEqual(prepared)
    await shop.facts.created(orderId)
    await step(urlOf(prepared), 'card=tok_ok')
    await shop.told(orderId, 'authorized')
    expect(await shop.outcomes(orderId)).toEqual(['requires-action', 'authorized'])
  })

  test('paid on before the order is placed, tells the order when it comes', async () => {
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    await step(urlOf(prepared), 'card=tok_ok')
    await shop.until('the notice to be applied', async () => (await shop.status(orderId)).state === 'authorized')
    expect(await shop.outcomes(orderId)).toEqual([])
    await shop.facts.created(orderId)
    await shop.told(orderId, 'authorized')
  })

  test('that nobody paid on is closed when the deadline passes', async () => {
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    await shop.facts.created(orderId)
    await shop.facts.deadlinePassed(orderId)
    await shop.told(orderId, 'timed-out')
    expect(await step(urlOf(prepared), 'card=tok_ok')).toBe(409)
    expect(await shop.charges(orderId)).toEqual([])
  })

  test('of an order that never came is closed after an hour', async () => {
    const { orderId, prepared } = await shop.prepare({ token: undefined })
    await shop.room.advance(4000)
    await shop.until('the page to be closed', async () => (await shop.status(orderId)).state === 'failed')
    expect(await step(urlOf(prepared), 'card=tok_ok')).toBe(409)
  })
})

describe('the card’s token', () => {
  test('lies sealed until it is used, and is wiped then', async () => {
    const { orderId } = await shop.prepare({ token: 'tok_slow' })
    expect(await secretsOf(orderId)).toEqual([expect.stringMatching(/^[\w-]{40,}$/)])
    expect((await secretsOf(orderId)).join()).not.toContain('tok_slow')
    await shop.facts.created(orderId)
    await shop.told(orderId, 'authorized')
    expect(await secretsOf(orderId)).toEqual([null])
  })

  test('of an order that never came is wiped after an hour', async () => {
    const { orderId } = await shop.prepare({ token: 'tok_ok' })
    await shop.room.advance(4000)
    await shop.until('the token to be wiped', async () => (await secretsOf(orderId))[0] === null)
    await shop.facts.created(orderId)
    await shop.told(orderId, 'timed-out')
    expect(await shop.charges(orderId)).toEqual([])
  })
})

async function secretsOf(orderId: string): Promise<(string | null)[]> {
  const rows = await shop.room
    .db('payments')
    .rows<{ secrets: string | null }>(sql`SELECT secrets FROM payment_ops WHERE order_id = ${orderId}`)
  return rows.map((row) => row.secrets)
}

function urlOf(prepared: object): string {
  return (prepared as { nextAction: { url: string } }).nextAction.url
}

/** A click on the provider's page; answers the status. */
async function step(url: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return (await fetch(url, { method: 'POST', body, headers, redirect: 'manual' })).status
}
