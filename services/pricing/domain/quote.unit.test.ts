import { createHmac, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openQuote, sealQuote, type Quote } from './quote.ts'

const key = createSecretKey(Buffer.alloc(32, 7))
const now = new Date('2026-11-21T12:00:00Z')
const quote: Quote = {
  items: [
    { sku: 'CAM-1', quantity: 2, unitMinor: 1999, compareAtMinor: 2500, list: { name: 'Quoted', minQuantity: 2 }, taxClass: 'standard' },
    { sku: 'BOOK "7" \\', quantity: 1, unitMinor: 1070, compareAtMinor: null, list: null, taxClass: 'reduced' },
  ],
  shippingOption: 'standard',
  shippingMinor: 490,
  currency: 'EUR',
  to: { country: 'DE', region: 'Berlin', postalCode: '10115' },
  expiresAt: new Date('2026-11-21T12:15:00Z'),
}
const sku = fc.string({ unit: fc.constantFrom(...'ABC019-_."\\'), minLength: 1, maxLength: 64 })
const item = fc.record({
  sku,
  quantity: fc.integer({ min: 1, max: 10_000 }),
  unitMinor: fc.integer({ min: 0, max: 9_000_000_000_000 }),
  compareAtMinor: fc.option(fc.integer({ min: 0, max: 9_000_000_000_000 }), { nil: null }),
  // A quote does not keep the name of a list.
  list: fc.option(fc.record({ name: fc.constant('Quoted'), minQuantity: fc.integer({ min: 1, max: 10_000 }) }), { nil: null }),
  taxClass: fc.constantFrom('standard' as const, 'reduced' as const, 'zero' as const),
})
const aQuote: fc.Arbitrary<Quote> = fc.record({
  items: fc.uniqueArray(item, { selector: (one) => one.sku, minLength: 1, maxLength: 20 }),
  shippingOption: fc.constantFrom('standard', 'express'),
  shippingMinor: fc.integer({ min: 0, max: 1_000_000 }),
  currency: fc.constantFrom('EUR', 'USD'),
  to: fc.record({
    country: fc.constantFrom('DE', 'FR'),
    region: fc.option(fc.string(), { nil: undefined }),
    postalCode: fc.string({ minLength: 1 }),
  }),
  expiresAt: fc.constant(quote.expiresAt),
})

describe('a signed quote', () => {
  test('whatever it says, opening gives back its very figures, in any order of the items', () => {
    fc.assert(
      fc.property(aQuote, (one) => {
        const opened = openQuote(key, sealQuote(key, one), { ...one, items: [...one.items].reverse() }, now)
        expect(opened).toEqual({ items: one.items, shippingMinor: one.shippingMinor })
      }),
    )
  })

  test('when any character of it is another, it is refused as a mismatch', () => {
    const token = sealQuote(key, quote)
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCabc019-_.'), (at, other) => {
        fc.pre(token[at] !== other)
        expect(openQuote(key, token.slice(0, at) + other + token.slice(at + 1), quote, now)).toMatchObject({ refused: 'quote-mismatch' })
      }),
      { numRuns: 500 },
    )
  })

  test.each(['', '.', 'q1.', 'q1..', 'nonsense', 'q1.e30.e30'])('when it is %j, it is refused as a mismatch', (token) => {
    expect(openQuote(key, token, quote, now)).toMatchObject({ refused: 'quote-mismatch' })
  })

  test('when it is signed with another key or is of another version, it is refused as a mismatch', () => {
    expect(openQuote(key, sealQuote(createSecretKey(Buffer.alloc(32, 8)), quote), quote, now)).toMatchObject({ refused: 'quote-mismatch' })
    const body = sealQuote(key, quote).split('.').slice(0, 2).join('.').replace('q1', 'q0')
    const signed = `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`
    expect(openQuote(key, signed, quote, now)).toMatchObject({ refused: 'quote-mismatch' })
  })

  test('when its time has come, it is refused as expired, and not a moment before', () => {
    const token = sealQuote(key, quote)
    expect(openQuote(key, token, quote, new Date(quote.expiresAt.getTime() - 1))).not.toHaveProperty('refused')
    expect(openQuote(key, token, quote, quote.expiresAt)).toMatchObject({ refused: 'quote-expired' })
  })

  test.each([
    [
      'other units',
      {
        items: [
          { sku: 'CAM-1', quantity: 3 },
          { sku: 'BOOK "7" \\', quantity: 1 },
        ],
      },
    ],
    ['a line less', { items: [{ sku: 'CAM-1', quantity: 2 }] }],
    ['a line more', { items: [...quote.items, { sku: 'NEW', quantity: 1 }] }],
    ['another option', { shippingOption: 'express' }],
    ['another currency', { currency: 'USD' }],
    ['another country', { to: { ...quote.to, country: 'AT' } }],
    ['another region', { to: { ...quote.to, region: 'Bayern' } }],
    ['another postal code', { to: { ...quote.to, postalCode: '10117' } }],
  ])('when the order has %s, it is refused as a mismatch', (_, change) => {
    expect(openQuote(key, sealQuote(key, quote), { ...quote, ...change }, now)).toMatchObject({ refused: 'quote-mismatch' })
  })

  test('when the place is spelt with other spaces or cases, it is the same place', () => {
    const spelt = { ...quote, to: { country: 'DE', region: 'BERLIN', postalCode: ' 101 15' } }
    expect(openQuote(key, sealQuote(key, quote), spelt, now)).not.toHaveProperty('refused')
  })

  test('when it holds a hundred of the longest lines, it fits the contract', () => {
    const items = Array.from({ length: 100 }, (_, index) => ({
      sku: `${index}`.padStart(64, '"'),
      quantity: 10_000,
      unitMinor: 9_000_000_000_000,
      compareAtMinor: 9_000_000_000_000,
      taxClass: 'standard' as const,
      list: { name: 'Quoted', minQuantity: 10_000 },
    }))
    expect(sealQuote(key, { ...quote, items }).length).toBeLessThanOrEqual(20_000)
  })
})
