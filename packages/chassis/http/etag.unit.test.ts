import { expect, test } from 'vitest'
import { namesVersion } from './etag.ts'

test.each([
  ['7', 7, true],
  ['6, 7', 7, true],
  ['*', 7, true],
  ['6', 7, false],
  ['77', 7, false],
  ['', 7, false],
])('If-Match %j against version %i: %s', (ifMatch, version, named) => {
  expect(namesVersion(ifMatch, version)).toBe(named)
})
