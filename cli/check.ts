/** `npm run check`: everything that can be said about the source without starting the shop, in under a minute. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, root } from './paths.ts'

/** One independent check: a program whose exit code says whether the source is right. */
export interface Step {
  readonly name: string
  readonly command: readonly string[]
}

/** What a step came to. */
export interface StepResult {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
  readonly output: string
}

const PARALLEL_MAX = 2
/** A step that takes longer hangs; the whole check is to stay under a minute. */
const STEP_MS_MAX = 180_000
/** What a broken run may print before the rest is cut. */
const OUTPUT_CHARS_MAX = 60_000

function steps(): Step[] {
  const storefront = existsSync(join(root, 'apps/storefront/tsconfig.json'))
  return [
    { name: 'unit tests', command: ['node', 'cli/test.ts', '--tier=unit'] },
    { name: 'types', command: ['tsc', '-p', '.'] },
    ...(storefront ? [{ name: 'types of the storefront', command: ['tsc', '-p', 'apps/storefront'] }] : []),
    { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives', '.'] },
    { name: 'format', command: ['biome', 'ci', '--colors=off', '.'] },
    { name: 'boundaries', command: ['node', 'tools/tidy.ts', '--group=boundaries'] },
    { name: 'tidy', command: ['node', 'tools/tidy.ts', '--group=tidy'] },
    { name: 'lockfile', command: ['node', 'tools/lockfile.ts', '--check'] },
    { name: 'generated files', command: ['node', 'cli/generate.ts', '--check'] },
    { name: 'unused code', command: ['knip', '--no-progress', '--no-config-hints'] },
  ]
}

/** Runs every step, at most two at once, and prints a line for each. Resolves with the exit code. */
export async function main(argv: string[]): Promise<number> {
  const chosen = steps().filter((step) => argv.length === 0 || argv.includes(step.name))
  const results = await runAll(chosen, (result) => {
    console.log(`${result.ok ? 'ok    ' : 'FAILED'} ${result.name.padEnd(26)} ${result.seconds.toFixed(1)} s`)
    if (!result.ok) console.log(`${result.output.trimEnd()}\n`)
  })
  const failed = results.filter((result) => !result.ok).length
  console.log(`${results.length - failed} passed, ${failed} failed`)
  return failed === 0 && results.length > 0 ? 0 : 1
}

/** Runs `list` with at most two steps at once; `done` sees each as it ends. */
export async function runAll(list: readonly Step[], done: (result: StepResult) => void): Promise<StepResult[]> {
  const waiting = [...list]
  const results: StepResult[] = []
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const result = await runStep(step)
      results.push(result)
      done(result)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_MAX }, lane))
  return results
}

function runStep(step: Step): Promise<StepResult> {
  const began = performance.now()
  const [program, ...args] = step.command
  const command = program === 'node' ? process.execPath : join(root, 'node_modules/.bin', program ?? '')
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: STEP_MS_MAX })
  let output = ''
  const keep = (chunk: Buffer) => {
    if (output.length < OUTPUT_CHARS_MAX) output += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve) => {
    const end = (ok: boolean) => resolve({ name: step.name, ok, seconds: (performance.now() - began) / 1000, output })
    child.on('error', (error) => {
      output += error.message
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
