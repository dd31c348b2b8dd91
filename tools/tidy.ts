/** The house's own rules, over the whole repository: `node tools/tidy.ts [--group=boundaries|tidy]`. Prints `file:line rule message`. */
import { isMain, root } from '../cli/paths.ts'
import { readHouse } from './tidy/house.ts'
import { rules } from './tidy/rules.ts'
import { judge } from './tidy/judge.ts'

/** Prints every finding. Resolves with the exit code. */
export function main(argv: string[]): number {
  const group = argv.find((word) => word.startsWith('--group='))?.slice('--group='.length)
  const chosen = rules.filter((rule) => group === undefined || rule.group === group)
  const lines = judge(readHouse(root), chosen)
  for (const line of lines) console.log(line)
  console.log(`${chosen.length} rules, ${lines.length} findings`)
  return lines.length === 0 && chosen.length > 0 ? 0 : 1
}

if (isMain(import.meta.url)) process.exitCode = main(process.argv.slice(2))
