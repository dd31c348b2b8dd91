/** The shop on a PostgreSQL that somebody else runs. `STOA_TEST_POSTGRES` names the programs of another version. */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, logIn, makeProduct, postOrder, until, untilStatus } from '../support/client.ts'
import { startGivenPostgres, type GivenPostgres } from '../support/given-postgres.ts'
import { doctor, startShop, type Shop } from '../support/shop.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-shop-'))
let given: GivenPostgres
let shop: Shop
beforeAll(async () => {
  given = await startGivenPostgres(process.env.STOA_TEST_POSTGRES)
  shop = await startShop({ dataDir, env: { STOA_DATABASE_URL: given.url } })
})
afterAll(async () => {
  await shop.stop()
  await given.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const admin = async () => (await logIn(shop.origin, 'admin@stoa.example')).token
async function buy() {
  const { sku } = await makeProduct(shop.origin, await admin(), 5)
  const { body } = await postOrder(shop.origin, { sku })
  await untilStatus(shop.origin, body.orderId, body.viewToken, ['CONFIRMED'], 30)
  return body as { orderId: string; viewToken: string }
}

test('it has no server of its own, and a database and a login for each service there', async () => {
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
  const owned = await given.query<{ datname: string; owner: string }>(
    'postgres',
    `SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname LIKE 'stoa\\_%' ORDER BY datname`,
  )
  expect(owned.length).toBeGreaterThanOrEqual(11)
  expect(owned.filter((one) => one.owner !== one.datname)).toEqual([])
  const [able] = await given.query<{ reads: boolean }>(
    'postgres',
    `SELECT has_database_privilege('stoa_orders', 'stoa_payments', 'CONNECT') AS reads`,
  )
  expect(able).toEqual({ reads: false })
})

test('it sells, finds what it sells, and its books are right', async () => {
  const { orderId } = await buy()
  expect(await given.query('stoa_orders', `SELECT status FROM orders WHERE order_id = '${orderId}'`)).toEqual([{ status: 'CONFIRMED' }])
  await until(
    () => ask(shop.origin, 'GET /api/products?q=lamp'),
    (answer) => answer.body.items.length > 0,
    60,
  )
  const report = await doctor(dataDir)
  expect(report.checks.filter((one) => !one.ok)).toEqual([])
})

test('when the server is away for a while, what is asked meanwhile is refused, and afterwards it sells again', async () => {
  const away = given.restart(3)
  await until(
    () => ask(shop.origin, 'GET /api/products?limit=1'),
    (answer) => answer.status === 503,
    10,
  )
  await away
  await until(
    () => ask(shop.origin, 'GET /health/ready'),
    (answer) => answer.status === 200,
    60,
  )
  await buy()
  expect((await doctor(dataDir)).ok).toBe(true)
})

test('when it is started again it is the same shop; another shop is not let in, and is told why', async () => {
  const before = await buy()
  expect(await shop.stop()).toBe(0)
  await expect(startShop({ env: { STOA_DATABASE_URL: given.url } })).rejects.toThrow(
    /stoa_\w+ exists and is not of this shop.*name another prefix/,
  )
  shop = await startShop({ dataDir, env: { STOA_DATABASE_URL: given.url } })
  const again = await ask(shop.origin, `GET /api/orders/${before.orderId}?token=${before.viewToken}`)
  expect([again.status, again.body.status]).toEqual([200, 'CONFIRMED'])
})

test('when one service has a database of its own, that one is used and the others are where they were', async () => {
  const found = `found_${randomUUID().slice(0, 8)}`
  const own = await given.makeOwned(found)
  await shop.stop()
  await expect(startShop({ dataDir, env: { STOA_DATABASE_URL: given.url, STOA_DATABASE_URL_SEERCH: own } })).rejects.toThrow(
    'no service stands behind STOA_DATABASE_URL_SEERCH',
  )
  shop = await startShop({ dataDir, env: { STOA_DATABASE_URL: given.url, STOA_DATABASE_URL_SEARCH: own } })
  await until(
    () => ask(shop.origin, 'GET /api/products?q=lamp'),
    (answer) => answer.body.items.length > 0,
    60,
  )
  const indexed = () => given.query<{ n: number }>(found, 'SELECT count(*)::int AS n FROM documents')
  await expect.poll(async () => (await indexed())[0]?.n, { timeout: 30_000 }).toBeGreaterThan(200)
})
