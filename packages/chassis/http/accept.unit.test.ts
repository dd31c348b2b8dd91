import { expect, test } from 'vitest'
import { preferredType } from './accept.ts'

const types = ['application/x-ndjson', 'text/csv'] as const

test.each([
  [undefined, 'application/x-ndjson'],
  ['', 'application/x-ndjson'],
  ['*/*', 'application/x-ndjson'],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV; charset=utf-8', 'text/csv'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/x-ndjson'],
  ['application/x-ndjson;q=0.5, text/*', 'text/csv'],
  ['application/x-ndjson, text/csv', 'application/x-ndjson'],
  ['*/*, application/x-ndjson;q=0', 'text/csv'],
  ['text/csv;q=0', undefined],
  ['image/png', undefined],
])('of JSON Lines and CSV, Accept %o wants %o', (accept, type) => {
  expect(preferredType(types, accept)).toBe(type)
})
