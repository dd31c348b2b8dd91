/** A running shop for journeys: started as its users start it, watched from outside, killed where a test asks for it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { freePort as freePortOf } from '../../cli/servers/ports.ts'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ShopOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Kept when given; else a new one, removed at the end. */
  readonly dataDir?: string
  readonly port?: number
  /** One process, or many; as the whole run is unless told. */
  readonly as?: Topology
}

export type Topology = 'process' | 'cluster'

export interface Shop {
  readonly origin: string
  readonly dataDir: string
  readonly port: number
  /** Process of the shop itself. */
  readonly pid: number
  /** What it printed, newest last. */
  output(): string
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  readonly exited: Promise<number | null>
}

export interface BookCheck {
  readonly name: string
  readonly ok: boolean
  readonly examined: number
  readonly broken: number
  readonly examples: readonly string[]
}

const repository = resolve(import.meta.dirname, '../..')
/** `cluster`: every shop of this run is many processes, over Kafka, Redis, gRPC and TLS. */
export const topology: Topology = process.env.STOA_TEST_TOPOLOGY === 'cluster' ? 'cluster' : 'process'
const READY_SECONDS_MAX: Readonly<Record<Topology, number>> = { process: 120, cluster: 300 }
/** Storefront builds are shared by all shops of a test run. */
const BUILDS = join(repository, 'artifacts/storefront')

/** Starts a shop and waits until it can be bought from. Throws: with what it printed. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const own = options.dataDir === undefined
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'stoa-shop-'))
  const port = options.port ?? (await freePort())
  const as = options.as ?? topology
  if (as === 'cluster') bringAuthority(dataDir)
  const child = spawn(process.execPath, [join(repository, 'cli/launch.mjs'), as === 'cluster' ? 'cluster' : 'run'], {
    cwd: repository,
    env: {
      ...process.env,
      NODE_ENV: undefined,
      VITEST: undefined,
      STOA_PORT: String(port),
      STOA_DATA_DIR: dataDir,
      STOA_RATE_LIMITS: 'off',
      STOA_LOG_LEVEL: 'warn',
      STOA_BUILD_DIR: BUILDS,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  await untilReady(child, () => said, READY_SECONDS_MAX[as])
  return {
    origin: as === 'cluster' ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    dataDir,
    port,
    pid: child.pid as number,
    output: () => said,
    exited,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: async () => {
      child.kill('SIGTERM')
      const code = await exited
      if (own) rmSync(dataDir, { recursive: true, force: true })
      return code
    },
  }
}

/** All shops of a run are signed for by one authority, which the run trusts (NODE_EXTRA_CA_CERTS). */
function bringAuthority(dataDir: string): void {
  const authority = process.env.STOA_TEST_AUTHORITY
  if (!authority && topology === 'cluster') throw new Error('journeys on a cluster run by npm run test:cluster')
  // Alone it makes one of its own.
  if (!authority) return
  mkdirSync(join(dataDir, 'tls'), { recursive: true, mode: 0o700 })
  for (const file of ['ca.pem', 'ca.key']) cpSync(join(authority, file), join(dataDir, 'tls', file))
}

async function untilReady(child: ChildProcess, said: () => string, secondsMax: number): Promise<void> {
  const until = Date.now() + secondsMax * 1000
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    if (/^Stoa is ready /m.test(said())) return
    await sleep(50)
  }
  child.kill('SIGKILL')
  throw new Error(`the shop did not become ready:\n${said().slice(-5000)}`)
}

/** Runs `npm run doctor` on a shop; resolves with its report. */
export async function doctor(dataDir: string, waitSeconds = 60): Promise<{ ok: boolean; checks: BookCheck[] }> {
  const child = spawn(process.execPath, [join(repository, 'cli/launch.mjs'), 'doctor', '--json', '--wait', String(waitSeconds)], {
    cwd: repository,
    env: { ...process.env, STOA_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await new Promise((done) => child.once('exit', done))
  try {
    return JSON.parse(out) as { ok: boolean; checks: BookCheck[] }
  } catch {
    throw new Error(`doctor printed no report: ${out.slice(0, 2000)}`)
  }
}

/** Runs `npm run move` on the shop of a data directory; resolves with its exit code or the signal that ended it, and what it said. */
export async function moveShop(
  dataDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ ended: number | string | null; said: string }> {
  const child = spawn(process.execPath, [join(repository, 'cli/launch.mjs'), 'move', ...args], {
    cwd: repository,
    env: { ...process.env, NODE_ENV: undefined, VITEST: undefined, STOA_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = await new Promise<number | string | null>((done) => child.once('exit', (code, signal) => done(signal ?? code)))
  return { ended, said }
}

/** Process ids of what a shop runs beside itself. */
export function childrenOf(pid: number): { pid: number; command: string }[] {
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  return ids.map((id) => ({ pid: id, command: ofProcess(id, 'cmdline').replaceAll('\0', ' ') }))
}

/** Processes of a cluster, each with its services and the port of its doors. */
export function partsOf(pid: number): { pid: number; services: string; port: number }[] {
  return childrenOf(pid).flatMap((one) => {
    const told = ofProcess(one.pid, 'environ')
    const setting = (name: string) => new RegExp(`(?:^|\0)${name}=([^\0]*)`).exec(told)?.[1]
    const services = setting('STOA_SERVICES')
    return services ? [{ pid: one.pid, services, port: Number(setting('STOA_PORT')) }] : []
  })
}

/** Empty for one that has just died. */
function ofProcess(pid: number, what: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    return ''
  }
}

/** Process of a server of a cluster, e.g. `redis/redis`. */
export function serverOf(dataDir: string, name: string): number {
  return (JSON.parse(readFileSync(join(dataDir, `${name}.pid`), 'utf8')) as { pid: number }).pid
}

export function freePort(): Promise<number> {
  return freePortOf('127.0.0.1')
}
