/** The books of a running shop against what its buyers were promised. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { doctor, type BookCheck } from './shop.ts'
import { disagreements, unendedOrders, type Ask, type Bought } from './witness.ts'

const REST_SECONDS_MAX = 120
const POLL_MS = 300

export interface Comparing {
  /** Asks databases that are not the shop's own PostgreSQL. */
  readonly elsewhere?: Ask | undefined
  /** Until orders have ended and the shop is at rest. */
  readonly secondsMax?: number
}

/** Lets the orders under way end and the shop come to rest; then every check of the doctor is content, and the witness finds nothing. Answers the checks. */
export async function booksAgree(
  dataDir: string,
  bought: readonly Bought[],
  { elsewhere, secondsMax = REST_SECONDS_MAX }: Comparing = {},
): Promise<BookCheck[]> {
  const until = Date.now() + secondsMax * 1000
  // While it is not known what came of a payment, the books are right and the order has not ended: the provider is asked in pauses.
  while ((await unendedOrders(dataDir, elsewhere)).length > 0 && Date.now() < until) await sleep(POLL_MS)
  const { checks } = await doctor(dataDir, Math.max(0, Math.ceil((until - Date.now()) / 1000)))
  expect(checks.filter((one) => !one.ok)).toEqual([])
  expect(await disagreements(dataDir, bought, elsewhere)).toEqual([])
  return checks
}
