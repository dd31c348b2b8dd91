import { on, onBatch } from '@stoa/chassis/service.ts'
import { ProductChanged, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import { OrderCancelled, OrderConfirmed, OrderReturned, OrderShipped } from '@stoa/contracts/orders.ts'
import { openStock } from './opening.ts'
import { commit, release, ship, takeBack } from './transitions.ts'

export const commitWhenConfirmed = onBatch(OrderConfirmed, async (events, { tx }) =>
  commit(
    tx,
    events.map((one) => one.data),
  ),
)

export const releaseWhenCancelled = onBatch(OrderCancelled, async (events, { tx }) => {
  await release(
    tx,
    events.map((one) => one.data.orderId),
    'cancelled',
  )
})

export const shipWhenShipped = on(OrderShipped, ({ data }, { tx, newId }) => ship(tx, data.orderId, newId))

export const takeBackWhenReturned = on(OrderReturned, ({ data }, { tx, newId }) => takeBack(tx, data.orderId, newId))

const openingOf = (products: readonly ProductDocument[]) =>
  products.flatMap((product) =>
    product.variants.map((variant) => ({ sku: variant.sku, productId: product.productId, units: variant.openingStock })),
  )

/** The safety net behind the call OpenStock: a SKU known already is left as it is. */
export const openWhenCreated = onBatch(ProductCreated, async (events, { tx, newId }) => {
  await openStock(tx, openingOf(events.map((one) => one.data)), newId)
})

export const openWhenChanged = onBatch(ProductChanged, async (events, { tx, newId }) => {
  await openStock(tx, openingOf(events.map((one) => one.data)), newId)
})
