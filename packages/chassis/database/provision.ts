/** A database and a login for each service: nobody reads another's tables; the reader of streams reads `stream_log` alone. */
import { createHash, createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { ConnectionSettings } from './database.ts'
import { migrate, migrationsIn } from './migrate.ts'

/** Text sorts and folds alike on every server. */
const LIKE_EVERYWHERE = `TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`

/** Held while databases and logins are made. Any number will do, as long as it is always the same. */
const MAKING = 7_303_015
/** One that holds it and stands still must not keep others from starting for ever: they fail, and are started again. */
const MAKING_SECONDS_MAX = 60

/** A server on which databases and logins are made; its user may do that. */
export interface ServerAccess {
  readonly host: string
  readonly port: number
  readonly superuser: string
  readonly password: string
  readonly ssl?: ConnectionSettings['ssl']
}

/** Sets shops apart on a server that is not theirs alone. */
export interface Tenant {
  /** Before each name of a database and login, e.g. `stoa_`. */
  readonly prefix: string
  /** Known to this shop alone: the passwords of its logins come from it, and a login with another's mark is left alone. */
  readonly secret: string
}

/**
 * Makes the database and login of a service where they are missing and migrates; answers how to connect. On a server that is the shop's
 * own there is no tenant. Throws: when login or database belong to somebody else.
 */
export async function provision(server: ServerAccess, service: string, migrations: string, tenant?: Tenant): Promise<ConnectionSettings> {
  const connection = await makeDatabaseOf(server, service, tenant)
  await migrate(connection, migrations)
  if (tenant) await letReadStreams(connection, readerConnection(server, service, tenant).user)
  return connection
}

/** Makes the database and login of a service where they are missing, without a table. Throws: when they belong to somebody else. */
export async function makeDatabaseOf(server: ServerAccess, service: string, tenant?: Tenant): Promise<ConnectionSettings> {
  const connection = ownerConnection(server, service, tenant)
  const { user: name, password } = connection
  const reader = tenant && readerConnection(server, service, tenant)
  await asSuperuser(server, 'postgres', async (client) => {
    await takeTurn(client)
    await makeRole(client, name, password, tenant && markOf(tenant))
    await makeDatabase(client, name)
    await client.query(`REVOKE ALL ON DATABASE ${quoted(name)} FROM PUBLIC`)
    if (!reader || !tenant) return
    await makeRole(client, reader.user, reader.password, markOf(tenant))
    await client.query(`GRANT CONNECT ON DATABASE ${quoted(name)} TO ${quoted(reader.user)}`)
  })
  return connection
}

/** How a service reaches its database, which need not be there yet. */
export function ownerConnection(server: ServerAccess, service: string, tenant?: Tenant): ConnectionSettings {
  const { host, port, ssl } = server
  const name = databaseName(service, tenant)
  const password = passwordOf(tenant?.secret ?? server.password, name)
  return { host, port, user: name, password, database: name, ...(ssl ? { ssl } : {}) }
}

/** How services in other processes read what a service published: a login that may read its streams and nothing else. */
export function readerConnection(server: ServerAccess, service: string, tenant: Tenant): ConnectionSettings {
  const { host, port, ssl } = server
  const database = databaseName(service, tenant)
  const user = `${database}_reader`
  return { host, port, user, password: passwordOf(tenant.secret, user), database, ...(ssl ? { ssl } : {}) }
}

function databaseName(service: string, tenant: Tenant | undefined): string {
  return `${tenant?.prefix ?? ''}${service.replaceAll('-', '_')}`
}

function passwordOf(secret: string, name: string): string {
  return createHmac('sha256', secret).update(`database/${name}`).digest('base64url')
}

async function letReadStreams(owner: ConnectionSettings, reader: string): Promise<void> {
  const client = new pg.Client(owner)
  client.on('error', () => {})
  await client.connect()
  try {
    await takeTurn(client)
    await client.query(`GRANT USAGE ON SCHEMA chassis TO ${quoted(reader)}`)
    await client.query(`GRANT SELECT ON chassis.stream_head, chassis.stream_log TO ${quoted(reader)}`)
  } finally {
    await client.end()
  }
}

/** Replicas that start at once make what is missing one after the other; the turn ends with the connection. */
async function takeTurn(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = '${MAKING_SECONDS_MAX}s'`)
  await client.query(`SELECT pg_advisory_lock(${MAKING})`)
}

/** Stands as a comment at each login of a shop. */
function markOf({ secret }: Tenant): string {
  return `stoa ${createHmac('sha256', secret).update('database-mark').digest('hex').slice(0, 16)}`
}

async function makeRole(client: pg.Client, name: string, password: string, mark: string | undefined): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>(
    `SELECT shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname = $1`,
    [name],
  )
  const [known] = rows
  if (known && mark !== undefined && known.mark !== mark)
    throw new Error(`the login ${name} exists and is not of this shop (its data directory has another root.key): name another prefix`)
  if (known) return
  // One transaction: a login without its mark would never be known again.
  await client.query('BEGIN')
  await client.query(`CREATE ROLE ${quoted(name)} LOGIN PASSWORD ${literal(password)}`)
  if (mark !== undefined) await client.query(`COMMENT ON ROLE ${quoted(name)} IS ${literal(mark)}`)
  // Who is no superuser may make a database for a login only as a member of it.
  await client.query(`GRANT ${quoted(name)} TO CURRENT_USER`)
  await client.query('COMMIT')
}

async function makeDatabase(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [
    name,
  ])
  const [known] = rows
  if (known && known.owner !== name) throw new Error(`the database ${name} exists and belongs to ${known.owner}: name another prefix`)
  if (!known) await client.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(name)} ${LIKE_EVERYWHERE}`)
}

/** Makes a database for one test from a template that is migrated once per server. */
export async function provisionFromTemplate(
  server: ServerAccess,
  service: string,
  migrations: string,
  suffix: string,
): Promise<ConnectionSettings> {
  const template = `template_${service.replaceAll('-', '_')}_${fingerprint(migrations)}`
  const password = passwordOf(server.password, template)
  const name = `test_${service.replaceAll('-', '_')}_${suffix}`
  await asSuperuser(server, 'postgres', async (client) => {
    await client.query('SELECT pg_advisory_lock(42)')
    const made = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (made.rowCount === 0) {
      await client.query(`CREATE ROLE ${quoted(template)} LOGIN PASSWORD ${literal(password)}`)
      await client.query(`CREATE DATABASE ${quoted(`${template}_new`)} OWNER ${quoted(template)} ${LIKE_EVERYWHERE}`)
      await migrate({ host: server.host, port: server.port, user: template, password, database: `${template}_new` }, migrations)
      await client.query(`ALTER DATABASE ${quoted(`${template}_new`)} RENAME TO ${quoted(template)}`)
    }
    await client.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(template)} TEMPLATE ${quoted(template)}`)
  })
  return { host: server.host, port: server.port, user: template, password, database: name }
}

/** Drops databases that were made for a test. Whoever is still connected is cut off. */
export async function dropDatabases(server: ServerAccess, names: readonly string[]): Promise<void> {
  await asSuperuser(server, 'postgres', async (client) => {
    for (const name of names) await client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`)
  })
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
  const { host, port, superuser: user, password, ssl } = server
  const client = new pg.Client({ host, port, user, password, database, ...(ssl ? { ssl } : {}) })
  client.on('error', () => {})
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
