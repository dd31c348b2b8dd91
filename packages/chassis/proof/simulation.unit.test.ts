import { expect, test } from 'vitest'
import { MUST_HAPPEN, simulate, simulateMany } from './simulation.ts'

test('2,000 seeds of rivals, crashes, lost commits and poison break no promise, and every fault happened', {
  timeout: 60_000,
}, async () => {
  const { events, seen } = await simulateMany(1, 2000)
  expect(events).toBeGreaterThan(10_000)
  expect(MUST_HAPPEN.filter((what) => !seen.has(what))).toEqual([])
})

test('the same seed makes the same run', async () => {
  const [first, again, other] = [await simulate(4711), await simulate(4711), await simulate(4712)]
  expect(again).toEqual(first)
  expect(other).not.toEqual({ ...first, seed: 4712 })
})
