/**
 * Completes package-lock.json: `node tools/lockfile.ts [--check]`. npm leaves a program's builds for other machines out of the lockfile
 * when its registry does not hold them, and `npm ci` then refuses the lockfile everywhere. The names say which machine each is for.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, root } from '../cli/paths.ts'

/** The part of an entry of the lockfile that is read or written. */
export interface LockEntry {
  readonly version?: string
  readonly dev?: true
  readonly optional?: true
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

type Packages = Readonly<Record<string, LockEntry>>

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'sunos', 'aix', 'netbsd', 'openbsd']
const processors = ['arm64', 'arm', 'ia32', 'x64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'loong64', 'mips64el']

/** Entries that `packages` lacks: optional packages for other machines, by their place in the lockfile. Throws: when a name tells no machine. */
export function missingEntries(packages: Packages): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {}
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isFound(packages, path, name)) continue
      missing[`node_modules/${name}`] = { version, ...machineOf(name), ...(entry.dev ? { dev: true } : {}), optional: true }
    }
  }
  return missing
}

/** Looks where Node would: in the package's own node_modules, then in those above it. */
function isFound(packages: Packages, path: string, name: string): boolean {
  const above = path.split('/node_modules/')
  const folders = above.map((_, index) => above.slice(0, index + 1).join('/node_modules/'))
  return [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].some((place) => place in packages)
}

function machineOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const words = (name.split('/').at(-1) ?? '').split('-')
  const os = systems.filter((one) => words.includes(one))
  const cpu = processors.filter((one) => words.includes(one))
  if (os.length + cpu.length === 0)
    throw new Error(`${name} is missing in package-lock.json, and its name does not say for which machine it is`)
  const libc = words.includes('musl') || words.includes('musleabihf') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  return { ...(os.length > 0 ? { os } : {}), ...(cpu.length > 0 ? { cpu } : {}), ...(os[0] === 'linux' && libc.length > 0 ? { libc } : {}) }
}

/** Writes the missing entries, or with `--check` names them. Resolves with the exit code. */
export function main(argv: string[]): number {
  const file = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockEntry> }
  const missing = missingEntries(lock.packages)
  for (const path of Object.keys(missing)) console.log(`package-lock.json:1 lockfile-whole ${path} is missing: node tools/lockfile.ts`)
  if (argv.includes('--check')) return Object.keys(missing).length === 0 ? 0 : 1
  const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'))
  if (Object.keys(missing).length > 0)
    writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  return 0
}

if (isMain(import.meta.url)) process.exitCode = main(process.argv.slice(2))
