/** Services at work together in one process: all of a shop, or some of a cluster's. */
import type { Keeper } from '../cache/keeper.ts'
import { Kept } from '../cache/kept.ts'
import { MemoryKeeper } from '../cache/memory-keeper.ts'
import { RedisKeeper } from '../cache/redis-keeper.ts'
import { InProcessCarrier, type CallTarget } from '../calls/carrier.ts'
import { RoutedCarrier, type Outside } from '../calls/outside.ts'
import { createCall } from '../calls/policy.ts'
import type { Route } from '../contract.ts'
import { Database, type ConnectionSettings, type DatabaseOptions } from '../database/database.ts'
import { Ears } from '../events/ears.ts'
import type { StreamSource } from '../events/ports.ts'
import { PostgresSource } from '../events/postgres-streams.ts'
import { Tails } from '../events/tails.ts'
import { Authenticator } from '../http/authentication.ts'
import { loginsOf } from '../http/logins.ts'
import { createServer, mountService } from '../http/server.ts'
import type { ServerOptions, StoaServer } from '../http/server-options.ts'
import type { KafkaCarrier } from '../kafka/carrier.ts'
import { SharedRedis } from '../redis.ts'
import type { CallFn, ServiceDefinition } from '../service.ts'
import { Signals } from '../signals.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import type { Environment } from './environment.ts'
import { measure } from './gauges.ts'
import { wakeMoments } from './housekeeping.ts'
import { ServiceRuntime } from './service-runtime.ts'
import type { JSONWebKeySet } from 'jose'

/** The rest of a shop that runs as many processes: services elsewhere, and further replicas of those here. */
export interface Neighbours {
  /** Names of all services of the shop. */
  readonly names: readonly string[]
  /** Ways to services that are not here. */
  readonly outside: Outside
  /** Where a stream of a service that is not here is read. */
  source(stream: string): StreamSource | undefined
  close(): Promise<void>
}

export interface HouseOptions {
  readonly services: readonly {
    readonly definition: ServiceDefinition
    readonly connection: ConnectionSettings
    readonly connectionsMax?: number
  }[]
  readonly environment: Environment
  readonly rootSecret: Buffer
  readonly log: Log
  readonly demo: boolean
  readonly rateLimits: boolean
  /** Redis in which processes count requests and keep answers together. */
  readonly redisUrl?: string
  readonly trustedProxies: readonly string[]
  readonly apiHost: string
  /** Services that are not here but answer calls all the same (tests). */
  readonly elsewhere?: ReadonlyMap<string, CallTarget>
  /** Keeps answers although services are elsewhere, because those tell it what they touch (tests). */
  readonly keeper?: Keeper
  /** What reaches the rest of the shop, where there is any. */
  readonly neighbours?: Neighbours
  readonly fetchKeys: (call: CallFn) => Promise<JSONWebKeySet>
  /** Those of some logins that go on; without it an access token is good until it expires (tests). */
  readonly liveSessions?: (call: CallFn, sessionIds: string[]) => Promise<readonly string[]>
  /** Carries events between processes. Whoever opened it closes it, after `stop`. It wakes readers by `signals`. */
  readonly kafka?: KafkaCarrier
  /** Shared with what wakes this house from outside; made here otherwise. */
  readonly signals?: Signals
}

export interface House {
  readonly services: ReadonlyMap<string, ServiceRuntime>
  readonly server: StoaServer
  /** What the server was made with, for doors that are added to it. */
  readonly serverOptions: ServerOptions
  readonly doors: readonly Route[]
  readonly call: CallFn
  readonly metrics: Metrics
  /** The metrics of this moment, as Prometheus reads them. */
  metricsText(): Promise<string>
  readonly signals: Signals
  readonly sourceOf: (stream: string) => StreamSource | undefined
  /** Starts every service; resolves when all are prepared. Throws: what the first failing one threw. */
  start(): Promise<void>
  /** State of each service, as /health/ready tells it. */
  states(): Promise<Record<string, string>>
  /** Ends at boundaries: doors first, then loops, then databases. */
  stop(): Promise<void>
}

/** Opens databases and doors; nothing runs before `start`. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const signals = options.signals ?? new Signals()
  const { kafka, neighbours } = options
  const { redis, keeper } = keepingOf(options)
  const metrics = createMetrics()
  const carrier = new InProcessCarrier()
  for (const [service, target] of options.elsewhere ?? []) carrier.attach(service, target)
  const call = createCall(neighbours ? new RoutedCarrier(carrier, neighbours.outside) : carrier, (contract, seconds, ok) =>
    metrics.calls.observe({ service: contract.service, call: contract.name, outcome: ok ? 'answered' : 'failed' }, seconds),
  )
  const sources = new Map<string, StreamSource>()
  const sourceOf = (stream: string) => kafka?.source(stream) ?? sources.get(stream) ?? neighbours?.source(stream)
  const tails = new Tails(signals, sourceOf)
  const services = new Map<string, ServiceRuntime>()
  const ears: Ears[] = []
  for (const { definition, connection, connectionsMax } of options.services) {
    const { name } = definition
    const database = new Database(connection, {
      ...(connectionsMax === undefined ? {} : { connectionsMax }),
      ...listeners(definition, signals, keeper),
    })
    const published = [...new Set((definition.publishes ?? []).map(({ topic }) => topic))]
    for (const topic of published) sources.set(topic, new PostgresSource(database, topic))
    const runtime = new ServiceRuntime({
      definition,
      database,
      environment: options.environment,
      rootSecret: options.rootSecret,
      signals,
      log: options.log.child({ service: name }),
      metrics,
      call,
      tail: tails.tail,
      sourceOf,
      replicated: neighbours !== undefined,
      ...(keeper ? { keeper } : {}),
      ...(kafka ? { kafka } : {}),
    })
    // Another replica may have sequenced what is published here.
    if (neighbours && published.length > 0) ears.push(new Ears(connection, published, signals))
    carrier.attach(name, (method, input, signal) => runtime.answerCall(method, input, signal))
    services.set(name, runtime)
  }
  carrier.attach('platform', async () => ({ items: neighbours?.names ?? [...services.keys()] }))
  const serverOptions = serverOptionsOf(options, { metrics, call, redis, keeper })
  const server = await createServer(serverOptions)
  const doors = [...services.values()].flatMap((service) => mountService(server, service, serverOptions))
  return {
    services,
    server,
    serverOptions,
    doors,
    call,
    metrics,
    metricsText: async () => {
      await measure(metrics, server, [...services.values()], keeper)
      return metrics.registry.metrics()
    },
    signals,
    sourceOf,
    start: () => startAll([...services.values()]),
    states: () => statesOf([...services.values()]),
    stop: async () => {
      tails.close()
      await server.close()
      await endAll([...services.values()], [...ears, ...(neighbours ? [neighbours] : [])])
      for (const one of [keeper, redis]) one?.close()
    },
  }
}

/** Loops before what they wait for, databases last. */
async function endAll(services: readonly ServiceRuntime[], others: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(services.map((service) => service.stop()))
  await Promise.all(others.map((one) => one.close()))
  await Promise.all(services.map((service) => service.close()))
}

/** What follows from a commit. */
function listeners(definition: ServiceDefinition, signals: Signals, keeper: Keeper | undefined): DatabaseOptions {
  return {
    onPublished: () => signals.raise(`outbox:${definition.name}`),
    onScheduled: (names) => wakeMoments(signals, definition, names),
    ...(keeper ? { onTouched: (things) => keeper.forget(things) } : {}),
  }
}

/** Memory where all that changes is in this house, so that it hears of all of it; else Redis, if there is one. */
function keepingOf({ neighbours, elsewhere, redisUrl, log, keeper: given }: HouseOptions): { redis?: SharedRedis; keeper?: Keeper } {
  const redis = redisUrl ? new SharedRedis(redisUrl, log) : undefined
  const isWhole = neighbours === undefined && (elsewhere?.size ?? 0) === 0
  const keeper = given ?? (isWhole ? new MemoryKeeper() : redis && new RedisKeeper(redis))
  return { ...(redis ? { redis } : {}), ...(keeper ? { keeper } : {}) }
}

interface Shared {
  readonly metrics: Metrics
  readonly call: CallFn
  readonly redis: SharedRedis | undefined
  readonly keeper: Keeper | undefined
}

function serverOptionsOf(options: HouseOptions, { metrics, call, redis, keeper }: Shared): ServerOptions {
  const { fetchKeys, liveSessions } = options
  const kept = new Kept(keeper, { service: 'identity', space: 'logins' }, metrics)
  const logins = liveSessions && loginsOf(kept, (ids) => liveSessions(call, ids))
  return {
    log: options.log,
    metrics,
    authenticator: new Authenticator(() => fetchKeys(call), logins),
    rateLimits: options.rateLimits,
    ...(redis ? { redis } : {}),
    demo: options.demo,
    trustedProxies: options.trustedProxies,
    apiHost: options.apiHost,
  }
}

async function startAll(services: readonly ServiceRuntime[]): Promise<void> {
  await Promise.all(services.map((service) => service.open()))
  await Promise.all(services.map((service) => service.start()))
}

async function statesOf(services: readonly ServiceRuntime[]): Promise<Record<string, string>> {
  const states = await Promise.all(
    services.map(async (service) => {
      const ready = await service.ready().catch(() => false)
      return [service.service, ready ? 'ready' : service.state === 'ready' ? 'waiting' : service.state] as const
    }),
  )
  return Object.fromEntries(states)
}
