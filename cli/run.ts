/** The whole shop in one process, with an embedded PostgreSQL and, in demo mode, sandbox providers beside it. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbedded, type EmbeddedServer } from '@stoa/chassis/database/embedded.ts'
import { provision } from '@stoa/chassis/database/provision.ts'
import { Environment } from '@stoa/chassis/runtime/environment.ts'
import { openHouse, type House } from '@stoa/chassis/runtime/house.ts'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import { createLog, type Log } from '@stoa/chassis/telemetry/log.ts'
import { SigningKeys } from '@stoa/contracts/identity.ts'
import { booksAtRest } from '../services/gateway/books.ts'
import { buildStorefront, storefrontSourceHash } from '@stoa/storefront/build.ts'
import { createStorefront } from '@stoa/storefront/server.ts'
import { leaveDataDir, rootSecret, takeDataDir, writeRunning } from './data-dir.ts'
import { discoverServices } from './discover.ts'
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
const DATABASE_RESTARTS_MAX = 1000

export interface Shop {
  readonly origin: string
  readonly house: House
  stop(): Promise<void>
}

/** Starts the shop and resolves when it can be bought from. Throws: what kept it from starting; nothing is left running then. */
export async function startShop(settings: ShopSettings, variables: Readonly<Record<string, string | undefined>>): Promise<Shop> {
  takeDataDir(settings.dataDir)
  const undo: (() => Promise<unknown> | unknown)[] = [() => leaveDataDir(settings.dataDir)]
  try {
    return await open(settings, variables, undo)
  } catch (error) {
    for (const step of undo.reverse()) await Promise.resolve(step()).catch(() => {})
    throw error
  }
}

async function open(
  settings: ShopSettings,
  variables: Readonly<Record<string, string | undefined>>,
  undo: (() => Promise<unknown> | unknown)[],
): Promise<Shop> {
  const { dataDir, demo } = settings
  const log = createLog({ level: settings.logLevel })
  const secret = rootSecret(dataDir)
  const port = settings.port === 0 ? await freePort(settings.host) : settings.port
  const origin = variables.STOA_ORIGIN ?? `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  let pages: Pages | undefined
  const building = prepareStorefront(settings.buildDir)
  building.catch(() => {})
  const [found, server, sandbox] = await Promise.all([
    discoverServices(),
    keptDatabase(dataDir, log, undo),
    demo ? keptSandbox(dataDir, origin, log, undo) : undefined,
  ])
  const connections = await Promise.all(
    found.map(({ definition, migrations }) =>
      provision(
        { host: server.host, port: server.port, superuser: server.superuser, password: server.password },
        definition.name,
        migrations,
      ),
    ),
  )
  const house = await openHouse({
    services: found.map(({ definition }, index) => ({
      definition,
      connection: connections[index] as (typeof connections)[number],
      connectionsMax: CONNECTIONS[definition.name] ?? 4,
    })),
    environment: new Environment({
      ...variables,
      STOA_ORIGIN: origin,
      STOA_DEMO: demo ? 'on' : 'off',
      ...(sandbox
        ? { STOA_SANDBOX_URL: sandbox.url, STOA_SANDBOX_SECRET: sandbox.secret, STOA_SMTP_URL: variables.STOA_SMTP_URL ?? sandbox.smtpUrl }
        : {}),
    }),
    rootSecret: secret,
    log,
    demo,
    rateLimits: settings.rateLimits,
    trustedProxies: settings.trustedProxies,
    apiHost: settings.apiHost,
    fetchKeys: async (call) => (await call(SigningKeys, {})) as { keys: [] },
  })
  undo.push(() => house.stop())
  openFrontDoor({
    house,
    demo,
    pages: () => pages,
    assetsDir: join(storefrontFolder(settings.buildDir, await storefrontSourceHash()), 'client/assets'),
    pictures: demo ? await demoPictures() : new Map(),
    internalSecret: deriveSecret(secret, 'internal').toString('base64url'),
    checkBooks: (waitSeconds) => booksAtRest(house.call, waitSeconds),
  })
  await house.server.listen({ port, host: settings.host })
  await house.start()
  const storefront = await createStorefront({ buildDir: await building, api: apiInMemory(house), demo })
  pages = (request) => storefront.handle(request)
  await untilReady(house)
  writeRunning(dataDir, {
    pid: process.pid,
    origin: `http://${settings.host}:${port}`,
    databaseHost: server.host,
    sandboxUrl: sandbox?.url ?? null,
  })
  return {
    origin,
    house,
    stop: async () => {
      for (const step of undo.reverse())
        await Promise.race([Promise.resolve(step()), sleep(STOP_SECONDS_MAX * 1000, undefined, { ref: false })])
    },
  }
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

/** The embedded server, started again in place when it dies under us (its socket folder changes with it, so pools follow by a fixed link). */
async function keptDatabase(dataDir: string, log: Log, undo: (() => Promise<unknown> | unknown)[]): Promise<EmbeddedServer> {
  let stopping = false
  let current = await startEmbedded({ dataDir })
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
      current = await startAgain(dataDir, first.host, log)
    }
    log.error({}, 'PostgreSQL died too often')
  }
  void watch()
  return first
}

async function startAgain(dataDir: string, host: string, log: Log): Promise<EmbeddedServer> {
  for (;;) {
    try {
      return await startEmbedded({ dataDir, host })
    } catch (error) {
      log.error({ error }, 'PostgreSQL did not come back')
      await sleep(1000)
    }
  }
}

async function keptSandbox(dataDir: string, origin: string, log: Log, undo: (() => Promise<unknown> | unknown)[]): Promise<Sandbox> {
  const sandbox = await startSandboxProcess(dataDir, origin, log)
  undo.push(() => sandbox.stop())
  return sandbox
}

async function demoPictures(): Promise<ReadonlyMap<string, () => string>> {
  const { demoPictures: pictures } = await import('@stoa/demo/pictures.ts')
  return pictures()
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
