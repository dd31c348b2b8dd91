/** One process of a shop that runs as many: some services, each perhaps not the only replica of its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readDirectory } from '@stoa/chassis/calls/directory.ts'
import { Upstreams } from '@stoa/chassis/calls/upstreams.ts'
import type { ConnectionSettings } from '@stoa/chassis/database/database.ts'
import { loadContracts, type Contracts } from '@stoa/chassis/documents/contracts.ts'
import { RemoteStreams } from '@stoa/chassis/events/remote-streams.ts'
import { forwardService } from '@stoa/chassis/http/forward.ts'
import { apiNotFound } from '@stoa/chassis/http/server.ts'
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { openHouse, type House } from '@stoa/chassis/runtime/house.ts'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { SigningKeys } from '@stoa/contracts/identity.ts'
import { demoPictures } from '@stoa/demo/pictures.ts'
import { createStorefront } from '@stoa/storefront/server.ts'
import { join } from 'node:path'
import { booksAtRest } from '../services/gateway/books.ts'
import { connectionsOf } from './connections.ts'
import { internalSecret, readRootKey } from './data-dir.ts'
import { openDatabases } from './database.ts'
import { discoverServices, serviceNames } from './discover.ts'
import { openDocuments } from './doors/documents.ts'
import { openPages, type Pages } from './doors/pages.ts'
import { openBooks, openVitals } from './doors/vitals.ts'
import { root } from './paths.ts'
import { prepareStorefront, storefrontAssets } from './prepare-storefront.ts'
import { untilReady } from './ready.ts'
import type { ShopSettings } from './shop-settings.ts'
import { apiByHttp } from './storefront-api.ts'
import { unwind, type Shop, type Undo } from './unwind.ts'

/** The pages are a part of the shop like the services, without a database. */
export const STOREFRONT = 'storefront'

type Variables = Readonly<Record<string, string | undefined>>

/** Starts the services that the settings name; resolves when they are ready. Throws: what kept them from starting; nothing is left running then. */
export async function startProcess(settings: ShopSettings, variables: Variables): Promise<Shop> {
  const undo: Undo[] = []
  try {
    const origin = await open(settings, variables, undo)
    return { origin, stop: () => unwind(undo) }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function open(settings: ShopSettings, variables: Variables, undo: Undo[]): Promise<string> {
  const names = serviceNames()
  const unknown = settings.services.filter((one) => one !== STOREFRONT && !names.includes(one))
  if (unknown.length > 0) throw new Error(`there is no service ${unknown.join(', ')}; there are ${[STOREFRONT, ...names].join(', ')}`)
  const log = createLog({ level: settings.logLevel })
  const secret = readRootKey(settings.rootKeyFile)
  const directory = readDirectory(variables)
  const upstreams = new Upstreams((service) => directory.httpOf(service))
  undo.push(() => upstreams.close())
  const contracts = await loadContracts(join(root, 'contracts'))
  const house = await openHouseHere({ settings, variables, secret, log, undo, contracts, names, upstreams })
  const stopping = { began: false }
  const shown: { pages?: Pages; wanted: boolean } = { wanted: settings.services.includes(STOREFRONT) }
  openVitals({
    house,
    states: async () => ({ ...(await house.states()), ...(shown.wanted ? { storefront: shown.pages ? 'ready' : 'starting' } : {}) }),
    serving: () => !stopping.began && isOpen(house) && (!shown.wanted || shown.pages !== undefined),
  })
  const doors = settings.services.includes('gateway') ? openGateway(house, contracts, secret, upstreams) : house.doors
  const notFound = apiNotFound(doors)
  if (shown.wanted)
    openPages(house.server, {
      pages: () => shown.pages,
      assetsDir: await storefrontAssets(settings.buildDir),
      pictures: settings.demo ? demoPictures() : new Map(),
      notFound,
    })
  house.server.setNotFoundHandler(notFound)
  await house.server.listen({ port: settings.port, host: settings.host })
  undo.push(async () => {
    stopping.began = true
    await sleep(settings.drainSeconds * 1000)
  })
  await house.start()
  if (shown.wanted) shown.pages = await openStorefront(settings, variables, upstreams)
  await untilReady(house)
  return `http://${settings.host}:${settings.port}`
}

function isOpen(house: House): boolean {
  return [...house.services.values()].every((one) => one.state === 'ready')
}

interface HouseParts {
  readonly settings: ShopSettings
  readonly variables: Variables
  readonly secret: Buffer
  readonly log: ReturnType<typeof createLog>
  readonly undo: Undo[]
  readonly contracts: Contracts
  readonly names: readonly string[]
  readonly upstreams: Upstreams
}

async function openHouseHere({ settings, variables, secret, log, undo, contracts, names }: HouseParts): Promise<House> {
  const found = await discoverServices(
    root,
    settings.services.filter((one) => one !== STOREFRONT),
  )
  const connections = connectionsOf(found)
  const databases = await openDatabases({ settings, secret, connections: async () => connections, log, undo })
  const services = await Promise.all(
    found.map(async ({ definition, migrations }) => ({
      definition,
      connection: await databases.open(definition.name, migrations),
      connectionsMax: connections.get(definition.name) as number,
    })),
  )
  const elsewhere = names.filter((name) => !settings.services.includes(name))
  const house = await openHouse({
    services,
    environment: new Environment(variables),
    rootSecret: secret,
    log,
    demo: settings.demo,
    rateLimits: settings.rateLimits && settings.services.includes('gateway'),
    trustedProxies: settings.trustedProxies,
    apiHost: settings.apiHost,
    fetchKeys: async (call) => (await call(SigningKeys, {})) as { keys: [] },
    neighbours: (signals) => {
      const streams = new RemoteStreams(publishersOf(elsewhere, contracts, databases.reader), signals)
      return { names, carrier: undefined as never, source: (stream) => streams.source(stream), close: () => streams.close() }
    },
  })
  undo.push(() => house.stop())
  return house
}

/** What services elsewhere publish, as their contracts say. */
function publishersOf(elsewhere: readonly string[], { events }: Contracts, reader: (service: string) => ConnectionSettings) {
  return elsewhere.flatMap((service) => {
    const streams = [...new Set(events.filter((one) => one.file === service).map((one) => one.contract.topic))]
    return streams.length === 0 ? [] : [{ streams, connection: reader(service) }]
  })
}

/** Passes on what belongs to others, beside the gateway's own doors. Answers all doors of the shop. */
function openGateway(house: House, { routes }: Contracts, secret: Buffer, upstreams: Upstreams) {
  const here = new Set(house.services.keys())
  const forwarded = [...new Set(routes.map((one) => one.file))]
    .filter((service) => !here.has(service))
    .flatMap((service) =>
      forwardService(
        { app: house.server, service, options: house.serverOptions, upstreams },
        routes.filter((one) => one.file === service).map((one) => one.contract),
      ),
    )
  openDocuments(house.server)
  openBooks(house, internalSecret(secret), (waitSeconds) => booksAtRest(house.call, waitSeconds))
  return [...house.doors, ...forwarded]
}

async function openStorefront(settings: ShopSettings, variables: Variables, upstreams: Upstreams): Promise<Pages> {
  const storefront = await createStorefront({
    buildDir: await prepareStorefront(settings.buildDir),
    api: apiByHttp(upstreams),
    demo: settings.demo,
    ...(variables.STOA_ORIGIN ? { origin: variables.STOA_ORIGIN } : {}),
  })
  return (request) => storefront.handle(request)
}
