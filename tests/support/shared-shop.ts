/** One shop for all journeys that leave it as whole as they found it; started by vitest's global set-up, ended after the last. */
import { startShop } from './shop.ts'

const VARIABLE = 'STOA_TEST_SHOP'

export interface SharedShop {
  readonly origin: string
  readonly dataDir: string
}

/** vitest's global set-up of the journey tier. */
export default async function setup(): Promise<() => Promise<void>> {
  // A shop that somebody started, e.g. one that is being worked on.
  if (process.env[VARIABLE]) return async () => {}
  const shop = await startShop()
  process.env[VARIABLE] = JSON.stringify({ origin: shop.origin, dataDir: shop.dataDir })
  return async () => {
    await shop.stop()
  }
}

/** The shop of this run. Throws: outside of one. */
export function sharedShop(): SharedShop {
  const shop = process.env[VARIABLE]
  if (!shop) throw new Error('journeys run with tests/support/shared-shop.ts as global set-up')
  return JSON.parse(shop) as SharedShop
}
