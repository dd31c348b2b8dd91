/** The servers of a cluster on one machine: each its own, unless the settings name another; started again when they die. */
import { Signals } from '@stoa/chassis/signals.ts'
import type { Log } from '@stoa/chassis/telemetry/log.ts'
import { keptEmbedded } from '../database.ts'
import { serversCache } from '../servers/cache.ts'
import { startKafka } from '../servers/kafka.ts'
import { startOpenSearch } from '../servers/opensearch.ts'
import { startRedis } from '../servers/redis.ts'
import { startRegistry } from '../servers/registry.ts'
import type { ShopSettings } from '../shop-settings.ts'
import { allStarted, type Undo } from '../unwind.ts'

/** Settings by which every process of the shop reaches the servers. */
export interface ServerAddresses {
  readonly STOA_DATABASE_URL: string
  readonly STOA_KAFKA_BROKERS: string
  readonly STOA_SCHEMA_REGISTRY_URL: string
  readonly STOA_REDIS_URL: string
  /** Only where the cluster's own one searches. */
  readonly STOA_OPENSEARCH_URL?: string
}

export interface Servers {
  /** Folder of the database's socket; null when the database is somebody else's. */
  readonly databaseHost: string | null
  readonly addresses: ServerAddresses
}

/** Something that ends, and whose end is heard of. */
interface Mortal {
  readonly exited: Promise<void>
  stop(): Promise<void>
}

export interface Site {
  readonly settings: ShopSettings
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly undo: Undo[]
}

/** Enough for each process's own connections, and for reading each other's streams. */
const DATABASE_PARAMETERS = { max_connections: '500' } as const
const AGAIN_MS_MIN = 500
const AGAIN_MS_MAX = 8000
/** One that lived so long did not die of its start. */
const LONG_MS = 10_000
const RESTARTS_MAX = 1000

/** Starts what is not given, all at once. */
export async function startServers(site: Site): Promise<Servers> {
  const { settings } = site
  const place = { cacheDir: serversCache(), dataDir: settings.dataDir }
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, redisUrl } = settings
  const [database, brokers, registry, redis, openSearch] = await allStarted([
    databaseUrl === '' ? ownDatabase(site) : { databaseHost: null, url: databaseUrl },
    kafkaBrokers.length === 0 ? ownKafka(site, place) : kafkaBrokers.join(','),
    schemaRegistryUrl === '' ? ownServer(site, 'the schema registry', () => startRegistry(place)) : schemaRegistryUrl,
    redisUrl === '' ? ownServer(site, 'Redis', () => startRedis(place)) : redisUrl,
    wantsOpenSearch(site) ? ownServer(site, 'OpenSearch', () => startOpenSearch(place)) : undefined,
  ])
  return {
    databaseHost: database.databaseHost,
    addresses: {
      STOA_DATABASE_URL: database.url,
      STOA_KAFKA_BROKERS: brokers,
      STOA_SCHEMA_REGISTRY_URL: registry,
      STOA_REDIS_URL: redis,
      ...(openSearch !== undefined && { STOA_OPENSEARCH_URL: openSearch }),
    },
  }
}

/** Whether the shop is to search by an OpenSearch that nobody named. */
function wantsOpenSearch({ variables }: Site): boolean {
  return variables.STOA_SEARCH_ENGINE === 'opensearch' && (variables.STOA_OPENSEARCH_URL ?? '') === ''
}

async function ownDatabase({ settings, log, undo }: Site): Promise<{ databaseHost: string; url: string }> {
  const { host, superuser, password } = await keptEmbedded(settings.dataDir, log, undo, DATABASE_PARAMETERS)
  const login = `${superuser}:${encodeURIComponent(password)}`
  return { databaseHost: host, url: `postgresql://${login}@localhost/postgres?host=${encodeURIComponent(host)}` }
}

async function ownKafka(site: Site, place: { cacheDir: string; dataDir: string }): Promise<string> {
  const kafka = await startKafka({ ...place, brokers: site.settings.kafkaNodes })
  for (const [index, node] of kafka.brokers.entries())
    keepAlive(site, `node ${index + 1} of Kafka`, node, async () => {
      await kafka.restart(index)
      return kafka.brokers[index] as Mortal
    })
  return kafka.bootstrap.join(',')
}

/** Starts a server that is found at the same address after each start. */
async function ownServer(site: Site, title: string, start: () => Promise<Mortal & { readonly url: string }>): Promise<string> {
  const server = await start()
  keepAlive(site, title, server, start)
  return server.url
}

/** Starts a server again when it dies, with growing pauses when it dies at once, until the cluster ends. */
export function keepAlive({ log, undo }: Pick<Site, 'log' | 'undo'>, title: string, first: Mortal, again: () => Promise<Mortal>): void {
  let current = first
  const stopping = new AbortController()
  const rests = new Signals()
  const keep = async () => {
    let shortLives = 0
    for (let restarts = 0; restarts < RESTARTS_MAX; restarts++) {
      const began = performance.now()
      await current.exited
      if (stopping.signal.aborted) return
      log.warn({ restarts }, `${title} died and is started again`)
      shortLives = performance.now() - began < LONG_MS ? shortLives + 1 : 0
      const pause = Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.max(0, Math.min(shortLives, 6) - 1))
      await rests.wait('never', 0, pause, stopping.signal)
      if (stopping.signal.aborted) return
      current = await again().catch((error: unknown) => {
        log.error({ error }, `${title} did not come back`)
        return current
      })
      // It came back while the cluster ended.
      if (stopping.signal.aborted) {
        await current.stop()
        return
      }
    }
    log.error({}, `${title} died too often`)
  }
  const kept = keep()
  undo.push(async () => {
    stopping.abort()
    await current.stop()
    await kept
  })
}
