/** What stands before anything is measured: shops, their goods, and the door to inventory. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startShop, type Shop, type Topology } from '../tests/support/shop.ts'
import { createClient, type Client } from './client.ts'
import { cpuBetween, cpuOf, mapped, untilCalm, type Cpu, type Rest } from './processes.ts'

/** Demo account of `api.md`; only demo shops have it. */
const ADMIN = { email: 'admin@stoa.example', password: 'stoa-demo-2026' }
const PRODUCTS = 60
const STOCK_UNITS = 1_000_000
const CALM_SECONDS_MAX = 90
const DOOR_SECONDS_MAX = 60
/** Sixteen processes ask each other how they are, and Kafka never sleeps. */
export const CALM_SHARE: Readonly<Record<Topology, number>> = { process: 0.08, cluster: 0.45 }

export interface Started {
  readonly shop: Shop
  readonly client: Client
  /** Until it can be bought from and its first page was read. */
  readonly seconds: number
}

/** Starts a shop as its users do. */
export async function startTimed(dataDir: string, as: Topology): Promise<Started> {
  const at = performance.now()
  const shop = await startShop({ dataDir, as })
  const authority = join(dataDir, 'tls/ca.pem')
  const client = createClient(shop.origin, existsSync(authority) ? readFileSync(authority, 'utf8') : undefined)
  const page = await client.send('GET /', { headers: { accept: 'text/html' } })
  if (page.status !== 200) throw new Error(`the first page answered ${page.status}`)
  return { shop, client, seconds: Math.round((performance.now() - at) / 10) / 100 }
}

/** Products with stock that no run sells out, once the shop has come to rest. */
export async function stockGoods(client: Client, rest: Rest): Promise<{ id: string; sku: string }[]> {
  await untilCalm(rest, CALM_SECONDS_MAX)
  const { accessToken } = json(await client.send('POST /api/login', { body: ADMIN })) as { accessToken: string }
  const { items } = json(await client.send(`GET /api/products?limit=${PRODUCTS}`)) as { items: { id: string }[] }
  const products: { id: string; sku: string }[] = []
  for (const { id } of items) {
    const { variants } = json(await client.send(`GET /api/products/${id}`)) as { variants: { sku: string }[] }
    const sku = variants[0]?.sku
    if (sku === undefined) continue
    const adjusted = await client.send(`POST /api/stock/${encodeURIComponent(sku)}/adjustments`, {
      headers: { authorization: `Bearer ${accessToken}`, 'idempotency-key': randomUUID() },
      body: { setTo: STOCK_UNITS, reason: 'stock for the bench' },
    })
    if (adjusted.status !== 201) throw new Error(`stock of ${sku}: ${adjusted.status} ${adjusted.text}`)
    products.push({ id, sku })
  }
  await untilCalm(rest, CALM_SECONDS_MAX)
  return products
}

/** CPU per second of a shop that nobody asks anything. */
export async function measureIdle(pid: number, seconds: number): Promise<Cpu> {
  const before = cpuOf(pid)
  const at = performance.now()
  await sleep(seconds * 1000)
  const used = cpuBetween(before, cpuOf(pid))
  const spanSeconds = (performance.now() - at) / 1000
  return mapped((kind) => used[kind] / spanSeconds)
}

export interface Door {
  readonly origin: string
  readonly sku: string
  readonly pid: number
  close(): Promise<void>
}

/** Opens inventory's room alone, in a process of its own. */
export async function openReservationDoor(): Promise<Door> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'reservation-door.ts')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  const line = await Promise.race([
    new Promise<string>((done) => createInterface({ input: child.stdout }).once('line', done)),
    exited.then(() => undefined),
    sleep(DOOR_SECONDS_MAX * 1000, undefined, { ref: false }),
  ])
  if (line === undefined) {
    child.kill()
    throw new Error('the door to inventory did not open')
  }
  const { port, sku } = JSON.parse(line) as { port: number; sku: string }
  return {
    origin: `http://127.0.0.1:${port}`,
    sku,
    pid: child.pid as number,
    close: async () => {
      child.stdin.end()
      await exited
    },
  }
}

function json(reply: { status: number; text: string }): unknown {
  if (reply.status >= 300) throw new Error(`the shop answered ${reply.status}: ${reply.text.slice(0, 500)}`)
  return JSON.parse(reply.text)
}
