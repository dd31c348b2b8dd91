import { createLookup, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { handle, orchestrate, read } from '@stoa/chassis/service.ts'
import { AvailabilityOf, ExtendHold, OpenStock, ReleaseStock, ReservationsOf, ReserveStock } from '@stoa/contracts/inventory.ts'
import { reserveBatched } from './batch.ts'
import { availableUnits, HOLD_SECONDS, isLow } from './domain.ts'
import { openStock as open } from './opening.ts'
import { levelsOf } from './store/levels.ts'
import { extendHold as extend, findReservations } from './store/reservations.ts'
import { release } from './transitions.ts'

export const reserveStock = orchestrate(ReserveStock, ({ input, db, transaction }) =>
  reserveBatched(db)({
    request: { orderId: input.orderId, lines: input.lines, holdSeconds: input.holdSeconds ?? HOLD_SECONDS },
    transaction,
  }),
)

export const releaseStock = handle(ReleaseStock, async ({ input, tx }) => ({
  released: (await release(tx, [input.orderId], 'cancelled')).length > 0,
}))

export const extendHold = handle(ExtendHold, async ({ input, tx }) => ({ held: await extend(tx, input.orderId, input.holdSeconds) }))

export const openStock = handle(OpenStock, async ({ input, tx, newId }) => ({ opened: await open(tx, input.items, newId) }))

/** Asked for with every product that is shown. */
const levelLookup = oncePer((db: Db) => createLookup(async (skus: string[]) => Map.groupBy(await levelsOf(db, skus), (one) => one.sku)))

export const availabilityOf = read(AvailabilityOf, async ({ input, db }) => {
  const bySku = new Map<string, { sku: string; available: number; low: boolean }>()
  for (const level of [...(await levelLookup(db)(input.skus)).values()].flat()) {
    const available = (bySku.get(level.sku)?.available ?? 0) + availableUnits(level)
    bySku.set(level.sku, { sku: level.sku, available, low: isLow(available, level.thresholdUnits) })
  }
  return { items: [...bySku.values()] }
})

export const reservationsOf = read(ReservationsOf, async ({ input, db }) => {
  const found = await findReservations(db, input.orderIds)
  return { items: [...found.values()].map((one) => ({ orderId: one.orderId, state: one.state === 'returned' ? 'shipped' : one.state })) }
})
