/** `npm run bench`: measures a shop of its own and compares with the stored figures. It never fails for being slow. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { newId } from '@stoa/kit/ids.ts'
import type { Result } from './bench.ts'
import { createClient } from './client.ts'
import { measureIdle, openReservationDoor, startTimed, stockGoods } from './ground.ts'
import { loadAverage, memoryOf, untilCalm } from './processes.ts'
import { coreShareOf, machineOf, printed, type Report } from './report.ts'
import { reserveThrough, scenarios } from './scenarios.ts'
import { measureYardstick } from './yardstick.ts'

const BASELINE = join(import.meta.dirname, 'baseline.json')
const RESERVE = { name: 'reserve', says: "inventory's ReserveStock behind a door of the bench, 64 callers, one SKU" }
const WHOLE = ['idle', 'memory', 'start']
const IDLE_SECONDS = 20
const IDLE_SECONDS_SHORT = 6
const HELP = `npm run bench -- [options]
  --only a,b   only these: ${[...scenarios.map((one) => one.name), RESERVE.name, ...WHOLE].join(', ')}
  --quick      shorter and rougher
  --json       the report as JSON
  --save       keeps the figures as the baseline; --note "…" says on which machine`

interface Options {
  readonly wants: (name: string) => boolean
  readonly quick: boolean
  readonly say: (line: string) => void
}

/** Answers the exit code. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
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
  const options = { wants: (name: string) => only?.includes(name) ?? true, quick: values.quick, say: (line: string) => console.error(line) }
  const baseline = existsSync(BASELINE) ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Report) : undefined
  const report = await measure(options, values.note)
  if (values.save) writeFileSync(BASELINE, `${JSON.stringify(merged(report, only ? baseline : undefined), null, 2)}\n`)
  console.log(values.json ? JSON.stringify(report, null, 2) : `\n${printed(report, baseline, [...scenarios, RESERVE])}`)
  return 0
}

async function measure(options: Options, note: string): Promise<Report> {
  const before = { load: loadAverage(), yardstickMs: measureYardstick() }
  const shopIsNeeded = [...scenarios.map((one) => one.name), ...WHOLE].some(options.wants)
  const ofShop = shopIsNeeded ? await measureShop(options) : { scenarios: {} }
  const reserve = options.wants(RESERVE.name) ? { [RESERVE.name]: await measureReservations(options) } : {}
  return {
    machine: machineOf(note),
    yardstickMs: Math.min(before.yardstickMs, measureYardstick()),
    load: { before: before.load, after: loadAverage() },
    ...ofShop,
    scenarios: { ...ofShop.scenarios, ...reserve },
  }
}

async function measureShop({ wants, quick, say }: Options): Promise<Pick<Report, 'scenarios' | 'idle' | 'memory' | 'start'>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-bench-'))
  say('starting a shop')
  const first = await startTimed(dataDir)
  let { shop } = first
  const startLoad = loadAverage()
  const client = createClient(shop.origin)
  try {
    const products = await stockGoods(client, shop.pid)
    const seconds = quick || !wants('idle') ? IDLE_SECONDS_SHORT : IDLE_SECONDS
    say(`idle, ${seconds} s`)
    const idle = await measureIdle(shop.pid, seconds)
    const atRest = memoryOf(shop.pid)
    const idleReport = { coreShare: coreShareOf(idle), by: idle, seconds, load: loadAverage() }
    const bench = { origin: shop.origin, client, target: { pid: shop.pid, idle }, quick, products }
    const results: Record<string, Result> = {}
    for (const scenario of scenarios.filter((one) => wants(one.name))) {
      say(`${scenario.name}: ${scenario.says}`)
      results[scenario.name] = await scenario.run(bench)
      await untilCalm(shop.pid, 30)
    }
    const afterLoad = memoryOf(shop.pid)
    client.close()
    const start = { firstSeconds: first.seconds, load: startLoad }
    const report = { scenarios: results, idle: idleReport, memory: { atRest, afterLoad }, start }
    if (!wants('start')) return report
    say('second start')
    await shop.stop()
    const second = await startTimed(dataDir)
    shop = second.shop
    return { ...report, start: { ...start, secondSeconds: second.seconds } }
  } finally {
    client.close()
    await shop.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measureReservations({ quick, say }: Options): Promise<Result> {
  say(`${RESERVE.name}: ${RESERVE.says}`)
  const door = await openReservationDoor()
  try {
    const idle = await measureIdle(door.pid, 3)
    return await reserveThrough(door.origin, door.sku, { pid: door.pid, idle }, quick, newId)
  } finally {
    await door.close()
  }
}

/** A run of a part renews that part of the baseline. */
function merged(report: Report, baseline: Report | undefined): Report {
  return baseline ? { ...baseline, ...report, scenarios: { ...baseline.scenarios, ...report.scenarios } } : report
}
