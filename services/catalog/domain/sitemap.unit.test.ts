import { expect, test } from 'vitest'
import { indexOf, partsOf, productEntry, PRODUCTS_PER_PART } from './sitemap.ts'

test('when there is nothing, or as much as fits, there is one part; one product more makes another', () => {
  expect([0, 1, PRODUCTS_PER_PART, PRODUCTS_PER_PART + 1].map(partsOf)).toEqual([1, 1, 1, 2])
})

test('a list of parts leads to each of them', () => {
  const text = indexOf('https://shop.example', 2)
  expect(text).toContain('<loc>https://shop.example/sitemap.xml?part=1</loc>')
  expect(text).toContain('<loc>https://shop.example/sitemap.xml?part=2</loc>')
  expect(text).not.toContain('part=3')
})

test('a product is named with its page and the day of its last change', () => {
  expect(productEntry('https://shop.example', { slug: 'red-mug', changedAt: new Date('2026-03-01T23:59:00Z') })).toBe(
    '<url><loc>https://shop.example/p/red-mug</loc><lastmod>2026-03-01</lastmod></url>\n',
  )
})
