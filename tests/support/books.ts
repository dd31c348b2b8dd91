/** The books of a running shop against what its buyers were promised. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { doctor, type BookCheck } from './shop.ts'
import { disagreements, unendedOrders, type Ask, type Bought } from './witness.ts'

const END_SECONDS_MAX = 240
const POLL_MS = 300

/**
 * Lets the orders under way end and the shop come to rest; then every check of the doctor is content, and the witness finds nothing.
 * `elsewhere` asks databases that are not the shop's own PostgreSQL. Answers the checks.
 */
export async function booksAgree(dataDir: string, bought: readonly Bought[], elsewhere?: Ask): Promise<BookCheck[]> {
  await ordersEnd(dataDir, elsewhere)
  const { checks } = await doctor(dataDir, END_SECONDS_MAX)
  expect(checks.filter((one) => !one.ok)).toEqual([])
  expect(await disagreements(dataDir, bought, elsewhere)).toEqual([])
  return checks
}

/** While it is not known what came of a payment, the books are right and the order has not ended: the provider is asked in pauses. */
async function ordersEnd(dataDir: string, elsewhere: Ask | undefined): Promise<void> {
  const until = Date.now() + END_SECONDS_MAX * 1000
  while ((await unendedOrders(dataDir, elsewhere)).length > 0 && Date.now() < until) await sleep(POLL_MS)
}
