import { expect, test } from 'vitest'
import { countText, moneyText, spanText } from './format.ts'
import { swatchColours } from './swatch-colours.ts'

test.each([
  [1299, 'EUR', '€12.99'],
  [5, 'EUR', '€0.05'],
  [-250, 'EUR', '-€2.50'],
  [123_456_789, 'EUR', '€1,234,567.89'],
  [500, 'JPY', 'JP¥500'],
  [9_007_199_254_740_991, 'EUR', '€90,071,992,547,409.91'],
])('when %i minor units of %s are shown, every digit is right', (amount, currency, text) => {
  expect(moneyText({ amount, currency })).toBe(text)
})

test('when both ends of a span are one day, it is said once', () => {
  expect(spanText('2026-11-24', '2026-11-24')).toBe('Tue 24 Nov')
  expect(spanText('2026-11-24', '2026-11-26')).toBe('Tue 24 Nov – Thu 26 Nov')
})

test('when things are counted, one is one', () => {
  expect(countText(1, 'thing', 'things')).toBe('1 thing')
  expect(countText(1200, 'thing', 'things')).toBe('1,200 things')
})

test('when a colour has a name we know, its swatch is found, also in two parts; else there is none', () => {
  expect(swatchColours('Deep Terracotta')).toHaveLength(1)
  expect(swatchColours('oak / black')).toHaveLength(2)
  expect(swatchColours('A5 dotted')).toBeNull()
})
