import { onBatch, type Consumer, type Received } from '@stoa/chassis/service.ts'
import { ProductArchived, ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { takePrices } from './usecases.ts'

/** The safety net behind the call `PutPrices`: what the call brought already changes nothing. */
export const takeCatalogPrices: readonly Consumer[] = [ProductCreated, ProductChanged, ProductArchived].map((event) =>
  onBatch(event, async (events, { tx, setting }) => {
    await takePrices(tx, events.map(statedProduct), { setting })
  }),
)

function statedProduct({ data }: Received<typeof ProductCreated>) {
  return {
    productId: data.productId,
    productVersion: data.version,
    archived: data.status === 'archived',
    variants: data.variants.map(({ sku, price, compareAt, weightGrams }) => ({
      sku,
      price,
      compareAt,
      weightGrams,
      taxClass: data.taxClass,
    })),
  }
}
