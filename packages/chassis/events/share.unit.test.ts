import { expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { ALONE, belongsTo } from './share.ts'

const streams = ['order.events', 'stock.events', 'payment.events', 'catalog.events', 'cart.events']
const parts = Array.from({ length: PARTITIONS }, (_, part) => part)
const members = Array.from({ length: 9 }, (_, index) => `01900000-0000-7000-8000-00000000000${index}`)
const ownersOf = (stream: string, among: readonly string[]) => parts.map((part) => among.filter((id) => belongsTo(id, among, stream, part)))

test('each partition belongs to exactly one of the members, whoever they are', () => {
  for (let count = 1; count <= members.length; count++)
    for (const stream of streams) for (const owners of ownersOf(stream, members.slice(0, count))) expect(owners).toHaveLength(1)
})

test('the members of a stream have as many partitions each, or one more', () => {
  for (let count = 1; count <= members.length; count++)
    for (const stream of streams) {
      const owners = ownersOf(stream, members.slice(0, count)).flat()
      const counts = members.slice(0, count).map((id) => owners.filter((one) => one === id).length)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    }
})

test('streams of one partition’s work do not all begin with the same member', () => {
  expect(new Set(streams.map((stream) => ownersOf(stream, members)[0]?.[0])).size).toBeGreaterThan(1)
})

test('who is no member owns nothing; who is alone owns all', () => {
  for (const part of parts) {
    expect(belongsTo('stranger', members, 'order.events', part)).toBe(false)
    expect(belongsTo('anybody', [], 'order.events', part)).toBe(false)
    expect(ALONE.has('order.events', part)).toBe(true)
  }
})
