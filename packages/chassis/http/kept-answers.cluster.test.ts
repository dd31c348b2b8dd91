/** Two replicas of a service answer from one Redis: what one changed the other shows at once, and every request is answered, whatever becomes of Redis. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@stoa/kit/ids.ts'
import { Redis } from 'ioredis'
import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { serversCache } from '../../../cli/servers/cache.ts'
import { startRedis } from '../../../cli/servers/redis.ts'
import { RedisKeeper } from '../cache/redis-keeper.ts'
import { KEPT_MS_MAX, object, route } from '../contract.ts'
import { SharedRedis } from '../redis.ts'
import { defineService, handle, read } from '../service.ts'
import { createLog } from '../telemetry/log.ts'
import { openRoom, type Room } from '../testing/room.ts'

const params = object({ name: Type.String() })
const Thing = object({ value: Type.Integer() })
const Look = route('GET /things/{name}', {
  summary: 'x',
  permission: 'public',
  class: 'browse',
  params,
  output: Thing,
  keptMs: KEPT_MS_MAX,
})
const Put = route('PUT /things/{name}', { summary: 'x', permission: 'public', class: 'staff', params, body: Thing, output: object({}) })

/** What both replicas read, and how often they did. */
const values = new Map<string, number>()
let made = 0
const shelf = defineService({
  name: 'shelf',
  owns: 'Things, for this test.',
  routes: [
    read(Look, async ({ params: { name }, reply }) => {
      made++
      reply.shows([name])
      return { value: values.get(name) ?? 0 }
    }),
    handle(Put, async ({ params: { name }, input: { value }, tx }) => {
      values.set(name, value)
      tx.touch([name])
      return {}
    }),
  ],
})

let dataDir: string
let redis: Awaited<ReturnType<typeof startRedis>>
let connections: SharedRedis[]
let keepers: RedisKeeper[]
let rooms: Room[]
const start = () => startRedis({ cacheDir: serversCache(), dataDir })
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stoa-kept-'))
  redis = await start()
  connections = [0, 1].map(() => new SharedRedis(redis.url, createLog({ level: 'silent' })))
  keepers = connections.map((one) => new RedisKeeper(one))
  rooms = await Promise.all(keepers.map((keeper) => openRoom({ services: [shelf], keeper })))
})
afterAll(async () => {
  for (const room of rooms) await room.stop()
  for (const one of connections) one.close()
  await redis.stop()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(together)

const look = async (which: number, name: string) => {
  const began = performance.now()
  const { status, body } = await (rooms[which] as Room).request(`GET /api/things/${name}`)
  return { status, value: body.value as number, ms: performance.now() - began }
}
const put = (which: number, name: string, value: number) => (rooms[which] as Room).request(`PUT /api/things/${name}`, { body: { value } })

/** What one replica made, the other need not make. */
async function together() {
  await expect
    .poll(
      async () => {
        const name = newId()
        made = 0
        for (const which of [0, 1, 0, 1]) await look(which, name)
        return made
      },
      { timeout: 20_000 },
    )
    .toBe(1)
}

/** What is to be forgotten was told: a machine that hesitates for a moment looks like a Redis that does. */
const allTold = () => expect.poll(() => keepers.reduce((sum, one) => sum + one.owed, 0), { timeout: 10_000 }).toBe(0)

/** Each change by one replica is seen at once on both; `told`: once Redis knows of it. */
async function changesAreSeen(times: number, told: () => Promise<void> = allTold) {
  const name = newId()
  for (let value = 1; value <= times; value++) {
    await put(value % 2, name, value)
    await told()
    for (const which of [0, 1]) expect(await look(which, name)).toMatchObject({ status: 200, value })
  }
}

test('what one replica changed, both show at once', () => changesAreSeen(50))

test('while Redis is emptied again and again, both show each change at once', async () => {
  const client = new Redis(redis.url)
  let isOver = false
  const emptying = (async () => {
    while (!isOver) {
      await client.flushall()
      await sleep(3)
    }
  })()
  await changesAreSeen(50).finally(() => (isOver = true))
  await emptying
  await client.quit()
})

test('when Redis is killed, and when it comes back, both show each change at once', async () => {
  process.kill(redis.pid, 'SIGKILL')
  await redis.exited
  await changesAreSeen(10, async () => {})
  redis = await start()
  await together()
  await changesAreSeen(10)
})

test('while Redis stands still, every request is answered in time, and both show each change at once', async () => {
  process.kill(redis.pid, 'SIGSTOP')
  const waits: number[] = []
  try {
    const name = newId()
    for (let value = 1; value <= 40; value++) {
      await put(0, name, value)
      for (const which of [0, 1]) {
        const seen = await look(which, name)
        expect(seen).toMatchObject({ status: 200, value })
        waits.push(seen.ms)
      }
      await sleep(20)
    }
  } finally {
    process.kill(redis.pid, 'SIGCONT')
  }
  const sorted = waits.toSorted((a, b) => a - b)
  expect(sorted.at(-1)).toBeLessThan(250)
  expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(60)
})

test('a change that could not be told is seen by whoever made it at once, and by others when it could, in five seconds at the latest', async () => {
  const name = newId()
  await put(0, name, 1)
  for (const which of [0, 1]) await look(which, name)
  process.kill(redis.pid, 'SIGSTOP')
  try {
    await put(0, name, 2)
  } finally {
    process.kill(redis.pid, 'SIGCONT')
  }
  const changedAt = performance.now()
  expect((await look(0, name)).value).toBe(2)
  await expect.poll(async () => (await look(1, name)).value, { timeout: KEPT_MS_MAX }).toBe(2)
  expect(performance.now() - changedAt).toBeLessThan(KEPT_MS_MAX)
  for (let times = 0; times < 20; times++) for (const which of [0, 1]) expect((await look(which, name)).value).toBe(2)
})
