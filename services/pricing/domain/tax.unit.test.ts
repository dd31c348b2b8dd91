import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTaxable, pricesIncludeTax, taxAt, taxOf } from './tax.ts'

describe('taxAt', () => {
  test('when goods stay in the shop’s country, its own rate is included', () => {
    expect(taxAt('DE', { country: 'DE', postalCode: '10115' }, 'standard')).toEqual({
      permille: 190,
      included: true,
      text: 'Includes 19 % tax (DE)',
    })
    expect(taxAt('DE', { country: 'DE' }, 'reduced').permille).toBe(70)
    expect(taxAt('DE', { country: 'DE' }, 'zero').permille).toBe(0)
  })

  test('when goods go to another member state, the destination’s rate is included', () => {
    expect(taxAt('DE', { country: 'FI', postalCode: '00100' }, 'standard')).toMatchObject({ permille: 255, included: true })
    expect(taxAt('DE', { country: 'FR' }, 'reduced').text).toBe('Includes 5.5 % tax (FR)')
    expect(taxAt('DE', { country: 'MC' }, 'standard').permille).toBe(200)
  })

  test('when goods leave the Union, no tax is charged and the price stays', () => {
    for (const country of ['CH', 'GB', 'US', 'NO', 'JP']) {
      expect(taxAt('DE', { country, postalCode: '8000' }, 'standard')).toMatchObject({ permille: 0, included: true })
    }
  })

  test('when the postal code lies outside the VAT territory, it is an export', () => {
    expect(taxAt('DE', { country: 'ES', postalCode: '35 001' }, 'standard').permille).toBe(0)
    expect(taxAt('DE', { country: 'ES', postalCode: '28001' }, 'standard').permille).toBe(210)
    expect(taxAt('DE', { country: 'DE', postalCode: '27498' }, 'standard').permille).toBe(0)
  })

  test('when the shop adds tax, the region decides in Canada and nothing is added in the United States', () => {
    expect(taxAt('CA', { country: 'CA', region: 'on' }, 'standard')).toMatchObject({ permille: 130, included: false })
    expect(taxAt('CA', { country: 'CA', region: 'AB' }, 'standard').text).toBe('Plus 5 % tax (CA)')
    expect(taxAt('US', { country: 'US', region: 'NY' }, 'standard')).toMatchObject({ permille: 0, included: false })
  })

  test('when a shop outside the Union sells at home and abroad, only home is taxed', () => {
    expect(taxAt('CH', { country: 'CH' }, 'reduced')).toMatchObject({ permille: 26, included: true })
    expect(taxAt('GB', { country: 'DE' }, 'standard').permille).toBe(0)
  })

  test('when a country has no taxes in the table, a shop there is not taxable', () => {
    expect(isTaxable('BR')).toBe(false)
    expect(isTaxable('DE')).toBe(true)
    expect(pricesIncludeTax('DE')).toBe(true)
    expect(pricesIncludeTax('CA')).toBe(false)
  })
})

describe('taxOf', () => {
  test('when the share falls on half a cent, rounds to the even one', () => {
    expect(taxOf(50, { permille: 50, included: false })).toBe(2)
    expect(taxOf(70, { permille: 50, included: false })).toBe(4)
    expect(taxOf(21, { permille: 50, included: true })).toBe(1)
    expect(taxOf(1999, { permille: 190, included: true })).toBe(319)
  })

  test('when tax is included, it is the part that leaves the net price within half a unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_000_000 }), fc.integer({ min: 0, max: 300 }), (amount, permille) => {
        const tax = BigInt(taxOf(amount, { permille, included: true }))
        const twice = 2n * (tax * BigInt(1000 + permille) - BigInt(amount) * BigInt(permille))
        expect(twice <= BigInt(1000 + permille) && twice >= -BigInt(1000 + permille)).toBe(true)
      }),
    )
  })
})
