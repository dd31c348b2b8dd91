/** A stream read from real brokers: the same rules as a stream read from its database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { sql } from '../database/sql.ts'
import { KafkaShop, PROOF_SERVICE, STREAM } from '../proof/kafka-shop.ts'
import { provisionWorld } from '../proof/postgres-world.ts'
import { Meddler, openTestCarrier, testPrefix, type TestCarrier } from '../testing/kafka.ts'
import { testServer } from '../testing/server.ts'
import { GATHER_MS } from './watch.ts'

const ALL = new Map(Array.from({ length: PARTITIONS }, (_, part) => [part, 0]))
let shop: KafkaShop
let meddler: Meddler
let carrier: TestCarrier
let prefix: string
const carriers: TestCarrier[] = []
const open = (): TestCarrier => {
  const one = openTestCarrier(prefix)
  one.learn([PROOF_SERVICE])
  carriers.push(one)
  return one
}

beforeAll(async () => {
  shop = new KafkaShop(await provisionWorld(testServer()))
  meddler = new Meddler()
})
beforeEach(async () => {
  await shop.reset()
  prefix = testPrefix()
  carrier = open()
})
afterAll(async () => {
  for (const one of carriers) await one.close()
  await meddler.clean('test-')
  await meddler.close()
  await shop.world.close()
})

const written = async (count: number) => {
  await shop.write(count)
  const publisher = shop.publisher(carrier)
  await shop.publishAll(publisher)
  await publisher.close()
}

test('a page is shared between partitions, and what comes after it follows without a gap', async () => {
  await written(120)
  const source = carrier.source(STREAM)
  const same = shop.world.connect().source(STREAM)
  expect(await source.heads()).toEqual(await same.heads())
  for (const [after, limit] of [
    [ALL, 12],
    [ALL, 1000],
    [new Map([...ALL.keys()].map((part) => [part, 2])), 1000],
    [new Map([[3, 1]]), 4],
  ] as const) {
    const page = await source.read(after, limit)
    expect(page.map(({ part, seq }) => [part, seq])).toEqual((await same.read(after, limit)).map(({ part, seq }) => [part, seq]))
    expect(page).toEqual(await same.read(after, limit))
  }
  expect(await source.read(await same.heads(), 10)).toEqual([])
})

test('a new consumer reads a long stream from its beginning, each event once and in order', async () => {
  await written(30_000)
  expect(await shop.readAll(shop.reader(carrier.source(STREAM)))).toMatchObject({ outcome: 'moved' })
  expect(await shop.wrong()).toEqual([])
})

test('several consumers of a process each read everything, at their own pace', async () => {
  await written(3000)
  const readers = Array.from({ length: 4 }, (_, index) => shop.reader(carrier.source(STREAM), `reader-${index}`))
  await shop.readAll(readers[0] as never)
  await written(3000)
  await Promise.all(readers.map((reader) => shop.readAll(reader)))
  for (const [index] of readers.entries()) expect(await shop.wrong(`reader-${index}`)).toEqual([])
})

test('a consumer whose database was set back reads again from there', async () => {
  await written(6000)
  const reader = shop.reader(carrier.source(STREAM))
  await shop.readAll(reader)
  for (const back of [1, 400, 999]) {
    await shop.world.consumer.run(
      sql`UPDATE chassis.consumer_position SET last_seq = last_seq - ${back}::int WHERE last_seq >= ${back}::int`,
    )
    await shop.world.consumer.run(sql`
      DELETE FROM effects e USING chassis.consumer_position p WHERE e.part = p.part AND e.seq > p.last_seq`)
    await shop.readAll(shop.reader(open().source(STREAM)))
    await shop.readAll(shop.reader(carrier.source(STREAM)))
    expect(await shop.wrong()).toEqual([])
  }
})

/** Reads to the end and lets the watch come to rest, so that it waits for the next event. */
async function quiet() {
  await written(60)
  const source = carrier.source(STREAM)
  await shop.readAll(shop.reader(source))
  const heads = await source.heads()
  await source.read(heads, 10)
  await sleep(600)
  return { source, heads, raised: () => carrier.signals.count(`stream:${STREAM}`) }
}

test('an event that comes after a pause wakes its readers as soon as it is published', async () => {
  const { source, heads, raised } = await quiet()
  const waits: number[] = []
  const publisher = shop.publisher(carrier)
  for (let round = 0; round < 30; round++) {
    await shop.write(1)
    await sleep(GATHER_MS)
    const seen = raised()
    const began = performance.now()
    await publisher.step()
    await carrier.signals.wait(`stream:${STREAM}`, seen, 2000, new AbortController().signal)
    const records = await source.read(heads, 10)
    waits.push(performance.now() - began)
    expect(records).toHaveLength(1)
    heads.set(records[0]?.part ?? 0, records[0]?.seq ?? 0)
  }
  await publisher.close()
  waits.sort((a, b) => a - b)
  // Half of what a look by himself would take: somebody was woken.
  expect(waits[15]).toBeLessThan(250)
})

test('events that follow each other closely wake their readers together', async () => {
  const { raised } = await quiet()
  const publisher = shop.publisher(carrier)
  const seen = raised()
  const began = performance.now()
  for (let round = 0; round < 40; round++) {
    await shop.write(1)
    await publisher.step()
  }
  await expect.poll(async () => (await shop.left()) === 0 && raised() > seen).toBe(true)
  await publisher.close()
  // One for the first, and one for each while that it is gathered for.
  expect(raised() - seen).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - began) / GATHER_MS))
})
