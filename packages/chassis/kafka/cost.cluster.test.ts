/** What it costs to carry 100,000 events: processor time of this process, and of nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { KafkaShop, PROOF_SERVICE, STREAM } from '../proof/kafka-shop.ts'
import { provisionWorld } from '../proof/postgres-world.ts'
import { Meddler, openTestCarrier, testPrefix, type TestCarrier } from '../testing/kafka.ts'
import { testServer } from '../testing/server.ts'

const EVENTS = 100_000
const BATCH = 200
const prefix = testPrefix()
let shop: KafkaShop
let carrier: TestCarrier

beforeAll(async () => {
  shop = new KafkaShop(await provisionWorld(testServer()))
  await shop.reset()
  carrier = openTestCarrier(prefix)
  carrier.learn([PROOF_SERVICE])
  await shop.write(EVENTS)
})
afterAll(async () => {
  await carrier.close()
  const meddler = new Meddler()
  await meddler.clean(prefix)
  await meddler.close()
  await shop.world.close()
})

/** Microseconds of processor time and of waiting for each event. */
async function costOf(work: () => Promise<void>): Promise<{ cpu: number; wall: number }> {
  const before = process.cpuUsage()
  const began = performance.now()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / EVENTS, wall: ((performance.now() - began) * 1000) / EVENTS }
}

test('publishing and reading a hundred thousand events costs tens of microseconds each', async ({ annotate }) => {
  const publisher = shop.publisher(carrier)
  const published = await costOf(() => shop.publishAll(publisher))
  await publisher.close()
  const source = carrier.source(STREAM)
  const positions = new Map(Array.from({ length: PARTITIONS }, (_, part) => [part, 0]))
  let events = 0
  const read = await costOf(async () => {
    while (events < EVENTS)
      for (const record of await source.read(positions, BATCH)) {
        if (record.seq !== (positions.get(record.part) ?? 0) + 1) throw new Error(`${record.part}: ${record.seq}`)
        positions.set(record.part, record.seq)
        events++
      }
  })
  await annotate(
    `published: ${published.cpu.toFixed(1)} µs of processor, ${published.wall.toFixed(1)} µs; read: ${read.cpu.toFixed(1)} µs, ${read.wall.toFixed(1)} µs`,
  )
  expect(published.cpu).toBeLessThan(300)
  expect(read.cpu).toBeLessThan(150)
})
