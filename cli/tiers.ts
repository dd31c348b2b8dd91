/** The tiers of tests: run by vitest, counted from its JSON report rather than from its exit code alone. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
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
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const child = spawn(process.execPath, [vitest, 'run', '--project', tier, ...reporters, ...filters], { cwd: root, stdio: 'inherit' })
  const exitCode = await new Promise<number>((done, failed) => {
    child.on('error', failed)
    child.on('exit', (code) => done(code ?? 1))
  })
  const counted = existsSync(report)
    ? countReport(JSON.parse(readFileSync(report, 'utf8')) as Report)
    : { passed: 0, failed: 0, skipped: [] }
  return { tier, exitCode, ...counted }
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
