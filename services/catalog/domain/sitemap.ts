/** Sitemaps (sitemaps.org, protocol 0.9): where search engines find every category and product. */

/** A file may hold 50,000 addresses; the front page and categories stand in the first one beside products. */
export const PRODUCTS_PER_PART = 40_000
export const CATEGORIES_MAX = 9_999

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

export const URLSET_BEGIN = `${HEAD}<urlset ${NAMESPACE}>\n`
export const URLSET_END = '</urlset>\n'

/** How many parts `products` products need; at least one. */
export function partsOf(products: number): number {
  return Math.max(1, Math.ceil(products / PRODUCTS_PER_PART))
}

/** The list of parts, for catalogues that do not fit into one file. */
export function indexOf(origin: string, parts: number): string {
  const entries = Array.from({ length: parts }, (_, index) => `<sitemap><loc>${origin}/sitemap.xml?part=${index + 1}</loc></sitemap>\n`)
  return `${HEAD}<sitemapindex ${NAMESPACE}>\n${entries.join('')}</sitemapindex>\n`
}

/** The front page. */
export function homeEntry(origin: string): string {
  return `<url><loc>${origin}/</loc></url>\n`
}

/** The storefront's page of a category. Slugs are lower-case ASCII, so that nothing is to be escaped. */
export function categoryEntry(origin: string, slug: string): string {
  return `<url><loc>${origin}/c/${slug}</loc></url>\n`
}

/** The storefront's page of a product, and the day of its last change. */
export function productEntry(origin: string, { slug, changedAt }: { readonly slug: string; readonly changedAt: Date }): string {
  return `<url><loc>${origin}/p/${slug}</loc><lastmod>${changedAt.toISOString().slice(0, 10)}</lastmod></url>\n`
}
