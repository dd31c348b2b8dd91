/** Everything the index knows comes in here. Of several events of one thing in a batch only the newest counts. */
import type { EventContract } from '@stoa/chassis/contract.ts'
import { onBatch, type Consumer, type ConsumerContext, type Received } from '@stoa/chassis/service.ts'
import { ProductArchived, ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed } from '@stoa/contracts/orders.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { indexedOf } from './domain/document.ts'
import { keyOf } from './domain/text.ts'
import { addSales, INDEX, putDocuments, putPrices, putRatings, putStock } from './store/write.ts'

type ProductEvent = Received<typeof ProductCreated>

async function takeProducts(events: readonly ProductEvent[], { tx }: ConsumerContext): Promise<void> {
  const newest = newestBy(events, (data) => data.productId)
  const refs = new Map(newest.flatMap((one) => [...(one.categoryTree ?? []), ...one.categories]).map((one) => [one.id, one]))
  const categories = [...refs.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, slug, path }) => {
      const name = path.split(' > ').at(-1) as string
      return { id, slug, path, name, key: keyOf(name) }
    })
  await putDocuments(tx, newest.map(indexedOf), categories)
}

/** The newest state of each thing, in the order of their keys. */
function newestBy<Data extends { readonly version?: number }>(
  events: readonly { readonly data: Data }[],
  key: (data: Data) => string,
): Data[] {
  const newest = new Map<string, Data>()
  for (const { data } of events) {
    const known = newest.get(key(data))
    if (!known || (data.version ?? 0) >= (known.version ?? 0)) newest.set(key(data), data)
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, data]) => data)
}

/** Events of one thing come in order, so the last one counts. */
function lastBy<Data>(events: readonly { readonly data: Data }[], key: (data: Data) => string): Data[] {
  return [...new Map(events.map(({ data }) => [key(data), data]))].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, data]) => data)
}

function unitsOf(
  events: readonly { readonly data: { readonly lines: readonly { readonly productId: string; readonly quantity: number }[] } }[],
  sign: 1 | -1,
): Map<string, number> {
  const units = new Map<string, number>()
  for (const { data } of events)
    for (const { productId, quantity } of data.lines) units.set(productId, (units.get(productId) ?? 0) + sign * quantity)
  return units
}

/** Takes a run of events into the index, so that lists are made anew. */
function intoIndex<E extends EventContract>(
  event: E,
  take: (events: readonly Received<E>[], context: ConsumerContext) => Promise<void>,
): Consumer {
  return onBatch(event, async (events, context) => {
    await take(events, context)
    context.tx.touch([INDEX])
  })
}

export const consumers = [
  intoIndex(ProductCreated, takeProducts),
  intoIndex(ProductChanged, takeProducts),
  intoIndex(ProductArchived, takeProducts),
  intoIndex(PriceChanged, async (events, { tx }) => {
    const newest = newestBy(events, (data) => data.sku)
    await putPrices(
      tx,
      newest.map(({ sku, productId, price, compareAt, version }) => ({
        sku,
        productId,
        amount: price.amount,
        currency: price.currency,
        compareAt: compareAt?.amount ?? null,
        version,
      })),
    )
  }),
  intoIndex(StockChanged, async (events, { tx }) =>
    putStock(
      tx,
      newestBy(events, (data) => data.sku),
    ),
  ),
  intoIndex(ProductRated, async (events, { tx }) => {
    const newest = lastBy(events, (data) => data.productId)
    await putRatings(
      tx,
      newest.map(({ productId, average, count }) => ({ productId, hundredths: Math.round(average * 100), count })),
    )
  }),
  intoIndex(OrderConfirmed, async (events, { tx }) => addSales(tx, unitsOf(events, 1))),
  intoIndex(OrderCancelled, async (events, { tx }) => {
    const bound = events.filter(({ data }) => data.from !== 'PENDING')
    if (bound.length > 0) await addSales(tx, unitsOf(bound, -1))
  }),
]
