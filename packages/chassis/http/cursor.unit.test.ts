import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beginOfPage, decodeCursor, encodeCursor } from './cursor.ts'

const scope = fc.record({ sort: fc.string(), owner: fc.uuid() })
const position = fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 4 })

test('a cursor leads back to its position in its own list', () => {
  fc.assert(
    fc.property(scope, position, (list, at) => {
      expect(decodeCursor(list, encodeCursor(list, at))).toEqual(at)
    }),
  )
})

test('a cursor taken to another list is none', () => {
  fc.assert(
    fc.property(scope, scope, position, (list, other, at) => {
      fc.pre(JSON.stringify(list) !== JSON.stringify(other))
      expect(decodeCursor(other, encodeCursor(list, at))).toBeUndefined()
    }),
  )
})

test('any other text is no cursor, and never an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((text) => Buffer.from(text).toString('base64url')),
      ),
      (text) => {
        expect(decodeCursor({ sort: 'name' }, text)).toBeUndefined()
      },
    ),
  )
})

test('a cursor can stand in an address as it is', () => {
  fc.assert(
    fc.property(scope, position, (list, at) => {
      expect(encodeCursor(list, at)).toMatch(/^[\w-]+$/)
    }),
  )
})

test('a list by id begins at the first page, at the id of its cursor, and nowhere else', () => {
  const id = '0198c0de-0000-7000-8000-000000000001'
  expect([beginOfPage('list', undefined), beginOfPage('list', encodeCursor('list', [id]))]).toEqual([null, id])
  for (const forged of [[], [null], [7], ['x'], [`${id} OR 1=1`], [[id]], [id, 1]])
    expect([forged, beginOfPage('list', encodeCursor('list', forged))]).toEqual([forged, undefined])
  expect(beginOfPage('list', encodeCursor('other', [id]))).toBeUndefined()
})
