import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { event, object, refuse } from '../contract.ts'
import { openStreams, PostgresSequencer } from '../events/postgres-streams.ts'
import { isTransient } from '../fault.ts'
import { setFailPoints } from '../fail-point.ts'
import { gate } from '../proof/patience.ts'
import { testServer } from '../testing/server.ts'
import { Database, type ConnectionSettings } from './database.ts'
import { provisionFromTemplate } from './provision.ts'
import { sql, type Tx } from './sql.ts'

const Happened = event('Happened', {
  summary: 'It happened.',
  topic: 'test.events',
  version: 1,
  key: 'name',
  data: object({ name: Type.String() }),
})
const noMigrations = join(import.meta.dirname, 'no-migrations')

let connection: ConnectionSettings
let database: Database
const published: number[] = []
beforeAll(async () => {
  connection = await provisionFromTemplate(testServer(), 'plain', noMigrations, randomBytes(6).toString('hex'))
  database = new Database(connection, { connectionsMax: 4, onPublished: () => published.push(1) })
  await openStreams(database, ['test.events'])
  await database.run(sql`CREATE TABLE things (name text PRIMARY KEY, n integer NOT NULL DEFAULT 0)`)
})
beforeEach(async () => {
  published.length = 0
  await database.run(sql`TRUNCATE things, chassis.outbox, chassis.stream_log`)
})
afterAll(() => database.close())

const things = async () => (await database.rows<{ name: string }>(sql`SELECT name FROM things ORDER BY name`)).map((one) => one.name)
const outbox = async () => (await database.rows<{ key: string }>(sql`SELECT key FROM chassis.outbox ORDER BY id`)).map((one) => one.key)

/** Writes a row and publishes it. */
async function write(tx: Tx, name: string): Promise<void> {
  await tx.run(sql`INSERT INTO things (name) VALUES (${name})`)
  tx.publish(Happened, { name })
}

test('what a transaction wrote and published is committed together', async () => {
  await database.transaction(async (tx) => {
    await write(tx, 'a')
    await write(tx, 'b')
    expect(await outbox()).toEqual([])
  })
  expect([await things(), await outbox(), published.length]).toEqual([['a', 'b'], ['a', 'b'], 1])
})

test('what is thrown rolls back rows and events, and is thrown on', async () => {
  const bug = new Error('bug')
  await expect(
    database.transaction(async (tx) => {
      await write(tx, 'a')
      throw bug
    }),
  ).rejects.toBe(bug)
  expect([await things(), await outbox(), published]).toEqual([[], [], []])
})

test('a returned refusal rolls back rows and events, and is answered', async () => {
  const refused = await database.transaction(async (tx) => {
    await write(tx, 'a')
    return refuse('no')
  })
  expect(refused).toEqual({ refused: 'no' })
  expect([await things(), await outbox(), published]).toEqual([[], [], []])
})

test('a savepoint that fails takes back its own rows and events only', async () => {
  await database.transaction(async (tx) => {
    await write(tx, 'a')
    await tx
      .savepoint(async () => {
        await write(tx, 'b')
        await tx.run(sql`SELECT 1 / 0`)
      })
      .catch(() => {})
    await write(tx, 'c')
  })
  expect([await things(), await outbox()]).toEqual([
    ['a', 'c'],
    ['a', 'c'],
  ])
})

test('when the outbox cannot be written the rows are not, either', async () => {
  await database.run(sql`ALTER TABLE chassis.outbox ADD CONSTRAINT never CHECK (key <> 'forbidden')`)
  await expect(database.transaction((tx) => write(tx, 'forbidden'))).rejects.toMatchObject({ code: '23514' })
  await database.run(sql`ALTER TABLE chassis.outbox DROP CONSTRAINT never`)
  expect([await things(), await outbox()]).toEqual([[], []])
})

test('a statement that failed unseen does not let its transaction pass as committed', async () => {
  const silent = database.transaction(async (tx) => {
    await write(tx, 'a')
    await tx.run(sql`SELECT 1 / 0`).catch(() => {})
    return 'done'
  })
  await expect(silent).rejects.toThrow()
  const withoutEvents = database.transaction(async (tx) => {
    await tx.run(sql`INSERT INTO things (name) VALUES ('a')`)
    await tx.run(sql`SELECT 1 / 0`).catch(() => {})
  })
  await expect(withoutEvents).rejects.toThrow('was rolled back')
  expect([await things(), await outbox(), published]).toEqual([[], [], []])
})

test('a transaction that has ended takes nothing more', async () => {
  let kept: Tx | undefined
  await database.transaction(async (tx) => {
    kept = tx
  })
  expect(() => kept?.publish(Happened, { name: 'late' })).toThrow('has ended')
  await expect(kept?.run(sql`SELECT 1`)).rejects.toThrow('has ended')
})

test('a crash before the commit leaves nothing, one after it everything', async () => {
  setFailPoints('transaction.before-commit=throw')
  await expect(database.transaction((tx) => write(tx, 'before'))).rejects.toThrow('fail-point')
  setFailPoints('transaction.after-commit=throw')
  await expect(database.transaction((tx) => write(tx, 'after'))).rejects.toThrow('fail-point')
  setFailPoints('')
  expect([await things(), await outbox()]).toEqual([['after'], ['after']])
})

test('a deadlock between two transactions is tried again until both are through', async () => {
  await database.run(sql`INSERT INTO things (name) VALUES ('a'), ('b')`)
  const both = gate()
  let arrived = 0
  const add = (tx: Tx, name: string) => tx.run(sql`UPDATE things SET n = n + 1 WHERE name = ${name}`)
  const cross = (first: string, second: string) =>
    database.retriedTransaction(async (tx) => {
      await add(tx, first)
      if (++arrived === 2) both.open()
      await both.passed
      await add(tx, second)
    })
  await Promise.all([cross('a', 'b'), cross('b', 'a')])
  expect(await database.rows(sql`SELECT n FROM things`)).toEqual([{ n: 2 }, { n: 2 }])
})

async function terminateOthers(): Promise<void> {
  const server = testServer()
  const admin = new pg.Client({
    host: server.host,
    port: server.port,
    user: server.superuser,
    password: server.password,
    database: 'postgres',
  })
  await admin.connect()
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [connection.database])
  await admin.end()
}

test('a backend that is terminated costs its transaction, not the process; the next one works', async () => {
  const uncaught: unknown[] = []
  const listen = (error: unknown) => uncaught.push(error)
  process.on('uncaughtException', listen)
  const inside = gate()
  const goOn = gate()
  const struck = database.transaction(async (tx) => {
    await write(tx, 'a')
    inside.open()
    await goOn.passed
    await write(tx, 'b')
  })
  await inside.passed
  await terminateOthers()
  await new Promise((go) => setTimeout(go, 50))
  goOn.open()
  await expect(struck).rejects.toSatisfy(isTransient)
  await database.transaction((tx) => write(tx, 'c'))
  process.off('uncaughtException', listen)
  expect([await things(), await outbox(), uncaught]).toEqual([['c'], ['c'], []])
})

test('the numbers of the stream are given under a lock: a sequencer that waited for a rival goes on behind it', async () => {
  await database.transaction((tx) => write(tx, 'a'))
  const held = gate()
  const letGo = gate()
  const rival = database.transaction(async (tx) => {
    await tx.run(sql`SELECT 1 FROM chassis.stream_head FOR UPDATE`)
    await tx.run(sql`UPDATE chassis.stream_head SET next_seq = 101`)
    await tx.run(sql`
      INSERT INTO chassis.stream_log SELECT stream, part, s, incarnation, 'rival', gen_random_uuid(), 'Happened', 1, '{}', NULL, now()
      FROM chassis.stream_head, generate_series(1, 100) AS s`)
    held.open()
    await letGo.passed
  })
  await held.passed
  const sequencing = new PostgresSequencer(database).sequence(10)
  await new Promise((go) => setTimeout(go, 300))
  letGo.open()
  await rival
  expect((await sequencing).moved).toBe(1)
  expect(await database.one(sql`SELECT seq FROM chassis.stream_log WHERE key = 'a'`)).toEqual({ seq: 101 })
})

test('a statement with a list is planned once for lists of any length', async () => {
  const one = new Database(connection, { connectionsMax: 1 })
  try {
    await database.run(sql`INSERT INTO things (name) SELECT 'thing ' || n FROM generate_series(1, 2000) AS n`)
    await database.run(sql`ANALYZE things`)
    const ask = (names: string[]) =>
      one.rows<{ name: string }>(sql`SELECT name FROM things WHERE name = ANY(${names}::text[]) ORDER BY name`)
    for (let times = 0; times < 4; times++) {
      expect(await ask(['thing 7'])).toEqual([{ name: 'thing 7' }])
      expect(await ask([])).toEqual([])
      expect((await ask(['thing 9', 'thing 7', 'no such'])).map((row) => row.name)).toEqual(['thing 7', 'thing 9'])
      expect(await ask(['it\'s {odd}, "isn\'t" it\\'])).toEqual([])
    }
    const plans = await one.rows<{ generic: number; custom: number }>(sql`
      SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM things WHERE%'`)
    expect(plans).toEqual([{ generic: 11, custom: 5 }])
  } finally {
    await one.close()
  }
})
