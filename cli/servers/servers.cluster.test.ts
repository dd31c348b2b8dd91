import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serversCache } from './cache.ts'
import { startKafka, type Kafka } from './kafka.ts'
import { startOpenSearch } from './opensearch.ts'
import { startRedis } from './redis.ts'
import { startRegistry } from './registry.ts'

const cacheDir = serversCache()
let dataDir = ''
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stoa-servers-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

describe('Kafka', () => {
  const TOPIC = 'order.events'
  const KEPT_SECONDS_MAX = 60
  let kafka: Kafka

  beforeAll(async () => {
    // One id in 64 begins with a dash, as if it were an option.
    const id = `-${randomBytes(16).toString('base64url').slice(1)}`
    mkdirSync(join(dataDir, 'kafka'))
    writeFileSync(join(dataDir, 'kafka/cluster.json'), JSON.stringify({ id, brokers: 3 }))
    kafka = await startKafka({ cacheDir, dataDir, brokers: 3 })
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...kafka.bootstrap] })
    await admin.createTopics({ topics: [TOPIC], partitions: 3, replicas: 3 })
    await admin.close()
  })
  afterAll(() => kafka?.stop())

  /** Sends until it is acknowledged, as a publisher would: errors while a leader is chosen are not final. */
  async function publish(value: string): Promise<void> {
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [...kafka.bootstrap],
      serializers: stringSerializers,
      retries: 2,
      requestTimeout: 5000,
    })
    try {
      const until = Date.now() + KEPT_SECONDS_MAX * 1000
      for (;;) {
        try {
          await producer.send({ messages: [{ topic: TOPIC, key: value, value }], acks: -1 })
          return
        } catch (error) {
          if (Date.now() > until) throw error
          producer.clearMetadata()
          await sleep(200)
        }
      }
    } finally {
      await producer.close()
    }
  }

  /** Everything in the topic, once `count` different values are there. */
  async function readAll(count: number): Promise<Set<string>> {
    const consumer = new Consumer({
      clientId: 'test',
      groupId: `test-${Date.now()}`,
      bootstrapBrokers: [...kafka.bootstrap],
      deserializers: stringDeserializers,
      retries: 5,
    })
    const stream = await consumer.consume({ topics: [TOPIC], mode: 'earliest', sessionTimeout: 10_000, heartbeatInterval: 500 })
    const values = new Set<string>()
    const late = setTimeout(() => void stream.close(), KEPT_SECONDS_MAX * 1000)
    for await (const message of stream) {
      values.add(message.value)
      if (values.size === count) break
    }
    clearTimeout(late)
    await consumer.close(true)
    return values
  }

  test('what was acknowledged is there after each broker in turn was killed and came back, under its old address', async () => {
    const sent: string[] = []
    const send = async (value: string) => {
      await publish(value)
      sent.push(value)
    }
    await send('before')
    for (const [index, broker] of kafka.brokers.entries()) {
      const { pid } = broker
      process.kill(pid, 'SIGKILL')
      await broker.exited
      await send(`while ${broker.name} is away`)
      await kafka.restart(index)
      expect(kafka.brokers[index]?.pid).not.toBe(pid)
      await send(`after ${broker.name} came back`)
    }
    expect([...(await readAll(sent.length))].sort()).toEqual(sent.sort())
  })

  test('a broker that runs is not started twice', async () => {
    await expect(kafka.restart(0)).rejects.toThrow('kafka-1 still runs')
  })

  test('when all were stopped, they start again on the same data and the same ports; another number of brokers is refused', async () => {
    const { bootstrap } = kafka
    const values = await readAll(7)
    await kafka.stop()
    await expect(startKafka({ cacheDir, dataDir, brokers: 1 })).rejects.toThrow(/made with 3 brokers, not 1/)
    kafka = await startKafka({ cacheDir, dataDir, brokers: 3 })
    expect(kafka.bootstrap).toEqual(bootstrap)
    expect(await readAll(7)).toEqual(values)
  })

  test('a single broker starts, and a topic that nobody made is not made by a misspelling', async () => {
    const single = await startKafka({ cacheDir, dataDir: join(dataDir, 'single'), brokers: 1 })
    try {
      expect(single.bootstrap).toHaveLength(1)
      const producer = new Producer({
        clientId: 'test',
        bootstrapBrokers: [...single.bootstrap],
        serializers: stringSerializers,
        retries: 0,
      })
      await expect(producer.send({ messages: [{ topic: 'misspelt', value: 'x' }], acks: -1 })).rejects.toThrow()
      await producer.close()
    } finally {
      await single.stop()
    }
  })
})

describe('the schema registry', () => {
  const ask = async (url: string, method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  const record = (fields: readonly object[]) => ({ schema: JSON.stringify({ type: 'record', name: 'Order', fields }) })
  const first = record([{ name: 'id', type: 'string' }])
  const added = record([
    { name: 'id', type: 'string' },
    { name: 'note', type: 'string', default: '' },
  ])
  const changed = record([{ name: 'id', type: 'int' }])

  test('keeps schemas, ids and levels over a kill right after the answer, and refuses what does not fit', async () => {
    let registry = await startRegistry({ cacheDir, dataDir })
    const { url } = registry
    await ask(url, 'PUT', '/config/orders-value', { compatibility: 'FULL' })
    const made = await ask(url, 'POST', '/subjects/orders-value/versions', first)
    expect(made).toEqual({ status: 200, body: { id: expect.any(Number) as number } })
    await ask(url, 'PUT', '/config/orders-value', { compatibility: 'FULL' })
    process.kill(registry.pid, 'SIGKILL')
    await registry.exited

    registry = await startRegistry({ cacheDir, dataDir })
    try {
      expect(registry.url).toBe(url)
      expect(await ask(url, 'POST', '/subjects/orders-value/versions', first)).toEqual(made)
      expect((await ask(url, 'POST', '/subjects/orders-value/versions', changed)).status).toBe(409)
      expect((await ask(url, 'POST', '/subjects/orders-value/versions', added)).status).toBe(200)
    } finally {
      await registry.stop()
    }
  })
})

test('OpenSearch keeps what it acknowledged over a kill, at the same address, and makes no index that nobody asked for', async () => {
  let server = await startOpenSearch({ cacheDir, dataDir })
  const { url } = server
  const ask = async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  try {
    const settings = { number_of_shards: 1, number_of_replicas: 0, 'analysis.analyzer.words': { tokenizer: 'whitespace' } }
    const properties = { name: { type: 'text', analyzer: 'words' }, impacts: { type: 'rank_features' } }
    expect((await ask('PUT', '/goods', { settings, mappings: { dynamic: 'strict', properties } })).status).toBe(200)
    for (let number = 0; number < 20; number++)
      expect((await ask('PUT', `/goods/_doc/${number}`, { name: `Thing ${number}`, impacts: { thing: 1.5 } })).status).toBe(201)
    expect(await ask('PUT', '/misspelt/_doc/1', { name: 'Thing' })).toMatchObject({ status: 404 })
    process.kill(server.pid, 'SIGKILL')
    await server.exited

    server = await startOpenSearch({ cacheDir, dataDir })
    expect(server.url).toBe(url)
    await ask('POST', '/goods/_refresh')
    const question = { track_total_hits: true, query: { rank_feature: { field: 'impacts.thing', linear: {} } } }
    expect((await ask('POST', '/goods/_search', question)).body).toMatchObject({ hits: { total: { value: 20 } } })
    expect(await ask('DELETE', '/*')).toMatchObject({ status: 400 })
  } finally {
    await server.stop()
  }
})

test('Redis answers, is bounded, lets the least used go, and has no commands that write files', async () => {
  const redis = await startRedis({ cacheDir, dataDir })
  const client = new Redis(redis.url, { lazyConnect: true, maxRetriesPerRequest: 1 })
  try {
    await client.connect()
    expect(await client.set('a', '1', 'PX', 60_000)).toBe('OK')
    expect(await client.get('a')).toBe('1')
    expect(await client.info('memory')).toMatch(/maxmemory:67108864[\s\S]*maxmemory_policy:allkeys-lru/)
    await expect(client.config('SET', 'dir', '/tmp')).rejects.toThrow(/unknown command/)
    const again = join(dataDir, 'redis')
    const { redis: port } = JSON.parse(readFileSync(join(again, 'ports.json'), 'utf8')) as { redis: number }
    await expect(startRedis({ cacheDir, dataDir: join(dataDir, 'other'), port })).rejects.toThrow(`port ${port} of redis is taken`)
  } finally {
    client.disconnect()
    await redis.stop()
  }
  await redis.exited
})
