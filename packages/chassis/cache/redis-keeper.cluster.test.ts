/** Two processes keep together in a real Redis, which is emptied, killed and stopped under them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@stoa/kit/ids.ts'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { serversCache } from '../../../cli/servers/cache.ts'
import { startRedis } from '../../../cli/servers/redis.ts'
import { SharedRedis } from '../redis.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { keeperSuite, markOf } from './keeper-suite.ts'
import { Kept } from './kept.ts'
import { RedisKeeper } from './redis-keeper.ts'

const MS = 5000
/** A moment in which a loaded machine answers, and in which nobody waits for a Redis that stands still. */
const ANSWERED_MS_MAX = 200

let dataDir: string
let redis: Awaited<ReturnType<typeof startRedis>>
let connections: SharedRedis[]
let one: RedisKeeper
let other: RedisKeeper
const start = () => startRedis({ cacheDir: serversCache(), dataDir })

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stoa-kept-'))
  redis = await start()
  connections = [0, 1].map(() => new SharedRedis(redis.url, createLog({ level: 'silent' })))
  ;[one, other] = connections.map((connection) => new RedisKeeper(connection)) as [RedisKeeper, RedisKeeper]
})
afterAll(async () => {
  for (const keeper of [one, other]) keeper.close()
  for (const connection of connections) connection.close()
  await redis.stop()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(together)

/** Both are answered. */
async function together() {
  for (const keeper of [one, other])
    await expect.poll(async () => (await keeper.find(newId())) !== undefined, { timeout: 20_000 }).toBe(true)
}

async function keepAt(keeper: RedisKeeper, name: string, shown: string, value = 'x') {
  expect(await keeper.keep(name, value, { mark: await markOf(keeper, name), shows: [shown], ms: MS })).toBe(true)
}

/** Redis stands still while `work` goes on. */
async function frozen(work: () => Promise<void>) {
  process.kill(redis.pid, 'SIGSTOP')
  try {
    await work()
  } finally {
    process.kill(redis.pid, 'SIGCONT')
  }
}

async function quickly<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  expect(performance.now() - began).toBeLessThan(ANSWERED_MS_MAX)
  return result
}

describe('kept in Redis', () => {
  keeperSuite(() => [one, other])

  test('a value ends with its time', async () => {
    const [name, shown] = [newId(), newId()]
    await one.keep(name, 'x', { mark: await markOf(one, name), shows: [shown], ms: 50 })
    await expect.poll(async () => 'value' in ((await other.find(name)) ?? {})).toBe(false)
  })

  test('when Redis was emptied, nothing is found, and what was read before is not kept', async () => {
    const [name, late, shown] = [newId(), newId(), newId()]
    await keepAt(one, name, shown)
    const before = await markOf(one, late)
    const client = new Redis(redis.url)
    await client.flushall()
    // Told to a Redis that knows nothing: there is nothing to forget, and nothing from before counts.
    await other.forget([shown])
    expect(await one.keep(late, 'old', { mark: before, shows: [shown], ms: MS })).toBe(false)
    expect(await one.find(name)).toHaveProperty('mark')
    expect(await one.keep(late, 'old', { mark: before, shows: [shown], ms: MS })).toBe(false)
    await keepAt(one, late, shown, 'new')
    expect(await other.find(late)).toEqual({ value: 'new' })
    await client.quit()
  })

  test('when Redis evicts what it knows of the forgotten, nothing is found that was forgotten', async () => {
    const [name, shown] = [newId(), newId()]
    await keepAt(one, name, shown)
    await other.forget([shown])
    const client = new Redis(redis.url)
    await client.del('{kept}:forgotten')
    await client.quit()
    expect(await one.find(name)).toHaveProperty('mark')
  })
})

describe('when Redis', () => {
  test('is killed, everybody goes on without it at once; back again, it knows nothing old', async () => {
    const [name, shown] = [newId(), newId()]
    const before = await markOf(one, name)
    process.kill(redis.pid, 'SIGKILL')
    await redis.exited
    expect(await quickly(() => one.find(name))).toBeUndefined()
    await quickly(() => other.forget([shown]))
    expect(other.owed).toBe(1)
    redis = await start()
    await together()
    expect(other.owed).toBe(0)
    expect(await one.keep(name, 'old', { mark: before, shows: [shown], ms: MS })).toBe(false)
    expect(await one.find(name)).toHaveProperty('mark')
  })

  test('stands still, nobody waits for it, and it is told first of all what was to be forgotten meanwhile', async () => {
    const [name, shown] = [newId(), newId()]
    await keepAt(one, name, shown)
    await frozen(async () => {
      await quickly(() => other.forget([shown]))
      expect(await quickly(() => other.find(name))).toBeUndefined()
      await quickly(() => other.forget([newId()]))
      expect(other.owed).toBe(2)
    })
    // Whoever changed it never sees the old value again, from the first answer on.
    await expect
      .poll(
        async () => {
          const found = await other.find(name)
          if (found && 'value' in found) throw new Error('the old value was found by whoever had forgotten it')
          return found !== undefined
        },
        { timeout: 20_000 },
      )
      .toBe(true)
    expect(await one.find(name)).not.toHaveProperty('value')
  })

  test('stood still while nobody asks, what is owed is told by itself', async () => {
    const [name, shown] = [newId(), newId()]
    await keepAt(one, name, shown)
    await frozen(() => other.forget([shown]))
    await expect.poll(() => other.owed, { timeout: 20_000 }).toBe(0)
    await expect.poll(async () => (await one.find(name)) !== undefined, { timeout: 20_000 }).toBe(true)
    expect(await one.find(name)).not.toHaveProperty('value')
  })

  test('stood still while very much was to be forgotten, everything is', async () => {
    const [name, shown] = [newId(), newId()]
    await keepAt(one, name, shown)
    await frozen(async () => {
      for (let times = 0; times < 3; times++) await other.forget(Array.from({ length: 900 }, newId))
      expect(other.owed).toBeLessThan(1100)
    })
    await expect.poll(() => other.owed, { timeout: 20_000 }).toBe(0)
    await together()
    expect(await one.find(name)).toHaveProperty('mark')
  })
})

test('through it all, what is read through it is never older than a change that it was told of', async () => {
  const versions = new Map<string, number>()
  const told = new Map<string, number>()
  const things = Array.from({ length: 5 }, newId)
  const readerOf = (keeper: RedisKeeper) => {
    const kept = new Kept(keeper, { service: 'shop', space: 'own' }, createMetrics())
    return (thing: string) =>
      kept.through(thing, {
        ms: MS,
        make: async () => versions.get(thing) ?? 0,
        pack: (version) => ({ value: String(version), shows: [thing] }),
        unpack: Number,
      })
  }
  const readers = [readerOf(one), readerOf(other)]
  const client = new Redis(redis.url)
  const until = performance.now() + 3000
  let read = 0
  const change = async () => {
    for (let n = 0; performance.now() < until; n++) {
      const thing = things[n % things.length] as string
      const version = (versions.get(thing) ?? 0) + 1
      versions.set(thing, version)
      await one.forget([thing])
      // On a machine that stands still for a moment it is owed for a while.
      if (one.owed === 0) told.set(thing, version)
      if (n % 50 === 49) await client.flushall()
    }
  }
  const watch = async (which: number) => {
    for (let n = which; performance.now() < until; n++) {
      const thing = things[n % things.length] as string
      const atLeast = told.get(thing) ?? 0
      const seen = await (readers[which % 2] as (thing: string) => Promise<number>)(thing)
      expect(seen).toBeGreaterThanOrEqual(atLeast)
      read++
    }
  }
  await Promise.all([change(), ...Array.from({ length: 6 }, (_, which) => watch(which))])
  await client.quit()
  expect(read).toBeGreaterThan(100)
})
