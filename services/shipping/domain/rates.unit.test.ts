import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterBusinessDays, optionsFor, type Parcel } from './rates.ts'

const friday = new Date('2026-11-20T23:30:00Z')
const saturday = new Date('2026-11-21T10:00:00Z')
const parcel = (more: Partial<Parcel> = {}): Parcel => ({
  from: 'DE',
  to: 'DE',
  weightGrams: 800,
  subtotal: { amount: 2_000, currency: 'EUR' },
  ...more,
})
const prices = (one: Parcel) => Object.fromEntries(optionsFor(one, friday).map((option) => [option.id, option.price.amount]))

describe('optionsFor', () => {
  test('when the parcel stays at home, both methods are offered with price and promised days', () => {
    expect(optionsFor(parcel(), friday)).toEqual([
      {
        id: 'standard',
        name: 'Standard',
        price: { amount: 390, currency: 'EUR' },
        promise: { earliest: '2026-11-23', latest: '2026-11-25' },
      },
      {
        id: 'express',
        name: 'Express',
        price: { amount: 990, currency: 'EUR' },
        promise: { earliest: '2026-11-23', latest: '2026-11-23' },
      },
    ])
  })

  test('when it weighs more than a step, the next step counts', () => {
    expect(prices(parcel({ weightGrams: 1_000 }))).toEqual({ standard: 390, express: 990 })
    expect(prices(parcel({ weightGrams: 1_001 }))).toEqual({ standard: 490, express: 1290 })
    expect(prices(parcel({ weightGrams: 31_500 }))).toEqual({ standard: 1490, express: 2990 })
  })

  test('when it weighs more than one parcel may, several are paid', () => {
    expect(prices(parcel({ weightGrams: 31_501 }))).toEqual({ standard: 1490 + 390, express: 2990 + 990 })
    expect(prices(parcel({ weightGrams: 63_000 }))).toEqual({ standard: 2980, express: 5980 })
  })

  test('when it would be more than fifty parcels, nothing is offered', () => {
    expect(optionsFor(parcel({ weightGrams: 50 * 31_500 }), friday)).toHaveLength(2)
    expect(optionsFor(parcel({ weightGrams: 50 * 31_500 + 1 }), friday)).toEqual([])
  })

  test('when the subtotal is high enough, standard is free in its zone and express is not', () => {
    const rich = { subtotal: { amount: 5_000, currency: 'EUR' } }
    expect(prices(parcel(rich))).toEqual({ standard: 0, express: 990 })
    expect(prices(parcel({ ...rich, to: 'FR' }))).toEqual({ standard: 990, express: 2490 })
    expect(prices(parcel({ to: 'FR', subtotal: { amount: 15_000, currency: 'EUR' } }))).toEqual({ standard: 0, express: 2490 })
    expect(prices(parcel({ to: 'US', subtotal: { amount: 900_000, currency: 'EUR' } }))).toEqual({ standard: 1990, express: 4990 })
  })

  test('when the country or the currency is not on the card, nothing is offered', () => {
    expect(optionsFor(parcel({ to: 'AQ' }), friday)).toEqual([])
    expect(optionsFor(parcel({ subtotal: { amount: 1, currency: 'JPY' } }), friday)).toEqual([])
  })

  test('when the shop is far away, Europe is the world to it', () => {
    expect(prices(parcel({ from: 'US', to: 'DE' }))).toEqual({ standard: 1990, express: 4990 })
    expect(prices(parcel({ from: 'US', to: 'US' }))).toEqual({ standard: 390, express: 990 })
  })

  test('however heavy, more weight never costs less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_500_000 }),
        fc.integer({ min: 0, max: 1_500_000 }),
        fc.constantFrom('DE', 'FR', 'US'),
        (a, b, to) => {
          const [light, heavy] = [prices(parcel({ to, weightGrams: Math.min(a, b) })), prices(parcel({ to, weightGrams: Math.max(a, b) }))]
          for (const id of Object.keys(heavy)) expect(heavy[id]).toBeGreaterThanOrEqual(light[id] as number)
        },
      ),
    )
  })
})

describe('afterBusinessDays', () => {
  test('when counting begins before or on a weekend, it is skipped', () => {
    expect(afterBusinessDays(friday, 1)).toBe('2026-11-23')
    expect(afterBusinessDays(saturday, 1)).toBe('2026-11-23')
    expect(afterBusinessDays(saturday, 6)).toBe('2026-11-30')
  })

  test('whenever counting begins, the day is a working day and later by at least as many days', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 30 }),
        (from, days) => {
          const day = new Date(`${afterBusinessDays(from, days)}T00:00:00Z`)
          expect([1, 2, 3, 4, 5]).toContain(day.getUTCDay())
          expect((day.getTime() - from.getTime()) / 86_400_000).toBeGreaterThan(days - 1)
        },
      ),
    )
  })
})
