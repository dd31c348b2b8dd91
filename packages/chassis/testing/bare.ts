/** What every house of a test or measurement is opened with: secrets of its own, a silent log, no limits, nobody who signs tokens. */
import { randomBytes } from 'node:crypto'
import { Environment } from '../runtime/environment.ts'
import type { HouseOptions } from '../runtime/house.ts'
import { createLog } from '../telemetry/log.ts'

export function bare(variables: Readonly<Record<string, string | undefined>> = {}): Omit<HouseOptions, 'services'> {
  return {
    environment: new Environment({ STOA_DEMO: 'off', ...variables }),
    rootSecret: randomBytes(32),
    log: createLog({ level: 'silent' }),
    demo: variables.STOA_DEMO === 'on',
    rateLimits: false,
    trustedProxies: [],
    apiHost: '',
    fetchKeys: async () => ({ keys: [] }),
  }
}
