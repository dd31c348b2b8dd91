/** Replicas of the gateway count requests together in a real Redis, and each for itself while there is none. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@stoa/kit/ids.ts'
import { Redis } from 'ioredis'
import { Type } from 'typebox'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { serversCache } from '../../../cli/servers/cache.ts'
import { startRedis } from '../../../cli/servers/redis.ts'
import { route } from '../contract.ts'
import { SharedRedis } from '../redis.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { openMint, type TokenMint } from '../testing/tokens.ts'
import { Authenticator } from './authentication.ts'
import { admission } from './mount.ts'
import { createServer } from './server.ts'
import type { StoaServer } from './server-options.ts'

const PER_MINUTE = 300
const LogIn = route('POST /logins', { summary: 'Logs in.', permission: 'public', class: 'login', output: Type.Unknown() })

let dataDir: string
let redis: Awaited<ReturnType<typeof startRedis>>
let servers: [StoaServer, StoaServer]
let mint: TokenMint
const logged: string[] = []
const start = () => startRedis({ cacheDir: serversCache(), dataDir })

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stoa-counts-'))
  redis = await start()
  mint = await openMint()
  servers = [await open(), await open()]
})
afterAll(async () => {
  await Promise.all(servers.map((one) => one.close()))
  await redis.stop()
  rmSync(dataDir, { recursive: true, force: true })
})
afterEach(together)

async function open(): Promise<StoaServer> {
  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } })
  const shared = new SharedRedis(redis.url, log)
  const options = {
    log,
    metrics: createMetrics(),
    authenticator: new Authenticator(async () => ({ keys: [mint.publicKey] })),
    rateLimits: true,
    redis: shared,
    demo: false,
    trustedProxies: [],
    apiHost: '',
  }
  const app = await createServer(options)
  app.addHook('onClose', async () => shared.close())
  app.route({ method: 'POST', url: '/api/logins', onRequest: admission(app, LogIn, options), handler: async () => ({}) })
  await app.ready()
  return app
}

let addresses = 0
const newAddress = () => `10.1.${Math.floor(++addresses / 200)}.${addresses % 200}`
const ask = async (which: 0 | 1, remoteAddress: string, headers: Record<string, string> = {}) => {
  const began = performance.now()
  const answer = await servers[which].inject({ method: 'POST', url: '/api/logins', remoteAddress, headers })
  return { ...answer, status: answer.statusCode, ms: performance.now() - began, left: Number(answer.headers['ratelimit-remaining']) }
}
const askOften = async (which: 0 | 1, address: string, times: number, headers: Record<string, string> = {}) => {
  const statuses = []
  for (let index = 0; index < times; index++) statuses.push((await ask(which, address, headers)).status)
  return [...new Set(statuses)]
}
/** Both count in Redis: what one counted, the other knows. */
async function together() {
  await expect
    .poll(
      async () => {
        const address = newAddress()
        return [(await ask(0, address)).left, (await ask(1, address)).left]
      },
      { timeout: 20_000 },
    )
    .toEqual([PER_MINUTE - 1, PER_MINUTE - 2])
}

const UNDISTURBED_MAX = 5
/** A machine that stands still for a moment looks like a Redis that does: then it is tried again. */
async function undisturbed(work: () => Promise<void>): Promise<void> {
  const hiccups = () => logged.filter((line) => line.includes('counts requests for itself')).length
  for (let tries = 1; ; tries++) {
    await together()
    const before = hiccups()
    const failed = await work().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (!failed) return
    if (hiccups() === before || tries === UNDISTURBED_MAX) throw failed.error
  }
}

test('two gateways count together, and tell what is left and when to come back', () =>
  undisturbed(async () => {
    const here = newAddress()
    expect(await askOften(0, here, PER_MINUTE / 2)).toEqual([200])
    expect(await askOften(1, here, PER_MINUTE / 2)).toEqual([200])
    for (const which of [0, 1] as const) {
      const { status, headers, body } = await ask(which, here)
      expect([status, JSON.parse(body).code, headers['content-type']]).toEqual([429, 'too-many-requests', 'application/problem+json'])
      expect([headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual([String(PER_MINUTE), '0'])
      const [after, reset] = [Number(headers['retry-after']), Number(headers['ratelimit-reset'])]
      expect([after > 0 && after <= 60, after === reset]).toEqual([true, true])
    }
    expect((await ask(0, newAddress())).status).toBe(200)
  }))

test('an account is counted wherever it comes from, whichever gateway it asks', () =>
  undisturbed(async () => {
    const token = await mint.tokenOf({ accountId: newId(), roles: ['customer'], groups: [], sessionId: 's' })
    const headers = { authorization: `Bearer ${token}` }
    const statuses = new Set<number>()
    for (let index = 0; index < PER_MINUTE; index++) statuses.add((await ask((index % 2) as 0 | 1, newAddress(), headers)).status)
    expect([...statuses]).toEqual([200])
    expect((await ask(0, newAddress(), headers)).status).toBe(429)
    expect((await ask(1, newAddress(), headers)).status).toBe(429)
  }))

test('a window ends, and a count that lost its end gets one: nobody is refused for ever', () =>
  undisturbed(async () => {
    const here = newAddress()
    await ask(0, here)
    const client = new Redis(redis.url)
    const key = `limit:login:address:${here}`
    expect(await client.pttl(key)).toBeGreaterThan(50_000)
    await client.set(key, PER_MINUTE + 5)
    expect(await client.pttl(key)).toBe(-1)
    expect((await ask(0, here)).status).toBe(429)
    expect(await client.pttl(key)).toBeGreaterThan(50_000)
    await client.pexpire(key, 1)
    await sleep(5)
    expect((await ask(1, here)).left).toBe(PER_MINUTE - 1)
    await client.quit()
  }))

test('when Redis is killed, the shop stays open and each gateway counts for itself; back again, they count together', async () => {
  process.kill(redis.pid, 'SIGKILL')
  await redis.exited
  const here = newAddress()
  expect(await askOften(0, here, PER_MINUTE)).toEqual([200])
  expect((await ask(0, here)).status).toBe(429)
  expect((await ask(1, here)).status).toBe(200)
  await expect.poll(() => logged.join('')).toContain('counts requests for itself')
  redis = await start()
  await together()
  expect(logged.join('')).toContain('Redis answers again')
})

test('while Redis stands still, no request waits for it longer than a moment, and nothing is asked that piles up', async () => {
  process.kill(redis.pid, 'SIGSTOP')
  const waits: number[] = []
  const used: string[] = []
  const began = performance.now()
  try {
    for (let round = 0; performance.now() - began < 4000; round++) {
      const here = [0, 1, 0, 1].map(newAddress)
      used.push(...here)
      const asked = await Promise.all(here.map((address, index) => ask((index % 2) as 0 | 1, address)))
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]))
      waits.push(...asked.map(({ ms }) => ms))
      await sleep(20)
    }
  } finally {
    process.kill(redis.pid, 'SIGCONT')
  }
  const sorted = waits.toSorted((a, b) => a - b)
  // 50 ms for an answer of Redis, and what this machine needs for a request.
  expect(sorted.at(-1)).toBeLessThan(150)
  // All but the first few do not even try.
  expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(40)
  await together()
  // What it was asked while it stood still: once by each that asked in the first moment.
  const client = new Redis(redis.url)
  const counted = await Promise.all(used.map((address) => client.exists(`limit:login:address:${address}`)))
  await client.quit()
  expect(counted.filter((one) => one === 1).length).toBeLessThanOrEqual(8)
})
