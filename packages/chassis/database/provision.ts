/** A database and a login for each service: nobody reads another's tables; the reader of streams reads `stream_log` alone. */
import { createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import type { ConnectionSettings } from './database.ts'
import { migrate, migrationsIn } from './migrate.ts'

export interface ServerAccess {
  readonly host: string
  readonly port: number
  readonly superuser: string
  readonly password: string
}

/** Makes the database and login of a service where they are missing and migrates; answers how to connect. `prefix` sets shops on one server apart. */
export async function provision(server: ServerAccess, service: string, migrations: string, prefix = ''): Promise<ConnectionSettings> {
  const name = `${prefix}${service.replaceAll('-', '_')}`
  const password = createHmac('sha256', server.password).update(`database/${name}`).digest('base64url')
  await asSuperuser(server, 'postgres', async (client) => {
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name])
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${quoted(name)} LOGIN PASSWORD ${literal(password)}`)
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(name)} TEMPLATE template0`)
    await client.query(`REVOKE CONNECT ON DATABASE ${quoted(name)} FROM PUBLIC`)
  })
  const connection = { host: server.host, port: server.port, user: name, password, database: name }
  await migrate(connection, migrations)
  return connection
}

/** Makes a database for one test from a template that is migrated once per server. */
export async function provisionFromTemplate(
  server: ServerAccess,
  service: string,
  migrations: string,
  suffix: string,
): Promise<ConnectionSettings> {
  const template = `template_${service.replaceAll('-', '_')}_${fingerprint(migrations)}`
  const password = createHmac('sha256', server.password).update(`database/${template}`).digest('base64url')
  const name = `test_${service.replaceAll('-', '_')}_${suffix}`
  await asSuperuser(server, 'postgres', async (client) => {
    await client.query('SELECT pg_advisory_lock(42)')
    const made = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (made.rowCount === 0) {
      await client.query(`CREATE ROLE ${quoted(template)} LOGIN PASSWORD ${literal(password)}`)
      await client.query(`CREATE DATABASE ${quoted(`${template}_new`)} OWNER ${quoted(template)} TEMPLATE template0`)
      await migrate({ host: server.host, port: server.port, user: template, password, database: `${template}_new` }, migrations)
      await client.query(`ALTER DATABASE ${quoted(`${template}_new`)} RENAME TO ${quoted(template)}`)
    }
    await client.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(template)} TEMPLATE ${quoted(template)}`)
  })
  return { host: server.host, port: server.port, user: template, password, database: name }
}

function fingerprint(folder: string): string {
  const own = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((file) => readFileSync(join(folder, file), 'utf8'))
    : []
  const chassis = migrationsIn(join(import.meta.dirname, 'chassis-migrations'), '').map((one) => one.text)
  return createHash('sha256')
    .update(JSON.stringify([chassis, own]))
    .digest('hex')
    .slice(0, 12)
}

async function asSuperuser(server: ServerAccess, database: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ host: server.host, port: server.port, user: server.superuser, password: server.password, database })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
