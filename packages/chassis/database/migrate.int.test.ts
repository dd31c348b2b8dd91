import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testServer } from '../testing/server.ts'
import type { ConnectionSettings } from './database.ts'
import { migrate, migrationsIn } from './migrate.ts'
import { provisionFromTemplate } from './provision.ts'

let folder: string
let connection: ConnectionSettings
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stoa-migrations-'))
  connection = await provisionFromTemplate(testServer(), 'bare', join(folder, 'none'), randomBytes(6).toString('hex'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, text: string) => writeFileSync(join(folder, name), text)

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

const applied = async () =>
  (await query<{ name: string }>(`SELECT name FROM public.migrations WHERE name NOT LIKE 'chassis/%' ORDER BY name`)).map((one) => one.name)

test('migrations run in order, each once', async () => {
  put('0001-first.sql', 'CREATE TABLE steps (n int)')
  put('0002-second.sql', 'INSERT INTO steps VALUES (2)')
  await migrate(connection, folder)
  await migrate(connection, folder)
  put('0003-third.sql', 'INSERT INTO steps VALUES (3)')
  await migrate(connection, folder)
  expect(await query('SELECT n FROM steps ORDER BY n')).toEqual([{ n: 2 }, { n: 3 }])
  expect(await applied()).toEqual(['0001-first.sql', '0002-second.sql', '0003-third.sql'])
})

test('a migration that was edited after it ran is refused by name, and nothing after it runs', async () => {
  put('0001-first.sql', 'CREATE TABLE steps (n int)')
  await migrate(connection, folder)
  put('0001-first.sql', 'CREATE TABLE steps (n bigint)')
  put('0002-second.sql', 'INSERT INTO steps VALUES (2)')
  await expect(migrate(connection, folder)).rejects.toThrow('0001-first.sql was edited after it ran')
  expect(await query('SELECT n FROM steps')).toEqual([])
})

test('a migration that fails leaves nothing of itself, keeps those before it, and runs when it is mended', async () => {
  put('0001-first.sql', 'CREATE TABLE steps (n int)')
  put('0002-second.sql', 'INSERT INTO steps VALUES (2); SELECT 1 / 0')
  await expect(migrate(connection, folder)).rejects.toThrow('0002-second.sql: division by zero')
  expect([await query('SELECT n FROM steps'), await applied()]).toEqual([[], ['0001-first.sql']])
  put('0002-second.sql', 'INSERT INTO steps VALUES (2)')
  await migrate(connection, folder)
  expect(await query('SELECT n FROM steps')).toEqual([{ n: 2 }])
})

test('processes that start at once run each migration once between them', async () => {
  put('0001-first.sql', 'CREATE TABLE steps (n int); SELECT pg_sleep(0.1)')
  put('0002-second.sql', 'INSERT INTO steps VALUES (2)')
  await Promise.all(Array.from({ length: 5 }, () => migrate(connection, folder)))
  expect(await query('SELECT n FROM steps')).toEqual([{ n: 2 }])
})

test('a missing or repeated number is told before anything runs', async () => {
  put('0001-first.sql', 'CREATE TABLE steps (n int)')
  put('0003-third.sql', 'SELECT 1')
  await expect(migrate(connection, folder)).rejects.toThrow('expected number 0002')
  expect(() => migrationsIn(folder, '')).toThrow('0003-third.sql')
  expect(await applied()).toEqual([])
})

test('a folder that is not there has no migrations', () => {
  expect(migrationsIn(join(folder, 'nowhere'), '')).toEqual([])
})
