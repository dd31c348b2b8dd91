/** The whole shop in one process, with an embedded PostgreSQL and, in demo mode, sandbox providers beside it. */
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { apiNotFound } from '@stoa/chassis/http/server.ts'
import { openHouse, type House } from '@stoa/chassis/runtime/house.ts'
import { createLog, type Log } from '@stoa/chassis/telemetry/log.ts'
import { booksAtRest } from '../services/gateway/books.ts'
import { demoPictures } from '@stoa/demo/pictures.ts'
import { createStorefront } from '@stoa/storefront/server.ts'
import { askIdentity } from './ask-identity.ts'
import { openDatabases, type Databases } from './database.ts'
import { internalSecret, leaveDataDir, rootSecret, takeDataDir, writeRunning } from './data-dir.ts'
import { discoverServices, type Found } from './discover.ts'
import { connectionsOf } from './connections.ts'
import { openDocuments } from './doors/documents.ts'
import { openPages, type Pages } from './doors/pages.ts'
import { openOperations, openVitals } from './doors/vitals.ts'
import { prepareStorefront, storefrontAssets } from './prepare-storefront.ts'
import { untilReady } from './ready.ts'
import { startSandboxProcess, type Sandbox } from './sandbox-process.ts'
import { freePort } from './servers/ports.ts'
import type { ShopSettings } from './shop-settings.ts'
import { apiInMemory } from './storefront-api.ts'
import { allStarted, unwind, type Shop, type Undo } from './unwind.ts'

/** Starts the shop and resolves when it can be bought from. Throws: what kept it from starting; nothing is left running then. */
export async function startShop(settings: ShopSettings, variables: Readonly<Record<string, string | undefined>>): Promise<Shop> {
  await takeDataDir(settings.dataDir)
  const undo: Undo[] = [() => leaveDataDir(settings.dataDir)]
  try {
    const origin = await open(settings, variables, undo)
    return { origin, stop: () => unwind(undo) }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function open(settings: ShopSettings, variables: Readonly<Record<string, string | undefined>>, undo: Undo[]): Promise<string> {
  const { dataDir, demo, host } = settings
  const log = createLog({ level: settings.logLevel })
  const secret = rootSecret(dataDir)
  const port = settings.port === 0 ? await freePort(host) : settings.port
  const local = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const origin = variables.STOA_ORIGIN ?? local
  const building = prepareStorefront(settings.buildDir)
  building.catch(() => {})
  const finding = discoverServices()
  const [found, databases, sandbox] = await allStarted([
    finding,
    openDatabases({ settings, secret, connections: async () => connectionsOf(await finding), log, undo }),
    demo ? keptSandbox(dataDir, origin, log, undo) : undefined,
  ])
  const environment = environmentOf(variables, origin, demo, sandbox)
  const house = await openShopHouse({ settings, found, databases, environment, secret, log })
  undo.push(() => house.stop())
  const shown: { pages?: Pages } = {}
  const app = house.server
  openVitals({
    house,
    states: async () => ({ ...(await house.states()), storefront: shown.pages ? 'ready' : 'starting' }),
    serving: () => true,
  })
  openOperations({ house, secret: internalSecret(secret), check: (waitSeconds) => booksAtRest(house.call, waitSeconds) })
  openDocuments(app)
  const notFound = apiNotFound(house.doors)
  openPages(app, {
    pages: () => shown.pages,
    assetsDir: await storefrontAssets(settings.buildDir),
    pictures: demo ? demoPictures() : new Map(),
    notFound,
  })
  app.setNotFoundHandler(notFound)
  await house.server.listen({ port, host })
  await house.start()
  const storefront = await createStorefront({ buildDir: await building, api: apiInMemory(house), demo, origin })
  shown.pages = (request) => storefront.handle(request)
  await untilReady(house)
  writeRunning(dataDir, {
    pid: process.pid,
    doors: [local],
    databaseHost: databases.socketFolder,
    databasePrefix: '',
    sandboxUrl: sandbox?.url ?? null,
  })
  return origin
}

/** What services read: the visitor's settings, and where this shop's own helpers are. */
function environmentOf(
  variables: Readonly<Record<string, string | undefined>>,
  origin: string,
  demo: boolean,
  sandbox: Sandbox | undefined,
): Environment {
  const helpers = sandbox && {
    STOA_SANDBOX_URL: sandbox.url,
    STOA_SANDBOX_SECRET: sandbox.secret,
    STOA_SMTP_URL: variables.STOA_SMTP_URL ?? sandbox.smtpUrl,
  }
  return new Environment({ ...variables, STOA_ORIGIN: origin, STOA_DEMO: demo ? 'on' : 'off', ...helpers })
}

interface HouseParts {
  readonly settings: ShopSettings
  readonly found: readonly Found[]
  readonly databases: Databases
  readonly environment: Environment
  readonly secret: Buffer
  readonly log: Log
}

async function openShopHouse({ settings, found, databases, environment, secret, log }: HouseParts): Promise<House> {
  const connections = connectionsOf(found)
  const services = await allStarted(
    found.map(async ({ definition, migrations }) => ({
      definition,
      connection: await databases.open(definition.name, migrations),
      connectionsMax: connections.get(definition.name) as number,
    })),
  )
  return openHouse({
    services,
    environment,
    rootSecret: secret,
    log,
    demo: settings.demo,
    rateLimits: settings.rateLimits,
    trustedProxies: settings.trustedProxies,
    apiHost: settings.apiHost,
    ...askIdentity,
  })
}

async function keptSandbox(dataDir: string, origin: string, log: Log, undo: Undo[]): Promise<Sandbox> {
  const sandbox = await startSandboxProcess(dataDir, origin, log)
  undo.push(() => sandbox.stop())
  return sandbox
}
