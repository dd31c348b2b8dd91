/** `node packages/chassis/proof/simulate.ts --seeds 10000 [--from N]` runs many seeds; `--seed N` runs one again and tells what happened in it. */
import { parseArgs } from 'node:util'
import { MUST_HAPPEN, simulateMany } from './simulation.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '10000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' } },
})
const one = values.seed === undefined ? undefined : Number(values.seed)
const count = one === undefined ? Number(values.seeds) : 1
const began = performance.now()

try {
  const { events, steps, seen } = await simulateMany(one ?? Number(values.from), count)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  for (const [what, times] of [...seen].sort()) say(`${String(times).padStart(8)} ${what}`)
  const missing = one === undefined ? MUST_HAPPEN.filter((what) => !seen.has(what)) : []
  for (const what of missing) say(`    never ${what}`)
  say(`${count} seeds, ${steps} steps, ${events} events, ${seconds} s`)
  process.exitCode = missing.length === 0 ? 0 : 1
} catch (error) {
  say(error instanceof Error ? `${error.message}\n${error.cause instanceof Error ? error.cause.stack : ''}` : String(error))
  process.exitCode = 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
