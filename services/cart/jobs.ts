import { job } from '@stoa/chassis/service.ts'
import { deleteIdleCarts, forgetOld } from './store.ts'

/** A guest's cookie lasts 30 days after the last change; the cart outlives it by as much again. */
const IDLE_DAYS = 60
/** Idempotency keys live three days; an order that took lines ends long before this. */
const MEMORY_DAYS = 90
const BATCH = 500
const BATCHES_MAX = 40

export const expireCarts = job('expire-carts', 3600, async ({ transaction, signal }) => {
  for (let batch = 0; batch < BATCHES_MAX && !signal.aborted; batch++) {
    const removed = await transaction(
      async (tx) => (await deleteIdleCarts(tx, IDLE_DAYS, BATCH)) + (await forgetOld(tx, MEMORY_DAYS, BATCH)),
    )
    if (removed === 0) return
  }
})
