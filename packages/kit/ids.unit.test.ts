import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isId, newId } from './ids.ts'

test('ids are UUIDs of version 7 and its variant', () => {
  for (let index = 0; index < 2000; index++)
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('of ids made one after the other each is greater, also within one millisecond and when the clock goes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1_790_000_000_000, max: 1_790_000_000_003 }), { minLength: 2, maxLength: 400 }), (clock) => {
      const ids = clock.map((now) => newId(now))
      expect(ids.toSorted()).toEqual(ids)
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})

test('a burst of 10,000 ids within one millisecond has no repeat and stays in order', () => {
  const ids = Array.from({ length: 10_000 }, () => newId(1_800_000_000_000))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(ids)
})

test('an id begins with its time', () => {
  const later = 1_900_000_000_000
  expect(Number.parseInt(newId(later).replaceAll('-', '').slice(0, 12), 16)).toBe(later)
})

test('only UUIDs are ids', () => {
  expect(isId(newId())).toBe(true)
  expect(isId('00000000-0000-0000-0000-00000000000A')).toBe(true)
  for (const text of ['', 'x', newId().slice(1), `${newId()}0`, `${newId()}\n`, newId().replaceAll('-', '')]) expect(isId(text)).toBe(false)
})
