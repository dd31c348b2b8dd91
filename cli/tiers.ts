/** The tiers of tests: run by vitest, counted from its JSON report rather than from its exit code alone. */
import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { root } from './paths.ts'

/** `cluster` needs servers that not every machine can have: `npm run test:servers` runs it, `npm test` does not. */
export type Tier = 'unit' | 'int' | 'journey' | 'cluster'

/** Those of `npm test`, in the order of their cost. */
export const tiers: readonly Tier[] = ['unit', 'int', 'journey']

/** What a tier's run came to. `failed` counts failed tests, and files that could not be loaded. */
export interface TierResult {
  readonly tier: Tier
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
  readonly exitCode: number
}

/** The part of vitest's JSON report that is read. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Where the report of a run is kept. */
export function reportOf(name: string): string {
  return join(root, `artifacts/tests/${name}.json`)
}

/** Runs one tier, showing vitest's own output. Its report is kept under the name of the tier unless told. */
export async function runTier(tier: Tier, filters: readonly string[], name: string = tier): Promise<TierResult> {
  const report = reportOf(name)
  rmSync(report, { force: true })
  if (tier !== 'journey') return { tier, exitCode: await runVitest(tier, filters, report, false), ...counted(report) }
  const exitCodes: number[] = []
  const parts: string[] = []
  for (const lanes of lanesOf(globSync('tests/**/*.journey.test.ts', { cwd: root }), filters, !isCluster())) {
    const reports = lanes.map((_, index) => reportOf(`${name}-${parts.length + index + 1}`))
    parts.push(...reports)
    exitCodes.push(...(await Promise.all(lanes.map((files, index) => runVitest(tier, files, reports[index] as string, lanes.length > 1)))))
  }
  const testResults = parts.filter(existsSync).flatMap((part) => readReport(part).testResults)
  for (const part of parts) rmSync(part, { force: true })
  writeFileSync(report, JSON.stringify({ testResults } satisfies Report))
  return { tier, exitCode: Math.max(0, ...exitCodes), ...countReport({ testResults }) }
}

/** A shop of many processes leaves no core idle while a page waits for it. */
function isCluster(): boolean {
  return process.env.STOA_TEST_TOPOLOGY === 'cluster'
}

/**
 * Journeys, those that may run `beside` each other in lanes: each lane with a shop of its own, whose pages wait while the other's orders do.
 * Faults want the machine for themselves, and come last. Paths are relative to the repository; without filters all.
 */
export function lanesOf(files: readonly string[], filters: readonly string[], beside: boolean): string[][][] {
  const wanted = files.filter((file) => filters.length === 0 || filters.some((word) => join(root, file).includes(word))).toSorted()
  const kindOf = (file: string) => (file.startsWith('tests/faults/') ? 'faults' : file.startsWith('tests/browser/') ? 'browser' : 'others')
  const lane = (kind: string) => wanted.filter((file) => kindOf(file) === kind)
  const groups = beside ? [[lane('browser'), lane('others')], [lane('faults')]] : [[wanted]]
  return groups.map((lanes) => lanes.filter((one) => one.length > 0)).filter((lanes) => lanes.length > 0)
}

/** Resolves with the exit code. What comes out `beside` another's comes in whole lines. */
async function runVitest(tier: Tier, filters: readonly string[], report: string, beside: boolean): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [vitest, 'run', '--project', tier, ...reporters, ...filters]
  const child = spawn(process.execPath, args, { cwd: root, stdio: beside ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
  if (child.stdout) inLines(child.stdout, process.stdout)
  if (child.stderr) inLines(child.stderr, process.stderr)
  return new Promise<number>((done, failed) => {
    child.on('error', failed)
    child.on('close', (code) => done(code ?? 1))
  })
}

function inLines(from: Readable, to: Writable): void {
  let begun = ''
  from.setEncoding('utf8')
  from.on('data', (chunk: string) => {
    const text = begun + chunk
    const end = text.lastIndexOf('\n') + 1
    begun = text.slice(end)
    to.write(text.slice(0, end))
  })
  from.on('end', () => to.write(begun))
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report
}

function counted(report: string): ReturnType<typeof countReport> {
  return existsSync(report) ? countReport(readReport(report)) : { passed: 0, failed: 0, skipped: [] }
}

/** Full names of a report's tests, by file below the repository, in order. */
export function namesOf(report: Report): string[] {
  return report.testResults
    .flatMap(({ name, assertionResults }) => assertionResults.map((one) => `${relative(root, name)}: ${one.fullName}`))
    .sort()
}

/** Counts a report's tests. A file that failed without any failed test (it did not load) counts as one failure. */
export function countReport(report: Report): { passed: number; failed: number; skipped: string[] } {
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const failed = tests.filter((test) => test.status === 'failed').length
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: failed + unloaded,
    skipped: tests.filter((test) => test.status !== 'passed' && test.status !== 'failed').map((test) => test.fullName),
  }
}

/**
 * The last lines of a run. Not ok when a test failed or was skipped, when vitest itself was not content, or when a tier ran
 * nothing; with `filtered`, only when no tier ran anything.
 */
export function summaryOf(results: readonly TierResult[], filtered: boolean): { ok: boolean; lines: string[] } {
  const lines: string[] = []
  let passed = 0
  let failed = 0
  for (const result of results) {
    const ran = result.passed + result.failed
    const faults = faultsOf(result, filtered)
    passed += result.passed
    failed += result.failed + (result.failed === 0 ? Math.min(1, faults.length) : 0)
    if (ran > 0 || faults.length > 0)
      lines.push(`${result.tier}: ${result.passed} passed, ${result.failed} failed${faults.map((fault) => `; ${fault}`).join('')}`)
  }
  if (passed + failed === 0) {
    failed = 1
    lines.push('no test was found')
  }
  lines.push(`${passed} passed, ${failed} failed`)
  return { ok: failed === 0, lines }
}

function faultsOf(result: TierResult, filtered: boolean): string[] {
  const ran = result.passed + result.failed
  if (ran === 0 && result.skipped.length === 0) return filtered ? [] : ['no test ran']
  const faults = result.skipped.map((name) => `skipped: ${name}`)
  if (result.exitCode !== 0 && result.failed === 0) faults.push(`vitest ended with ${result.exitCode}`)
  return faults
}
