import { onBatch } from '@stoa/chassis/service.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { putRatings } from './store/products.ts'

export const takeRatings = onBatch(ProductRated, async (events, { tx }) => {
  const newest = new Map(events.map(({ data }) => [data.productId, data]))
  await putRatings(tx, [...newest.values()])
})
