import { job } from '@stoa/chassis/service.ts'
import { forgetRecentRequests } from './store/orders.ts'

export const sweepRecentRequests = job('sweep-recent-requests', 600, async ({ db }) => {
  await forgetRecentRequests(db)
})
