/** The two sides of a move: databases that are reached, taken hold of and looked at. */
import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { groundOf, rowsIn } from '@stoa/chassis/moving/ground.ts'
import { othersIn, takeHold, tryConnect, type Station } from '@stoa/chassis/moving/station.ts'
import { readMark } from '@stoa/chassis/database/residence.ts'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import type { Log } from '@stoa/chassis/telemetry/log.ts'
import { allSigningKeys } from '../../services/identity/store/signing-keys.ts'
import { openUnderKek } from '../../services/identity/vault.ts'
import { openDatabases, type Databases } from '../database.ts'
import { migrationsOf, serviceNames } from '../discover.ts'
import { readRootKey } from '../data-dir.ts'
import type { ShopSettings } from '../shop-settings.ts'
import type { Undo } from '../unwind.ts'
import type { Finding } from './verdict.ts'

/** A service whose database is moved. */
export interface Moved {
  readonly service: string
  /** Folder of its migrations. */
  readonly migrations: string
}

/** One side: its databases, and sessions in those that are there. */
export interface Side {
  /** As people know it. */
  readonly name: string
  readonly all: readonly Moved[]
  readonly databases: Pick<Databases, 'at' | 'make'>
  readonly stations: Map<string, Station>
}

interface Opening {
  readonly settings: ShopSettings
  readonly nameOf: (databases: Databases) => string
  readonly secret: Buffer
  readonly log: Log
  readonly undo: Undo[]
}

/** Reaches a side of the shop of these settings; nothing is made. */
export async function openSide({ settings, nameOf, secret, log, undo }: Opening): Promise<Side> {
  const services = serviceNames()
  // One session for each database, whatever the shop will need.
  const connections = async () => new Map(services.map((one) => [one, 1]))
  const databases = await openDatabases({ settings, secret, connections, log, undo })
  const all = services.map((service) => ({ service, migrations: migrationsOf(service) }))
  const side: Side = { name: nameOf(databases), all, databases, stations: new Map() }
  undo.push(() => leave(side))
  await reachAll(side)
  return side
}

/** Connects to every database that is there and takes hold of it. Throws: when two services name the same one. */
export async function reachAll(side: Side): Promise<void> {
  const known = new Map<string, string>()
  for (const { service } of side.all) {
    const { host, port, database } = side.databases.at(service)
    const address = JSON.stringify([host, port, database])
    const other = known.get(address)
    if (other !== undefined) throw new Error(`${other} and ${service} name the same database ${database}: each service needs its own`)
    known.set(address, service)
  }
  for (const { service } of side.all) await reach(side, service)
}

/** Connects to the database of a service and takes hold of it. False: when it is not there. */
export async function reach(side: Side, service: string): Promise<boolean> {
  const station = await tryConnect(service, side.databases.at(service))
  if (!station) return false
  side.stations.set(service, station)
  await takeHold(station)
  return true
}

/** Ends all sessions; what was not committed is undone by the server. */
export async function leave(side: Side): Promise<void> {
  const stations = [...side.stations.values()]
  side.stations.clear()
  await Promise.all(stations.map(({ client }) => client.end().catch(() => {})))
}

/** Looks at every database of a side. */
export async function findingsOf(side: Side): Promise<Finding[]> {
  return Promise.all(
    side.all.map(async ({ service, migrations }) => {
      const station = side.stations.get(service)
      if (!station) return { service, name: side.databases.at(service).database, ground: 'missing' as const, rows: 0, others: [] }
      const { client, name } = station
      return {
        service,
        name,
        ground: await groundOf(client, migrations),
        rows: await rowsIn(client),
        mark: await readMark(client),
        others: await othersIn(station),
      }
    }),
  )
}

/** Where databases that are given by address are, for people: never with a password. */
export function nameOfGiven(settings: ShopSettings, databases: Pick<Databases, 'at'>): string {
  const names = serviceNames().map((service) => databases.at(service))
  const hosts = [...new Set(names.map(({ host, port }) => `${host}:${port}`))]
  return settings.databaseUrls.size === 0 ? `${hosts.join(', ')} (${settings.databasePrefix}*)` : hosts.join(', ')
}

/** Sets shops apart in the marks of a move. */
export function markOfShop(secret: Buffer): string {
  return createHmac('sha256', deriveSecret(secret, 'databases')).update('moving').digest('hex').slice(0, 16)
}

/** Whether a key is that of the shop whose data stands at a side: it opens what is sealed there. A shop that never ran has nothing sealed. */
export async function keyFits(side: Side, secret: Buffer): Promise<boolean> {
  const identity = side.stations.get('identity')
  if (!identity) return true
  const rows = async <Row extends object>(statement: { text: string; values: unknown[] }) =>
    (await identity.client.query<Row>(statement.text, statement.values)).rows
  const [newest] = await allSigningKeys({ rows } as unknown as Parameters<typeof allSigningKeys>[0])
  if (!newest) return true
  try {
    openUnderKek(
      { secret: (purpose) => deriveSecret(secret, 'identity', purpose) },
      newest.kekId,
      `signing-key:${newest.kid}`,
      newest.sealedPrivate,
    )
    return true
  } catch {
    return false
  }
}

/**
 * The shop's root key for a move. The data directory's own is the one; coming back into a new directory it is that of STOA_ROOT_KEY_FILE.
 * Throws: when there is none, or two that differ.
 */
export function keyOfMove(dataDir: string, keyFile: string | undefined): Buffer {
  const own = join(dataDir, 'root.key')
  const given = keyFile !== undefined && existsSync(keyFile) ? readRootKey(keyFile) : undefined
  if (!existsSync(own)) {
    if (given) return given
    throw new Error(
      `${own} is missing: without the key of the shop nothing sealed can be read; put it there, or name it by STOA_ROOT_KEY_FILE`,
    )
  }
  const key = readRootKey(own)
  if (given && !given.equals(key)) throw new Error(`${own} and ${keyFile} are keys of two shops`)
  return key
}
