/**
 * Counts of requests that all replicas of the gateway share, in Redis. Without Redis, or while it is slow, each replica counts for itself:
 * the shop stays open, and a client gets at most the limit of each replica.
 */
import { Redis } from 'ioredis'
import type { Log } from '../telemetry/log.ts'

/** Beyond this Redis is of no use to a request: it is counted here. */
const ANSWER_MS_MAX = 50
/** After a failure Redis is left alone for so long. */
const REST_MS = 1000
const RECONNECT_MS_MAX = 2000
const CONNECT_MS_MAX = 1000
/** Addresses and accounts counted here at once, while Redis is away. */
const COUNTED_MAX = 20_000

/** Counts up and answers how many there are now and how many milliseconds the window still has; one round trip. A count without an end would refuse for ever. */
const COUNT = `local n = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) left = tonumber(ARGV[1]) end
return {n, left}`

interface Count {
  readonly current: number
  readonly ttl: number
}

type Counted = (error: Error | null, count: Count | null) => void

type Counting = Redis & { count(key: string, windowMs: number): Promise<[number, number]> }

/** A connection that never makes anybody wait: what cannot be asked at once is refused. */
export function connectCounts(url: string): Counting {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS_MAX,
    connectTimeout: CONNECT_MS_MAX,
    retryStrategy: (times) => Math.min(RECONNECT_MS_MAX, 50 * 2 ** Math.min(times, 10)),
  })
  // Each command hears of it by itself.
  redis.on('error', () => {})
  redis.defineCommand('count', { numberOfKeys: 1, lua: COUNT })
  return redis as Counting
}

/** Counts of this process alone. The longest unused make place for new ones. */
class OwnCounts {
  readonly #windows = new Map<string, { count: number; ends: number }>()

  count(key: string, windowMs: number): Count {
    const now = performance.now()
    const known = this.#windows.get(key)
    const window = known && known.ends > now ? known : { count: 0, ends: now + windowMs }
    window.count++
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > COUNTED_MAX) this.#windows.delete(this.#windows.keys().next().value as string)
    return { current: window.count, ttl: window.ends - now }
  }
}

/** Redis, as long as it answers quickly; else this process. */
class Counter {
  readonly #redis: Counting
  readonly #log: Log
  readonly #own = new OwnCounts()
  #restsUntil = 0
  #isAway = false

  constructor(redis: Counting, log: Log) {
    this.#redis = redis
    this.#log = log
  }

  async count(key: string, windowMs: number): Promise<Count> {
    const isThere = this.#redis.status === 'ready'
    if (!isThere) this.#tell(true)
    if (!isThere || performance.now() < this.#restsUntil) return this.#own.count(key, windowMs)
    try {
      const [current, ttl] = await this.#redis.count(`limit:${key}`, windowMs)
      this.#tell(false)
      return { current, ttl }
    } catch (error) {
      this.#tell(true, error)
      // One of those that asked together ends the connection for all: what a server that stands still was asked would pile up there.
      if (performance.now() >= this.#restsUntil && this.#redis.status === 'ready') this.#redis.disconnect(true)
      this.#restsUntil = performance.now() + REST_MS
      return this.#own.count(key, windowMs)
    }
  }

  #tell(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    if (isAway) this.#log.warn({ error }, 'Redis does not answer: each gateway counts requests for itself')
    else this.#log.info({}, 'Redis answers again: gateways count requests together')
  }
}

/** Makes the store class of @fastify/rate-limit over a connection. Each limit names the `space` that its keys lie in. */
export function sharedCounts(redis: Counting, log: Log) {
  const counter = new Counter(redis, log)
  return class SharedCounts {
    readonly #space: string

    constructor(options: object) {
      this.#space = (options as { space?: string }).space ?? ''
    }

    incr(name: string, counted: Counted, windowMs: number): void {
      void counter.count(`${this.#space}:${name}`, windowMs).then((count) => counted(null, count))
    }

    child(options: object): SharedCounts {
      return new SharedCounts(options)
    }
  }
}
