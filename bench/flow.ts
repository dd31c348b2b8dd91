/**
 * `node bench/flow.ts [orders a second] [seconds]`: from an event's commit to its effect over Kafka, at a rate that one machine cannot buy at. What an order
 * publishes is published without its order; a second house takes it in as a service does, with one row for each event.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { event, object } from '@stoa/chassis/contract.ts'
import { startEmbedded, type EmbeddedServer } from '@stoa/chassis/database/embedded.ts'
import { provision } from '@stoa/chassis/database/provision.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openKafka } from '@stoa/chassis/kafka/carrier.ts'
import { openHouse, type House } from '@stoa/chassis/runtime/house.ts'
import { defineService, onBatch, type ServiceDefinition } from '@stoa/chassis/service.ts'
import { Signals } from '@stoa/chassis/signals.ts'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { bare } from '@stoa/chassis/testing/bare.ts'
import { ALONE } from '@stoa/chassis/testing/joined.ts'
import { newId } from '@stoa/kit/ids.ts'
import { Type } from 'typebox'
import { serversCache } from '../cli/servers/cache.ts'
import { startKafka } from '../cli/servers/kafka.ts'
import { startRegistry } from '../cli/servers/registry.ts'
import { quantile } from './loops.ts'

/** An order publishes eight events in five transactions: placed, paid, confirmed, stock held and firm, two mails. */
const TRANSACTIONS = [1, 1, 1, 2, 3]
const STEP_MS = 20
const WARM_SECONDS = 10
const REST_SECONDS_MAX = 60
const log = createLog({ level: 'error', destination: process.stderr })

const Moved = event('Moved', {
  summary: 'As large as an order’s.',
  topic: 'flow.events',
  version: 1,
  key: 'id',
  data: object({ id: Type.String(), committedAt: Type.Number(), about: Type.String() }),
})
const lags: number[] = []
const source = defineService({ name: 'source', owns: 'Events.', publishes: [Moved] })
const sink = defineService({
  name: 'sink',
  owns: 'What became of them.',
  prepare: async ({ db }) => void (await db.run(sql`CREATE TABLE effects (id text, at timestamptz DEFAULT now())`)),
  consumers: [
    onBatch(Moved, async (events, { tx }) => {
      await tx.run(sql`INSERT INTO effects (id) SELECT * FROM unnest(${events.map((one) => one.data.id)}::text[])`)
      lags.push(...events.map((one) => Date.now() - one.data.committedAt))
    }),
  ],
})

const [rate = 200, seconds = 30] = process.argv.slice(2).map(Number)
const dataDir = mkdtempSync(join(tmpdir(), 'stoa-flow-'))
const server = await startEmbedded({ dataDir })
const place = { cacheDir: serversCache(), dataDir }
const [kafka, registry] = await Promise.all([startKafka({ ...place, brokers: 1 }), startRegistry(place)])
const houses = await Promise.all([source, sink].map((one) => open(server, one)))
const giver = houses[0] as House
try {
  await run(giver, WARM_SECONDS)
  await settled()
  lags.length = 0
  const sent = await run(giver, seconds)
  await settled()
  const sorted = lags.toSorted((a, b) => a - b)
  const [p50, p99] = [0.5, 0.99].map((share) => Math.round(quantile(sorted, share)))
  console.log(
    `${sent} events in ${seconds} s (${rate} orders a second), ${lags.length} effects: p50 ${p50} ms, p99 ${p99} ms, longest ${sorted.at(-1)} ms`,
  )
  if (lags.length !== sent) process.exitCode = 1
} finally {
  await Promise.all(houses.map((one) => one.stop()))
  await Promise.all([kafka.stop(), registry.stop(), server.stop()])
  rmSync(dataDir, { recursive: true, force: true })
}

/** A house as a process of a cluster has it: others are elsewhere, events come by Kafka. */
async function open(postgres: EmbeddedServer, definition: ServiceDefinition): Promise<House> {
  const signals = new Signals()
  const carrier = openKafka({ brokers: kafka.bootstrap, registryUrl: registry.url, clientId: definition.name, signals })
  carrier.learn([source, sink])
  const house = await openHouse({
    ...bare(),
    services: [
      { definition, connection: await provision(postgres, definition.name, join(import.meta.dirname, 'no-migrations')), connectionsMax: 6 },
    ],
    log,
    neighbours: ALONE,
    kafka: carrier,
    signals,
  })
  await house.start()
  const { stop } = house
  return { ...house, stop: () => stop().finally(() => carrier.close()) }
}

/** Publishes as so many orders a second would; answers how many events. */
async function run(house: House, forSeconds: number): Promise<number> {
  const database = (house.services.get('source') as NonNullable<ReturnType<House['services']['get']>>).database
  const began = performance.now()
  let orders = 0
  let events = 0
  const writing = new Set<Promise<unknown>>()
  while (performance.now() - began < forSeconds * 1000) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate)
    for (; orders < due; orders++) {
      const id = newId()
      for (const count of TRANSACTIONS) {
        events += count
        const written = database.transaction(async (tx) => {
          for (let n = 0; n < count; n++) tx.publish(Moved, { id, committedAt: Date.now(), about: 'x'.repeat(300) })
        })
        writing.add(written)
        void written.finally(() => writing.delete(written))
      }
    }
    await sleep(STEP_MS)
  }
  await Promise.all(writing)
  return events
}

async function settled(): Promise<void> {
  let before = -1
  for (let second = 0; second < REST_SECONDS_MAX && lags.length !== before; second++) {
    before = lags.length
    await sleep(1000)
  }
}
