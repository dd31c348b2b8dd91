/**
 * The search room alone, in a process of its own, on a database that really syncs: fills it with products, as events, then opens its
 * public API and a door for more events. Prints one line, `{"api", "events"}`, when it is ready; ends with its standard input.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventContract } from '@stoa/chassis/contract.ts'
import { startEmbedded } from '@stoa/chassis/database/embedded.ts'
import { provision } from '@stoa/chassis/database/provision.ts'
import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import { openHouse } from '@stoa/chassis/runtime/house.ts'
import type { ServiceRuntime } from '@stoa/chassis/runtime/service-runtime.ts'
import { defineService } from '@stoa/chassis/service.ts'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { bare } from '@stoa/chassis/testing/bare.ts'
import { ProductCreated } from '@stoa/contracts/catalog.ts'
import { StockChanged } from '@stoa/contracts/inventory.ts'
import { OrderConfirmed } from '@stoa/contracts/orders.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import { CountIndexed } from '@stoa/contracts/search.ts'
import { newId } from '@stoa/kit/ids.ts'
import search from '../../services/search/service.ts'
import { catalogue, type Told } from './catalogue.ts'

/** As many as the shop gives this room (cli/run.ts). */
const CONNECTIONS = 6
const BATCH = 200
/** Events ahead of the index beyond which loading waits. */
const AHEAD_MAX = 5000
const LOADED_MS_MAX = 3_600_000
const POLL_MS = 200

const wanted = new Set((search.consumers ?? []).map((one) => one.event))
const world = defineService({ name: 'world', owns: 'What the other rooms of a shop tell.', publishes: [...wanted] })
const events = new Map([...wanted].map((event) => [event.name, event]))

let ending = false
const products = catalogue(Number(process.argv[2]))
const dataDir = mkdtempSync(join(tmpdir(), 'stoa-bench-'))
const rootSecret = randomBytes(32)
let { server, house, publisher, database } = await open()
await fill().catch(async (error: unknown) => {
  console.error(error)
  await end(1)
})
// The database takes memory by what it holds when it starts: what is measured is a shop that was started since it grew.
await close()
;({ server, house, publisher, database } = await open())
const door = createServer((request, response) => void publishSent(request, response)).listen(0, '127.0.0.1')
await house.server.listen({ host: '127.0.0.1', port: 0 })
const portOf = (listening: { address(): AddressInfo | string | null }) => (listening.address() as AddressInfo).port
process.stdout.write(`${JSON.stringify({ api: portOf(house.server.server), events: portOf(door) })}\n`)
// Whoever started this ended, or wants it to end.
process.stdin.on('end', () => void end()).resume()
process.once('SIGTERM', () => void end())

/** Opens the room and whoever tells it on the database as it lies there. */
async function open() {
  const server = await startEmbedded({ dataDir })
  const folder = (name: string) => resolve(import.meta.dirname, name)
  const house = await openHouse({
    ...bare(process.env),
    services: [
      {
        definition: search,
        connection: await provision(server, 'search', folder('../../services/search/migrations')),
        connectionsMax: CONNECTIONS,
      },
      { definition: world, connection: await provision(server, 'world', folder('../../packages/chassis/testing/no-migrations')) },
    ],
    rootSecret,
    log: createLog({ level: 'error', destination: process.stderr }),
  })
  await house.start()
  const databaseOf = (name: string) => (house.services.get(name) as ServiceRuntime).database
  return { server, house, publisher: databaseOf('world'), database: databaseOf('search') }
}

async function close(): Promise<void> {
  await house.stop()
  await server.stop()
}

/** Tells of all products and waits until they are found. */
async function fill(): Promise<void> {
  let told = 0
  for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) {
    await publisher.transaction(async (tx) => {
      for (const one of batch) tell(tx, one)
    })
    told += batch.length
    await untilIndexed(told - AHEAD_MAX)
  }
  await untilIndexed(told)
  await untilTold()
}

function nextBatch(): Told[] {
  const batch: Told[] = []
  while (batch.length < BATCH) {
    const { value, done } = products.next()
    if (done) break
    batch.push(value)
  }
  return batch
}

function tell(tx: Tx, { document, available, sold, rating }: Told): void {
  const { productId } = document
  const sku = document.variants[0]?.sku ?? ''
  tx.publish(ProductCreated, document)
  tx.publish(StockChanged, { sku, productId, onHand: available, reserved: 0, available, low: false, version: 1 })
  if (rating.count > 0) tx.publish(ProductRated, { productId, ...rating })
  const lines = [{ sku, productId, quantity: sold, unitPriceMinor: 1 }]
  if (sold > 0) tx.publish(OrderConfirmed, { orderId: newId(), lines, total: { amount: 1, currency: 'EUR' }, method: 'card' })
}

async function untilIndexed(wantedProducts: number): Promise<void> {
  const until = Date.now() + LOADED_MS_MAX
  for (;;) {
    const counted = await house.call(CountIndexed, {})
    if ('products' in counted && counted.products >= wantedProducts) return
    if (Date.now() > until) throw new Error('the index does not fill')
    await sleep(POLL_MS)
  }
}

/** Until all that was told is in, and what is done now and then has been done. */
async function untilTold(): Promise<void> {
  const until = Date.now() + LOADED_MS_MAX
  while (Date.now() < until) {
    const ahead = await Promise.all(
      [...new Set([...wanted].map((event) => event.topic))].map(async (stream) => {
        const heads = (await house.sourceOf(stream)?.heads()) ?? new Map<number, number>()
        const read = await database.one<{ seqs: number }>(
          sql`SELECT coalesce(sum(last_seq), 0)::bigint AS seqs FROM chassis.consumer_position WHERE consumer = 'search' AND stream = ${stream}`,
        )
        return [...heads.values()].reduce((sum, head) => sum + head, 0) - read.seqs
      }),
    )
    const unsent = await database.one<{ count: number }>(sql`SELECT count(*) AS count FROM unsent`)
    if (ahead.every((one) => one <= 0) && unsent.count === 0) break
    await sleep(POLL_MS)
  }
  for (const table of ['documents', 'texts', 'facts', 'shelves']) await database.run({ text: `ANALYZE ${table}`, values: [] })
  await database.run(sql`UPDATE index_state SET counted_at = '-infinity', changed = greatest(changed, 1)`)
  const context = { ...house.services.get('search')?.common(), db: database, transaction: database.transaction.bind(database) }
  for (const job of search.jobs ?? []) await job.run({ ...context, signal: AbortSignal.timeout(LOADED_MS_MAX) } as never)
  await database.run(sql`ANALYZE terms`)
}

async function publishSent(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  try {
    const sent = JSON.parse(Buffer.concat(chunks).toString()) as { name: string; data: never }[]
    await publisher.transaction(async (tx) => {
      for (const { name, data } of sent) tx.publish(events.get(name) as EventContract, data)
    })
    response.writeHead(204).end()
  } catch (error) {
    response.writeHead(500).end((error as Error).message)
  }
}

async function end(code = 0): Promise<void> {
  if (ending) return
  ending = true
  await close()
  rmSync(dataDir, { recursive: true, force: true })
  process.exit(code)
}
