import type { Product, Variant } from '../visit/shop.ts'
import { facetTitle } from '../visit/listing.ts'

/** What can be measured and named about a product, as a ruled table. */
export function Specifications({ product, variant }: { product: Product; variant: Variant }) {
  const optionNames = Object.keys(variant.options).map((name) => name.toLowerCase())
  const rows: [string, string][] = [
    ...Object.entries(variant.options).map(([name, value]): [string, string] => [facetTitle(name), value]),
    ...Object.entries(product.attributes)
      .filter(([name]) => !optionNames.includes(name.toLowerCase()))
      .map(([name, value]): [string, string] => [facetTitle(name), inWords(value)]),
    ...(variant.weightGrams > 0 ? [['Weight', weightText(variant.weightGrams)] as [string, string]] : []),
    ['Article', variant.sku],
    ...(variant.barcode ? [['Barcode', variant.barcode] as [string, string]] : []),
  ]
  return (
    <section aria-labelledby="specifications" className="mt-16 grid gap-6 border-t border-line pt-8 lg:grid-cols-[1fr_2fr] lg:gap-x-12">
      <h2 id="specifications" className="display text-xl md:text-2xl">
        Measured and named
      </h2>
      <dl className="text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="grid grid-cols-[2fr_3fr] gap-4 border-b border-line py-2.5 first:border-t">
            <dt className="text-soft">{name}</dt>
            <dd className="tabular min-w-0">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function inWords(value: Product['attributes'][string]): string {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  return String(value)
}

function weightText(grams: number): string {
  return grams < 1000 ? `${grams} g` : `${(grams / 1000).toLocaleString('en-IE', { maximumFractionDigits: 2 })} kg`
}
