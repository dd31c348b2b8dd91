/** Publishers that die, rival and lose their brokers: repeats in Kafka, none in the effects. */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { sql } from '../database/sql.ts'
import { setFailPoints } from '../fail-point.ts'
import { KafkaShop, PROOF_SERVICE, STREAM } from '../proof/kafka-shop.ts'
import { provisionWorld } from '../proof/postgres-world.ts'
import { keptLog, Meddler, openTestCarrier, testPrefix, type TestCarrier } from '../testing/kafka.ts'
import { BrokerProxy } from '../testing/kafka-proxy.ts'
import { testServer } from '../testing/server.ts'

let shop: KafkaShop
let meddler: Meddler
let prefix: string
const carriers: TestCarrier[] = []
const open = (options: Parameters<typeof openTestCarrier>[1] = {}): TestCarrier => {
  const one = openTestCarrier(prefix, options)
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
})
afterAll(async () => {
  for (const one of carriers) await one.close()
  await meddler.clean('test-')
  await meddler.close()
  await shop.world.close()
})

/** How many records of all partitions are repeats. Throws: when first occurrences are not 1, 2, 3 … */
async function repeats(): Promise<number> {
  let repeated = 0
  for (let part = 0; part < PARTITIONS; part++) {
    let highest = 0
    for (const seq of await meddler.seqs(prefix + STREAM, part)) {
      if (seq > highest + 1) throw new Error(`${part}: ${seq} after ${highest}`)
      if (seq <= highest) repeated++
      highest = Math.max(highest, seq)
    }
  }
  return repeated
}

/** Runs a publisher in a process of its own; answers how it ended. */
function child(failPoints: string): Promise<NodeJS.Signals | number | null> {
  const started = spawn(process.execPath, [join(import.meta.dirname, '../proof/publisher-child.ts')], {
    env: { ...process.env, STOA_FAIL_POINTS: failPoints, STOA_PUBLISHER_CHILD: JSON.stringify({ address: shop.address, prefix }) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve) => started.on('close', (code, signal) => resolve(signal ?? code)))
}

/** And whether dying there leaves repeats. */
const POINTS = new Map([
  ['publisher.after-read', false],
  ['publisher.after-ack', true],
  ['publisher.after-move', false],
])

test('every fail-point of this folder has its crash here', () => {
  const named = globSync('*.ts', { cwd: import.meta.dirname, exclude: ['*.test.ts'] }).flatMap((file) =>
    [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/failPoint\('([\w.-]+)'\)/g)].map((match) => match[1]),
  )
  expect(named).toEqual([...POINTS.keys()])
})

for (const [point, bites] of POINTS)
  test(`killed at ${point}, a publisher ${bites ? 'leaves repeats' : 'leaves no repeats'} and its successor goes on`, async () => {
    await shop.write(6000)
    expect(await child(`${point}=kill:2`)).toBe('SIGKILL')
    expect(await shop.left()).toBeGreaterThan(0)
    expect(await child('')).toBe(0)
    expect((await repeats()) > 0).toBe(bites)
    await shop.readAll(shop.reader(open().source(STREAM)))
    expect(await shop.wrong()).toEqual([])
  })

test('two publishers at once repeat, and nothing else', async () => {
  await shop.write(20_000)
  const publishers = [shop.publisher(open()), shop.publisher(open())]
  const reading = shop.readAll(shop.reader(open().source(STREAM)))
  await Promise.all(publishers.map((one) => shop.publishAll(one)))
  await reading
  expect(await repeats()).toBeGreaterThan(0)
  expect(await shop.wrong()).toEqual([])
  for (const one of publishers) await one.close()
})

test('a publisher that owns some partitions publishes those', async () => {
  await shop.write(600)
  const carrier = open()
  const [even, odd] = [0, 1].map((rest) =>
    carrier.publisher({ db: shop.world.producer, stream: STREAM, owns: (_, part) => part % 2 === rest, log: keptLog().log }),
  ) as [ReturnType<TestCarrier['publisher']>, ReturnType<TestCarrier['publisher']>]
  // A partition whose leader was only just chosen may rest for a moment.
  const published = async () => {
    while ((await even.step()).published > 0);
    return shop.world.producer.rows<{ part: number }>(sql`SELECT part FROM chassis.published WHERE seq > 0 ORDER BY part`)
  }
  await expect.poll(async () => (await published()).map(({ part }) => part), { timeout: 20_000 }).toEqual([0, 2, 4])
  await shop.publishAll(odd)
  expect(await repeats()).toBe(0)
  for (const one of [even, odd]) await one.close()
})

test('brokers that freeze and connections that break cost repeats at most, and the publisher goes on by itself', async () => {
  await shop.write(20_000)
  const proxy = await BrokerProxy.open()
  try {
    const carrier = open({ brokers: proxy.brokers })
    const publisher = shop.publisher(carrier)
    const reading = shop.readAll(shop.reader(carrier.source(STREAM)), 120_000)
    const publishing = shop.publishAll(publisher, 120_000)
    for (const fault of ['cut', 'freeze', 'cut'] as const) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      proxy[fault]()
      await new Promise((resolve) => setTimeout(resolve, fault === 'freeze' ? 6500 : 1000))
      proxy.heal()
    }
    expect(proxy.broken).toBeGreaterThan(0)
    await publishing
    await reading
    await publisher.close()
  } finally {
    await proxy.close()
  }
  await repeats()
  expect(await shop.wrong()).toEqual([])
})

test('an acknowledgement that is lost is followed by a repeat', async () => {
  await shop.write(3000)
  setFailPoints('publisher.after-ack=throw')
  try {
    const publisher = shop.publisher(open())
    await expect(publisher.step()).rejects.toThrow('publisher.after-ack')
    await shop.publishAll(publisher)
    await publisher.close()
  } finally {
    setFailPoints('')
  }
  expect(await repeats()).toBeGreaterThan(0)
  await shop.readAll(shop.reader(open().source(STREAM)))
  expect(await shop.wrong()).toEqual([])
})

test('an event that is not as its contract says stops its partition, loudly, and no other', async () => {
  await shop.write(300)
  const { part, seq } = await shop.world.producer.one<{ part: number; seq: number }>(sql`
    UPDATE chassis.stream_log SET data = '{"key": 7}' WHERE (part, seq) = (SELECT part, 5 FROM chassis.stream_log WHERE seq = 5 LIMIT 1) RETURNING part, seq`)
  const { log, lines } = keptLog()
  const publisher = shop.publisher(open(), log)
  expect((await publisher.step()).published).toBeGreaterThan(200)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await expect(publisher.step()).rejects.toThrow(`${STREAM}/${part} ${seq} (Changed)`)
  expect(lines.join()).toContain('a partition cannot be published')
  const left = await shop.world.producer.rows<{ part: number; seq: number }>(sql`
    SELECT p.part, p.seq FROM chassis.published p JOIN chassis.stream_head h USING (stream, part) WHERE p.seq <> h.next_seq - 1`)
  expect(left).toEqual([{ part, seq: 4 }])
  await publisher.close()
})
