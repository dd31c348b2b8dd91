import { expect, test } from 'vitest'
import { bufferMegabytes } from './buffers.ts'

const MB = 1024 ** 2
const GB = 1024 ** 3

test.each([
  ['a new shop', 60 * MB, 24 * GB, 96],
  ['half of the data', 3 * GB, 24 * GB, 1536],
  ['at most an eighth of the memory', 40 * GB, 24 * GB, 3072],
  ['a large shop on a small machine', 40 * GB, GB, 128],
  ['never less than a small shop has', 40 * GB, 0.5 * GB, 96],
])('%s', (_, data, memory, megabytes) => {
  expect(bufferMegabytes(data, memory)).toBe(megabytes)
})
