import { expect, test } from 'vitest'
import type { Product } from './shop.ts'
import { productData, shelfData, siteData } from './structured.ts'

const variant = {
  id: 'v',
  sku: 'MUG RED',
  options: {},
  price: { amount: 1205, currency: 'EUR' },
  available: 3,
  availability: 'low' as const,
  weightGrams: 100,
  barcode: '4006381333931',
}
const mug: Product = {
  id: 'p',
  slug: 'red-mug',
  name: 'Red mug',
  description: 'Holds coffee.',
  brand: 'Kiln',
  categories: [],
  attributes: {},
  images: [{ url: '/media/mug.svg', alt: 'A mug', width: 800, height: 1000 }],
  tags: [],
  status: 'active',
  taxClass: 'standard',
  vendor: null,
  rating: { average: 0, count: 0 },
  variants: [variant, { ...variant, sku: 'MUG-JPY', price: { amount: 900, currency: 'JPY' }, availability: 'out', barcode: null }],
  similar: [],
  createdAt: '2026-01-01T00:00:00.000Z',
}
const graph = (product: Product) =>
  (productData(product, [{ slug: 'mugs', name: 'Mugs' }], 'https://shop.example') as { '@graph': object[] })['@graph']

test('a product is told with an offer for each variant, priced in digits of its currency', () => {
  expect(graph(mug)[0]).toMatchObject({
    '@type': 'Product',
    brand: { name: 'Kiln' },
    image: ['https://shop.example/media/mug.svg'],
    offers: [
      {
        sku: 'MUG RED',
        url: 'https://shop.example/p/red-mug?sku=MUG%20RED',
        price: '12.05',
        priceCurrency: 'EUR',
        gtin: '4006381333931',
        availability: 'https://schema.org/LimitedAvailability',
      },
      { price: '900', priceCurrency: 'JPY', availability: 'https://schema.org/OutOfStock' },
    ],
  })
})

test('when nobody has rated it, no rating is claimed', () => {
  expect(graph(mug)[0]).not.toHaveProperty('aggregateRating')
  expect(graph({ ...mug, rating: { average: 4.5, count: 2 } })[0]).toMatchObject({ aggregateRating: { ratingValue: 4.5, reviewCount: 2 } })
})

test('the way to it begins at the top', () => {
  expect(graph(mug)[1]).toMatchObject({
    itemListElement: [
      { position: 1, name: 'Mugs', item: 'https://shop.example/c/mugs' },
      { position: 2, name: 'Red mug', item: 'https://shop.example/p/red-mug' },
    ],
  })
})

test('the shop says where it is searched, with a place for the words', () => {
  expect(siteData('https://shop.example')).toMatchObject({
    '@type': 'WebSite',
    url: 'https://shop.example/',
    potentialAction: {
      '@type': 'SearchAction',
      target: { urlTemplate: 'https://shop.example/search?q={search_term_string}' },
      'query-input': 'required name=search_term_string',
    },
  })
})

test('a shelf says the way to itself', () => {
  expect(shelfData([{ slug: 'kitchen', name: 'Kitchen' }], 'https://shop.example')).toMatchObject({
    '@type': 'BreadcrumbList',
    itemListElement: [{ position: 1, name: 'Kitchen', item: 'https://shop.example/c/kitchen' }],
  })
})
