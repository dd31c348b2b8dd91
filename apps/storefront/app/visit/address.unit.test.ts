import { describe, expect, test } from 'vitest'
import { addressErrors, addressLimits, addressLines, addressOf, countries, formOf } from './address.ts'

const berlin = { name: 'Greta Gast', line1: 'Säulenweg 3', postalCode: '10115', city: 'Berlin', country: 'DE' }

describe('addressErrors', () => {
  test('when an address is whole, nothing is wrong with it', () => {
    expect(addressErrors(berlin)).toEqual({})
  })
  test('when everything is missing, every needed field is named at once, in the order of the form', () => {
    expect(Object.keys(addressErrors({}))).toEqual(['country', 'name', 'line1', 'postalCode', 'city'])
  })
  test('when the postal code does not fit the country, its example is told', () => {
    expect(addressErrors({ ...berlin, postalCode: '1011' })).toEqual({ postalCode: 'In Germany this looks like 10115.' })
    expect(addressErrors({ ...berlin, country: 'AT', postalCode: '1010' })).toEqual({})
  })
  test('when the country needs a state, it is asked for by its own name', () => {
    expect(addressErrors({ ...berlin, country: 'CA', postalCode: 'K1A 0B1' })).toEqual({ region: 'Enter the province.' })
  })
  test('when a field is longer than it may be, its limit is told', () => {
    expect(addressErrors({ ...berlin, line2: 'x'.repeat(addressLimits.line2 + 1) })).toEqual({ line2: 'Shorten this to 120 characters.' })
  })
})

test('when optional parts are empty, they are not sent', () => {
  expect(addressOf({ ...berlin, line2: '', region: '', phone: undefined })).toEqual(berlin)
})

test('when an address is written out, it reads like a label', () => {
  expect(addressLines({ ...berlin, region: 'BE' })).toEqual(['Greta Gast', 'Säulenweg 3', '10115 Berlin, BE', 'Germany'])
})

test('every example of a postal code fits its own rule', () => {
  const forms = countries.map(({ code }) => formOf(code)).filter((form) => form.rule)
  expect(forms.length).toBeGreaterThan(15)
  expect(forms.filter((form) => !form.rule?.test(form.example ?? ''))).toEqual([])
})
