import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timing: { lateMs: 400 } })
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
    ['tok_timeout_lost', ['unknown', 'timed-out'], 'failed'],
  ] as const)('%s is told %j', async (token, outcomes, state) => {
    const orderId = await shop.place({ token })
    await shop.told(orderId, outcomes.at(-1) as string)
    await shop.room.settled()
    expect(await shop.outcomes(orderId)).toEqual(outcomes)
    expect((await shop.status(orderId)).state).toBe(state)
    const charges = await shop.charges(orderId)
    expect(charges.filter((one) => one.state === 'authorized')).toHaveLength(state === 'authorized' ? 1 : 0)
  })
})
