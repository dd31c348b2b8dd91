import { expect, it } from 'vitest'
import { delaysOf } from './webhooks.ts'

it('without a seed a notice is sent once and at once', () => {
  expect(delaysOf(5, undefined, 1000)).toEqual([0])
})

it('with a seed the plan of repeats and delays depends on that seed alone', () => {
  expect(delaysOf(5, 'a', 1000)).toEqual(delaysOf(5, 'a', 1000))
  const plans = Array.from({ length: 50 }, (_, seq) => delaysOf(seq, 'a', 1000))
  expect(new Set(plans.map((plan) => plan.length))).toEqual(new Set([1, 2, 3]))
  expect(Math.max(...plans.flat())).toBeLessThan(1000)
  expect(plans).not.toEqual(Array.from({ length: 50 }, (_, seq) => delaysOf(seq, 'b', 1000)))
})
