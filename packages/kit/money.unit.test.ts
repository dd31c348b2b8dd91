import fc from 'fast-check'
import { expect, test } from 'vitest'
import { amountIn, money, shareHalfEven, sum } from './money.ts'

const amount = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 })

test('amounts are whole and safe, or no money', () => {
  fc.assert(
    fc.property(amount, (one) => {
      expect(money(one, 'EUR')).toEqual({ amount: one, currency: 'EUR' })
    }),
  )
  for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) expect(() => money(bad, 'EUR')).toThrow(RangeError)
})

test('a sum is the sum of its amounts in any order, and of nothing nothing', () => {
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 50 }), (amounts) => {
      const all = amounts.map((one) => money(one, 'EUR'))
      const total = amounts.reduce((whole, one) => whole + one, 0)
      expect(sum(all, 'EUR')).toEqual(money(total, 'EUR'))
      expect(sum(all.toReversed(), 'EUR')).toEqual(money(total, 'EUR'))
    }),
  )
})

test('currencies do not mix', () => {
  expect(() => sum([money(1, 'EUR'), money(1, 'USD')], 'EUR')).toThrow('USD where EUR is expected')
  expect(() => amountIn(money(1, 'EUR'), 'USD')).toThrow(RangeError)
})

test('a share is the nearest whole amount; of two equally near ones the even', () => {
  fc.assert(
    fc.property(
      amount,
      fc.integer({ min: -100_000, max: 100_000 }),
      fc.integer({ min: 1, max: 100_000 }),
      (whole, numerator, denominator) => {
        fc.pre(Math.abs((whole * numerator) / denominator) < 2 ** 52)
        const share = BigInt(shareHalfEven(whole, numerator, denominator))
        const exact = BigInt(whole) * BigInt(numerator)
        const off = 2n * (share * BigInt(denominator) - exact)
        const distance = off < 0n ? -off : off
        expect(distance <= BigInt(denominator)).toBe(true)
        if (distance === BigInt(denominator)) expect(share % 2n).toBe(0n)
      },
    ),
  )
})

test.each([
  [5, 1, 2, 2],
  [7, 1, 2, 4],
  [-5, 1, 2, -2],
  [-7, 1, 2, -4],
  [125, 1, 10, 12],
  [135, 1, 10, 14],
  [126, 1, 10, 13],
  [1999, 19, 119, 319],
])('%i × %i / %i is %i', (whole, numerator, denominator, share) => {
  expect(shareHalfEven(whole, numerator, denominator)).toBe(share)
})

test('a share and what is left of it make the whole again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.integer({ min: 0, max: 100 }), (whole, percent) => {
      const tax = shareHalfEven(whole, percent, 100 + percent)
      expect(tax + (whole - tax)).toBe(whole)
      expect(tax).toBeGreaterThanOrEqual(0)
      expect(tax).toBeLessThanOrEqual(whole)
    }),
  )
})

test('nothing is shared among none or fewer', () => {
  expect(() => shareHalfEven(1, 1, 0)).toThrow(RangeError)
  expect(() => shareHalfEven(1, 1, -1)).toThrow(RangeError)
})
