/** Pricing, inventory and search as the tests of this room need them: they remember what they were told, and can be away. */
import { Fault } from '@stoa/chassis/fault.ts'
import { newId } from '@stoa/kit/ids.ts'

/** What the neighbours were told; those in `away` do not answer. */
export interface Neighbours {
  prices: Map<string, { amount: number; currency: string }>
  /** Prices of a list, for a group. */
  listed: Map<string, { group: string; price: { amount: number; currency: string } }>
  stock: Map<string, number>
  puts: { productId: string; productVersion: number; archived: boolean }[]
  away: Set<string>
}
interface Put {
  products: {
    productId: string
    productVersion: number
    archived: boolean
    variants: { sku: string; price: { amount: number; currency: string }; compareAt: { amount: number; currency: string } | null }[]
  }[]
}
/** Makes neighbours of a test file's own. */
export function playNeighbours() {
  const told: Neighbours = { prices: new Map(), listed: new Map(), stock: new Map(), puts: [], away: new Set() }
  const compared = new Map<string, { amount: number; currency: string } | null>()
  const reached = (service: string) => {
    if (told.away.has(service)) throw new Fault('unavailable', `${service} is away`)
  }
  const calls = {
    'pricing.PutPrices': ({ products }: Put) => {
      reached('pricing')
      for (const one of products) {
        told.puts.push(one)
        for (const { sku, price, compareAt } of one.variants) {
          told.prices.set(sku, price)
          compared.set(sku, compareAt)
        }
      }
      return { changed: products.length }
    },
    'pricing.PricesOf': ({ skus, groups = [] }: { skus: string[]; groups?: string[] }) => {
      reached('pricing')
      const listed = (sku: string) => (groups.includes(told.listed.get(sku)?.group ?? '') ? told.listed.get(sku)?.price : undefined)
      return {
        items: skus.flatMap((sku) =>
          told.prices.has(sku)
            ? [
                {
                  sku,
                  productId: newId(),
                  price: listed(sku) ?? told.prices.get(sku),
                  compareAt: compared.get(sku) ?? null,
                  weightGrams: 0,
                  taxClass: 'standard',
                },
              ]
            : [],
        ),
      }
    },
    'inventory.OpenStock': ({ items }: { items: { sku: string; units: number }[] }) => {
      reached('inventory')
      const opened = items.filter((one) => !told.stock.has(one.sku))
      for (const { sku, units } of opened) told.stock.set(sku, units)
      return { opened: opened.length }
    },
    'inventory.AvailabilityOf': ({ skus }: { skus: string[] }) => {
      reached('inventory')
      return {
        items: skus.flatMap((sku) =>
          told.stock.has(sku) ? [{ sku, available: told.stock.get(sku), low: (told.stock.get(sku) ?? 0) < 3 }] : [],
        ),
      }
    },
    'search.SimilarTo': () => {
      reached('search')
      return { items: [] }
    },
    'search.CountIndexed': () => ({ products: 1_000_000 }),
  }
  return { told, calls }
}

export const euro = (amount: number) => ({ amount, currency: 'EUR' })
