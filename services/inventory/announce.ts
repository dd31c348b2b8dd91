/** What others hear when stock moved: one event per SKU, whatever moved it. */
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { StockChanged, StockLow } from '@stoa/contracts/inventory.ts'
import { availableUnits, isLow, type StockLevel } from './domain.ts'

export interface LevelChange {
  readonly sku: string
  readonly warehouse: string
  readonly onHand: number
  readonly reserved: number
}

/** Publishes the new stock of every touched SKU, and an alert where it fell below the threshold. `levels` are the locked rows before the change. */
export function announceChange(tx: Tx, levels: readonly StockLevel[], changes: readonly LevelChange[]): void {
  const touched = new Set(changes.map((one) => one.sku))
  for (const sku of touched) {
    const before = levels.filter((one) => one.sku === sku)
    const after = before.map((level) => {
      const change = changes.find((one) => one.sku === sku && one.warehouse === level.warehouse)
      return change
        ? {
            ...level,
            onHandUnits: level.onHandUnits + change.onHand,
            reservedUnits: level.reservedUnits + change.reserved,
            version: level.version + 1,
          }
        : level
    })
    announceLevels(tx, sum(before, availableUnits), after)
  }
}

/** Publishes the stock of one SKU as `levels` (all its warehouses) say. */
export function announceLevels(tx: Tx, availableBefore: number, levels: readonly StockLevel[]): void {
  const [first] = levels
  if (!first) return
  const available = sum(levels, availableUnits)
  const threshold = first.thresholdUnits
  const { sku, productId } = first
  tx.publish(StockChanged, {
    sku,
    productId,
    onHand: sum(levels, (one) => one.onHandUnits),
    reserved: sum(levels, (one) => one.reservedUnits),
    available,
    low: isLow(available, threshold),
    version: sum(levels, (one) => one.version),
  })
  if (isLow(available, threshold) && !isLow(availableBefore, threshold)) tx.publish(StockLow, { sku, productId, available, threshold })
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
