import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedServer, startEmbedded } from './embedded.ts'
import { isRunning } from './postmaster.ts'
import { databaseUser } from './system-user.ts'

let dataDir: string
let server: EmbeddedServer
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stoa-embedded-'))
  server = await startEmbedded({ dataDir })
  await query('CREATE TABLE kept (n integer)')
})
afterAll(async () => {
  await server.stop()
  rmSync(realpathSync(join(dataDir, 'postgres')), { recursive: true, force: true })
  rmSync(dataDir, { recursive: true, force: true })
})

async function connect(to: Pick<EmbeddedServer, 'host' | 'port' | 'superuser' | 'password'> = server): Promise<pg.Client> {
  const client = new pg.Client({ host: to.host, port: to.port, user: to.superuser, password: to.password, database: 'postgres' })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = await connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

const kept = async () => (await query<{ n: number }>('SELECT n FROM kept ORDER BY n')).map((one) => one.n)

test('a stopped server starts again with what it had; what was not committed is gone', async () => {
  await query('INSERT INTO kept VALUES (1)')
  const open = await connect()
  await open.query('BEGIN; INSERT INTO kept VALUES (100)')
  await server.stop()
  expect(isRunning(server.pid)).toBe(false)
  server = await startEmbedded({ dataDir })
  expect(await kept()).toEqual([1])
})

test('after a kill -9 in the midst of writing every acknowledged row is there, and the server answers as soon as it is said to be ready', {
  timeout: 60_000,
}, async () => {
  const acknowledged = [1]
  const write = async () => {
    const client = await connect()
    for (let n = 2; n < 5000; n++) {
      await client.query('INSERT INTO kept VALUES ($1)', [n])
      acknowledged.push(n)
      if (n === 200) process.kill(server.pid, 'SIGKILL')
    }
  }
  await expect(write()).rejects.toThrow()
  await server.ended
  server = await startEmbedded({ dataDir })
  const found = await kept()
  expect(acknowledged.length).toBeGreaterThanOrEqual(200)
  expect(found.slice(0, acknowledged.length)).toEqual(acknowledged)
  expect(found.length - acknowledged.length).toBeLessThanOrEqual(1)
  await query('DELETE FROM kept WHERE n > 1')
})

async function firstLine(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    said += chunk.toString()
    if (said.includes('\n')) return said.slice(0, said.indexOf('\n'))
  }
  throw new Error('the child said nothing')
}

test('a server orphaned by the kill -9 of its shop is ended, and its cluster taken over', { timeout: 60_000 }, async () => {
  await server.stop()
  const child = spawn(process.execPath, [fileURLToPath(new URL('../proof/orphan-child.ts', import.meta.url)), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const orphan = JSON.parse(await firstLine(child)) as { host: string; port: number; user: string; password: string; pid: number }
  const client = await connect({ ...orphan, superuser: orphan.user })
  await client.query('INSERT INTO kept VALUES (2)')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning(orphan.pid)).toBe(true)
  server = await startEmbedded({ dataDir })
  expect(isRunning(orphan.pid)).toBe(false)
  expect(await kept()).toEqual([1, 2])
  rmSync(orphan.host, { recursive: true, force: true })
})

test('a kill -9 whose dead nobody buries does not keep the next server from starting', { timeout: 60_000 }, async () => {
  // The shell becomes a sleeper that never asks after its child: the dead child keeps its number, as under a process 1 that reaps nothing.
  const user = databaseUser()
  const identity = user ? { uid: user.uid, gid: user.gid } : {}
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { ...identity, stdio: ['ignore', 'pipe', 'inherit'] })
  const dead = await firstLine(parent)
  await expect.poll(() => readFileSync(`/proc/${dead}/stat`, 'utf8')).toContain(') Z ')
  const file = join(dataDir, 'postgres/postmaster.pid')
  const killed = readFileSync(file, 'utf8')
  process.kill(server.pid, 'SIGKILL')
  await server.ended
  writeFileSync(file, killed.replace(/^\d+/, dead))
  server = await startEmbedded({ dataDir })
  expect(await kept()).toEqual([1, 2])
  parent.kill()
})

test('durability is never traded away: fsync, synchronous commits and full pages are on', async () => {
  const settings = await query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') ORDER BY name`,
  )
  expect(settings.map((one) => one.setting)).toEqual(['on', 'on', 'on'])
})

test('a server that starts on much data keeps more of it in memory', async () => {
  const buffers = async () =>
    (await query<{ megabytes: number }>(`SELECT setting::int / 128 AS megabytes FROM pg_settings WHERE name = 'shared_buffers'`))[0]
      ?.megabytes
  expect(await buffers()).toBe(96)
  await server.stop()
  // A file of no table, which the server does not touch.
  const much = join(realpathSync(join(dataDir, 'postgres')), 'base/1/999999999')
  writeFileSync(much, '')
  truncateSync(much, 1024 ** 3)
  server = await startEmbedded({ dataDir })
  expect(await buffers()).toBeGreaterThan(96)
  rmSync(much)
})

test('nobody gets in without the password, and nobody from outside the machine', async () => {
  await expect(connect({ ...server, password: 'wrong' })).rejects.toMatchObject({ code: '28P01' })
  expect(await query(`SELECT setting FROM pg_settings WHERE name = 'listen_addresses'`)).toEqual([{ setting: '' }])
})
