import { describe, expect, test } from 'vitest'
import type { Image, Variant } from './shop.ts'
import { optionChoices, picturesFor, variantOf } from './variants.ts'

function variant(sku: string, options: Record<string, string>, available = 5): Variant {
  return {
    id: sku,
    sku,
    options,
    price: { amount: 1000, currency: 'EUR' },
    available,
    availability: available > 0 ? 'in-stock' : 'out',
    weightGrams: 100,
    barcode: null,
  }
}
const image = (alt: string, url = '/x.svg'): Image => ({ url, alt, width: 800, height: 1000 })
const mugs = [
  variant('A', { colour: 'olive', size: 'small' }, 0),
  variant('B', { colour: 'olive', size: 'large' }),
  variant('C', { colour: 'ink black', size: 'large' }),
]

describe('variantOf', () => {
  test('when the address names a variant, that one is shown even if sold out', () => {
    expect(variantOf({ variants: mugs }, 'A').sku).toBe('A')
  })
  test('when the address names none or an unknown one, the first that can be bought is shown', () => {
    expect(variantOf({ variants: mugs }, null).sku).toBe('B')
    expect(variantOf({ variants: mugs }, 'gone').sku).toBe('B')
  })
  test('when everything is sold out, the first is shown', () => {
    expect(variantOf({ variants: [variant('X', {}, 0), variant('Y', {}, 0)] }, null).sku).toBe('X')
  })
})

describe('optionChoices', () => {
  test('when an option is chosen, the others are kept as far as such a variant exists', () => {
    const [colour, size] = optionChoices({ variants: mugs }, mugs[1] as Variant)
    expect(colour?.choices.map(({ value, sku, chosen }) => [value, sku, chosen])).toEqual([
      ['olive', 'B', true],
      ['ink black', 'C', false],
    ])
    expect(size?.choices.map(({ value, sku, available }) => [value, sku, available])).toEqual([
      ['small', 'A', false],
      ['large', 'B', true],
    ])
  })
  test('when no variant keeps the rest, the choice still leads somewhere and says that it does not fit', () => {
    const [, size] = optionChoices({ variants: mugs }, mugs[2] as Variant)
    expect(size?.choices[0]).toMatchObject({ value: 'small', sku: 'A', fits: false })
  })
})

describe('picturesFor', () => {
  const images = [image('Mug in olive'), image('Mug in ink black'), image('Mug on a shelf')]
  test('when pictures name the colour, those of the variant come first and other colours are left out', () => {
    expect(picturesFor({ images, variants: mugs }, mugs[2] as Variant).map(({ alt }) => alt)).toEqual([
      'Mug in ink black',
      'Mug on a shelf',
    ])
  })
  test('when only the address of a picture names the colour, that counts as well', () => {
    const named = [image('', '/m/mug-olive.svg'), image('', '/m/mug-ink-black.svg')]
    expect(picturesFor({ images: named, variants: mugs }, mugs[2] as Variant).map(({ url }) => url)).toEqual(['/m/mug-ink-black.svg'])
  })
  test('when no picture names any option, all are shown', () => {
    const plain = [image('front'), image('back')]
    expect(picturesFor({ images: plain, variants: mugs }, mugs[0] as Variant)).toEqual(plain)
  })
})
