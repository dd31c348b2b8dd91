import { setTimeout as sleep } from 'node:timers/promises'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { booksAgree } from '../support/books.ts'
import { letBuyersIn } from '../support/buyers.ts'
import { logIn, makeProduct } from '../support/client.ts'
import { indexRows, readAllAgain } from '../support/index-rows.ts'
import { childrenOf, partsOf, serverOf, startShop, topology, type Shop } from '../support/shop.ts'

const BUYERS = 6
const KILLS = ['shop', 'database', 'sandbox', 'all', 'database', 'shop'] as const
/** What a cluster has beside them is killed too, each by itself. */
const PARTS = topology === 'cluster' ? ['orders', 'inventory', 'payments', 'gateway', 'catalog', 'search'] : []
const SERVERS = topology === 'cluster' ? ['kafka/node-1/kafka-1', 'redis/redis', 'nginx/nginx'] : []
const BETWEEN_MS = 2500
const dataDir = mkdtempSync(join(tmpdir(), 'stoa-crash-'))
let shop: Shop | undefined

afterAll(async () => {
  await shop?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function kill(what: string, running: Shop): Promise<void> {
  const part = partsOf(running.pid).find((one) => one.services === what)?.pid
  if (part) return void process.kill(part, 'SIGKILL')
  if (SERVERS.includes(what)) return void process.kill(serverOf(running.dataDir, what), 'SIGKILL')
  const children = childrenOf(running.pid)
  const database = children.find((one) => one.command.includes('bin/postgres'))?.pid
  const sandbox = children.find((one) => one.command.includes('sandbox/main.ts'))?.pid
  if (!database || !sandbox) throw new Error(`no database or sandbox among ${JSON.stringify(children)}`)
  if (what === 'database' || what === 'all') process.kill(database, 'SIGKILL')
  if (what === 'sandbox' || what === 'all') process.kill(sandbox, 'SIGKILL')
  if (what === 'shop' || what === 'all') await running.kill()
}

// What was lost once is lost: there is no second try.
test('when everything is killed -9 again and again while orders flow, every promised order ends once, charged once, with its stock', {
  timeout: 900_000,
  retry: 0,
}, async () => {
  shop = await startShop({ dataDir })
  const { origin, port } = shop
  const product = async (stock: number) => makeProduct(origin, (await logIn(origin, 'admin@stoa.example')).token, stock)
  const { sku } = await product(100_000)
  const buyers = letBuyersIn(origin, sku, BUYERS)
  const { record } = buyers
  for (const what of [...PARTS, ...SERVERS, ...KILLS]) {
    const before = record.length
    await sleep(BETWEEN_MS)
    await expect
      .poll(() => record.length, { timeout: 60_000, message: `orders flow before the kill of ${what}` })
      .toBeGreaterThan(before + BUYERS)
    // Whoever was killed before may still be on the way back.
    const made = () =>
      product(3).then(
        () => 'made',
        (error: Error) => error.message,
      )
    await expect.poll(made, { timeout: 60_000 }).toBe('made')
    await kill(what, shop)
    if (what === 'shop' || what === 'all') shop = await startShop({ dataDir, port })
  }
  await sleep(BETWEEN_MS)
  await buyers.leave()
  await booksAgree(dataDir, record)
  expect(record.length).toBeGreaterThan(50)

  const index = await indexRows(dataDir)
  expect(index.facts?.length).toBeGreaterThan(KILLS.length)
  await readAllAgain(dataDir)
  await kill(topology === 'cluster' ? 'search' : 'shop', shop)
  if (topology !== 'cluster') shop = await startShop({ dataDir, port })
  // What search made of events while it was killed is what it makes of them in peace.
  await expect.poll(() => indexRows(dataDir), { timeout: 120_000, interval: 1000 }).toEqual(index)
})
