/** The shop in the words of schema.org, which search engines read. */
import { decimalsOf } from '@stoa/ui/format.ts'
import type { Product, Variant } from './shop.ts'

const AVAILABILITY: Readonly<Record<Variant['availability'], string>> = {
  'in-stock': 'https://schema.org/InStock',
  low: 'https://schema.org/LimitedAvailability',
  out: 'https://schema.org/OutOfStock',
}

const CONTEXT = 'https://schema.org'

interface Step {
  readonly slug: string
  readonly name: string
}

/** The shop itself, and how it is searched. */
export function siteData(origin: string): unknown {
  return {
    '@context': CONTEXT,
    '@type': 'WebSite',
    name: 'Stoa',
    url: `${origin}/`,
    potentialAction: {
      '@type': 'SearchAction',
      target: { '@type': 'EntryPoint', urlTemplate: `${origin}/search?q={search_term_string}` },
      'query-input': 'required name=search_term_string',
    },
  }
}

/** The way to a shelf, itself last. */
export function shelfData(path: readonly Step[], origin: string): unknown {
  return { '@context': CONTEXT, ...wayOf(path.map((one) => stepOf(one, origin))) }
}

/** The product with an offer for each variant, and the way to it. */
export function productData(product: Product, path: readonly Step[], origin: string): unknown {
  const url = `${origin}/p/${product.slug}`
  const { average, count } = product.rating
  return {
    '@context': CONTEXT,
    '@graph': [
      {
        '@type': 'Product',
        name: product.name,
        description: product.description,
        url,
        sku: product.variants[0]?.sku,
        image: product.images.map((one) => new URL(one.url, origin).href),
        ...(product.brand === null ? {} : { brand: { '@type': 'Brand', name: product.brand } }),
        ...(count === 0 ? {} : { aggregateRating: { '@type': 'AggregateRating', ratingValue: average, reviewCount: count } }),
        offers: product.variants.map((variant) => offerOf(variant, url)),
      },
      wayOf([...path.map((one) => stepOf(one, origin)), { name: product.name, item: url }]),
    ],
  }
}

function stepOf({ slug, name }: Step, origin: string) {
  return { name, item: `${origin}/c/${slug}` }
}

function wayOf(steps: readonly { readonly name: string; readonly item: string }[]): object {
  return {
    '@type': 'BreadcrumbList',
    itemListElement: steps.map((one, index) => ({ '@type': 'ListItem', position: index + 1, ...one })),
  }
}

function offerOf(variant: Variant, url: string): object {
  return {
    '@type': 'Offer',
    sku: variant.sku,
    ...(variant.barcode === null ? {} : { gtin: variant.barcode }),
    url: `${url}?sku=${encodeURIComponent(variant.sku)}`,
    price: decimal(variant.price.amount, decimalsOf(variant.price.currency)),
    priceCurrency: variant.price.currency,
    availability: AVAILABILITY[variant.availability],
  }
}

/** `12.99` of 1299: digits, with no float between. */
function decimal(amount: number, places: number): string {
  const digits = String(amount).padStart(places + 1, '0')
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}
