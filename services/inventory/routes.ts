import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { beginOfPage, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { handle, read } from '@stoa/chassis/service.ts'
import { AdjustStock, GetStock, ListMovements, SetThreshold as SetThresholdRoute } from '@stoa/contracts/inventory.ts'
import { announceLevels } from './announce.ts'
import { adjust, availableUnits, type StockLevel } from './domain.ts'
import {
  changeLevels,
  levelsOf,
  lockLevels,
  movementsOf,
  openWarehouse,
  setThreshold as setThresholdOf,
  writeMovements,
} from './store/levels.ts'

const PAGE = 50

export const getStock = read(GetStock, async ({ params, db }) => {
  const levels = await levelsOf(db, [params.sku])
  return levels.length === 0 ? refuse('not-found') : stockOf(levels)
})

export const adjustStock = handle(AdjustStock, async ({ params, input, tx, caller, newId, now }) => {
  if ((input.delta === undefined) === (input.setTo === undefined))
    return refuse('invalid-request', { errors: [{ path: 'delta', code: 'exactly-one', message: 'give either delta or setTo' }] })
  const warehouse = input.warehouse ?? 'main'
  const known = await lockLevels(tx, [params.sku])
  const [first] = known
  if (!first) return refuse('not-found')
  if (!known.some((one) => one.warehouse === warehouse)) await openWarehouse(tx, first, warehouse)
  const levels = await lockLevels(tx, [params.sku])
  const level = levels.find((one) => one.warehouse === warehouse) as StockLevel
  const adjusted = adjust(level, input.delta === undefined ? { setTo: input.setTo as number } : { delta: input.delta })
  if (isRefusal(adjusted)) return adjusted
  const movement = {
    id: newId(),
    sku: params.sku,
    warehouse,
    delta: adjusted.deltaUnits,
    onHandAfter: adjusted.onHandUnits,
    kind: 'adjustment' as const,
    reason: input.reason,
    orderId: null,
    by: caller.kind === 'account' ? caller.accountId : null,
  }
  await changeLevels(tx, [{ sku: params.sku, warehouse, onHand: adjusted.deltaUnits, reserved: 0 }])
  await writeMovements(tx, [movement])
  announceLevels(tx, availableOf(levels), await levelsOf(tx, [params.sku]))
  return { ...movement, at: now.toISOString() }
})

export const listMovements = read(ListMovements, async ({ params, query, db }) => {
  const limit = query.limit ?? PAGE
  const scope = ['movements', params.sku]
  const before = beginOfPage(scope, query.cursor)
  if (before === undefined) return refuse('invalid-cursor')
  const rows = await movementsOf(db, params.sku, before, limit + 1)
  if (rows.length === 0 && (await levelsOf(db, [params.sku])).length === 0) return refuse('not-found')
  const items = rows.slice(0, limit)
  return {
    items: items.map((one) => ({ ...one, at: one.at.toISOString() })),
    nextCursor: rows.length > limit ? encodeCursor(scope, [items.at(-1)?.id]) : null,
  }
})

export const setThreshold = handle(SetThresholdRoute, async ({ params, input, tx }) => {
  const before = await lockLevels(tx, [params.sku])
  if (before.length === 0) return refuse('not-found')
  await setThresholdOf(tx, params.sku, input.units)
  // Whether that is few is shown with it.
  tx.touch(before.map((one) => one.productId))
  const levels = await levelsOf(tx, [params.sku])
  return stockOf(levels)
})

function stockOf(levels: readonly StockLevel[]) {
  const sum = (of: (level: StockLevel) => number) => levels.reduce((total, level) => total + of(level), 0)
  return {
    sku: levels[0]?.sku ?? '',
    onHand: sum((one) => one.onHandUnits),
    reserved: sum((one) => one.reservedUnits),
    available: sum(availableUnits),
    incoming: 0,
    threshold: levels[0]?.thresholdUnits ?? 0,
    warehouses: levels.map((one) => ({
      warehouse: one.warehouse,
      onHand: one.onHandUnits,
      reserved: one.reservedUnits,
      available: availableUnits(one),
    })),
  }
}

function availableOf(levels: readonly StockLevel[]): number {
  return levels.reduce((total, level) => total + availableUnits(level), 0)
}
