/** The shop as many processes on one machine: servers, every service with its replicas, and a TLS entry in front. */
import { join } from 'node:path'
import { createLog, type Log } from '@stoa/chassis/telemetry/log.ts'
import { startKafka, type Kafka } from '../servers/kafka.ts'
import { testCertificate } from '../servers/certificates.ts'
import { serversCache } from '../servers/cache.ts'
import { startNginx } from '../servers/nginx.ts'
import { startRedis } from '../servers/redis.ts'
import { startRegistry } from '../servers/registry.ts'
import { leaveDataDir, rootSecret, takeDataDir, writeRunning } from '../data-dir.ts'
import { keptEmbedded } from '../database.ts'
import { serviceNames } from '../discover.ts'
import { freePort } from '../free-port.ts'
import { prepareStorefront } from '../prepare-storefront.ts'
import { STOREFRONT } from '../process.ts'
import { startSandboxProcess } from '../sandbox-process.ts'
import type { ShopSettings } from '../shop-settings.ts'
import { allStarted, unwind, type Shop, type Undo } from '../unwind.ts'
import { keepProcess, type KeptProcess, type ProcessState } from './kept-process.ts'
import { addressesOf, planProcesses, readReplicas, type PlannedProcess } from './plan.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Enough for each process's own connections, and for reading each other's streams. */
const DATABASE_PARAMETERS = { max_connections: '500', shared_buffers: '128MB' } as const
/** How many processes start at once: each wants a core to itself for a moment. */
const STARTING_MAX = 4

export interface Cluster extends Shop {
  readonly processes: readonly KeptProcess[]
}

/** Starts a cluster and resolves when it can be bought from. Throws: what kept it from starting; nothing is left running then. */
export async function startCluster(settings: ShopSettings, variables: Variables): Promise<Cluster> {
  await takeDataDir(settings.dataDir)
  const undo: Undo[] = [() => leaveDataDir(settings.dataDir)]
  try {
    return await open(settings, variables, undo)
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function open(settings: ShopSettings, variables: Variables, undo: Undo[]): Promise<Cluster> {
  const { dataDir, host } = settings
  const log = createLog({ level: settings.logLevel })
  rootSecret(dataDir)
  const port = settings.port === 0 ? await freePort(host) : settings.port
  const shown = host === '127.0.0.1' ? 'localhost' : host
  const origin = variables.STOA_ORIGIN ?? `https://${shown}:${port}`
  const parts = [...serviceNames(), STOREFRONT]
  const planned = await planProcesses(parts, readReplicas(variables.STOA_REPLICAS ?? '', parts), () => freePort('127.0.0.1'))
  const certificate = await testCertificate(dataDir, [shown, host])
  const [servers, sandbox] = await allStarted([
    startServers(dataDir, log, undo),
    settings.demo ? keptSandbox(dataDir, origin, certificate.caFile, log, undo) : undefined,
    prepareStorefront(settings.buildDir),
  ])
  const env = {
    ...process.env,
    ...variables,
    ...addressesOf(planned),
    ...servers.env,
    ...(sandbox && { STOA_SANDBOX_URL: sandbox.url, STOA_SANDBOX_SECRET: sandbox.secret, STOA_SMTP_URL: variables.STOA_SMTP_URL ?? sandbox.smtpUrl }),
    STOA_ORIGIN: origin,
    STOA_HOST: '127.0.0.1',
    STOA_ROOT_KEY_FILE: join(dataDir, 'root.key'),
    STOA_BUILD_DIR: settings.buildDir,
    STOA_TRUSTED_PROXIES: ['127.0.0.1', ...settings.trustedProxies].join(','),
    NODE_EXTRA_CA_CERTS: certificate.caFile,
    NODE_COMPILE_CACHE: join(dataDir, 'compile-cache'),
  }
  const processes = await startProcesses(planned, env, undo)
  const addresses = (part: string) => planned.filter((one) => one.services.includes(part)).map((one) => `127.0.0.1:${one.httpPort}`)
  const nginx = await startNginx({
    cacheDir: serversCache(),
    dataDir,
    httpsPort: port,
    host,
    gateways: addresses('gateway'),
    pages: addresses(STOREFRONT),
    certificate,
  })
  undo.push(() => nginx.stop())
  writeRunning(dataDir, {
    pid: process.pid,
    doors: addresses('gateway').map((one) => `http://${one}`),
    databaseHost: servers.databaseHost,
    databasePrefix: settings.databasePrefix,
    sandboxUrl: sandbox?.url ?? null,
  })
  return { origin, processes, stop: () => unwind(undo) }
}

/** The sandbox tells the shop of payments by its public address: it must know who signed for that. */
async function keptSandbox(dataDir: string, origin: string, caFile: string, log: Log, undo: Undo[]) {
  const sandbox = await startSandboxProcess(dataDir, origin, log, { NODE_EXTRA_CA_CERTS: caFile })
  undo.push(() => sandbox.stop())
  return sandbox
}

async function startServers(dataDir: string, log: Log, undo: Undo[]): Promise<{ databaseHost: string; env: Record<string, string> }> {
  const cacheDir = serversCache()
  const kept = async <S extends { stop(): Promise<void> }>(starting: Promise<S>): Promise<S> => {
    const server = await starting
    undo.push(() => server.stop())
    return server
  }
  const [database, kafka, registry, redis] = await allStarted([
    keptEmbedded(dataDir, log, undo, DATABASE_PARAMETERS),
    kept<Kafka>(startKafka({ cacheDir, dataDir, brokers: 1 })),
    kept(startRegistry({ cacheDir, dataDir })),
    kept(startRedis({ cacheDir, dataDir })),
  ])
  const login = `${database.superuser}:${encodeURIComponent(database.password)}`
  return {
    databaseHost: database.host,
    env: {
      STOA_DATABASE_URL: `postgresql://${login}@localhost/postgres?host=${encodeURIComponent(database.host)}`,
      STOA_KAFKA_BROKERS: kafka.bootstrap.join(','),
      STOA_SCHEMA_REGISTRY_URL: registry.url,
      STOA_REDIS_URL: redis.url,
    },
  }
}

async function startProcesses(planned: readonly PlannedProcess[], env: Variables, undo: Undo[]): Promise<KeptProcess[]> {
  const processes: KeptProcess[] = []
  undo.push(() => Promise.all(processes.map((one) => one.stop())).then(() => {}))
  const waiting = [...planned]
  const starter = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const kept = keepProcess({
        name: next.name,
        env: { ...env, STOA_SERVICES: next.services.join(','), STOA_PORT: String(next.httpPort), STOA_GRPC_PORT: String(next.grpcPort) },
        health: `http://127.0.0.1:${next.httpPort}/health/serving`,
        onState: tell,
        onOutput: (chunk) => process.stdout.write(chunk),
      })
      processes.push(kept)
      await kept.ready
    }
  }
  await allStarted(Array.from({ length: STARTING_MAX }, starter))
  return processes
}

/** A line for each change, for the terminal and for whoever reads it later. */
function tell(name: string, state: ProcessState, about: string): void {
  console.log(`${name.padEnd(16)} ${state}${about === '' ? '' : ` (${about})`}`)
}
