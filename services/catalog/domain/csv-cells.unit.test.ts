import fc from 'fast-check'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { cellOf, documentCell, documentOf, listCell, listOf, textCell, textOf, unguarded } from './csv-cells.ts'

const odd = fc.string({
  unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ',', '|', '[', ' ', 'a', '😀'),
  maxLength: 8,
})
/** Once through a file. */
const through = (cell: string) => unguarded((parse(`head,end\r\n${cellOf(cell)},end\r\n`) as string[][])[1]?.[0] as string)

test('any text comes back from a cell as it was, and none begins a formula', () => {
  fc.assert(
    fc.property(odd, (text) => {
      expect(through(text)).toBe(text)
      expect(cellOf(text)).not.toMatch(/^"?[=+\-@\t\r]/)
    }),
  )
})

const line = odd.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '')

test('lists of lines come back as they were', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (values) => {
      expect(listOf(through(listCell(values)))).toEqual(values)
    }),
  )
})

test('texts with blanks around them and documents come back as they were', () => {
  fc.assert(
    fc.property(odd, fc.dictionary(odd, odd, { minKeys: 1 }), (text, value) => {
      expect(textOf(through(textCell(text)))).toBe(text)
      expect(JSON.stringify(documentOf(through(documentCell(value))))).toBe(JSON.stringify(value))
    }),
  )
})

test('nothing is blank, and blank is nothing', () => {
  expect([listCell([]), textCell(null), documentCell({}), documentCell([])]).toEqual(['', '', '', ''])
  expect([listOf(''), textOf(' '), documentOf(' ')]).toEqual([undefined, undefined, undefined])
})
