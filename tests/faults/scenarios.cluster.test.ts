/** Faults of a cluster while orders flow, one after the other on one shop; after each the books are right and nobody lost anything. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Wire } from '@stoa/chassis/testing/wire.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { booksAgree } from '../support/books.ts'
import { letBuyersIn, type Buyers } from '../support/buyers.ts'
import { ask, logIn, makeProduct } from '../support/client.ts'
import { databaseOf, freeze, kafkaNode, kill, killAndBack, killNodeAndBack, loseTopic, operate, processesOf } from '../support/cluster.ts'
import { whileCorrupted } from '../support/corruption.ts'
import { FailPoints, namedPoints, POINTS } from '../support/fail-points.ts'
import { startGivenPostgres, type GivenPostgres } from '../support/given-postgres.ts'
import { doctor, serverOf, startShop, type Shop } from '../support/shop.ts'
import { query, type Ask, type Bought } from '../support/witness.ts'
import { PUBLISHED } from './corruptions.ts'

interface Scenario {
  /** Number in the catalogue of faults that this shop is held to. */
  readonly number: string
  readonly name: string
  /** What is done to the shop, and undone; orders flow all the while. */
  readonly fault: () => Promise<unknown>
  /** Whether buyers may notice, beside requests that must be repeated: `nothing` may be refused at all. */
  readonly buyersSee: 'repeats' | 'nothing'
  /** How long a buyer rests between two orders, where it goes on for long. */
  readonly restMs?: number
}

const BUYERS = 4
const FLOW_MS = 1500
/** Between two orders of a buyer while processes start again and again: they need the cores for that. */
const KILLED_REST_MS = 200
/** While Kafka is away: each order leaves mails behind that are all sent afterwards. */
const AWAY_REST_MS = 1200
/** Between two of what is done again and again meanwhile. */
const AGAIN_MS = 300
const KAFKA_AWAY_MS = 300_000
const FROZEN_MS = 60_000
/** Longer than a node of Kafka may be silent before others lead what it led. */
const LATE_MS = 30_000
/** Whose database lies elsewhere, behind a wire. */
const APART = 'payments'
const SCENARIO_MS_MAX = 900_000
const AT_REST_SECONDS_MAX = 240
const page = resolve(import.meta.dirname, '../../docs/faults.md')

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-scenarios-'))
const failPoints = new FailPoints(dataDir)
const done: string[] = []
const record: Bought[] = []
let given: GivenPostgres
let wire: Wire
let shop: Shop
let sku: string
let buyers: Buyers
beforeAll(async () => {
  given = await startGivenPostgres()
  const address = await given.makeOwned(APART)
  wire = await Wire.to(given.port)
  const env = { STOA_KAFKA_NODES: '3', STOA_DATABASE_URL_PAYMENTS: address.replace(`:${given.port}`, `:${wire.port}`) }
  shop = await startShop({ dataDir, env: { ...env, ...failPoints.env } })
  sku = (await makeProduct(shop.origin, (await logIn(shop.origin, 'admin@stoa.example')).token, 1_000_000)).sku
})
afterAll(async () => {
  await shop?.stop()
  await wire?.cut()
  await given?.stop()
  rmSync(dataDir, { recursive: true, force: true })
  writePage()
})

const dieAtEach = (services: readonly string[]): Scenario => ({
  number: '1, 2',
  name: `${services.join(' and ')}: killed (kill -9) at each fail-point, ${services.map((one) => POINTS[one]?.length).join(' and ')} of them`,
  fault: () => Promise.all(services.map((service) => failPoints.dieAtEach(shop, service))),
  buyersSee: 'repeats',
  restMs: KILLED_REST_MS,
})

const scenarios: readonly Scenario[] = [
  {
    ...dieAtEach(['orders', 'search']),
    name: `${dieAtEach(['orders', 'search']).name}, while the index is made anew`,
    fault: async () => {
      const { token } = await logIn(shop.origin, 'admin@stoa.example')
      await meanwhile(
        () => remakeIndex(token),
        () => dieAtEach(['orders', 'search']).fault(),
      )
    },
  },
  dieAtEach(['inventory', 'notifications']),
  dieAtEach(['payments']),
  dieAtEach(['cart', 'shipping']),
  {
    ...dieAtEach(['identity']),
    name: 'identity: killed (kill -9) at each fail-point of its timers, while people ask for a new password',
    fault: () => meanwhile(forgetPassword, () => dieAtEach(['identity']).fault()),
  },
  ...['pricing', 'catalog', 'gateway', 'storefront'].map(
    (part): Scenario => ({
      number: '1',
      name: `${part} is killed (kill -9)`,
      fault: () => killAndBack(shop, part),
      buyersSee: 'repeats',
    }),
  ),
  {
    number: '5, 6',
    name: 'a replica of orders, which reads and publishes, is frozen for 60 s and wakes: two believe to be in charge',
    fault: () => freeze(processesOf(shop, 'orders').slice(0, 1), FROZEN_MS),
    buyersSee: 'repeats',
  },
  {
    number: '7',
    name: 'a node of three of Kafka is killed (kill -9)',
    fault: () => killNodeAndBack(shop, 2),
    buyersSee: 'nothing',
  },
  {
    number: '8',
    name: 'Kafka does not answer for five minutes: orders are taken all the same, everything drains afterwards',
    fault: async () => {
      const taken = buyers.record.length
      const nodes = [1, 2, 3].map((node) => kafkaNode(shop, node))
      await freeze(nodes, KAFKA_AWAY_MS)
      expect(buyers.record.length - taken, 'orders meanwhile').toBeGreaterThan(300)
    },
    restMs: AWAY_REST_MS,
    buyersSee: 'repeats',
  },
  {
    number: '11',
    name: 'a node of three of Kafka is frozen for 30 s: what it leads comes late, out of step with the rest',
    fault: () => freeze([kafkaNode(shop, 3)], LATE_MS),
    buyersSee: 'repeats',
  },
  {
    number: '9',
    name: 'a topic is deleted and made anew while one of its readers is away: it halts at the gap, `npm run republish` mends it',
    fault: loseOrderEvents,
    buyersSee: 'repeats',
  },
  {
    number: '15',
    name: 'PostgreSQL is killed (kill -9) and starts again',
    fault: async () => kill(databaseOf(shop)),
    buyersSee: 'repeats',
  },
  {
    number: '17',
    name: 'payments is cut off from its database for 60 s: connections stay open, nothing passes; buyers are told to come again',
    fault: async () => {
      const before = buyers.setbacks.length
      wire.freeze()
      await sleep(FROZEN_MS)
      wire.thaw()
      expect(buyers.setbacks.slice(before).filter(({ status }) => status >= 500).length, 'refused meanwhile').toBeGreaterThan(BUYERS)
    },
    restMs: KILLED_REST_MS,
    buyersSee: 'repeats',
  },
  {
    number: '–',
    name: 'Redis is killed (kill -9): limits are counted by each gateway',
    fault: async () => kill(serverOf(dataDir, 'redis/redis')),
    buyersSee: 'nothing',
  },
  {
    number: '–',
    name: 'Redis is frozen for 5 s',
    fault: () => freeze([serverOf(dataDir, 'redis/redis')], 5000),
    buyersSee: 'nothing',
  },
  {
    number: '–',
    name: 'the schema registry is killed (kill -9)',
    fault: async () => kill(serverOf(dataDir, 'registry/registry')),
    buyersSee: 'nothing',
  },
  { number: '–', name: 'NGINX is killed (kill -9)', fault: async () => kill(serverOf(dataDir, 'nginx/nginx')), buyersSee: 'repeats' },
  {
    number: '37, 38',
    name: 'every process is replaced, one after the other, by SIGTERM (`npm run roll`)',
    fault: async () => expect(await operate(shop, 'roll')).toBe(0),
    buyersSee: 'nothing',
  },
]

test('every fail-point of the code is one that a service dies at here', () => {
  expect([...new Set(Object.values(POINTS).flat())].sort()).toEqual(namedPoints())
})

test.each(scenarios)('$name', { timeout: SCENARIO_MS_MAX }, async ({ number, name, fault, buyersSee, restMs }) => {
  buyers = letBuyersIn(shop.origin, sku, BUYERS, { restMs, freshConnections: buyersSee === 'nothing' })
  try {
    await sleep(FLOW_MS)
    await expect.poll(() => buyers.record.length, { timeout: 60_000 }).toBeGreaterThan(BUYERS)
    await fault()
    const before = buyers.record.length
    await expect.poll(() => buyers.record.length, { timeout: 60_000, message: 'orders flow afterwards' }).toBeGreaterThan(before + BUYERS)
  } finally {
    // Whatever was seen: what they bought counts for all scenarios to come.
    await buyers.leave().finally(() => record.push(...buyers.record))
  }
  if (buyersSee === 'nothing') expect(buyers.setbacks).toEqual([])
  const checks = await booksAgree(dataDir, record, { elsewhere: books, secondsMax: AT_REST_SECONDS_MAX })
  // Nobody returns, merges carts or waits for parcels here; all other checks had something to look at.
  expect(checks.filter((one) => one.examined === 0).length).toBeLessThan(10)
  const seen = buyers.setbacks.length === 0 ? 'nothing' : 'some requests to be repeated'
  done.push(`| ${number} | ${name} | ${seen} | ${checks.length} checks content, ledger, stock and gateway agree |`)
})

test('when it is not known rightly what was published, the doctor sees it in each service whose database is at hand', async () => {
  const broken = async () => (await doctor(dataDir, 0)).checks.filter((one) => !one.ok).map((one) => one.name)
  const concerned = (await doctor(dataDir, 60)).checks.map((one) => one.name).filter((name) => name.endsWith(`: ${PUBLISHED}`))
  expect(concerned.length).toBeGreaterThan(5)
  const here = concerned.filter((name) => !name.startsWith(APART))
  const everywhere = here.map((name) => ({
    database: name.slice(0, name.indexOf(':')),
    tables: ['chassis.published'],
    statement: 'UPDATE chassis.published SET seq = seq + 1',
  }))
  expect(await whileCorrupted(dataDir, everywhere, broken)).toEqual(here)
  expect((await doctor(dataDir, 60)).ok).toBe(true)
})

/** Whatever lies in the shop's own PostgreSQL, or behind the wire. */
const books: Ask = (database, text) => (database === APART ? given.query(database, text) : query(dataDir, undefined, database, text))

const forgetPassword = () => ask(shop.origin, 'POST /api/password/forgot', { body: { email: 'shopper@stoa.example' }, timeoutMs: 5000 })

/** Begins only when the index before is ready, so that it becomes ready at all. */
async function remakeIndex(token: string): Promise<void> {
  const { body } = await ask(shop.origin, 'GET /api/search/index', { token, timeoutMs: 5000 })
  if (body.rebuilding === false) await ask(shop.origin, 'POST /api/search/index/rebuild', { token, timeoutMs: 5000 })
}

/** Does one thing again and again, whatever comes of it, until another is done. */
async function meanwhile(again: () => Promise<unknown>, work: () => Promise<unknown>): Promise<void> {
  const stop = new AbortController()
  const doing = (async () => {
    while (!stop.signal.aborted) {
      await again().catch(() => {})
      await sleep(AGAIN_MS)
    }
  })()
  await work().finally(() => stop.abort())
  await doing
}

/** The mails' process is stopped until events that it never read are gone for good. */
async function loseOrderEvents(): Promise<void> {
  const [reader] = processesOf(shop, 'notifications')
  process.kill(reader as number, 'SIGSTOP')
  try {
    const before = buyers.record.length
    await expect.poll(() => buyers.record.length, { timeout: 60_000 }).toBeGreaterThan(before + 60)
    await loseTopic(shop, 'order.events')
    const later = buyers.record.length
    await expect.poll(() => buyers.record.length, { timeout: 60_000 }).toBeGreaterThan(later + 60)
  } finally {
    process.kill(reader as number, 'SIGCONT')
  }
  await expect.poll(() => shop.output(), { timeout: 60_000 }).toMatch(/GAP order\.events\//)
  expect((await doctor(dataDir, 0)).ok).toBe(false)
  expect(await operate(shop, 'republish', 'order.events')).toBe(0)
}

/** Written by the run itself, and only by a whole one: what stands there was seen. */
function writePage(): void {
  if (done.length !== scenarios.length) return
  const text = `# Faults of a cluster

Written by \`tests/faults/scenarios.cluster.test.ts\` (\`npm run test:cluster\`): each of these is done to a running cluster while orders flow.
Afterwards the doctor is content, and a checker that shares no code with the shop finds the buyers' record, the gateway's book, the ledger and
the stock in agreement. The number is that of the catalogue of faults.

| number | fault | what buyers saw | afterwards |
|---|---|---|---|
${done.join('\n')}
`
  if (!existsSync(page) || readFileSync(page, 'utf8') !== text) writeFileSync(page, text)
}
