import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { decideBatch, type Checked } from './import.ts'
import { contentOf, type Stored } from './product.ts'

let made = 0
const ids = { newId: () => `new-${++made}`, now: '2026-11-21T00:00:00.000Z' }
function line(number: number, name: string, ...skus: string[]): Checked {
  const checked = contentOf({ name, variants: skus.map((sku) => ({ sku, price: { amount: 1, currency: 'EUR' } })) })
  if ('errors' in checked) throw new Error('bad sample')
  return { line: number, content: checked.content }
}
function storedFrom(lines: readonly Checked[]) {
  const { changes } = decideBatch(lines, { owners: new Map(), products: new Map() }, ids)
  return {
    owners: new Map(changes.flatMap(({ product }) => product.details.variants.map((one) => [one.sku, product.id] as const))),
    products: new Map<string, Stored>(changes.map(({ product }) => [product.id, product])),
  }
}
const none = { owners: new Map<string, string>(), products: new Map<string, Stored>() }

describe('a batch of lines', () => {
  test('new SKUs are created, known ones updated, equal ones left', () => {
    const known = storedFrom([line(1, 'A', 'a'), line(2, 'B', 'b')])
    const decided = decideBatch([line(1, 'A', 'a'), line(2, 'B2', 'b'), line(3, 'C', 'c')], known, ids)
    expect(decided.counts).toEqual({ read: 3, created: 1, updated: 1, unchanged: 1, failed: 0 })
    expect(decided.changes.map((one) => [one.kind, one.product.name, one.product.version])).toEqual([
      ['changed', 'B2', 2],
      ['created', 'C', 1],
    ])
    expect(decided.named).toHaveLength(3)
  })

  test('several lines of one product make one version, the last line wins', () => {
    const decided = decideBatch([line(1, 'First', 'a', 'x'), line(2, 'Second', 'a'), line(3, 'Second', 'a')], none, ids)
    expect(decided.changes).toMatchObject([
      { kind: 'created', slugBase: 'second', retired: ['x'], product: { name: 'Second', version: 1 } },
    ])
    expect(decided.counts).toMatchObject({ created: 1, updated: 1, unchanged: 1 })
  })

  test('a SKU that comes back within a batch is not retired', () => {
    const known = storedFrom([line(1, 'A', 'a', 'x')])
    expect(decideBatch([line(1, 'A2', 'a'), line(2, 'A3', 'a', 'x')], known, ids).changes).toMatchObject([
      { kind: 'changed', retired: [], product: { version: 2 } },
    ])
  })

  test('a line over SKUs of two products is an error, whether they were known or came in the batch', () => {
    const known = storedFrom([line(1, 'A', 'a')])
    const decided = decideBatch(
      [line(4, 'B', 'b'), line(5, 'Both', 'a', 'b'), { line: 6, code: 'invalid-json', message: 'is not JSON' }],
      known,
      ids,
    )
    expect(decided.errors).toEqual([
      { line: 5, code: 'sku-taken', message: 'its SKUs belong to 2 different products' },
      { line: 6, code: 'invalid-json', message: 'is not JSON' },
    ])
    expect(decided.counts).toEqual({ read: 3, created: 1, updated: 0, unchanged: 0, failed: 2 })
  })

  test('whatever the lines, counts add up, no SKU has two owners, and the same batch again changes nothing', () => {
    const sample = fc.array(
      fc.tuple(fc.constantFrom('A', 'B'), fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 })),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(sample, (given) => {
        const lines = given.map(([name, skus], index) => line(index + 1, name, ...skus))
        const { counts, changes, named } = decideBatch(lines, none, ids)
        expect(counts.created + counts.updated + counts.unchanged + counts.failed).toBe(lines.length)
        expect(changes).toHaveLength(counts.created)
        expect(new Set(named).size).toBe(changes.length)
        const sold = changes.flatMap((one) => one.product.details.variants.map((variant) => variant.sku))
        expect(new Set(sold).size).toBe(sold.length)
        const lastOf = new Map(changes.map((one) => [one.product.id, one.product]))
        const owners = new Map(
          changes.flatMap((one) =>
            [...one.retired, ...one.product.details.variants.map((variant) => variant.sku)].map((sku) => [sku, one.product.id] as const),
          ),
        )
        const again = decideBatch(
          [...lastOf.values()].map((one, index) => line(index, one.name, ...one.details.variants.map((variant) => variant.sku))),
          { owners, products: lastOf },
          ids,
        )
        expect(again.changes).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
