/** Everything the index knows comes in here. Of several events of one thing in a batch only the newest counts. */
import type { EventContract } from '@stoa/chassis/contract.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { onBatch, type Consumer, type ConsumerContext, type Received } from '@stoa/chassis/service.ts'
import { ProductArchived, ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed } from '@stoa/contracts/orders.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { indexedOf } from './domain/document.ts'
import { keyOf } from './domain/text.ts'
import type { Engine } from './engine.ts'
import { engineOf } from './engines.ts'
import { SearchLanguage } from './settings.ts'
import { refreshStanding } from './store/standing.ts'
import { noteUnsent } from './store/unsent.ts'
import { addSales, INDEX, putDocuments, putPrices, putRatings, putStock } from './store/write.ts'
import { sendUnsent } from './workers.ts'

type ProductEvent = Received<typeof ProductCreated>

async function takeProducts(events: readonly ProductEvent[], { tx, setting }: ConsumerContext, engine: Engine): Promise<string[]> {
  const newest = newestBy(events, (data) => data.productId)
  const refs = new Map(newest.flatMap((one) => [...(one.categoryTree ?? []), ...one.categories]).map((one) => [one.id, one]))
  const categories = [...refs.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, slug, path }) => {
      const name = path.split(' > ').at(-1) as string
      return { id, slug, path, name, key: keyOf(name) }
    })
  const products = newest.map((one) => indexedOf(one, setting(SearchLanguage)))
  await putDocuments(tx, products, categories)
  const [listed, gone] = [products.filter((one) => one.listed), products.filter((one) => !one.listed)]
  await engine.put?.(
    tx,
    listed.map((one) => one.content),
    gone.map((one) => one.content.productId),
  )
  return newest.map((one) => one.productId)
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

/** Takes a run of events into the rows, so that lists are made anew. `take` answers which products changed. */
function intoIndex<E extends EventContract>(
  event: E,
  take: (events: readonly Received<E>[], context: ConsumerContext, engine: Engine) => Promise<readonly string[]>,
): Consumer {
  return onBatch(event, async (events, context) => {
    const engine = engineOf(context)
    const changed = await take(events, context, engine)
    context.tx.touch([INDEX])
    if (changed.length === 0) return
    await refreshStanding(context.tx, changed)
    await noteUnsent(context.tx, changed)
    if (engine.send) context.tx.schedule(sendUnsent, event.topic, 0)
  })
}

export const consumers = [
  intoIndex(ProductCreated, takeProducts),
  intoIndex(ProductChanged, takeProducts),
  intoIndex(ProductArchived, takeProducts),
  intoIndex(PriceChanged, async (events, { tx }) => {
    const newest = newestBy(events, (data) => data.sku)
    return putPrices(
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
    return newest.map((one) => one.productId)
  }),
  intoIndex(OrderConfirmed, async (events, { tx }) => sold(tx, unitsOf(events, 1))),
  intoIndex(OrderCancelled, async (events, { tx }) => {
    const bound = events.filter(({ data }) => data.from !== 'PENDING')
    return bound.length > 0 ? sold(tx, unitsOf(bound, -1)) : []
  }),
]

async function sold(tx: Tx, units: ReadonlyMap<string, number>): Promise<string[]> {
  await addSales(tx, units)
  return [...units.keys()]
}
