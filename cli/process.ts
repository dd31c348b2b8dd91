/** One process of a shop that runs as many: some services, each perhaps not the only replica of its own. */
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostOf, type CallHost } from '@stoa/chassis/calls/desk.ts'
import { readDirectory, type Directory } from '@stoa/chassis/calls/directory.ts'
import { GrpcCarrier } from '@stoa/chassis/calls/grpc-carrier.ts'
import { startGrpcDoor } from '@stoa/chassis/calls/grpc-door.ts'
import { GrpcProtocol } from '@stoa/chassis/calls/grpc-protocol.ts'
import { HttpCarrier } from '@stoa/chassis/calls/http-carrier.ts'
import { mountCalls } from '@stoa/chassis/calls/http-door.ts'
import { httpReplicas, type HttpLine } from '@stoa/chassis/calls/http-line.ts'
import type { Replicas } from '@stoa/chassis/calls/replicas.ts'
import { Upstreams } from '@stoa/chassis/calls/upstreams.ts'
import type { Route } from '@stoa/chassis/contract.ts'
import { loadContracts, type Contracts } from '@stoa/chassis/documents/contracts.ts'
import { RemoteStreams, type RemotePublisher } from '@stoa/chassis/events/remote-streams.ts'
import { isTransient } from '@stoa/chassis/fault.ts'
import { openKafka, type KafkaCarrier } from '@stoa/chassis/kafka/carrier.ts'
import { forwardService } from '@stoa/chassis/http/forward.ts'
import { apiNotFound } from '@stoa/chassis/http/server.ts'
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { openHouse, type House, type Neighbours } from '@stoa/chassis/runtime/house.ts'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import { Signals } from '@stoa/chassis/signals.ts'
import { createLog, type Log } from '@stoa/chassis/telemetry/log.ts'
import { demoPictures } from '@stoa/demo/pictures.ts'
import { createStorefront } from '@stoa/storefront/server.ts'
import { booksAtRest } from '../services/gateway/books.ts'
import { askIdentity } from './ask-identity.ts'
import { connectionsOf } from './connections.ts'
import { internalSecret, readRootKey } from './data-dir.ts'
import { openDatabases, type Databases } from './database.ts'
import { discoverServices, serviceNames } from './discover.ts'
import { openDocuments } from './doors/documents.ts'
import { openPages, type Pages } from './doors/pages.ts'
import { openOperations, openVitals } from './doors/vitals.ts'
import { root } from './paths.ts'
import { prepareStorefront, storefrontAssets } from './prepare-storefront.ts'
import { untilReady } from './ready.ts'
import { DATABASE_URL, type ShopSettings } from './shop-settings.ts'
import { apiByHttp } from './storefront-api.ts'
import { allStarted, unwind, type Shop, type Undo } from './unwind.ts'

/** The pages are a part of the shop like the services, without a database. */
export const STOREFRONT = 'storefront'

type Variables = Readonly<Record<string, string | undefined>>

/** What the parts of a start share. */
interface Site {
  readonly settings: ShopSettings
  readonly variables: Variables
  readonly log: Log
  readonly undo: Undo[]
  readonly rootSecret: Buffer
  /** By which processes of the shop know each other's calls. */
  readonly callSecret: KeyObject
  readonly contracts: Contracts
  readonly directory: Directory
  readonly protocol: GrpcProtocol
  /** All that is reached by HTTP: calls and requests that are handed on know the same of who is there. */
  readonly replicas: Replicas<HttpLine>
  readonly upstreams: Upstreams
}

/** Starts the services that the settings name; resolves when they are ready. Throws: what kept them from starting; nothing is left running then. */
export async function startProcess(settings: ShopSettings, variables: Variables): Promise<Shop> {
  const undo: Undo[] = []
  try {
    const origin = await open(await siteOf(settings, variables, undo))
    return { origin, stop: () => unwind(undo) }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function siteOf(settings: ShopSettings, variables: Variables, undo: Undo[]): Promise<Site> {
  const parts = [...serviceNames(), STOREFRONT]
  const unknown = settings.services.filter((one) => !parts.includes(one))
  if (unknown.length > 0) throw new Error(`there is no service ${unknown.join(', ')}; there are ${parts.join(', ')}`)
  const rootSecret = readRootKey(settings.rootKeyFile)
  const directory = readDirectory(variables)
  const replicas = httpReplicas()
  undo.push(() => replicas.close())
  return {
    settings,
    variables,
    log: createLog({ level: settings.logLevel }),
    undo,
    rootSecret,
    callSecret: deriveSecret(rootSecret, 'calls'),
    contracts: await loadContracts(join(root, 'contracts')),
    directory,
    protocol: new GrpcProtocol(join(root, 'contracts/generated')),
    replicas,
    upstreams: new Upstreams((service) => directory.httpOf(service), replicas),
  }
}

async function open(site: Site): Promise<string> {
  const { settings, undo } = site
  const house = await openHouseHere(site)
  const hosts = [...house.services.values()].map(hostOf)
  mountCalls(house.server, hosts, site.callSecret)
  const isGateway = house.services.has('gateway')
  const shown: { pages?: Pages } = {}
  const showsPages = settings.services.includes(STOREFRONT)
  const stopping = { began: false }
  openVitals({
    house,
    states: async () => ({
      ...(isGateway ? await statesElsewhere(site, house) : {}),
      ...(await house.states()),
      ...(showsPages ? { storefront: shown.pages ? 'ready' : 'starting' } : {}),
    }),
    serving: () => !stopping.began && isOpen(house) && (!showsPages || shown.pages !== undefined),
  })
  const notFound = apiNotFound(isGateway ? openGateway(house, site) : house.doors)
  if (showsPages)
    openPages(house.server, {
      pages: () => shown.pages,
      assetsDir: await storefrontAssets(settings.buildDir),
      pictures: settings.demo ? demoPictures() : new Map(),
      notFound,
    })
  house.server.setNotFoundHandler(notFound)
  await house.server.listen({ port: settings.port, host: settings.host })
  await openGrpc(site, hosts)
  // Whoever asks whether this process serves must have heard that it does not, before it takes no more.
  undo.push(async () => {
    stopping.began = true
    await sleep(settings.drainSeconds * 1000)
  })
  await house.start()
  if (showsPages) shown.pages = await openStorefront(site)
  await untilReady(house)
  return `http://${settings.host}:${settings.port}`
}

/** What the rest of the shop says of itself; `away` is a part of which no replica is ready. */
async function statesElsewhere({ upstreams }: Site, house: House): Promise<Record<string, string>> {
  const elsewhere = [...serviceNames(), STOREFRONT].filter((part) => !house.services.has(part))
  const states = await Promise.all(elsewhere.map(async (part) => [part, (await upstreams.isReady(part)) ? 'ready' : 'away'] as const))
  return Object.fromEntries(states)
}

async function openGrpc({ settings, callSecret, protocol, undo }: Site, hosts: readonly CallHost[]): Promise<void> {
  const called = hosts.filter(({ contracts }) => contracts.some(({ over }) => over === 'grpc'))
  if (called.length === 0) return
  const door = await startGrpcDoor(called, { port: settings.grpcPort, host: settings.host, secret: callSecret, protocol })
  undo.push(() => door.close())
}

function isOpen(house: House): boolean {
  return [...house.services.values()].every((one) => one.state === 'ready')
}

async function openHouseHere(site: Site): Promise<House> {
  const { settings, variables, rootSecret, log, undo } = site
  const found = await discoverServices(
    root,
    settings.services.filter((one) => one !== STOREFRONT),
  )
  const connections = connectionsOf(found)
  const databases = found.length === 0 ? undefined : await givenDatabases(site, connections)
  const services = await allStarted(
    found.map(async ({ definition, migrations }) => ({
      definition,
      connection: await (databases as Databases).open(definition.name, migrations),
      connectionsMax: connections.get(definition.name) as number,
    })),
  )
  const signals = new Signals()
  const kafka = openKafkaHere(site, signals)
  // All topics of the shop, for readers may come before the writers. Without Kafka for the moment, orders are taken all the same.
  await kafka?.ensureTopics([{ publishes: site.contracts.events.map((one) => one.contract) }]).catch(unlessAway)
  const house = await openHouse({
    services,
    environment: new Environment(variables),
    rootSecret,
    log,
    demo: settings.demo,
    // Counted at the entry: behind it they would be counted twice.
    rateLimits: settings.rateLimits && settings.services.includes('gateway'),
    ...(settings.redisUrl === '' ? {} : { redisUrl: settings.redisUrl }),
    trustedProxies: settings.trustedProxies,
    apiHost: settings.apiHost,
    ...askIdentity,
    signals,
    neighbours: neighboursOf(site, databases, signals),
    ...(kafka ? { kafka } : {}),
  })
  undo.push(() => house.stop())
  return house
}

/** Kafka, when the settings name brokers; else events are read from the database that they were written to. */
function openKafkaHere({ settings, undo }: Site, signals: Signals): KafkaCarrier | undefined {
  const { kafkaBrokers, schemaRegistryUrl } = settings
  if (kafkaBrokers.length === 0) return undefined
  if (schemaRegistryUrl === '') throw new Error('STOA_SCHEMA_REGISTRY_URL is missing: events travel over Kafka with schemas')
  const kafka = openKafka({
    brokers: kafkaBrokers,
    registryUrl: schemaRegistryUrl,
    clientId: `stoa-${settings.services.join('-')}`,
    signals,
  })
  undo.push(() => kafka.close())
  return kafka
}

function unlessAway(error: unknown): void {
  if (!isTransient(error)) throw error
}

/** Throws: when there are none, for the embedded PostgreSQL serves one process alone. */
function givenDatabases({ settings, rootSecret, log, undo }: Site, connections: ReadonlyMap<string, number>): Promise<Databases> {
  const missing = serviceNames().filter((name) => !settings.databaseUrls.has(name))
  if (settings.databaseUrl === '' && missing.length > 0)
    throw new Error(`${DATABASE_URL} is missing: a shop of many processes needs a PostgreSQL that each of them reaches`)
  return openDatabases({ settings, secret: rootSecret, connections: async () => connections, log, undo })
}

function neighboursOf(site: Site, databases: Databases | undefined, signals: Signals): Neighbours {
  const { directory, protocol, callSecret, replicas } = site
  const names = serviceNames()
  const remote = new RemoteStreams(databases ? publishersOf(site, databases) : [], signals)
  const http = new HttpCarrier({ directory, secret: callSecret, replicas })
  const grpc = new GrpcCarrier({ directory, secret: callSecret, protocol })
  return {
    names,
    outside: { http, grpc },
    source: (stream) => remote.source(stream),
    close: async () => {
      await Promise.all([grpc.close(), http.close(), remote.close()])
    },
  }
}

/** Services elsewhere, with what their contracts say they publish. */
function publishersOf({ settings, contracts: { events } }: Site, databases: Databases): RemotePublisher[] {
  const elsewhere = serviceNames().filter((name) => !settings.services.includes(name))
  return elsewhere.flatMap((name) => {
    const streams = [...new Set(events.filter((one) => one.file === name).map((one) => one.contract.topic))]
    return streams.length === 0 ? [] : [{ streams, connection: databases.reader(name) }]
  })
}

/** Passes on what belongs to services elsewhere, beside the gateway's own doors. Answers all doors of the shop. */
function openGateway(house: House, { contracts: { routes }, rootSecret, upstreams }: Site): Route[] {
  const elsewhere = [...new Set(routes.map((one) => one.file))].filter((service) => !house.services.has(service))
  const forwarded = elsewhere.flatMap((service) =>
    forwardService(
      { app: house.server, service, options: house.serverOptions, upstreams },
      routes.filter((one) => one.file === service).map((one) => one.contract),
    ),
  )
  openDocuments(house.server)
  openOperations({ house, secret: internalSecret(rootSecret), check: (waitSeconds) => booksAtRest(house.call, waitSeconds) })
  return [...house.doors, ...forwarded]
}

async function openStorefront({ settings, variables, upstreams }: Site): Promise<Pages> {
  const storefront = await createStorefront({
    buildDir: await prepareStorefront(settings.buildDir),
    api: apiByHttp(upstreams),
    demo: settings.demo,
    ...(variables.STOA_ORIGIN ? { origin: variables.STOA_ORIGIN } : {}),
  })
  return (request) => storefront.handle(request)
}
