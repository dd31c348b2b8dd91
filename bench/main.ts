/** `npm run bench`: measures a shop of its own and compares with the stored figures. It never fails for being slow. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { newId } from '@stoa/kit/ids.ts'
import type { Result } from './bench.ts'
import type { Topology } from '../tests/support/shop.ts'
import { CALM_SHARE, measureIdle, openReservationDoor, startTimed, stockGoods, type Started } from './ground.ts'
import { loadAverage, memoryOf, untilCalm } from './processes.ts'
import { coreShareOf, machineOf, printed, type Report } from './report.ts'
import { reserveThrough, scenarios } from './scenarios.ts'
import { measureYardstick } from './yardstick.ts'

const BASELINE = join(import.meta.dirname, 'baseline.json')
const RESERVE = { name: 'reserve', says: "inventory's ReserveStock behind a door of the bench, 64 callers, one SKU" }
const WHOLE = ['idle', 'memory', 'start']
const IDLE_SECONDS = 20
const IDLE_SECONDS_SHORT = 6
const CALM_SECONDS_MAX = 30
const HELP = `npm run bench -- [options]
  --only a,b   only these: ${[...scenarios.map((one) => one.name), RESERVE.name, ...WHOLE].join(', ')}
  --quick      shorter and rougher
  --cluster    a shop of many processes, with Kafka, Redis and NGINX (npm run cluster)
  --json       the report as JSON
  --save       keeps a whole run as the baseline; --note "…" says on which machine`

interface Options {
  readonly wants: (name: string) => boolean
  readonly quick: boolean
  readonly as: Topology
  readonly say: (line: string) => void
  /** What could not be measured; the rest is reported all the same. */
  readonly failures: string[]
}

/** Answers the exit code. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      cluster: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      note: { type: 'string', default: 'no note' },
      help: { type: 'boolean', default: false },
    },
  })
  const only = values.only?.split(',')
  const names = [...scenarios.map((one) => one.name), RESERVE.name, ...WHOLE]
  const unknown = (only ?? []).filter((name) => !names.includes(name))
  if (values.help || unknown.length > 0) {
    console.error(unknown.length > 0 ? `unknown: ${unknown.join(', ')}\n${HELP}` : HELP)
    return unknown.length > 0 ? 2 : 0
  }
  if (values.save && (only || values.quick || values.cluster)) {
    console.error('a baseline is one whole run of one process: no --only, --quick or --cluster with --save')
    return 2
  }
  const options: Options = {
    wants: (name) => only?.includes(name) ?? true,
    quick: values.quick,
    as: values.cluster ? 'cluster' : 'process',
    say: (line) => console.error(line),
    failures: [],
  }
  const baseline = existsSync(BASELINE) ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Report) : undefined
  const report = await measure(options, values.note)
  console.log(values.json ? JSON.stringify(report, null, 2) : `\n${printed(report, baseline, [...scenarios, RESERVE])}`)
  for (const failure of options.failures) console.error(`not measured: ${failure}`)
  if (options.failures.length > 0) return 1
  if (values.save) writeFileSync(BASELINE, `${JSON.stringify(report, null, 2)}\n`)
  return 0
}

async function measure(options: Options, note: string): Promise<Report> {
  const before = { load: loadAverage(), yardstickMs: measureYardstick() }
  const shopIsNeeded = [...scenarios.map((one) => one.name), ...WHOLE].some(options.wants)
  const ofShop = shopIsNeeded ? await measureShop(options) : { scenarios: {} }
  const reserve = options.wants(RESERVE.name) ? await tried(options, RESERVE.name, () => measureReservations(options)) : undefined
  return {
    machine: machineOf(note),
    yardstickMs: Math.min(before.yardstickMs, measureYardstick()),
    load: { before: before.load, after: loadAverage() },
    ...ofShop,
    scenarios: { ...ofShop.scenarios, ...(reserve ? { [RESERVE.name]: reserve } : {}) },
  }
}

type OfShop = Pick<Report, 'scenarios' | 'idle' | 'memory' | 'start'>

async function measureShop(options: Options): Promise<OfShop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-bench-'))
  try {
    options.say('starting a shop')
    const first = await startTimed(dataDir, options.as)
    const start = { firstSeconds: first.seconds, load: loadAverage() }
    const measured = await measureRunning(options, first).finally(() => first.shop.stop())
    if (!options.wants('start')) return { ...measured, start }
    options.say('second start')
    const second = await tried(options, 'second start', () => startTimed(dataDir, options.as))
    second?.client.close()
    await second?.shop.stop()
    return { ...measured, start: { ...start, ...(second ? { secondSeconds: second.seconds } : {}) } }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measureRunning(options: Options, { shop, client }: Started): Promise<Omit<OfShop, 'start'>> {
  const { wants, quick, say } = options
  const { pid } = shop
  const rest = { pid, calmShare: CALM_SHARE[options.as] }
  try {
    const products = await stockGoods(client, rest)
    const seconds = quick || !wants('idle') ? IDLE_SECONDS_SHORT : IDLE_SECONDS
    say(`idle, ${seconds} s`)
    const idle = await measureIdle(pid, seconds)
    const idleReport = { coreShare: coreShareOf(idle), by: idle, seconds, load: loadAverage() }
    const atRest = memoryOf(pid)
    const bench = { client, target: { ...rest, idle }, quick, products }
    const results: Record<string, Result> = {}
    for (const scenario of scenarios.filter((one) => wants(one.name))) {
      say(`${scenario.name}: ${scenario.says}`)
      const result = await tried(options, scenario.name, () => scenario.run(bench))
      if (result) results[scenario.name] = result
      await untilCalm(rest, CALM_SECONDS_MAX)
    }
    return { scenarios: results, idle: idleReport, memory: { atRest, afterLoad: memoryOf(pid) } }
  } finally {
    client.close()
  }
}

/** Minutes of measuring are not thrown away because one part failed. */
async function tried<T>({ failures }: Options, name: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    failures.push(`${name}: ${(error as Error).message}`)
    return undefined
  }
}

async function measureReservations({ quick, say }: Options): Promise<Result> {
  say(`${RESERVE.name}: ${RESERVE.says}`)
  const door = await openReservationDoor()
  try {
    const idle = await measureIdle(door.pid, 3)
    return await reserveThrough(door.origin, door.sku, { pid: door.pid, calmShare: CALM_SHARE.process, idle }, quick, newId)
  } finally {
    await door.close()
  }
}
