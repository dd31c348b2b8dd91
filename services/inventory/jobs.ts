import { job } from '@stoa/chassis/service.ts'
import { expiredHolds } from './store/reservations.ts'
import { release } from './transitions.ts'

const EXPIRE_AT_ONCE = 200
const BATCHES_MAX = 50

/** Gives back what was held for too long, by the database's clock. */
export const expireHolds = job('expire-holds', 2, async ({ transaction }) => {
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const expired = await transaction(async (tx) => {
      const orderIds = await expiredHolds(tx, EXPIRE_AT_ONCE)
      if (orderIds.length > 0) await release(tx, orderIds, 'expired')
      return orderIds.length
    })
    if (expired < EXPIRE_AT_ONCE) return
  }
})
