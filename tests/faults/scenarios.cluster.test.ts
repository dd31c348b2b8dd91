/** Faults of a cluster while orders flow, one after the other on one shop; after each the books are right and nobody lost anything. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { letBuyersIn, type Buyers } from '../support/buyers.ts'
import { logIn, makeProduct } from '../support/client.ts'
import { childrenOf, doctor, partsOf, serverOf, startShop, type Shop } from '../support/shop.ts'
import { disagreements } from '../support/witness.ts'

interface Scenario {
  /** Number in the catalogue of faults that this shop is held to. */
  readonly number: string
  readonly name: string
  /** What is done to the shop, and undone; orders flow all the while. */
  readonly fault: () => Promise<void>
  /** Whether buyers may notice, beside requests that must be repeated: `nothing` may be refused at all. */
  readonly buyersSee: 'repeats' | 'nothing'
}

const BUYERS = 4
const FLOW_MS = 1500
const KAFKA_AWAY_MS = 30_000
const FROZEN_MS = 15_000
const page = resolve(import.meta.dirname, '../../docs/faults.md')

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-scenarios-'))
const done: string[] = []
let shop: Shop
let sku: string
beforeAll(async () => {
  shop = await startShop({ dataDir })
  sku = (await makeProduct(shop.origin, (await logIn(shop.origin, 'admin@stoa.example')).token, 1_000_000)).sku
})
afterAll(async () => {
  await shop?.stop()
  rmSync(dataDir, { recursive: true, force: true })
  writePage()
})

const pidsOf = (part: string) =>
  partsOf(shop.pid)
    .filter((one) => one.services === part)
    .map((one) => one.pid)
const kill = (pid: number) => process.kill(pid, 'SIGKILL')
async function freeze(pid: number, ms: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await sleep(ms)
  process.kill(pid, 'SIGCONT')
}
/** Kills a process that is started again, and waits until another is in its place. */
async function killAndBack(part: string): Promise<void> {
  const before = pidsOf(part)
  kill(before[0] as number)
  await expect.poll(() => pidsOf(part).filter((pid) => !before.includes(pid)).length, { timeout: 60_000 }).toBe(1)
}
const killServer = (name: string) => kill(serverOf(dataDir, name))
function roll(): Promise<number | null> {
  const launcher = resolve(import.meta.dirname, '../../cli/launch.mjs')
  const child = spawn(process.execPath, [launcher, 'roll'], { env: { ...process.env, STOA_DATA_DIR: dataDir }, stdio: 'inherit' })
  return new Promise((end) => child.once('exit', (code) => end(code)))
}

const scenarios: readonly Scenario[] = [
  ...['orders', 'inventory', 'payments', 'pricing', 'catalog', 'cart', 'identity', 'shipping', 'notifications', 'search', 'gateway'].map(
    (part): Scenario => ({ number: '1', name: `${part} is killed (kill -9)`, fault: () => killAndBack(part), buyersSee: 'repeats' }),
  ),
  {
    number: '5',
    name: 'a replica of orders is frozen for 15 s, and wakes',
    fault: () => freeze(pidsOf('orders')[0] as number, FROZEN_MS),
    buyersSee: 'repeats',
  },
  {
    number: '8',
    name: 'Kafka is frozen for 30 s: orders are taken all the same, everything drains afterwards',
    fault: async () => {
      const taken = buyers.record.length
      const thawed = freeze(serverOf(dataDir, 'kafka/node-1/kafka-1'), KAFKA_AWAY_MS)
      await expect.poll(() => buyers.record.length, { timeout: KAFKA_AWAY_MS - 5000 }).toBeGreaterThan(taken + 20)
      await thawed
    },
    buyersSee: 'repeats',
  },
  { number: '8', name: 'Kafka is killed (kill -9)', fault: async () => void killServer('kafka/node-1/kafka-1'), buyersSee: 'repeats' },
  {
    number: '15',
    name: 'PostgreSQL is killed (kill -9) and starts again',
    fault: async () => void kill(databasePid()),
    buyersSee: 'repeats',
  },
  {
    number: '–',
    name: 'Redis is killed (kill -9): limits are counted by each gateway',
    fault: async () => void killServer('redis/redis'),
    buyersSee: 'nothing',
  },
  {
    number: '–',
    name: 'Redis is frozen for 5 s',
    fault: () => freeze(serverOf(dataDir, 'redis/redis'), 5000),
    buyersSee: 'nothing',
  },
  {
    number: '–',
    name: 'the schema registry is killed (kill -9)',
    fault: async () => void killServer('registry/registry'),
    buyersSee: 'nothing',
  },
  { number: '–', name: 'NGINX is killed (kill -9)', fault: async () => void killServer('nginx/nginx'), buyersSee: 'repeats' },
  {
    number: '37, 38',
    name: 'every process is replaced, one after the other, by SIGTERM',
    fault: async () => expect(await roll()).toBe(0),
    buyersSee: 'nothing',
  },
]
let buyers: Buyers

function databasePid(): number {
  return childrenOf(shop.pid).find((one) => one.command.includes('bin/postgres'))?.pid as number
}

test.each(scenarios)('$name', { timeout: 600_000 }, async ({ number, name, fault, buyersSee }) => {
  buyers = letBuyersIn(shop.origin, sku, BUYERS)
  await sleep(FLOW_MS)
  await expect.poll(() => buyers.record.length, { timeout: 60_000 }).toBeGreaterThan(BUYERS)
  await fault()
  const before = buyers.record.length
  await expect.poll(() => buyers.record.length, { timeout: 60_000, message: 'orders flow afterwards' }).toBeGreaterThan(before + BUYERS)
  await buyers.leave()
  if (buyersSee === 'nothing') expect(buyers.setbacks).toEqual([])
  const { checks } = await doctor(dataDir, 120)
  expect(checks.filter((one) => !one.ok)).toEqual([])
  // Nobody returns, merges carts or waits for parcels here; all other checks had something to look at.
  expect(checks.filter((one) => one.examined === 0).length).toBeLessThan(10)
  record.push(...buyers.record)
  expect(await disagreements(dataDir, record)).toEqual([])
  const seen = buyersSee === 'nothing' ? 'nothing' : `${buyers.setbacks.length} of ${buyers.record.length} requests repeated`
  done.push(
    `| ${number} | ${name} | ${seen.replace(/^\d+ of \d+/, 'some')} | ${checks.length} checks content, ledger, stock and gateway agree |`,
  )
})
const record: { key: string; sku: string; quantity: number; orderId: string }[] = []

/** Written by the run itself, and only by a whole one: what stands there was seen. */
function writePage(): void {
  if (done.length !== scenarios.length) return
  const text = `# Faults of a cluster

Written by \`tests/faults/scenarios.cluster.test.ts\` (\`npm run test:servers\`): each of these is done to a running cluster while orders flow.
Afterwards the doctor is content, and a checker that shares no code with the shop finds the buyers' record, the gateway's book, the ledger and
the stock in agreement. The number is that of the catalogue of faults.

| number | fault | what buyers saw | afterwards |
|---|---|---|---|
${done.join('\n')}
`
  if (!existsSync(page) || readFileSync(page, 'utf8') !== text) writeFileSync(page, text)
}
