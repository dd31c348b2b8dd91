/**
 * Counts of requests that all replicas of the gateway share, in Redis. Without Redis, or while it is slow, each replica counts for itself:
 * the shop stays open, and a client gets at most the limit of each replica.
 */
import { Redis } from 'ioredis'

/** Beyond this Redis is of no use to a request: it is counted here. */
const ANSWER_MS_MAX = 50
/** After a slow answer Redis is left alone for so long. */
const REST_MS = 1000
const RECONNECT_MS_MAX = 2000
/** Addresses and accounts counted here at once, while Redis is away. */
const COUNTED_MAX = 20_000

/** Counts up and answers how many there are now and how many milliseconds the window still has; one round trip. */
const COUNT = `local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) return {n, tonumber(ARGV[1])} end
return {n, redis.call('PTTL', KEYS[1])}`

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
    connectTimeout: 1000,
    retryStrategy: (times) => Math.min(RECONNECT_MS_MAX, 50 * 2 ** Math.min(times, 10)),
  })
  // Each command hears of it by itself.
  redis.on('error', () => {})
  redis.defineCommand('count', { numberOfKeys: 1, lua: COUNT })
  return redis as Counting
}

/** Makes the store class of @fastify/rate-limit over a connection. Each limit names the `space` that its keys lie in. */
export function sharedCounts(redis: Counting) {
  let restsUntil = 0
  const here = new Map<string, { count: number; ends: number }>()
  const countHere = (key: string, windowMs: number): Count => {
    const now = Date.now()
    const known = here.get(key)
    const window = known && known.ends > now ? known : { count: 0, ends: now + windowMs }
    window.count++
    here.delete(key)
    here.set(key, window)
    if (here.size > COUNTED_MAX) here.delete(here.keys().next().value as string)
    return { current: window.count, ttl: window.ends - now }
  }
  return class SharedCounts {
    readonly #space: string

    constructor(options: object) {
      this.#space = (options as { space?: string }).space ?? ''
    }

    incr(name: string, counted: Counted, windowMs: number): void {
      const key = `${this.#space}:${name}`
      if (Date.now() < restsUntil) return counted(null, countHere(key, windowMs))
      redis.count(`limit:${key}`, windowMs).then(
        ([current, ttl]) => counted(null, { current, ttl }),
        () => {
          restsUntil = Date.now() + REST_MS
          counted(null, countHere(key, windowMs))
        },
      )
    }

    child(options: object): SharedCounts {
      return new SharedCounts(options)
    }
  }
}
