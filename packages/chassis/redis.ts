/**
 * Redis as the house uses it: what it holds may be lost at any time, and nobody waits for it. What cannot be asked at once is not asked;
 * whoever asks goes on without an answer.
 */
import { Redis } from 'ioredis'
import type { Log } from './telemetry/log.ts'

/** Beyond this Redis is of no use to a request. */
const ANSWER_MS_MAX = 50
/** After a failure Redis is left alone for so long. */
export const REST_MS = 1000
const RECONNECT_MS_MAX = 2000
const CONNECT_MS_MAX = 1000

/** One operation: atomic, in one round trip. Its answer must not be nil. */
export interface Script {
  readonly name: string
  readonly keys: number
  readonly lua: string
}

type Scripted = Redis & Record<string, (...args: (string | number)[]) => Promise<unknown>>

/** One connection for all of a process. */
export class SharedRedis {
  readonly #redis: Scripted
  readonly #log: Log
  #restsUntil = 0
  #isAway = false

  constructor(url: string, log: Log) {
    this.#log = log
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_MS_MAX,
      connectTimeout: CONNECT_MS_MAX,
      retryStrategy: (times) => Math.min(RECONNECT_MS_MAX, 50 * 2 ** Math.min(times, 10)),
    }) as Scripted
    // Each command hears of it by itself.
    this.#redis.on('error', () => {})
  }

  /** Makes scripts known, each under a name of its own. */
  define(...scripts: readonly Script[]): void {
    for (const { name, keys, lua } of scripts) this.#redis.defineCommand(name, { numberOfKeys: keys, lua })
  }

  /** Called whenever a connection has come about. */
  onReady(listener: () => void): void {
    this.#redis.on('ready', listener)
  }

  /** What a script answers, or undefined: Redis is away, slow, or left alone after a failure. Then it may have been carried out all the same. */
  async ask<Answer>(script: Script, ...args: (string | number)[]): Promise<Answer | undefined> {
    return performance.now() < this.#restsUntil ? undefined : this.insist(script, ...args)
  }

  /** Like `ask`, but after a failure as soon as there is a connection again: for what others wait for. */
  async insist<Answer>({ name }: Script, ...args: (string | number)[]): Promise<Answer | undefined> {
    if (this.#redis.status !== 'ready') {
      this.#tell(true)
      return undefined
    }
    try {
      const answer = (await (this.#redis[name] as (...all: typeof args) => Promise<unknown>)(...args)) as Answer
      this.#tell(false)
      return answer
    } catch (error) {
      this.#tell(true, error)
      // One of those that asked together ends the connection for all: what a server that stands still was asked would pile up there.
      if (performance.now() >= this.#restsUntil && this.#redis.status === 'ready') this.#redis.disconnect(true)
      this.#restsUntil = performance.now() + REST_MS
      return undefined
    }
  }

  close(): void {
    this.#redis.disconnect()
  }

  #tell(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    if (isAway) this.#log.warn({ error }, 'Redis does not answer: this process counts requests for itself and reads everything anew')
    else this.#log.info({}, 'Redis answers again: processes count requests and keep answers together')
  }
}
