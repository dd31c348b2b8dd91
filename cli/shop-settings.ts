/** Settings of the whole shop: where it listens, where its data lies (api.md, "Running it"). */
import { join, resolve } from 'node:path'
import { Type } from 'typebox'
import { GrpcAddresses, HttpAddresses } from '@stoa/chassis/calls/directory.ts'
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { setting } from '@stoa/chassis/service.ts'
import * as shared from '@stoa/chassis/settings.ts'
import { root } from './paths.ts'

const OnOff = (standard: 'on' | 'off') => Type.Union([Type.Literal('on'), Type.Literal('off')], { default: standard })

export const Port = setting('STOA_PORT', Type.Integer({ default: 3000, minimum: 0, maximum: 65_535 }), 'port the shop listens on')
export const Host = setting('STOA_HOST', Type.String({ default: '127.0.0.1' }), 'address the shop listens on')
export const DataDir = setting(
  'STOA_DATA_DIR',
  Type.String({ default: '.stoa' }),
  'folder of the shop’s data, below the repository unless absolute',
)
export const RateLimits = setting(
  'STOA_RATE_LIMITS',
  OnOff('on'),
  'off: no rate limits, for load tests on loopback; the guard against guessing passwords stays on',
)
export const TrustedProxies = setting(
  'STOA_TRUSTED_PROXIES',
  Type.String({ default: '' }),
  'addresses or ranges of proxies whose forwarded headers are believed, separated by commas',
)
export const ApiHost = setting('STOA_API_HOST', Type.String({ default: '' }), 'host name on which the API also answers without /api')
export const BuildDir = setting(
  'STOA_BUILD_DIR',
  Type.String({ default: '' }),
  'folder of the built storefront; in the data directory unless told',
)
export const DATABASE_URL = 'STOA_DATABASE_URL'
export const DatabaseUrl = setting(
  DATABASE_URL,
  Type.String({ default: '' }),
  'postgresql://user:password@host/postgres: a PostgreSQL (15 or newer) to use instead of the embedded one; databases and logins are made there. STOA_DATABASE_URL_ORDERS and the like name the ready database of one service',
)
export const DatabasePrefix = setting(
  'STOA_DATABASE_PREFIX',
  Type.String({ default: 'stoa_', pattern: '^[a-z][a-z0-9_]{0,29}$' }),
  'before the names of databases and logins at STOA_DATABASE_URL; sets shops on one server apart',
)
export const Services = setting(
  'STOA_SERVICES',
  Type.String({ default: '' }),
  'services of this process, separated by commas, of a shop that runs as many processes (storefront is one of them); all of them in one process unless told',
)
export const RootKeyFile = setting(
  'STOA_ROOT_KEY_FILE',
  Type.String({ default: '' }),
  'file of the secret that all others are derived from, the same for each process of a shop; root.key in the data directory unless told',
)
export const KafkaBrokers = setting(
  'STOA_KAFKA_BROKERS',
  Type.String({ default: '' }),
  'host:port of some brokers, separated by commas: events travel by Kafka between the processes of a shop; by PostgreSQL unless told',
)
export const SchemaRegistryUrl = setting(
  'STOA_SCHEMA_REGISTRY_URL',
  Type.String({ default: '' }),
  'address of the schema registry beside Kafka (Confluent API)',
)
export const RedisUrl = setting(
  'STOA_REDIS_URL',
  Type.String({ default: '' }),
  'redis://host:port: kept answers and rate limits shared by the processes of a shop; without it they read anew and count each for itself',
)
export const GrpcPort = setting(
  'STOA_GRPC_PORT',
  Type.Integer({ default: 3001, minimum: 1, maximum: 65_535 }),
  'port for calls of other processes by gRPC; only where STOA_SERVICES is set',
)
export const DrainSeconds = setting(
  'STOA_DRAIN_SECONDS',
  Type.Number({ default: 2, minimum: 0, maximum: 20 }),
  'how long a process among many that is to end goes on answering after it said so, until nobody sends it requests any more',
)
export const ReplicasOf = setting(
  'STOA_REPLICAS',
  Type.String({ default: '' }),
  'processes of each service of a cluster on this machine, e.g. orders=3,search=2; gateway, inventory and orders have 2 unless told',
)
export const KafkaNodes = setting(
  'STOA_KAFKA_NODES',
  Type.Union([Type.Literal('1'), Type.Literal('3')], { default: '1' }),
  'nodes of the Kafka that a cluster on this machine brings: with 3 one may die',
)
export const LogLevel = setting(
  'STOA_LOG_LEVEL',
  Type.Union(
    ['debug', 'info', 'warn', 'error', 'silent'].map((one) => Type.Literal(one)),
    { default: 'info' },
  ),
  'debug, info (a line per request), warn, error or silent',
)

export interface ShopSettings {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly demo: boolean
  readonly rateLimits: boolean
  readonly trustedProxies: readonly string[]
  readonly apiHost: string
  readonly logLevel: string
  readonly buildDir: string
  /** Empty: the embedded server. */
  readonly databaseUrl: string
  readonly databasePrefix: string
  /** Addresses of single services' databases, by service. */
  readonly databaseUrls: ReadonlyMap<string, string>
  /** Services of this process; empty: all, in this one. */
  readonly services: readonly string[]
  readonly rootKeyFile: string
  readonly kafkaBrokers: readonly string[]
  readonly schemaRegistryUrl: string
  readonly redisUrl: string
  readonly grpcPort: number
  readonly drainSeconds: number
  readonly replicas: string
  readonly kafkaNodes: 1 | 3
}

/** Every setting of the shop itself, for `--help`. */
export const SHOP_SETTINGS = [
  Port,
  Host,
  DataDir,
  RateLimits,
  TrustedProxies,
  ApiHost,
  BuildDir,
  DatabaseUrl,
  DatabasePrefix,
  Services,
  RootKeyFile,
  KafkaBrokers,
  SchemaRegistryUrl,
  RedisUrl,
  GrpcPort,
  HttpAddresses,
  GrpcAddresses,
  DrainSeconds,
  ReplicasOf,
  KafkaNodes,
  LogLevel,
  ...Object.values(shared),
]

/** Reads the shop's settings. Throws: naming the variable that is wrong. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): ShopSettings {
  const environment = new Environment(variables)
  const dataDir = resolve(root, environment.get(DataDir))
  return {
    port: environment.get(Port),
    host: environment.get(Host),
    dataDir,
    buildDir: environment.get(BuildDir) === '' ? join(dataDir, 'storefront') : resolve(root, environment.get(BuildDir)),
    demo: environment.get(shared.Demo) === 'on',
    rateLimits: environment.get(RateLimits) === 'on',
    trustedProxies: listed(environment.get(TrustedProxies)),
    apiHost: environment.get(ApiHost),
    logLevel: String(environment.get(LogLevel)),
    databaseUrl: environment.get(DatabaseUrl),
    databasePrefix: environment.get(DatabasePrefix),
    databaseUrls: databaseUrls(variables),
    services: listed(environment.get(Services)),
    rootKeyFile: environment.get(RootKeyFile) === '' ? join(dataDir, 'root.key') : resolve(root, environment.get(RootKeyFile)),
    kafkaBrokers: listed(environment.get(KafkaBrokers)),
    schemaRegistryUrl: environment.get(SchemaRegistryUrl),
    redisUrl: environment.get(RedisUrl),
    grpcPort: environment.get(GrpcPort),
    drainSeconds: environment.get(DrainSeconds),
    replicas: environment.get(ReplicasOf),
    kafkaNodes: environment.get(KafkaNodes) === '3' ? 3 : 1,
  }
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function databaseUrls(variables: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const start = `${DATABASE_URL}_`
  return new Map(
    Object.entries(variables).flatMap(([name, url]) =>
      name.startsWith(start) && url ? [[name.slice(start.length).toLowerCase().replaceAll('_', '-'), url]] : [],
    ),
  )
}
