import { expect, test } from 'vitest'
import { differences, inOrder, type Table } from './tables.ts'

const table = (name: string, ...refersTo: string[]): Table => ({
  name,
  refersTo,
  columns: [{ name: 'id', type: 'uuid', generated: false }],
})
const names = (tables: readonly Table[]) => tables.map((one) => one.name)

test('each table comes after those it refers to, whatever the order they are found in', () => {
  const [lines, orders, people, notes] = [table('lines', 'orders'), table('orders', 'people'), table('people'), table('notes')]
  const ordered = names(inOrder([lines, notes, orders, people]))
  expect(ordered.indexOf('people')).toBeLessThan(ordered.indexOf('orders'))
  expect(ordered.indexOf('orders')).toBeLessThan(ordered.indexOf('lines'))
  expect(ordered.toSorted()).toEqual(['lines', 'notes', 'orders', 'people'])
})

test('tables that refer to each other in a circle are named', () => {
  expect(() => inOrder([table('a', 'b'), table('b', 'a'), table('c')])).toThrow('circle: a, b')
})

test('a reference to a table that is not copied is no hindrance', () => {
  expect(names(inOrder([table('a', 'elsewhere')]))).toEqual(['a'])
})

test('databases alike differ in nothing; tables, columns and sequences that are at one side only are told', () => {
  const here = { tables: [table('a'), table('b')], sequences: ['s'] }
  expect(differences(here, here)).toEqual([])
  const there = {
    tables: [table('a'), { ...table('b'), columns: [{ name: 'id', type: 'bigint', generated: false }] }, table('c')],
    sequences: [],
  }
  expect(differences(here, there)).toEqual([
    'only where it is now: b (id uuid)',
    'only where it is now: the sequence s',
    'only where it goes: b (id bigint)',
    'only where it goes: c (id uuid)',
  ])
})
