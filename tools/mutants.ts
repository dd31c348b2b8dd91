/**
 * `npm run test:mutants`: breaks one guarantee after the other in a copy of the repository, and demands that the test named
 * for it turns red. `npm run test:mutants -- lease` runs those whose line holds the word.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../packages/chassis/database/embedded.ts'
import type { Report } from '../cli/tiers.ts'
import { isMain, root } from '../cli/paths.ts'
import { accessMutants } from './mutants/access.ts'
import { clusterMutants } from './mutants/cluster.ts'
import { eventMutants } from './mutants/events.ts'
import { keptMutants } from './mutants/kept.ts'
import type { Mutant } from './mutants/mutant.ts'
import { pactMutants } from './mutants/pacts.ts'
import { searchMutants } from './mutants/search.ts'
import { traceMutants } from './mutants/traces.ts'
import { workMutants } from './mutants/work.ts'

const mutants: readonly Mutant[] = [
  ...[...eventMutants, ...workMutants, ...accessMutants, ...traceMutants],
  ...[...clusterMutants, ...keptMutants, ...pactMutants, ...searchMutants],
]
/** Copies at work at once; each is one lane. */
const LANES = 2
/** A run of tests may take this long, and so much longer for each file. */
const RUN_MS_MAX = 60_000
const FILE_MS_MAX = 10_000
const COPIED = ['packages', 'contracts', 'services', 'sandbox', 'package.json', 'tsconfig.json']
const NOT_COPIED = new Set(['node_modules', 'artifacts', '.stoa', 'build', '.react-router', 'generated'])
/** As in the repository's own configuration, but for the server, which all runs share. */
const CONFIG = `import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { projects: ['unit', 'int'].map((name) => ({ test: {
  name, include: ['**/*.' + name + '.test.ts'], exclude: ['**/node_modules/**'], pool: 'forks', maxWorkers: 1, testTimeout: 30_000, hookTimeout: 60_000,
} })) } })
`

/** Tests of one kind in one file, by the words of their titles. */
interface Wanted {
  readonly tier: string
  readonly files: readonly string[]
  readonly titles: readonly string[]
}

interface Verdict {
  readonly red: readonly string[]
  readonly green: readonly string[]
  /** What happened when no test could be judged. */
  readonly output: string
}

/** Runs the mutants that match, prints a line for each. Resolves with the exit code. */
export async function main(argv: string[]): Promise<number> {
  const chosen = mutants.filter((one) => argv.every((word) => `${one.breaks} ${one.file}`.includes(word)))
  const began = performance.now()
  const top = mkdtempSync(join(tmpdir(), 'stoa-mutants-'))
  const server = await startEmbedded({
    dataDir: join(top, 'server'),
    parameters: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  })
  process.env.STOA_TEST_DATABASE_SERVER = JSON.stringify({
    host: server.host,
    port: server.port,
    superuser: server.superuser,
    password: server.password,
  })
  try {
    const copies = Array.from({ length: LANES }, (_, lane) => copyRepository(join(top, `lane-${lane}`)))
    const unsound = await soundness(copies[0] as string, chosen)
    const failed = unsound.length > 0 ? report(unsound) : await runAll(copies, chosen)
    console.log(`in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    const tried = unsound.length > 0 ? unsound.length : chosen.length
    console.log(`${tried - failed} passed, ${failed} failed`)
    return failed === 0 && chosen.length > 0 ? 0 : 1
  } finally {
    await server.stop()
    rmSync(top, { recursive: true, force: true })
  }
}

function report(lines: readonly string[]): number {
  for (const line of lines) console.log(`FAILED   ${line}`)
  return lines.length
}

async function runAll(copies: readonly string[], chosen: readonly Mutant[]): Promise<number> {
  const waiting = [...chosen]
  let failed = 0
  const lane = async (copy: string) => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const problem = await tryMutant(copy, mutant)
      console.log(`${problem ? 'FAILED  ' : 'killed  '} ${mutant.breaks} (${mutant.file})${problem ? `: ${problem}` : ''}`)
      if (problem) failed++
    }
  }
  await Promise.all(copies.map(lane))
  return failed
}

/** What is wrong with a mutant: it no longer applies, or no test sees it. */
async function tryMutant(copy: string, mutant: Mutant): Promise<string | undefined> {
  const path = join(copy, mutant.file)
  const sound = readFileSync(path, 'utf8')
  let broken = sound
  for (const [find, replacement] of mutant.edits) {
    const found = broken.split(find).length - 1
    if (found !== 1) return `the patch no longer applies: its text stands there ${found} times`
    broken = broken.replace(find, () => replacement)
  }
  writeFileSync(path, broken)
  try {
    const { red, green, output } = await runTests(copy, { tier: mutant.tier, files: [mutant.test], titles: [mutant.title] })
    if (red.length > 0) return undefined
    return green.length > 0 ? `survived '${green[0]}'` : `no test was judged: ${output.slice(-600)}`
  } finally {
    writeFileSync(path, sound)
  }
}

/** The named tests must be there, and green while nothing is broken; answers those that are not. */
async function soundness(copy: string, chosen: readonly Mutant[]): Promise<string[]> {
  const problems: string[] = []
  for (const tier of new Set(chosen.map((one) => one.tier))) {
    const own = chosen.filter((one) => one.tier === tier)
    const { red, green, output } = await runTests(copy, {
      tier,
      files: [...new Set(own.map((one) => one.test))],
      titles: [...new Set(own.map((one) => one.title))],
    })
    problems.push(...red.map((name) => `red with nothing broken: ${name}`))
    for (const title of new Set(own.map((one) => one.title)))
      if (![...red, ...green].some((name) => name.includes(title))) problems.push(`no test is called '${title}' ${output.slice(-600)}`)
  }
  return problems
}

/** Runs tests in a copy; a run that takes too long is ended, and judges nothing. */
async function runTests(copy: string, { tier, files, titles }: Wanted): Promise<Verdict> {
  const reportFile = join(copy, 'report.json')
  rmSync(reportFile, { force: true })
  const pattern = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const args = [
    'run',
    '--config',
    'vitest.mutants.config.ts',
    '--project',
    tier,
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    '-t',
    pattern,
    ...files,
  ]
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)))
  const late = setTimeout(
    () => {
      // The whole group: vitest's own workers, too.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    },
    RUN_MS_MAX + files.length * FILE_MS_MAX,
  )
  await new Promise((done) => child.once('close', done))
  clearTimeout(late)
  const tests = readReport(reportFile)?.testResults.flatMap((file) => file.assertionResults) ?? []
  const called = (status: string) => tests.filter((test) => test.status === status).map((test) => test.fullName)
  return { red: called('failed'), green: called('passed'), output }
}

function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return undefined
  }
}

/** A copy of what tests import. Its own packages are linked to itself, everything else to what is installed. */
function copyRepository(copy: string): string {
  mkdirSync(copy, { recursive: true })
  for (const name of COPIED)
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !NOT_COPIED.has(path.slice(path.lastIndexOf('/') + 1)),
    })
  mkdirSync(join(copy, 'node_modules/@stoa'), { recursive: true })
  const installed = join(root, 'node_modules')
  for (const name of readdirSync(installed))
    if (!name.startsWith('.') && name !== '@stoa') symlinkSync(join(installed, name), join(copy, 'node_modules', name))
  for (const [name, folder] of Object.entries({
    chassis: 'packages/chassis',
    kit: 'packages/kit',
    contracts: 'contracts',
    services: 'services',
    sandbox: 'sandbox',
  }))
    symlinkSync(join(copy, folder), join(copy, 'node_modules/@stoa', name))
  writeFileSync(join(copy, 'vitest.mutants.config.ts'), CONFIG)
  return copy
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
