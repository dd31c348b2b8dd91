/** Logs that are not as a publisher wrote them: readers are right, or they halt. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { sql } from '../database/sql.ts'
import { isTransient } from '../fault.ts'
import { KafkaShop, PROOF_SERVICE, STREAM } from '../proof/kafka-shop.ts'
import { provisionWorld } from '../proof/postgres-world.ts'
import { Meddler, openTestCarrier, testPrefix, withHeader, type TestCarrier } from '../testing/kafka.ts'
import { testServer } from '../testing/server.ts'
import { publishedCheck, republish, unpublished } from './published.ts'

const PARTS = Array.from({ length: PARTITIONS }, (_, part) => part)
let shop: KafkaShop
let meddler: Meddler
let topic: string
let carrier: TestCarrier
const carriers: TestCarrier[] = []
const open = (): TestCarrier => {
  const one = openTestCarrier(topic.slice(0, -STREAM.length))
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
  topic = testPrefix() + STREAM
  carrier = open()
})
afterAll(async () => {
  for (const one of carriers) await one.close()
  await meddler.clean('test-')
  await meddler.close()
  await shop.world.close()
})

const published = async (count: number) => {
  await shop.write(count)
  const publisher = shop.publisher(carrier)
  await shop.publishAll(publisher)
  await publisher.close()
}

test('when a topic is deleted and made anew, a reader halts at the gap, and publishing again heals it', async () => {
  await published(3000)
  const reader = shop.reader(carrier.source(STREAM))
  await shop.readAll(reader)
  // A second consumer is behind: what it still needs is lost.
  const behind = shop.reader(carrier.source(STREAM), 'behind')
  await behind.step()
  await meddler.remove(topic)
  expect(await publishedCheck(shop.world.producer, [open().source(STREAM)])).toMatchObject({ examined: 6, broken: 6 })
  await published(600)
  await shop.readAll(reader)
  expect(await shop.wrong()).toEqual([])
  expect(await shop.readAll(behind)).toEqual({ outcome: 'halted', reason: expect.stringContaining(`GAP ${STREAM}/`) })
  expect(await shop.readAll(shop.reader(open().source(STREAM), 'behind'))).toMatchObject({ outcome: 'halted' })

  expect(await republish(shop.world.producer, STREAM, 1)).toBe(3600)
  expect((await unpublished(shop.world.producer, [STREAM]))[0]).toMatchObject({ stream: STREAM, events: 3600 })
  const publisher = shop.publisher(carrier)
  await shop.publishAll(publisher)
  await publisher.close()
  await shop.readAll(behind)
  await shop.readAll(reader)
  expect([await shop.wrong(), await shop.wrong('behind')]).toEqual([[], []])
  expect((await publishedCheck(shop.world.producer, [carrier.source(STREAM)])).broken).toBe(0)
})

test('when a topic is made anew and nothing follows, the books say that Kafka lost events', async () => {
  await published(600)
  const source = carrier.source(STREAM)
  expect(await publishedCheck(shop.world.producer, [source])).toEqual({ examined: 6, broken: 0, examples: [] })
  await meddler.remove(topic)
  await carrier.ensureTopics([PROOF_SERVICE])
  // A topic that was just made has no leaders for a moment.
  const check = async (tries = 20): Promise<unknown> =>
    publishedCheck(shop.world.producer, [source]).catch(async (error: unknown) => {
      if (tries === 0 || !isTransient(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
      return check(tries - 1)
    })
  expect(await check()).toMatchObject({ examined: 6, broken: 6 })
})

test('when every record stands three times in the log, effects are as if it stood once', async () => {
  await published(600)
  for (const part of PARTS) {
    const records = await meddler.raw(topic, part)
    for (let from = 0; from < records.length; from += 7) {
      const some = records.slice(from, from + 7).map((one) => one.raw)
      await meddler.append(topic, part, [...some, ...some])
    }
  }
  await published(600)
  expect(await shop.readAll(shop.reader(carrier.source(STREAM)))).toMatchObject({ outcome: 'moved' })
  expect(await shop.wrong()).toEqual([])
})

test('when a record is missing in the log, its reader halts before it, and goes on when it comes', async () => {
  await published(600)
  const reader = shop.reader(carrier.source(STREAM))
  await shop.readAll(reader)
  await shop.write(12, ['key-0'])
  const [part] = await shop.world.producer.rows<{ part: number }>(sql`SELECT part FROM chassis.stream_log WHERE key = 'key-0' LIMIT 1`)
  const hole = part?.part as number
  const before = (reader.positions.get(hole)?.lastSeq as number) + 1
  // A publisher with a fault: it begins one too far.
  await shop.world.producer.run(sql`UPDATE chassis.published SET seq = seq + 1 WHERE part = ${hole}`)
  const publisher = shop.publisher(carrier)
  await shop.publishAll(publisher)
  for (let round = 0; round < 3; round++) {
    expect(await shop.readAll(reader)).toEqual({ outcome: 'halted', reason: `GAP ${STREAM}/${hole}: ${before + 1} after ${before - 1}` })
  }
  expect(await shop.readAll(shop.reader(open().source(STREAM)))).toMatchObject({ outcome: 'halted' })
  expect(await republish(shop.world.producer, STREAM, before, hole)).toBe(12)
  await shop.publishAll(publisher)
  await publisher.close()
  await shop.readAll(reader)
  expect(await shop.wrong()).toEqual([])
})

test('when records come out of order, the reader halts instead of applying them', async () => {
  await published(60)
  const reader = shop.reader(carrier.source(STREAM))
  await shop.readAll(reader)
  const records = (await meddler.raw(topic, 2)).map((one) => one.raw)
  const last = records.length
  const numbered = [last + 3, last + 2, last + 4].map((seq) =>
    withHeader(records[0] as NonNullable<(typeof records)[0]>, 'seq', String(seq)),
  )
  await meddler.append(topic, 2, numbered)
  for (const one of [carrier, open()]) {
    const halted = await waitFor(shop, one, 'halted')
    expect(halted).toEqual({ outcome: 'halted', reason: expect.stringMatching(`GAP ${STREAM}/2: ${last + 3} after ${last}`) })
  }
  expect(await shop.wrong()).toEqual([])
})

test('when nobody knows the schema of a record, or its bytes are not as it says, the reader halts before it', async () => {
  await published(60)
  await shop.readAll(shop.reader(carrier.source(STREAM)))
  const [part, other] = [1, 4]
  const record = async (of: number, value: (old: Buffer) => Buffer) => {
    const raw = (await meddler.raw(topic, of)).at(-1)?.raw as { key: Buffer; value: Buffer; headers: [Buffer, Buffer][] }
    const seq = (await meddler.seqs(topic, of)).length + 1
    await meddler.append(topic, of, [{ ...withHeader(raw, 'seq', String(seq)), value: value(Buffer.from(raw.value)) }])
    return seq
  }
  const unknown = await record(part, (old) => {
    old.writeUInt32BE(999_999, 1)
    return old
  })
  expect(await waitFor(shop, open(), 'halted')).toEqual({
    outcome: 'halted',
    reason: expect.stringMatching(`^UNREADABLE ${STREAM}/${part} ${unknown} .*the registry knows no schema 999999`),
  })
  await meddler.remove(topic)
  await republish(shop.world.producer, STREAM, 1)
  await published(0)
  const torn = await record(other, (old) => old.subarray(0, 7))
  expect(await waitFor(shop, open(), 'halted')).toEqual({
    outcome: 'halted',
    reason: expect.stringMatching(`^UNREADABLE ${STREAM}/${other} ${torn} .*not as its schema says`),
  })
  expect(await shop.wrong()).toEqual([])
})

async function waitFor(of: KafkaShop, from: TestCarrier, outcome: string) {
  const reader = of.reader(from.source(STREAM))
  for (let round = 0; round < 100; round++) {
    const step = await reader.step()
    if (step.outcome === outcome) return step
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return undefined
}
