/** What a server is made with. */
import type { FastifyInstance } from 'fastify'
import type { SharedRedis } from '../redis.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Authenticator } from './authentication.ts'

export type StoaServer = FastifyInstance

export interface ServerOptions {
  readonly log: Log
  readonly metrics: Metrics
  readonly authenticator: Authenticator
  /** False for load tests on loopback. */
  readonly rateLimits: boolean
  /** Redis in which all replicas count together; each for itself without. Whoever opened it closes it. */
  readonly redis?: SharedRedis
  readonly demo: boolean
  /** Proxies whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
  /** On this host name, paths work without `/api` too (GW10). */
  readonly apiHost: string
}
