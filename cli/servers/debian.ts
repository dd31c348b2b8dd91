/**
 * Programs out of Debian's packages without installing them: apt fetches a package and those that the machine lacks for it, and they are
 * unpacked into a folder of ours. Works as any user; the system's packages are neither changed nor locked. A program that the system
 * already has is used as it is, when it is new enough.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { madeOnce, runToEnd } from './cache.ts'
import { findProgram } from './programs.ts'
import type { Program } from './server.ts'

interface Wanted {
  readonly package: string
  readonly program: string
  readonly title: string
  /** What makes the program tell its version. */
  readonly versionFlag: string
  /** Throws or answers false when a program that said this will not do. */
  readonly isEnough: (said: string) => boolean
  readonly needs: string
}

/** LRU for all keys and `SET … GET` are in both; older ones are not tried. */
const REDIS_MIN = [6, 2] as const
/** Has `proxy_next_upstream_tries` and time-outs of kept upstream connections. */
const NGINX_MIN = [1, 18] as const

const redis: Wanted = {
  package: 'redis-server',
  program: 'redis-server',
  title: 'Redis',
  versionFlag: '--version',
  isEnough: (said) => isAtLeast(/v=([\d.]+)/.exec(said)?.[1], REDIS_MIN),
  needs: `${REDIS_MIN.join('.')} or newer`,
}
const nginx: Wanted = {
  package: 'nginx',
  program: 'nginx',
  title: 'NGINX',
  versionFlag: '-V',
  isEnough: (said) =>
    isAtLeast(nginxVersion(said), NGINX_MIN) && ['http_ssl', 'http_v2'].every((module) => said.includes(`--with-${module}_module`)),
  needs: `${NGINX_MIN.join('.')} or newer, with TLS and HTTP/2`,
}

/** A Redis server. */
export async function redisProgram(cacheDir: string): Promise<Program> {
  return programOf(cacheDir, redis)
}

/** An NGINX with TLS and HTTP/2. */
export async function nginxProgram(cacheDir: string): Promise<Program> {
  return programOf(cacheDir, nginx)
}

/** Throws: what to do when the program is neither there nor to be had. */
export async function assertObtainable(cacheDir: string, which: 'redis' | 'nginx'): Promise<void> {
  const wanted = which === 'redis' ? redis : nginx
  if ((await systemProgram(wanted)) !== undefined || existsSync(folderOf(cacheDir, wanted))) return
  aptTools(wanted)
}

/** `1.22.1` out of what `nginx -V` says. */
export function nginxVersion(said: string): string | undefined {
  return /nginx\/([\d.]+)/.exec(said)?.[1]
}

/** Whether a version such as `1.22.1` is at least `min`. */
export function isAtLeast(version: string | undefined, min: readonly number[]): boolean {
  if (version === undefined) return false
  const parts = version.split('.').map(Number)
  for (const [index, least] of min.entries()) {
    const part = parts[index] ?? 0
    if (part !== least) return part > least
  }
  return true
}

async function programOf(cacheDir: string, wanted: Wanted): Promise<Program> {
  const system = await systemProgram(wanted)
  if (system !== undefined) return { path: system, env: {} }
  const folder = folderOf(cacheDir, wanted)
  const fetched = () => madeOnce(folder, (draft) => unpack(wanted, draft))
  const program = unpacked(await fetched(), wanted)
  if (await says(program, wanted)) return program
  // The system was upgraded beneath it, say: what was fetched for the old one is of no use.
  rmSync(folder, { recursive: true, force: true })
  const again = unpacked(await fetched(), wanted)
  if (await says(again, wanted)) return again
  throw new Error(`${wanted.title} from the package ${wanted.package} does not run, or is not ${wanted.needs}: ${await libraries(again)}`)
}

async function systemProgram(wanted: Wanted): Promise<string | undefined> {
  const path = findProgram(wanted.program)
  return path !== undefined && (await says({ path, env: {} }, wanted)) ? path : undefined
}

async function says(program: Program, wanted: Wanted): Promise<boolean> {
  try {
    return wanted.isEnough(await runToEnd(program.path, [wanted.versionFlag], { seconds: 10, env: program.env }))
  } catch {
    return false
  }
}

/** What the loader misses, for the error. */
async function libraries(program: Program): Promise<string> {
  try {
    const lines = (await runToEnd('ldd', [program.path], { seconds: 10, env: program.env })).split('\n')
    const missing = lines.filter((line) => line.includes('not found')).map((line) => line.trim())
    return missing.length === 0 ? 'its libraries are there' : missing.join('; ')
  } catch (error) {
    return (error as Error).message
  }
}

function folderOf(cacheDir: string, wanted: Wanted): string {
  return join(cacheDir, `debian-${wanted.package}`)
}

function unpacked(folder: string, wanted: Wanted): Program {
  const path = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((sub) => join(folder, sub, wanted.program)).find((file) => existsSync(file))
  if (path === undefined) throw new Error(`the package ${wanted.package} holds no program ${wanted.program}`)
  const paths = libraryFolders(folder)
  return { path, env: paths.length === 0 ? {} : { LD_LIBRARY_PATH: paths.join(':') } }
}

/** `usr/lib`, `usr/lib/x86_64-linux-gnu` and their like, where shared libraries lie directly in them. */
function libraryFolders(folder: string): string[] {
  const tops = ['usr/lib', 'lib'].map((sub) => join(folder, sub)).filter((path) => existsSync(path))
  const all = tops.flatMap((top) => [top, ...readdirSync(top).map((name) => join(top, name))])
  return all.filter((path) => statSync(path).isDirectory() && readdirSync(path).some((name) => /\.so(\.|$)/.test(name)))
}

function aptTools(wanted: Wanted): { apt: string; dpkgDeb: string } {
  const apt = findProgram('apt-get')
  const dpkgDeb = findProgram('dpkg-deb')
  if (apt === undefined || dpkgDeb === undefined)
    throw new Error(`${wanted.title}: there is no apt-get to fetch it with, so install ${wanted.needs} by hand`)
  return { apt, dpkgDeb }
}

const APT_SECONDS_MAX = 300

async function unpack(wanted: Wanted, draft: string): Promise<void> {
  const { apt, dpkgDeb } = aptTools(wanted)
  const own = join(draft, 'apt')
  const archives = join(own, 'archives')
  mkdirSync(join(archives, 'partial'), { recursive: true })
  // Locks and caches of our own make it work for any user; what is installed is read from the system, to fetch only what it lacks.
  const options = ['Debug::NoLocking=true', `Dir::Cache=${own}`, `Dir::Cache::archives=${archives}`, 'APT::Sandbox::User=']
  const fetch = (more: readonly string[]) =>
    runApt(apt, [...options, ...more], ['install', '--yes', '--download-only', '--no-install-recommends', wanted.package])
  try {
    await fetch([])
  } catch {
    // The system's lists of packages may be missing or old: ours are new.
    const lists = ['Dir::State::lists', `${join(own, 'lists')}/`].join('=')
    mkdirSync(join(own, 'lists/partial'), { recursive: true })
    await runApt(apt, [...options, lists], ['update'])
    await fetch([lists]).catch((error: Error) => {
      throw new Error(`${wanted.title} could not be fetched; install the package ${wanted.package} by hand: ${error.message}`)
    })
  }
  const debs = readdirSync(archives).filter((name) => name.endsWith('.deb'))
  if (debs.length === 0) throw new Error(`apt-get fetched nothing for ${wanted.package}: it is installed, but not ${wanted.needs}`)
  for (const deb of debs) await runToEnd(dpkgDeb, ['--extract', join(archives, deb), draft], { seconds: APT_SECONDS_MAX })
  rmSync(own, { recursive: true, force: true })
}

function runApt(apt: string, options: readonly string[], command: readonly string[]): Promise<string> {
  const flags = options.flatMap((option) => ['-o', option])
  return runToEnd(apt, ['-q', ...flags, ...command], { seconds: APT_SECONDS_MAX, env: { DEBIAN_FRONTEND: 'noninteractive' } })
}
