/** Settings of the whole shop: where it listens, where its data lies (api.md, "Running it"). */
import { join, resolve } from 'node:path'
import { Type } from 'typebox'
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { setting } from '@stoa/chassis/service.ts'
import * as shared from '@stoa/chassis/settings.ts'
import { root } from './paths.ts'

const OnOff = (standard: 'on' | 'off') => Type.Union([Type.Literal('on'), Type.Literal('off')], { default: standard })

export const Port = setting('STOA_PORT', Type.Integer({ default: 3000, minimum: 0, maximum: 65_535 }), 'port the shop listens on')
export const Host = setting('STOA_HOST', Type.String({ default: '127.0.0.1' }), 'address the shop listens on')
export const DataDir = setting(
  'STOA_DATA_DIR',
  Type.String({ default: '.stoa' }),
  'folder of the shop’s data, below the repository unless absolute',
)
export const RateLimits = setting(
  'STOA_RATE_LIMITS',
  OnOff('on'),
  'off: no rate limits, for load tests on loopback; the guard against guessing passwords stays on',
)
export const TrustedProxies = setting(
  'STOA_TRUSTED_PROXIES',
  Type.String({ default: '' }),
  'addresses or ranges of proxies whose forwarded headers are believed, separated by commas',
)
export const ApiHost = setting('STOA_API_HOST', Type.String({ default: '' }), 'host name on which the API also answers without /api')
export const BuildDir = setting(
  'STOA_BUILD_DIR',
  Type.String({ default: '' }),
  'folder of the built storefront; in the data directory unless told',
)
export const LogLevel = setting(
  'STOA_LOG_LEVEL',
  Type.Union(
    ['debug', 'info', 'warn', 'error', 'silent'].map((one) => Type.Literal(one)),
    { default: 'info' },
  ),
  'debug, info (a line per request), warn, error or silent',
)

export interface ShopSettings {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly demo: boolean
  readonly rateLimits: boolean
  readonly trustedProxies: readonly string[]
  readonly apiHost: string
  readonly logLevel: string
  readonly buildDir: string
}

/** Every setting of the shop itself, for `--help`. */
export const SHOP_SETTINGS = [Port, Host, DataDir, RateLimits, TrustedProxies, ApiHost, BuildDir, LogLevel, ...Object.values(shared)]

/** Reads the shop's settings. Throws: naming the variable that is wrong. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): ShopSettings {
  const environment = new Environment(variables)
  const dataDir = resolve(root, environment.get(DataDir))
  return {
    port: environment.get(Port),
    host: environment.get(Host),
    dataDir,
    buildDir: environment.get(BuildDir) === '' ? join(dataDir, 'storefront') : resolve(root, environment.get(BuildDir)),
    demo: environment.get(shared.Demo) === 'on',
    rateLimits: environment.get(RateLimits) === 'on',
    trustedProxies: environment
      .get(TrustedProxies)
      .split(',')
      .filter((one) => one !== ''),
    apiHost: environment.get(ApiHost),
    logLevel: String(environment.get(LogLevel)),
  }
}
