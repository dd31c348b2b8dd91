/** The shop as many processes on one machine: servers, every service with its replicas, and a TLS entry in front. */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { leaveDataDir, rootSecret, takeDataDir, writeRunning } from '../data-dir.ts'
import { openDatabases } from '../database.ts'
import { migrationsOf, serviceNames } from '../discover.ts'
import { prepareStorefront } from '../prepare-storefront.ts'
import { STOREFRONT } from '../process.ts'
import { startSandboxProcess, type Sandbox } from '../sandbox-process.ts'
import { serversCache } from '../servers/cache.ts'
import { testCertificate, type Certificate } from '../servers/certificates.ts'
import { startNginx } from '../servers/nginx.ts'
import { freePort, HeldPorts, setAside } from '../servers/ports.ts'
import type { ShopSettings } from '../shop-settings.ts'
import { allStarted, unwind, type Shop, type Undo } from '../unwind.ts'
import { Fleet } from './fleet.ts'
import { addressesOf, planParts, readReplicas } from './plan.ts'
import { keepAlive, startServers, type Servers, type Site } from './servers.ts'

type Nginx = Awaited<ReturnType<typeof startNginx>>
type Variables = Readonly<Record<string, string | undefined>>

const READY_SECONDS_MAX = 120
const ASKED_AT_START: readonly string[] = ['identity', 'inventory', 'pricing']

/** Starts a cluster and resolves when it can be bought from. Throws: what kept it from starting; nothing is left running then. */
export async function startCluster(settings: ShopSettings, variables: Variables): Promise<Shop> {
  await takeDataDir(settings.dataDir)
  const undo: Undo[] = [() => leaveDataDir(settings.dataDir)]
  try {
    const origin = await open({ settings, variables, log: createLog({ level: settings.logLevel }), undo })
    return { origin, stop: () => unwind(undo) }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function open(site: Site): Promise<string> {
  const { settings, variables, undo } = site
  const { dataDir, host } = settings
  rootSecret(dataDir)
  const port = settings.port === 0 ? await freePort(host) : settings.port
  // The entry listens there last of all.
  setAside(port)
  const shown = host === '127.0.0.1' ? 'localhost' : host
  const origin = given(variables.STOA_ORIGIN) ?? `https://${shown}:${port}`
  const names = inOrderOfStart([...serviceNames(), STOREFRONT])
  const replicas = readReplicas(settings.replicas, names)
  const certificate = await testCertificate(dataDir, [shown, host])
  const [servers, sandbox] = await allStarted([
    startServers(site),
    settings.demo ? keptSandbox(site, origin, certificate) : undefined,
    prepareStorefront(settings.buildDir),
  ])
  // The servers have their ports by now, and no connection takes one of these before its process starts, or starts again.
  const ports = new HeldPorts([port])
  undo.push(() => ports.release())
  const parts = await planParts(names, replicas, () => ports.next())
  await makeDatabases(site, servers)
  const env = { ...variables, ...tellProcesses(site, { origin, servers, sandbox, certificate }), ...addressesOf(parts) }
  const door: { nginx?: Nginx } = {}
  const fleet = new Fleet({ parts, env, onMembers: (part) => announceMembers(part) })
  undo.push(() => fleet.stop())
  await fleet.start()
  const members = () => ({ gateways: fleet.addressesOf('gateway'), pages: fleet.addressesOf(STOREFRONT) })
  const startEntry = async () => {
    door.nginx = await startNginx({ cacheDir: serversCache(), dataDir, httpsPort: port, host, certificate, ...members() })
    return door.nginx
  }
  keepAlive(site, 'NGINX', await startEntry(), startEntry)
  await untilReady(`http://${members().gateways[0]}`)
  let rolls = 0
  const tellRunning = () =>
    writeRunning(dataDir, {
      pid: process.pid,
      doors: members().gateways.map((one) => `http://${one}`),
      databaseHost: servers.databaseHost,
      databasePrefix: settings.databasePrefix,
      sandboxUrl: sandbox?.url ?? null,
      rolls,
    })
  // The others ask each other who is there; the entry has to be told.
  const announceMembers = async (part: string) => {
    tellRunning()
    if (part === 'gateway' || part === STOREFRONT) await door.nginx?.reload(members())
  }
  tellRunning()
  rollOnSignal(site, fleet, () => {
    rolls++
    tellRunning()
  })
  return origin
}

/** An empty variable is one that is not set. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** Those that others ask while they start come first; the entry comes last. */
function inOrderOfStart(parts: readonly string[]): string[] {
  const order = (part: string) => (ASKED_AT_START.includes(part) ? 0 : part === 'gateway' ? 2 : 1)
  return parts.toSorted((a, b) => order(a) - order(b))
}

/** SIGUSR2 (`npm run roll`) replaces every process; one that comes meanwhile is heard when that is done. */
function rollOnSignal({ log, undo }: Site, fleet: Fleet, onDone: () => void): void {
  let rolling = Promise.resolve()
  const roll = () => {
    rolling = rolling
      .then(() => fleet.roll())
      .then(onDone)
      .catch((error: unknown) => log.error({ error }, 'the processes were not all replaced'))
  }
  process.on('SIGUSR2', roll)
  undo.push(() => void process.off('SIGUSR2', roll))
}

interface Told {
  readonly origin: string
  readonly servers: Servers
  readonly sandbox: Sandbox | undefined
  readonly certificate: Certificate
}

/** What every process is told beside the settings of the shop. */
function tellProcesses({ settings, variables }: Site, { origin, servers, sandbox, certificate }: Told): Variables {
  const { dataDir, buildDir, trustedProxies } = settings
  return {
    ...servers.addresses,
    ...(sandbox && {
      STOA_SANDBOX_URL: sandbox.url,
      STOA_SANDBOX_SECRET: sandbox.secret,
      STOA_SMTP_URL: given(variables.STOA_SMTP_URL) ?? sandbox.smtpUrl,
    }),
    STOA_ORIGIN: origin,
    STOA_HOST: '127.0.0.1',
    STOA_ROOT_KEY_FILE: join(dataDir, 'root.key'),
    STOA_BUILD_DIR: buildDir,
    STOA_TRUSTED_PROXIES: ['127.0.0.1', ...trustedProxies].join(','),
    NODE_EXTRA_CA_CERTS: certificate.caFile,
  }
}

/** The sandbox tells the shop of payments by its public address: it must know who signed for that. */
async function keptSandbox({ settings, log, undo }: Site, origin: string, { caFile }: Certificate): Promise<Sandbox> {
  const sandbox = await startSandboxProcess(settings.dataDir, origin, log, { NODE_EXTRA_CA_CERTS: caFile })
  undo.push(() => sandbox.stop())
  return sandbox
}

/** All databases at once and beforehand, so that no process finds another's missing. */
async function makeDatabases({ settings, log }: Site, { addresses }: Servers): Promise<void> {
  const databases = await openDatabases({
    settings: { ...settings, databaseUrl: addresses.STOA_DATABASE_URL },
    secret: rootSecret(settings.dataDir),
    connections: async () => new Map(serviceNames().map((name) => [name, 0])),
    log,
    undo: [],
  })
  await Promise.all(serviceNames().map((name) => databases.open(name, migrationsOf(name))))
}

async function untilReady(gateway: string): Promise<void> {
  const until = Date.now() + READY_SECONDS_MAX * 1000
  let said = ''
  while (Date.now() < until) {
    const answer = await fetch(`${gateway}/health/ready`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
    if (answer?.ok) return
    said = (await answer?.text()) ?? 'nothing'
    await sleep(100)
  }
  throw new Error(`the shop did not become ready within ${READY_SECONDS_MAX} s; the gateway said: ${said}`)
}
