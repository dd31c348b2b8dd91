/** A shop in the middle of its business moves to a PostgreSQL that somebody else runs, and back into a new data directory. */
import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { booksAgree } from '../support/books.ts'
import { ask, logIn, makeProduct, postOrder, until, untilStatus, DEMO_PASSWORD, type Answer } from '../support/client.ts'
import { startGivenPostgres, type GivenPostgres } from '../support/given-postgres.ts'
import { freePort, moveShop, startShop, type Shop } from '../support/shop.ts'
import type { Bought } from '../support/witness.ts'

const BUYERS = 4
const ORDERS_BEFORE = 300
/** As long as a shop may be closed for the move. */
const ANSWER_SECONDS_MAX = 300
const folder = mkdtempSync(join(tmpdir(), 'stoa-move-'))
const [dataDir, newDataDir, file] = [join(folder, 'shop'), join(folder, 'new-shop'), join(folder, 'cluster.env')]
const record: Bought[] = []
const sku: { card: string } = { card: '' }
let given: GivenPostgres
let shop: Shop
let port: number

beforeAll(async () => {
  port = await freePort()
  given = await startGivenPostgres(process.env.STOA_TEST_POSTGRES)
  writeFileSync(file, `# the cluster's settings\nSTOA_DATABASE_URL='${given.url}'\nSTOA_PORT=1\n`)
  shop = await startShop({ dataDir, port, as: 'process' })
})
afterAll(async () => {
  await shop.stop()
  await given.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Placed {
  readonly orderId: string
  readonly viewToken: string
}

async function place(wish: { cardToken?: string; method?: string; token?: string }): Promise<Placed> {
  const key = randomUUID()
  const { status, body } = await postOrder(shop.origin, { sku: sku.card, key, ...wish })
  expect([status, body]).toEqual([201, expect.objectContaining({ orderId: expect.any(String) })])
  record.push({ key, sku: sku.card, quantity: 1, orderId: body.orderId, byTransfer: wish.method === 'bank-transfer' })
  return body
}

/** A buyer who knows nothing of moves: repeats a request with its key until it is answered. */
async function buy(stop: AbortSignal): Promise<void> {
  for (let n = 0; !stop.aborted && n < 2000; n++) {
    const key = randomUUID()
    const end = Date.now() + ANSWER_SECONDS_MAX * 1000
    for (;;) {
      const answer = await postOrder(
        shop.origin,
        { sku: sku.card, key, cardToken: n % 10 === 9 ? 'tok_declined' : 'tok_ok' },
        10_000,
      ).catch(() => undefined)
      if (answer?.status === 201) {
        record.push({ key, sku: sku.card, quantity: 1, orderId: answer.body.orderId })
        break
      }
      // A cluster's NGINX sends whoever comes as before, without TLS, to the other address: that is no answer of the shop.
      if (answer && answer.status !== 308 && answer.status < 500 && answer.status !== 409)
        throw new Error(`refused: ${answer.status} ${JSON.stringify(answer.body)}`)
      if (Date.now() > end) throw new Error(`no answer for key ${key}`)
      await sleep(200)
    }
    await sleep(20)
  }
}

const cookieOf = (answer: Answer, name: string) => new RegExp(`${name}=[^;]*`).exec(answer.headers.getSetCookie().join('\n'))?.[0] ?? ''
const orderOf = async ({ orderId, viewToken }: Placed) => ask(shop.origin, `GET /api/orders/${orderId}?token=${viewToken}`)

/** What customers hold: they never log in again, and carry their cookies from one place to the next. */
interface Customers {
  readonly cart: string
  refresh: string
  readonly ended: readonly Placed[]
}

async function customers(): Promise<Customers> {
  const filled = await ask(shop.origin, 'POST /api/cart/items', { body: { sku: sku.card, quantity: 3 } })
  const session = await ask(shop.origin, 'POST /api/login', { body: { email: 'shopper@stoa.example', password: DEMO_PASSWORD } })
  const token = session.body.accessToken as string
  const own = await place({ token })
  await until(
    () => ask(shop.origin, `GET /api/orders/${own.orderId}`, { token }),
    (answer) => answer.body.status === 'CONFIRMED',
    60,
  )
  const ended = [await place({}), await place({ cardToken: 'tok_declined' })]
  for (const one of ended) await untilStatus(shop.origin, one.orderId, one.viewToken, ['CONFIRMED', 'CANCELLED'], 60)
  return { cart: cookieOf(filled, 'stoa_cart'), refresh: cookieOf(session, 'stoa_refresh'), ended }
}

/** What they see. Nothing in it changes while they only look. */
async function view(they: Customers) {
  const session = await ask(shop.origin, 'POST /api/token/refresh', { body: {}, headers: { cookie: they.refresh } })
  expect([session.status, session.body]).toEqual([200, expect.anything()])
  they.refresh = cookieOf(session, 'stoa_refresh')
  const token = session.body.accessToken as string
  const doors = ['GET /api/products?limit=50', 'GET /api/products?q=lamp', 'GET /api/categories', 'GET /api/products?sort=price&limit=20']
  const answers = [
    ...(await Promise.all(doors.map((door) => ask(shop.origin, door)))),
    await ask(shop.origin, 'GET /api/cart', { headers: { cookie: they.cart } }),
    await ask(shop.origin, 'GET /api/orders?limit=50', { token }),
    await ask(shop.origin, 'GET /api/profile', { token }),
    ...(await Promise.all(they.ended.map(orderOf))),
  ]
  // Addresses in answers name the place that is asked, which may be another scheme; of the goods some are sold between two looks.
  return answers.map(({ status, body }) => [
    status,
    JSON.parse(JSON.stringify(body).replaceAll(shop.origin, 'ORIGIN'), (key, value) => (key === 'available' ? undefined : value)),
  ])
}

const booksAreRight = (dir: string, past?: GivenPostgres) =>
  booksAgree(dir, record, { elsewhere: past && ((database, text) => past.query(`stoa_${database}`, text)) })

test('with orders under way it moves, is killed, moves again, sells on, and comes back: customers notice nothing but the pause', async () => {
  const admin = await logIn(shop.origin, 'admin@stoa.example')
  sku.card = (await makeProduct(shop.origin, admin.token, 100_000)).sku
  const they = await customers()
  const stop = new AbortController()
  const buyers = Promise.all(Array.from({ length: BUYERS }, () => buy(stop.signal)))
  buyers.catch(() => {})
  // A buyer who is refused ends the waiting too.
  const soldMoreThan = async (orders: number) => {
    const flowing = async () => {
      await expect.poll(() => record.length, { timeout: 120_000 }).toBeGreaterThan(orders)
    }
    await Promise.race([buyers, flowing()])
  }
  await soldMoreThan(ORDERS_BEFORE)
  const before = await view(they)
  const slow = [
    await place({ cardToken: 'tok_slow' }),
    await place({ cardToken: 'tok_slow' }),
    await place({ cardToken: 'tok_timeout_charged' }),
  ]
  const transfer = await place({ method: 'bank-transfer' })
  const careful = await place({ cardToken: 'tok_3ds' })

  const early = await moveShop(dataDir, ['--to', file])
  expect([early.ended, early.said]).toEqual([1, expect.stringContaining('a shop already runs on')])
  expect(await shop.stop()).toBe(0)
  const told = (await moveShop(dataDir, ['--to', file], { STOA_FAIL_POINTS: 'move.after-table=kill:60' })).ended
  expect(told).toBe('SIGKILL')
  const there = { STOA_DATABASE_URL: given.url }
  await expect(startShop({ dataDir, port, as: 'process', env: there })).rejects.toThrow('is an unfinished copy of the shop')
  await expect(startShop({ dataDir, port, as: 'process' })).rejects.toThrow('npm run move -- --to FILE finishes it')
  const moved = await moveShop(dataDir, ['--to', file])
  expect([moved.ended, moved.said]).toEqual([0, expect.stringMatching(/together +[\d,]+ rows[^]*root\.key goes with it/)])
  await expect(startShop({ dataDir, port, as: 'process' })).rejects.toThrow(/was moved to 127\.0\.0\.1:\d+ \(stoa_\*\)/)

  shop = await startShop({ dataDir, port, env: there })
  expect(await view(they)).toEqual(before)
  for (const one of slow) await untilStatus(shop.origin, one.orderId, one.viewToken, ['CONFIRMED'], 90)
  const again = await logIn(shop.origin, 'admin@stoa.example')
  const booked = await ask(shop.origin, `PUT /api/orders/${transfer.orderId}/status`, { token: again.token, body: { status: 'CONFIRMED' } })
  expect([booked.status, booked.body]).toEqual([200, expect.anything()])
  await soldMoreThan(record.length + 40)
  stop.abort()
  await buyers
  const link = (await ask(shop.origin, `GET /api/payment/status?orderId=${careful.orderId}&token=${careful.viewToken}`)).body.nextAction
    .url as string
  await confirmStep(link)
  await untilStatus(shop.origin, careful.orderId, careful.viewToken, ['CONFIRMED'], 60)
  await booksAreRight(dataDir, given)

  const waiting = await place({ cardToken: 'tok_slow' })
  const [shown, soldThere] = [await view(they), record.length]
  expect(await shop.stop()).toBe(0)
  mkdirSync(newDataDir, { recursive: true })
  const keyless = await moveShop(newDataDir, ['--from', file])
  expect([keyless.ended, keyless.said]).toEqual([1, expect.stringContaining('name it by STOA_ROOT_KEY_FILE')])
  // The sandbox's book is no data of the shop: it is the gateway's, and comes along by hand.
  cpSync(join(dataDir, 'sandbox'), join(newDataDir, 'sandbox'), { recursive: true })
  const back = await moveShop(newDataDir, ['--from', file], { STOA_ROOT_KEY_FILE: join(dataDir, 'root.key') })
  expect([back.ended, back.said]).toEqual([0, expect.stringContaining('without STOA_DATABASE_URL')])
  await expect(startShop({ dataDir, port, as: 'process', env: there })).rejects.toThrow('was moved to the data directory')
  shop = await startShop({ dataDir: newDataDir, port, as: 'process' })
  expect(await view(they)).toEqual(shown)
  await untilStatus(shop.origin, waiting.orderId, waiting.viewToken, ['CONFIRMED'], 90)
  await place({})
  expect(record.length).toBe(soldThere + 1)
  await booksAreRight(newDataDir)
}, 900_000)

/** The shopper's step on the provider's page, whose port is another one after each start of a sandbox. */
async function confirmStep(url: string): Promise<void> {
  const { sandboxUrl } = JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as { sandboxUrl: string }
  const answer = await fetch(new URL(new URL(url).pathname, sandboxUrl), {
    method: 'POST',
    body: 'decision=confirm',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    redirect: 'manual',
  })
  expect(answer.status).toBe(303)
}
