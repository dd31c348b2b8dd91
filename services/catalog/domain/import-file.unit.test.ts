import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { headerFault, RowGatherer } from './csv.ts'
import { BatchGatherer, LINE_BYTES_MAX, LineSplitter } from './import-file.ts'

function split(chunks: readonly Buffer[]) {
  const splitter = new LineSplitter()
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]
}

describe('lines', () => {
  test('however the chunks fall, the lines and their numbers are the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }).filter((line) => !/[\n\r]/.test(line))),
        fc.array(fc.nat(200)),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.join('\n'))
          const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
          const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
          const expected = lines.flatMap((line, index) => {
            const text = (index === 0 ? line.replace(/^\uFEFF/, '') : line).trim()
            return text === '' ? [] : [{ line: index + 1, text }]
          })
          expect(split(chunks)).toEqual(expected)
        },
      ),
    )
  })

  test('a line that is too long is named, and the next one is read', () => {
    const long = Buffer.alloc(LINE_BYTES_MAX, 'x')
    expect(split([Buffer.from('first\n'), long, long, Buffer.from('\nlast')])).toEqual([
      { line: 1, text: 'first' },
      { line: 2, code: 'line-too-long', message: expect.any(String) },
      { line: 3, text: 'last' },
    ])
  })

  test('batches are full at a number of lines or of bytes, and nothing is lost', () => {
    const gatherer = new BatchGatherer()
    const batches = Array.from({ length: 450 }, (_, index) => gatherer.add({ line: index, text: 'x' })).filter((one) => one !== undefined)
    const last = gatherer.end()
    expect([...batches, last].map((one) => (JSON.parse(one as string) as unknown[]).length)).toEqual([200, 200, 50])
    expect(gatherer.end()).toBeUndefined()
    expect(gatherer.add({ line: 1, text: 'y'.repeat(BatchGatherer.BYTES_MAX) })).toBeDefined()
  })
})

describe('CSV', () => {
  test('a header is told what is unknown, double or missing', () => {
    expect(headerFault(['name', 'sku', 'price', 'option:size', 'attr:a b'])).toBeUndefined()
    expect(headerFault(['name', 'sku', 'priceMinor'])).toBeUndefined()
    expect(headerFault(['name', 'sku', 'price', 'Colour'])).toContain('"Colour"')
    expect(headerFault(['name', 'sku', 'sku', 'price'])).toContain('sku')
    expect(headerFault(['name'])).toBe('missing columns: sku, price')
  })

  test.each([
    ['12.99', 'EUR', 1299],
    ['12', 'EUR', 1200],
    ['12.5', 'EUR', 1250],
    ['7', 'JPY', 7],
    ['7.5', 'JPY', '7.5'],
    ['1.234', 'EUR', '1.234'],
    ['1.234', 'KWD', 1234],
    ['-1', 'EUR', '-1'],
    ['1,50', 'EUR', '1,50'],
  ])('the price %s %s is %s', (price, currency, amount) => {
    const rows = new RowGatherer('EUR')
    rows.add(2, { name: 'N', sku: 'S', price, currency })
    expect(rows.end()).toEqual([{ line: 2, product: { name: 'N', variants: [{ sku: 'S', price: { amount, currency } }] } }])
  })

  test('rows without a product key are products of their own', () => {
    const rows = new RowGatherer('EUR')
    expect(rows.add(2, { name: 'A', sku: 'a', priceMinor: '1' })).toEqual([])
    expect(rows.add(3, { name: 'B', sku: 'b', priceMinor: '2' })).toMatchObject([{ line: 2, product: { name: 'A' } }])
    expect(rows.end()).toMatchObject([{ line: 3, product: { name: 'B', variants: [{ price: { amount: 2, currency: 'EUR' } }] } }])
    expect(rows.end()).toEqual([])
  })
})
