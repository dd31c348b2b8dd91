/** A shop of many processes over PostgreSQL alone: no Kafka, no Redis, no supervisor. */
import { spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, logIn, makeProduct, postOrder, until, untilStatus } from '../support/client.ts'
import { startGivenPostgres, type GivenPostgres } from '../support/given-postgres.ts'
import { startServices, type ShopProcess } from '../support/processes.ts'
import { freePort, type BookCheck } from '../support/shop.ts'

const BOSS = { email: 'boss@shop.example', password: 'nine tall columns 7' }
const FRONT = ['gateway', 'storefront', 'catalog', 'search', 'cart', 'identity', 'pricing', 'shipping', 'notifications']
const BACK = ['orders', 'inventory', 'payments']

const folder = mkdtempSync(join(tmpdir(), 'stoa-processes-'))
let given: GivenPostgres
let origin: string
let front: ShopProcess
/** Two replicas of the back, each with its settings, so that it can be started again where it was. */
const back: { env: Record<string, string>; process: ShopProcess }[] = []

beforeAll(async () => {
  given = await startGivenPostgres()
  const [http, grpc] = [
    [await freePort(), await freePort(), await freePort()],
    [await freePort(), await freePort(), await freePort()],
  ]
  origin = `http://127.0.0.1:${http[0]}`
  writeFileSync(join(folder, 'root.key'), randomBytes(32).toString('base64'))
  const shared = {
    STOA_DEMO: 'off',
    STOA_ADMIN_EMAIL: BOSS.email,
    STOA_ADMIN_PASSWORD: BOSS.password,
    STOA_ORIGIN: origin,
    STOA_DATA_DIR: folder,
    STOA_DATABASE_URL: given.url,
    STOA_TRUSTED_PROXIES: '127.0.0.1',
    STOA_ADDRESSES: origin,
    STOA_GRPC_ADDRESSES: `127.0.0.1:${grpc[0]}`,
    ...Object.fromEntries(
      BACK.flatMap((name) => [
        [`STOA_ADDRESS_${name.toUpperCase()}`, `http://127.0.0.1:${http[1]},http://127.0.0.1:${http[2]}`],
        [`STOA_GRPC_ADDRESS_${name.toUpperCase()}`, `127.0.0.1:${grpc[1]},127.0.0.1:${grpc[2]}`],
      ]),
    ),
  }
  const place = (index: number) => ({ ...shared, STOA_PORT: String(http[index]), STOA_GRPC_PORT: String(grpc[index]) })
  const replicas = [place(1), place(2)]
  const [first, ...others] = await Promise.all([startServices(FRONT, place(0)), ...replicas.map((env) => startServices(BACK, env))])
  front = first as ShopProcess
  for (const [index, process] of others.entries()) back.push({ env: replicas[index] as Record<string, string>, process })
}, 240_000)
afterAll(async () => {
  await Promise.all([front?.stop(), ...back.map((one) => one.process.stop())])
  await given?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const boss = async () => (await logIn(origin, BOSS.email, BOSS.password)).token

/** `npm run doctor -- --at` the gateway. */
async function doctorAt(): Promise<BookCheck[]> {
  const launcher = join(resolve(import.meta.dirname, '../..'), 'cli/launch.mjs')
  const child = spawn(process.execPath, [launcher, 'doctor', '--json', '--wait', '60', '--at', origin], {
    env: { ...process.env, STOA_ROOT_KEY_FILE: join(folder, 'root.key') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await new Promise((done) => child.once('exit', done))
  return (JSON.parse(out) as { checks: BookCheck[] }).checks
}

test('they are one shop: a page, a search, an order, and books that are right', async () => {
  const { sku } = await makeProduct(origin, await boss(), 5)
  await until(
    () => ask(origin, `GET /api/products?q=${sku}`),
    (answer) => answer.body.items.length === 1,
    30,
  )
  expect((await ask(origin, 'GET /')).status).toBe(200)
  const { body } = await postOrder(origin, { sku, method: 'cash-on-delivery' })
  await untilStatus(origin, body.orderId, body.viewToken, ['CONFIRMED'], 30)
  const ready = await ask(origin, 'GET /health/ready')
  expect([ready.status, Object.values<string>(ready.body.services).filter((one) => one !== 'ready')]).toEqual([200, []])
  expect((await doctorAt()).filter((one) => !one.ok)).toEqual([])
})

test('when a replica of orders, stock and payments is killed while orders flow, every order ends once and no request but those under way fails', async () => {
  const { sku } = await makeProduct(origin, await boss(), 10_000)
  const placed: { orderId: string; viewToken: string }[] = []
  const refused: number[] = []
  const over = new AbortController()
  const buyers = Array.from({ length: 4 }, async () => {
    for (let n = 0; !over.signal.aborted && n < 500; n++) {
      const key = randomUUID()
      for (let tries = 0; tries < 600; tries++) {
        const answer = await postOrder(origin, { sku, method: 'cash-on-delivery', key })
        if (answer.status === 201) {
          placed.push(answer.body)
          break
        }
        refused.push(answer.status)
        await sleep(100)
      }
    }
  })
  for (const one of back) {
    const before = placed.length
    await expect.poll(() => placed.length, { timeout: 30_000 }).toBeGreaterThan(before + 5)
    await one.process.kill()
    await expect.poll(() => placed.length, { timeout: 30_000, message: 'the other replica goes on' }).toBeGreaterThan(before + 15)
    one.process = await startServices(BACK, one.env)
  }
  over.abort()
  await Promise.all(buyers)
  // What was under way when its process died is refused as unavailable, and with its key as in use until that is known to be dead.
  expect(refused.filter((status) => status !== 503 && status !== 409)).toEqual([])
  for (const { orderId, viewToken } of placed) await untilStatus(origin, orderId, viewToken, ['CONFIRMED', 'PROCESSING', 'SHIPPED'], 60)
  expect((await doctorAt()).filter((one) => !one.ok)).toEqual([])
  const [counted] = await given.query<{ orders: number }>(
    'stoa_orders',
    `SELECT count(*)::int AS orders FROM orders WHERE lines::text LIKE '%"${sku}"%'`,
  )
  expect(counted?.orders).toBe(placed.length)
}, 240_000)
