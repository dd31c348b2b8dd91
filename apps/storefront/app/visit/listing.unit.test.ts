import { describe, expect, test } from 'vitest'
import { chipsOf, facetTitle, listingQuery, sortOf, withParam } from './listing.ts'

const from = (search: string) => new URLSearchParams(search)
const asked = (search: string, category?: string) => Object.fromEntries(listingQuery(from(search), category))

describe('listingQuery', () => {
  test('when prices are typed in euros, the API is asked in cents', () => {
    expect(asked('min=12&max=39,90')).toMatchObject({ minPrice: '1200', maxPrice: '3990' })
  })
  test('when prices are not numbers, they are left out instead of failing the page', () => {
    const query = asked('min=cheap&max=-3')
    expect(query).not.toHaveProperty('minPrice')
    expect(query).not.toHaveProperty('maxPrice')
  })
  test('when the address holds parameters that the API does not know, they are left out', () => {
    expect(asked('utm_source=mail&q=lamp')).toEqual({ q: 'lamp', sort: 'relevance', limit: '24', facets: 'true' })
  })
  test('when a filter is ticked twice, both values are asked for', () => {
    expect(listingQuery(from('brand=A&brand=B&attr.colour=olive')).getAll('brand')).toEqual(['A', 'B'])
  })
  test('when a shelf below the family is ticked, it replaces the family', () => {
    expect(asked('', 'mugs')).toMatchObject({ category: 'mugs' })
    expect(asked('category=tumblers', 'mugs')).toMatchObject({ category: 'tumblers' })
  })
})

describe('sortOf', () => {
  test('when nothing is searched for, the newest come first; with words, the best match', () => {
    expect(sortOf(from(''))).toBe('newest')
    expect(sortOf(from('q=lamp'))).toBe('relevance')
  })
  test('when an unknown sort is asked for, the page falls back', () => {
    expect(sortOf(from('sort=random'))).toBe('newest')
  })
})

describe('chipsOf', () => {
  const chips = (search: string) => chipsOf(from(search), (name, value) => `${name} ${value}`)
  test('when filters are in force, each chip leads to the address without it and from the first page', () => {
    expect(chips('q=mug&brand=A&brand=B&cursor=x')).toEqual([
      { text: 'brand A', without: '?q=mug&brand=B' },
      { text: 'brand B', without: '?q=mug&brand=A' },
    ])
  })
  test('when only words and a sort are given, there is no chip', () => {
    expect(chips('q=mug&sort=price')).toEqual([])
  })
})

test('when one parameter is changed, the list begins anew', () => {
  expect(withParam(from('q=mug&cursor=x&sort=price'), 'sort', 'newest')).toBe('?q=mug&sort=newest')
})

test('when attributes are named for machines, people read words', () => {
  expect(facetTitle('attr.bladeLength')).toBe('Blade length')
  expect(facetTitle('attr.seat_height')).toBe('Seat height')
})
