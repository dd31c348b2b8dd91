/** The whole shop in one process, with an embedded PostgreSQL and, in demo mode, sandbox providers beside it. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { openHouse, type House } from '@stoa/chassis/runtime/house.ts'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import { createLog, type Log } from '@stoa/chassis/telemetry/log.ts'
import { SigningKeys } from '@stoa/contracts/identity.ts'
import { booksAtRest } from '../services/gateway/books.ts'
import { buildStorefront, storefrontSourceHash } from '@stoa/storefront/build.ts'
import { demoPictures } from '@stoa/demo/pictures.ts'
import { createStorefront } from '@stoa/storefront/server.ts'
import { openDatabases, type Databases } from './database.ts'
import { leaveDataDir, rootSecret, takeDataDir, writeRunning } from './data-dir.ts'
import { discoverServices, type Found } from './discover.ts'
import { apiInMemory, openFrontDoor, type Pages } from './front-door.ts'
import { startSandboxProcess, type Sandbox } from './sandbox-process.ts'
import type { ShopSettings } from './shop-settings.ts'

/** Rooms on the path of every purchase get more connections than the others. */
const CONNECTIONS: Readonly<Record<string, number>> = {
  orders: 8,
  inventory: 6,
  payments: 8,
  catalog: 6,
  search: 6,
  pricing: 6,
  cart: 6,
  identity: 5,
  notifications: 5,
}
const STOP_SECONDS_MAX = 25

export interface Shop {
  readonly origin: string
  stop(): Promise<void>
}

type Undo = () => Promise<void> | void

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

/** Ends what was started, last things first; each step has a bound. */
async function unwind(undo: Undo[]): Promise<void> {
  for (const step of undo.toReversed()) {
    const bound = sleep(STOP_SECONDS_MAX * 1000, undefined, { ref: false })
    await Promise.race([Promise.resolve(step()).catch(() => {}), bound])
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
  openFrontDoor({
    house,
    pages: () => shown.pages,
    assetsDir: join(storefrontFolder(settings.buildDir, await storefrontSourceHash()), 'client/assets'),
    pictures: demo ? demoPictures() : new Map(),
    internalSecret: deriveSecret(secret, 'internal').export().toString('base64url'),
    checkBooks: (waitSeconds) => booksAtRest(house.call, waitSeconds),
  })
  await house.server.listen({ port, host })
  await house.start()
  const storefront = await createStorefront({ buildDir: await building, api: apiInMemory(house), demo, origin })
  shown.pages = (request) => storefront.handle(request)
  await untilReady(house)
  writeRunning(dataDir, { pid: process.pid, origin: local, databaseHost: databases.socketFolder, sandboxUrl: sandbox?.url ?? null })
  return origin
}

/** Waits for each, also when another failed: what has not come up yet cannot be taken down. Throws: the first fault. */
async function allStarted<T extends readonly unknown[]>(starting: { [Index in keyof T]: Promise<T[Index]> | T[Index] }): Promise<T> {
  await Promise.allSettled(starting)
  return (await Promise.all(starting)) as unknown as T
}

/** How many connections each service holds at most. */
function connectionsOf(found: readonly Found[]): Map<string, number> {
  return new Map(found.map(({ definition: { name } }) => [name, CONNECTIONS[name] ?? 4]))
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
  const services = await Promise.all(
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
    fetchKeys: async (call) => (await call(SigningKeys, {})) as { keys: [] },
  })
}

/** Builds the storefront unless this very source was built before; older builds are removed. */
async function prepareStorefront(buildDir: string): Promise<string> {
  const folder = storefrontFolder(buildDir, await storefrontSourceHash())
  if (existsSync(join(folder, 'server/index.js'))) return folder
  await buildStorefront({ outDir: folder })
  for (const old of await readdir(buildDir)) {
    if (join(buildDir, old) !== folder && !old.includes('.half')) await rm(join(buildDir, old), { recursive: true, force: true })
  }
  return folder
}

function storefrontFolder(buildDir: string, hash: string): string {
  return join(buildDir, hash)
}

async function keptSandbox(dataDir: string, origin: string, log: Log, undo: Undo[]): Promise<Sandbox> {
  const sandbox = await startSandboxProcess(dataDir, origin, log)
  undo.push(() => sandbox.stop())
  return sandbox
}

async function untilReady(house: House): Promise<void> {
  for (;;) {
    const states = Object.values(await house.states())
    if (states.every((state) => state === 'ready')) return
    if (states.includes('failed')) throw new Error('a service failed to start')
    await sleep(50)
  }
}

function freePort(host: string): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
}
