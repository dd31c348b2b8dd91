/**
 * Counts of requests that all replicas of the gateway share, in Redis. Without Redis, or while it is slow, each replica counts for itself:
 * the shop stays open, and a client gets at most the limit of each replica.
 */
import type { Script, SharedRedis } from '../redis.ts'

/** Addresses and accounts counted here at once, while Redis is away. */
const COUNTED_MAX = 20_000

/** Counts up and answers how many there are now and how many milliseconds the window still has. A count without an end would refuse for ever. */
const COUNT: Script = {
  name: 'count',
  keys: 1,
  lua: `local n = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) left = tonumber(ARGV[1]) end
return {n, left}`,
}

interface Count {
  readonly current: number
  readonly ttl: number
}

type Counted = (error: Error | null, count: Count | null) => void

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

/** Makes the store class of @fastify/rate-limit over Redis. Each limit names the `space` that its keys lie in. */
export function sharedCounts(redis: SharedRedis) {
  redis.define(COUNT)
  const own = new OwnCounts()
  const count = async (key: string, windowMs: number): Promise<Count> => {
    const counted = await redis.ask<[number, number]>(COUNT, `limit:${key}`, windowMs)
    return counted ? { current: counted[0], ttl: counted[1] } : own.count(key, windowMs)
  }
  return class SharedCounts {
    readonly #space: string

    constructor(options: object) {
      this.#space = (options as { space?: string }).space ?? ''
    }

    incr(name: string, counted: Counted, windowMs: number): void {
      void count(`${this.#space}:${name}`, windowMs).then((one) => counted(null, one))
    }

    child(options: object): SharedCounts {
      return new SharedCounts(options)
    }
  }
}
