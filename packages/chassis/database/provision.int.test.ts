/** Logins of a shop on somebody's server: what the reader of streams may do, and replicas that start at once. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStreams } from '../events/postgres-streams.ts'
import { RemoteStreams } from '../events/remote-streams.ts'
import { Signals } from '../signals.ts'
import { testServer } from '../testing/server.ts'
import { Database, type ConnectionSettings } from './database.ts'
import { provision, readerConnection, type Tenant } from './provision.ts'
import { sql } from './sql.ts'

const migrations = join(import.meta.dirname, 'no-migrations')
const tenant: Tenant = { prefix: `shop_${randomBytes(4).toString('hex')}_`, secret: 'secret of this shop' }

/** What a login may do: `ok`, or the SQLSTATE it gets. */
async function attempt(connection: ConnectionSettings, text: string): Promise<string> {
  const client = new pg.Client(connection)
  try {
    await client.connect()
    await client.query(text)
    return 'ok'
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await client.end().catch(() => {})
  }
}

describe('the login that reads streams', () => {
  let reader: ConnectionSettings
  let database: Database
  beforeAll(async () => {
    const owner = await provision(testServer(), 'writer', migrations, tenant)
    await provision(testServer(), 'other', migrations, tenant)
    database = new Database(owner, { connectionsMax: 2 })
    await openStreams(database, ['things.updated'])
    await database.run(sql`CREATE TABLE secrets (text text)`)
    await database.run(sql`CREATE FUNCTION reveal() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM secrets'`)
    reader = readerConnection(testServer(), 'writer', tenant)
  })
  afterAll(() => database.close())

  test.each(['SELECT * FROM chassis.stream_log', 'SELECT * FROM chassis.stream_head', 'LISTEN stoa_new_events'])('may %s', async (text) => {
    expect(await attempt(reader, text)).toBe('ok')
  })

  test.each([
    "UPDATE chassis.stream_log SET data = '{}'",
    'DELETE FROM chassis.stream_log',
    'SELECT * FROM chassis.stream_head FOR UPDATE',
    'UPDATE chassis.stream_head SET next_seq = 1',
    'TRUNCATE chassis.stream_log',
    'SELECT * FROM chassis.outbox',
    'SELECT * FROM chassis.moments',
    'SELECT * FROM chassis.idempotency_keys',
    'SELECT * FROM chassis.consumer_position',
    'SELECT * FROM chassis.parked',
    'SELECT * FROM chassis.replicas',
    'SELECT * FROM secrets',
    'SELECT reveal()',
    'CREATE TABLE mine (a integer)',
    'CREATE TEMPORARY TABLE mine (a integer)',
    'CREATE TABLE chassis.mine (a integer)',
    'CREATE SCHEMA mine',
    "COPY chassis.stream_log TO PROGRAM 'true'",
  ])('may not %s', async (text) => {
    expect(await attempt(reader, text)).toBe('42501')
  })

  test('may not open another service’s database, and another shop’s secret is no way in', async () => {
    const other = readerConnection(testServer(), 'other', tenant)
    expect(await attempt({ ...reader, database: other.database }, 'SELECT 1')).toBe('42501')
    expect(await attempt(other, 'SELECT 1')).toBe('ok')
  })
})

describe('a stream of a service elsewhere', () => {
  test('is unavailable until its service has made it, and is then read without anybody starting anew', async () => {
    const signals = new Signals()
    const remote = new RemoteStreams([{ streams: ['late.updated'], connection: readerConnection(testServer(), 'late', tenant) }], signals)
    const source = remote.source('late.updated')
    expect([remote.source('nobody.updated'), remote.source('late.updated') === source]).toEqual([undefined, true])
    const unavailable = { code: 'unavailable' }
    await expect(source?.heads()).rejects.toMatchObject(unavailable)
    await expect(source?.read(new Map([[0, 0]]), 10)).rejects.toMatchObject(unavailable)
    const owner = await provision(testServer(), 'late', migrations, tenant)
    expect(await source?.heads()).toEqual(new Map())
    const database = new Database(owner, { connectionsMax: 1 })
    await openStreams(database, ['late.updated'])
    expect((await source?.heads())?.size).toBe(6)
    await expect.poll(() => signals.count('stream:late.updated'), { timeout: 10_000 }).toBeGreaterThan(0)
    await Promise.all([remote.close(), database.close()])
    expect(remote.source('late.updated')).toBeUndefined()
  })
})

describe('replicas that start at once', () => {
  test('make what is missing together, and are told the same', async () => {
    const names = ['one', 'two', 'three']
    const made = await Promise.all([...names, ...names, ...names].map((name) => provision(testServer(), name, migrations, tenant)))
    expect(new Set(made.map((one) => JSON.stringify(one))).size).toBe(3)
    for (const one of made.slice(0, 3)) expect(await attempt(one, 'SELECT * FROM chassis.stream_log')).toBe('ok')
    for (const name of names)
      expect(await attempt(readerConnection(testServer(), name, tenant), 'SELECT * FROM chassis.stream_log')).toBe('ok')
  })
})
