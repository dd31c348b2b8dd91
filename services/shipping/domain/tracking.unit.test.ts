import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ANNOUNCED, CANCELLED, DELIVERED, HANDED_OVER, makeTrackingNumber, STILLBORN } from './tracking.ts'

describe('the steps of a shipment', () => {
  test('when it has left, it can no longer be cancelled, and what ended takes no step', () => {
    const steps = [ANNOUNCED, STILLBORN, HANDED_OVER, DELIVERED, CANCELLED]
    const next = (state: string) => steps.filter((step) => (step.from as string[]).includes(state)).map((step) => step.to)
    expect(next('announced')).toEqual(['in-transit', 'delivered', 'cancelled'])
    expect(next('in-transit')).toEqual(['delivered'])
    expect(next('delivered')).toEqual([])
    expect(next('cancelled')).toEqual([])
  })
})

describe('makeTrackingNumber', () => {
  test('when made again for one shipment it is the same, for another or with another secret it is not', () => {
    const secret = createSecretKey(Buffer.alloc(32, 1))
    const number = makeTrackingNumber(secret, 'a')
    expect(number).toMatch(/^ST\d{16}$/)
    expect(makeTrackingNumber(secret, 'a')).toBe(number)
    expect(makeTrackingNumber(secret, 'b')).not.toBe(number)
    expect(makeTrackingNumber(createSecretKey(Buffer.alloc(32, 2)), 'a')).not.toBe(number)
  })
})
