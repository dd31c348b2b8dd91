/** Where the shop's tables are: in a PostgreSQL of its own, or in one that is given by address. */
import { setTimeout as sleep } from 'node:timers/promises'
import { examineServer, readAddress } from '@stoa/chassis/database/address.ts'
import type { ConnectionSettings } from '@stoa/chassis/database/database.ts'
import { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from '@stoa/chassis/database/embedded.ts'
import { migrate } from '@stoa/chassis/database/migrate.ts'
import { makeDatabaseOf, ownerConnection, provision, readerConnection, type Tenant } from '@stoa/chassis/database/provision.ts'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import type { Log } from '@stoa/chassis/telemetry/log.ts'
import { serviceNames } from './discover.ts'
import { DATABASE_URL, type ShopSettings } from './shop-settings.ts'

const DATABASE_RESTARTS_MAX = 1000

/** The databases of a shop. */
export interface Databases {
  /** Folder of the embedded server's socket; null when the server is somebody else's. */
  readonly socketFolder: string | null
  /** The database of a service, made where it is missing, with the newest schema. Throws: naming what is in the way. */
  open(service: string, migrations: string): Promise<ConnectionSettings>
  /** How the streams of a service in another process are read. */
  reader(service: string): ConnectionSettings
  /** How a service reaches its database, whether it is there yet or not. */
  at(service: string): ConnectionSettings
  /** Makes the database of a service where it is missing, without a table. Throws: when it belongs to somebody else. */
  make(service: string): Promise<ConnectionSettings>
}

export interface Needs {
  readonly settings: ShopSettings
  readonly secret: Buffer
  /** Services, and the connections each holds at most. The embedded server has room for all: it does not wait to be told. */
  readonly connections: () => Promise<ReadonlyMap<string, number>>
  readonly log: Log
  readonly undo: (() => Promise<void> | void)[]
}

/** Starts the shop's own PostgreSQL, or looks at what is given instead: one for all, or a database for single services. */
export async function openDatabases(needs: Needs): Promise<Databases> {
  const { settings } = needs
  if (settings.databaseUrls.size > 0) return separate(needs)
  return settings.databaseUrl === '' ? embedded(needs) : given(needs, [...(await needs.connections()).values()])
}

async function embedded({ settings, log, undo }: Needs): Promise<Databases> {
  const server = await keptEmbedded(settings.dataDir, log, undo)
  return {
    socketFolder: server.host,
    open: (service, migrations) => provision(server, service, migrations),
    reader: () => {
      throw new Error(`${DATABASE_URL} is missing: the embedded PostgreSQL is there for one process alone`)
    },
    at: (service) => ownerConnection(server, service),
    make: (service) => makeDatabaseOf(server, service),
  }
}

async function given({ settings: { databaseUrl, databasePrefix }, secret }: Needs, connections: readonly number[]): Promise<Databases> {
  const address = readAddress(databaseUrl, DATABASE_URL)
  await examineServer(address, { connections: sum(connections), makesDatabases: true })
  const { user: superuser, ...rest } = address
  const server = { ...rest, superuser }
  const tenant: Tenant = { prefix: databasePrefix, secret: deriveSecret(secret, 'databases').export().toString('base64url') }
  return {
    socketFolder: null,
    open: (service, migrations) => provision(server, service, migrations, tenant),
    reader: (service) => readerConnection(server, service, tenant),
    at: (service) => ownerConnection(server, service, tenant),
    make: (service) => makeDatabaseOf(server, service, tenant),
  }
}

/** Some services, or all, have a database of their own that is there already. */
async function separate(needs: Needs): Promise<Databases> {
  const { databaseUrls, databaseUrl } = needs.settings
  const connections = await needs.connections()
  const own = new Map([...databaseUrls].map(([service, url]) => [service, readAddress(url, urlSettingOf(service))]))
  const names = serviceNames()
  const unknown = [...own.keys()].filter((service) => !names.includes(service))
  if (unknown.length > 0) throw new Error(`no service stands behind ${unknown.map(urlSettingOf).join(', ')}`)
  for (const [service, address] of own) {
    const held = connections.get(service)
    if (held !== undefined) await examineServer(address, { connections: held, makesDatabases: false })
  }
  const others = [...connections].filter(([service]) => !own.has(service)).map(([, count]) => count)
  // The streams of services in other processes are read too.
  const read = names.filter((service) => !connections.has(service) && !own.has(service))
  const rest = others.length + read.length === 0 ? undefined : await (databaseUrl === '' ? embedded(needs) : given(needs, others))
  return {
    socketFolder: rest?.socketFolder ?? null,
    open: async (service, migrations) => {
      const address = own.get(service)
      if (!address) return (rest as Databases).open(service, migrations)
      await migrate(address, migrations)
      return address
    },
    reader: (service) => own.get(service) ?? (rest as Databases).reader(service),
    at: (service) => own.get(service) ?? (rest as Databases).at(service),
    make: async (service) => own.get(service) ?? (rest as Databases).make(service),
  }
}

/** The embedded server, started again in place when it dies under us: its socket folder stays, so pools find it again. */
export async function keptEmbedded(
  dataDir: string,
  log: Log,
  undo: Needs['undo'],
  parameters: Readonly<Record<string, string>> = {},
): Promise<EmbeddedServer> {
  let stopping = false
  let current = await startEmbedded({ dataDir, parameters })
  const first = current
  undo.push(async () => {
    stopping = true
    await current.stop()
  })
  const watch = async () => {
    for (let restarts = 0; restarts < DATABASE_RESTARTS_MAX; restarts++) {
      await current.ended
      if (stopping) return
      log.warn({ restarts }, 'PostgreSQL died and is started again')
      const again = await startAgain({ dataDir, host: first.host, parameters }, log, () => stopping)
      if (!again) return
      current = again
    }
    log.error({}, 'PostgreSQL died too often')
  }
  void watch()
  return first
}

/** Undefined when the shop ends meanwhile: then nothing is left running. */
async function startAgain(
  options: EmbeddedOptions & { host: string },
  log: Log,
  stopping: () => boolean,
): Promise<EmbeddedServer | undefined> {
  while (!stopping()) {
    try {
      const server = await startEmbedded(options)
      if (!stopping()) return server
      await server.stop()
    } catch (error) {
      log.error({ error }, 'PostgreSQL did not come back')
      await sleep(1000)
    }
  }
  return undefined
}

function urlSettingOf(service: string): string {
  return `${DATABASE_URL}_${service.replaceAll('-', '_').toUpperCase()}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
