import { expect, test } from 'vitest'
import { messageOf } from './messages.ts'

test('when a field has a name that cannot be stored, the sentence about it can', () => {
  const said = messageOf([
    { path: 'attributes.a\0b', code: 'forbidden-character', message: 'is odd' },
    { path: 'options.\ud800', code: 'unknown-field', message: 'is not a known field' },
  ])
  expect(said).toBe('attributes.a\ufffdb is odd; options.\ufffd is not a known field')
})
