import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Database, type ConnectionSettings } from '../database/database.ts'
import { provisionFromTemplate } from '../database/provision.ts'
import { sql } from '../database/sql.ts'
import { Signals } from '../signals.ts'
import { testServer } from '../testing/server.ts'
import { Wire } from '../testing/wire.ts'
import { Ears } from './ears.ts'
import { NEW_EVENTS } from './postgres-streams.ts'

let connection: ConnectionSettings
let database: Database
beforeAll(async () => {
  const migrations = join(import.meta.dirname, '../testing/no-migrations')
  connection = await provisionFromTemplate(testServer(), 'heard', migrations, randomBytes(6).toString('hex'))
  database = new Database(connection, { connectionsMax: 2 })
})
afterAll(() => database.close())

const socketOf = ({ host, port }: ConnectionSettings) => join(host, `.s.PGSQL.${port}`)
const opened: Ears[] = []
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())))

/** Listens to two streams; `count` says how often one was heard. */
async function listen(over: Partial<ConnectionSettings> = {}) {
  const signals = new Signals()
  const ears = new Ears({ ...connection, ...over } as ConnectionSettings, ['order.events', 'stock.events'], signals)
  opened.push(ears)
  const count = (stream: string) => signals.count(`stream:${stream}`)
  await expect.poll(() => count('order.events'), { timeout: 5000 }).toBe(1)
  return { ears, signals, count }
}
const say = (stream: string) => database.run(sql`SELECT pg_notify(${NEW_EVENTS}, ${stream})`)
/** Ends the connections that listen; answers how many there were. */
const cut = () =>
  database.run(sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query IN ('SELECT 1', ${`LISTEN ${NEW_EVENTS}`}) AND pid <> pg_backend_pid()`)

test('a stream that grew is heard of within moments, and no other is named by it', async () => {
  const { signals, count } = await listen()
  const before = count('stock.events')
  const began = performance.now()
  const heard = signals.wait('stream:order.events', count('order.events'), 5000, new AbortController().signal)
  await say('order.events')
  await heard
  expect(performance.now() - began).toBeLessThan(1000)
  expect([count('order.events'), count('stock.events')]).toEqual([2, before])
})

test('a name that nobody asked for is not kept', async () => {
  const { count } = await listen()
  await say('strange.events')
  await say('order.events')
  await expect.poll(() => count('order.events')).toBe(2)
  expect(count('strange.events')).toBe(0)
})

test('when the connection is cut, it hears again soon, and looks at everything it may have missed', async () => {
  const { count } = await listen()
  for (let round = 1; round <= 2; round++) {
    await say('order.events')
    await expect.poll(() => count('order.events')).toBe(3 * round - 1)
    expect(await cut()).toBe(1)
    // As if said while nobody listened.
    await expect.poll(() => count('order.events'), { timeout: 3000 }).toBe(3 * round)
    await say('order.events')
    await expect.poll(() => count('order.events')).toBe(3 * round + 1)
  }
})

test('when the server is away at first and comes back later, it is heard all the same', async () => {
  const wire = await Wire.to(socketOf(connection))
  await wire.cut()
  const signals = new Signals()
  const ears = new Ears({ ...connection, host: '127.0.0.1', port: wire.port } as ConnectionSettings, ['order.events'], signals)
  opened.push(ears)
  await sleep(300)
  expect(signals.count('stream:order.events')).toBe(0)
  await wire.mend()
  await expect.poll(() => signals.count('stream:order.events'), { timeout: 5000 }).toBe(1)
  await ears.close()
  await wire.cut()
})

test.each(['well', 'frozen'] as const)('it ends within moments while its connection is %s', async (state) => {
  const wire = await Wire.to(socketOf(connection))
  const { ears } = await listen({ host: '127.0.0.1', port: wire.port })
  if (state === 'frozen') wire.freeze()
  const began = performance.now()
  await ears.close()
  expect(performance.now() - began).toBeLessThan(1000)
  await wire.cut()
})
