import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from '../testing/server.ts'
import { examineServer } from './address.ts'
import { Database } from './database.ts'
import { provision, type Tenant } from './provision.ts'
import { sql } from './sql.ts'

const noMigrations = join(import.meta.dirname, 'no-migrations')
const enough = { connections: 1, makesDatabases: false }

const own = testServer()
const landlord = `landlord_${randomBytes(4).toString('hex')}`
const address = { host: own.host, port: own.port, user: landlord, password: 'letting', database: 'postgres' }
const server = { ...own, superuser: landlord, password: 'letting' }
const tenantOf = (secret: string): Tenant => ({ prefix: `${landlord}_`, secret })
const asOwner = async (text: string) => {
  const client = new pg.Client({ host: own.host, port: own.port, user: own.superuser, password: own.password, database: 'postgres' })
  await client.connect()
  await client.query(text).finally(() => client.end())
}
beforeAll(() => asOwner(`CREATE ROLE ${landlord} LOGIN CREATEDB CREATEROLE PASSWORD 'letting'`))
afterAll(() => asOwner(`ALTER ROLE ${landlord} NOLOGIN`))

test('a server that will do is content with what it is asked for', async () => {
  await examineServer(address, { connections: 100, makesDatabases: true })
})

test('everything that is in the way is named at once, without the password', async () => {
  await asOwner(`CREATE ROLE ${landlord}_guest LOGIN PASSWORD 'letting'`)
  const asked = examineServer({ ...address, user: `${landlord}_guest` }, { connections: 5000, makesDatabases: true })
  await expect(asked).rejects.toThrow(/needs the rights CREATEDB and CREATEROLE; it lets \d+ connections in, and 5000 are needed/)
  await expect(examineServer({ ...address, password: 'guessed' }, enough)).rejects.toThrow(/cannot be reached: (?!.*guessed)/)
  await expect(examineServer({ ...address, host: '127.0.0.1', port: 1 }, enough)).rejects.toThrow('127.0.0.1:1 cannot be reached')
})

test('a tenant’s database is its own, found again, and text in it folds as everywhere', async () => {
  const connection = await provision(server, 'a-room', noMigrations, tenantOf('first'))
  expect(connection).toMatchObject({ user: `${landlord}_a_room`, database: `${landlord}_a_room` })
  expect(await provision(server, 'a-room', noMigrations, tenantOf('first'))).toEqual(connection)
  const database = new Database(connection, { connectionsMax: 1 })
  try {
    expect(await database.one(sql`SELECT lower('ÄÖ') AS low, 'B' < 'a' AS bytes, current_user::text AS me`)).toEqual({
      low: 'äö',
      bytes: true,
      me: connection.user,
    })
  } finally {
    await database.close()
  }
})

test('what belongs to another shop, or to nobody we know, is left alone', async () => {
  await provision(server, 'taken', noMigrations, tenantOf('first'))
  await expect(provision(server, 'taken', noMigrations, tenantOf('second'))).rejects.toThrow(
    `the login ${landlord}_taken exists and is not of this shop`,
  )
  await asOwner(`CREATE ROLE ${landlord}_strange`)
  await expect(provision(server, 'strange', noMigrations, tenantOf('first'))).rejects.toThrow('is not of this shop')
  await asOwner(`CREATE DATABASE ${landlord}_foreign`)
  await expect(provision(server, 'foreign', noMigrations, tenantOf('first'))).rejects.toThrow(
    `the database ${landlord}_foreign exists and belongs to ${own.superuser}`,
  )
})
