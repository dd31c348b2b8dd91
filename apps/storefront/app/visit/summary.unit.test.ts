import { expect, test } from 'vitest'
import { summaryOf } from './summary.ts'

test('a short text is told whole, in one line', () => {
  expect(summaryOf('  Holds\n\tcoffee. ')).toBe('Holds coffee.')
})

test('a long text ends at a word, within what is shown', () => {
  const summary = summaryOf('good things '.repeat(40))
  expect(summary).toMatch(/ (good|things)…$/)
  expect(summary.length).toBeLessThanOrEqual(160)
})

test.each([159, 160, 161])('when %i letters come before a character of two halves, none is left alone', (letters) => {
  expect(summaryOf(`${'x'.repeat(letters)}${'😀'.repeat(10)}`).isWellFormed()).toBe(true)
})
