import fc from 'fast-check'
import { isRefusal } from '@stoa/chassis/contract.ts'
import { expect, test } from 'vitest'
import { adjust, availableUnits, reserve, type StockLevel } from './domain.ts'

const level = (sku: string, onHandUnits: number, reservedUnits = 0, warehouse = 'main'): StockLevel => ({
  sku,
  warehouse,
  productId: 'p',
  onHandUnits,
  reservedUnits,
  thresholdUnits: 5,
  version: 1,
})

test('when the last unit is already held, refuses with insufficient-stock and says how many are left', () => {
  const { outcomes, held } = reserve([level('a', 1, 1)], [{ lines: [{ sku: 'a', quantityUnits: 1 }] }])
  expect(outcomes[0]).toMatchObject({ refused: 'insufficient-stock', lines: [{ sku: 'a', availableUnits: 0 }] })
  expect(held).toEqual([])
})

test('when one line of an order falls short, none of its lines is held and every short line is named', () => {
  const { outcomes, held } = reserve(
    [level('a', 5), level('b', 1), level('c', 0)],
    [
      {
        lines: [
          { sku: 'a', quantityUnits: 1 },
          { sku: 'b', quantityUnits: 2 },
          { sku: 'c', quantityUnits: 1 },
        ],
      },
    ],
  )
  expect(outcomes[0]).toMatchObject({
    refused: 'insufficient-stock',
    lines: [
      { sku: 'b', availableUnits: 1 },
      { sku: 'c', availableUnits: 0 },
    ],
  })
  expect(held).toEqual([])
})

test('when a SKU stands on two lines, their sum counts', () => {
  const { outcomes } = reserve(
    [level('a', 3)],
    [
      {
        lines: [
          { sku: 'a', quantityUnits: 2 },
          { sku: 'a', quantityUnits: 2 },
        ],
      },
    ],
  )
  expect(outcomes[0]).toMatchObject({ refused: 'insufficient-stock' })
})

test('when a SKU was never opened, refuses with unknown-sku', () => {
  expect(reserve([], [{ lines: [{ sku: 'x', quantityUnits: 1 }] }]).outcomes[0]).toMatchObject({ refused: 'unknown-sku', skus: ['x'] })
})

test('when several orders want the last units, the first to come gets them', () => {
  const one = { lines: [{ sku: 'a', quantityUnits: 2 }] }
  const { outcomes, held } = reserve([level('a', 5)], [one, one, one])
  expect(outcomes.map((outcome) => isRefusal(outcome))).toEqual([false, false, true])
  expect(held).toEqual([{ sku: 'a', warehouse: 'main', units: 4 }])
})

test('when no warehouse has all units but together they do, the units come from several', () => {
  const { outcomes } = reserve([level('a', 2, 0, 'main'), level('a', 3, 0, 'north')], [{ lines: [{ sku: 'a', quantityUnits: 4 }] }])
  expect(outcomes[0]).toEqual([
    { sku: 'a', warehouse: 'north', units: 3 },
    { sku: 'a', warehouse: 'main', units: 1 },
  ])
})

test('when fewer would be left than orders hold, an adjustment is refused', () => {
  expect(adjust(level('a', 5, 3), { delta: -3 })).toMatchObject({ refused: 'insufficient-stock', availableUnits: 2 })
  expect(adjust(level('a', 5, 3), { setTo: 3 })).toEqual({ onHandUnits: 3, deltaUnits: -2 })
})

test('whatever is asked, no more is held than was available, and what is held equals what was granted', () => {
  const sku = fc.constantFrom('a', 'b', 'c')
  const levels = fc.uniqueArray(
    fc.record({
      sku,
      warehouse: fc.constantFrom('main', 'north'),
      onHand: fc.nat(20),
      reservedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { selector: (one) => `${one.sku}${one.warehouse}`, maxLength: 6 },
  )
  const requests = fc.array(
    fc.record({ lines: fc.array(fc.record({ sku, quantityUnits: fc.integer({ min: 1, max: 8 }) }), { minLength: 1, maxLength: 4 }) }),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(levels, requests, (given, asked) => {
      const stock = given.map((one) => level(one.sku, one.onHand, Math.floor(one.onHand * one.reservedShare), one.warehouse))
      const { outcomes, held } = reserve(stock, asked)
      for (const one of held)
        expect(one.units).toBeLessThanOrEqual(
          availableUnits(stock.find((row) => row.sku === one.sku && row.warehouse === one.warehouse) as StockLevel),
        )
      const granted = outcomes.flatMap((outcome) => (isRefusal(outcome) ? [] : outcome))
      expect(granted.reduce((sum, one) => sum + one.units, 0)).toBe(held.reduce((sum, one) => sum + one.units, 0))
      outcomes.forEach((outcome, index) => {
        if (isRefusal(outcome)) return
        expect(outcome.reduce((sum, one) => sum + one.units, 0)).toBe(asked[index]?.lines.reduce((sum, one) => sum + one.quantityUnits, 0))
      })
    }),
  )
})
