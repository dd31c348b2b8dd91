/** Opening stock: used once, when a SKU is new. */
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { announceLevels } from './announce.ts'
import { levelsOf, openLevels, writeMovements } from './store/levels.ts'

/** Opens SKUs that are not known yet; known ones are left as they are. Answers how many were opened. */
export async function openStock(
  tx: Tx,
  items: readonly { sku: string; productId: string; units: number }[],
  newId: () => string,
): Promise<number> {
  if (items.length === 0) return 0
  const opened = await openLevels(tx, items)
  if (opened.length === 0) return 0
  const withStock = opened.filter((one) => one.units > 0)
  if (withStock.length > 0)
    await writeMovements(
      tx,
      withStock.map((one) => ({
        id: newId(),
        sku: one.sku,
        warehouse: 'main',
        delta: one.units,
        onHandAfter: one.units,
        kind: 'opening',
        reason: 'opening stock',
        orderId: null,
        by: null,
      })),
    )
  for (const level of await levelsOf(
    tx,
    opened.map((one) => one.sku),
  ))
    announceLevels(tx, level.onHandUnits, [level])
  return opened.length
}
