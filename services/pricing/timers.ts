import type { Tx } from '@stoa/chassis/database/sql.ts'
import { timer } from '@stoa/chassis/service.ts'
import { secondsToTurn, skusOfList } from './store/price-lists.ts'
import { announcePrices } from './usecases.ts'

/** A list is looked at this often at most although nothing is due: farther moments are no matter for a timer. */
const TURN_SECONDS_MAX = 30 * 86_400

/** A list begins or ends: prices that are others now are told. One that comes early or late finds what is in force then. */
export const priceListTurns = timer('price-list-turns', async (listId, { tx, ...context }) => {
  await scheduleTurn(tx, listId)
  await announcePrices(tx, await skusOfList(tx, listId), context)
})

/** Sets the timer for a list's next beginning or end. To be called before prices are told, so that no moment falls between. */
export async function scheduleTurn(tx: Tx, listId: string): Promise<void> {
  const seconds = await secondsToTurn(tx, listId)
  if (seconds === undefined) tx.unschedule(priceListTurns, listId)
  else tx.schedule(priceListTurns, listId, Math.min(seconds, TURN_SECONDS_MAX))
}
