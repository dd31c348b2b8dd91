/** Ratings of products. The room is not built yet; search already listens. */
import { Type } from 'typebox'
import { event, object } from '@stoa/chassis/contract.ts'
import { Id } from './shared.ts'

export const ProductRated = event('ProductRated', {
  summary: 'The rating of a product changed: average over all published reviews, and their number.',
  topic: 'review.events',
  version: 1,
  key: 'productId',
  touches: 'productId',
  data: object({ productId: Id, average: Type.Number({ minimum: 0, maximum: 5 }), count: Type.Integer({ minimum: 0 }) }),
})
