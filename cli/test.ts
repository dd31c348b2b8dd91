/** `npm test`: every tier in turn, each counted; `npm test -- <words>` runs only the files whose path holds one of them. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, root } from './paths.ts'
import { runTier, summaryOf, tiers, type TierResult } from './tiers.ts'

/** Runs all tiers and prints the totals. Resolves with the exit code. */
export async function main(argv: string[]): Promise<number> {
  mkdirSync(join(root, 'artifacts/tests'), { recursive: true })
  const filters = argv.filter((word) => !word.startsWith('--tier='))
  const only = argv.filter((word) => word.startsWith('--tier=')).map((word) => word.slice('--tier='.length))
  const results: TierResult[] = []
  for (const tier of tiers) {
    if (only.length === 0 || only.includes(tier)) results.push(await runTier(tier, filters))
  }
  const summary = summaryOf(results, filters.length > 0)
  console.log(`\n${summary.lines.join('\n')}`)
  return summary.ok ? 0 : 1
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
