/**
 * `npm run eval:search`: how well and how fast the shop's search answers questions that people judged answers to, asked of its public
 * API, for each engine, with business factors and without. Judges nothing itself: the evaluator beside the data does.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isMain, root } from '../../cli/paths.ts'
import { CHORUS_FOLDER, CHORUS_PRODUCTS, chorusQueries, EVAL_FOLDER, hasChorus } from '../../tests/support/chorus.ts'
import type { Client } from '../client.ts'
import { quantile } from '../loops.ts'
import { cpuOf, loadAverage, totalOf } from '../processes.ts'
import { yardstickBeside } from '../yardstick.ts'
import { changeWords, measureFreshness } from './freshness.ts'
import { openSearchRoom, type OpenedRoom } from './opened.ts'

const HELP = `npm run eval:search -- [options]
  --engine NAMES    postgres, or several with commas (default: the setting STOA_SEARCH_ENGINE, else postgres)
  --products N      more than ${CHORUS_PRODUCTS} adds copies with changed words and numbers (then only the times mean something)
  --half HALF       public, heldout or all (default) of the judged questions
  --factors WHICH   on, off, or both (default)
  --freshness       also how soon a change is found while 500 stock changes a second come in
The data is looked for at STOA_EVAL_DATA: evaluate.mjs, and below it chorus/.`
const LIMIT_JUDGED = 100
const LIMIT_PAGE = 24
const PASSES = 3
/** Each question is asked so often before anything is timed: code that ran a few hundred times costs half as much again as it does later. */
const WARMING_PASSES = 15
/** Longer than a list is kept; suggestions are until words change. */
const FORGOTTEN_MS = 1200
/** As `closed 16` of the bench: what an answer costs where many ask. One who asks alone wakes every process and thread anew for each answer. */
const CALLERS = 16
/** Many ask for pages of other lengths, too: a pass lasts long enough for the cores to be awake, and nothing is asked for while it is kept. */
const LIMITS_BUSY = [24, 20, 28, 21, 27, 22, 26, 23, 25]
/** Lists without words, asked for by many before questions that each of them asks first: those are too few to wake the cores. */
const WAKING = Array.from({ length: 300 }, (_, index) => `?sort=price&limit=${1 + (index % 60)}`)
/** Of these, so that ticks of the clock of processes (10 ms) do not matter. */
const PASSES_FIRST_BUSY = 20
const PREFIX_MIN = 2
const DATA_MISSING = 2

interface Figures {
  readonly label: string
  readonly quality: Readonly<Record<string, number>>
  /** Asked for the first time since words changed. */
  readonly search: Times
  /** Asked again since. */
  readonly again: Times
  /** As these two, by many at once. */
  readonly searchBusy: Times
  readonly againBusy: Times
  readonly withFacets: Times
  readonly suggestions: Times
  /** CPU of the yardstick beside the searches. */
  readonly yardstickMs: number | undefined
  readonly load: number
}
interface Times {
  readonly p50: number
  readonly p95: number
  readonly max: number
  /** CPU of all processes for one answer, while they were asked. */
  readonly cpuMs: number
}

/** Resolves with the exit code: 2 when the data is not at hand. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', default: process.env.STOA_SEARCH_ENGINE ?? 'postgres' },
      products: { type: 'string', default: String(CHORUS_PRODUCTS) },
      half: { type: 'string', default: 'all' },
      factors: { type: 'string', default: 'both' },
      freshness: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  if (!hasChorus() || !existsSync(join(EVAL_FOLDER, 'evaluate.mjs'))) {
    console.error(`there is no evaluator with its data in ${EVAL_FOLDER}: set STOA_EVAL_DATA`)
    return DATA_MISSING
  }
  const figures: Figures[] = []
  for (const engine of values.engine.split(','))
    for (const factors of values.factors === 'both' ? ['on', 'off'] : [values.factors]) {
      console.error(`${engine}, factors ${factors}: filling the index with ${values.products} products`)
      const room = await openSearchRoom(Number(values.products), { STOA_SEARCH_ENGINE: engine, STOA_SEARCH_FACTORS: factors })
      try {
        figures.push(await measure(room, `${engine} factors ${factors}`, values.half))
        if (values.freshness) console.log(`${engine}: ${JSON.stringify(await measureFreshness(room, Number(values.products)))}`)
      } finally {
        await room.close()
      }
    }
  print(figures)
  return 0
}

async function measure(room: OpenedRoom, label: string, half: string): Promise<Figures> {
  const { api, pid } = room
  const queries = chorusQueries()
  const passes = async (path: (q: string) => string[], { isFirst = false, count = PASSES, callers = 1 } = {}) => {
    const times: number[] = []
    let cpuMs = 0
    for (let pass = 0; pass < count; pass++) {
      if (isFirst) await changeWords(room)
      await sleep(FORGOTTEN_MS)
      if (isFirst && callers > 1) await askAll(api, WAKING, callers)
      const before = totalOf(cpuOf(pid))
      times.push(
        ...(await askAll(
          api,
          queries.flatMap(({ q }) => path(q)),
          callers,
        )),
      )
      cpuMs += totalOf(cpuOf(pid)) - before
    }
    return { ...timesOf(times), cpuMs: cpuMs / times.length }
  }
  const run: string[] = []
  for (const { id, q } of queries) {
    const { ms, body } = await timed(api, `q=${encodeURIComponent(q)}&limit=${LIMIT_JUDGED}`)
    const ids = (body as { items: { sku: string }[] }).items.map((one) => one.sku.replace(/^CH-/, ''))
    run.push(`${JSON.stringify({ query_id: id, ids, ms })}\n`)
  }
  const quality = judged(label, run, half)
  const list = (q: string, limit = LIMIT_PAGE) => `?q=${encodeURIComponent(q)}&limit=${limit}`
  const page = (q: string) => [list(q)]
  const pages = (q: string) => LIMITS_BUSY.map((limit) => list(q, limit))
  for (const isFirst of [true, false]) await passes(page, { isFirst, count: WARMING_PASSES })
  await passes(pages, { callers: CALLERS })
  const yardstick = yardstickBeside()
  const search = await passes(page, { isFirst: true })
  const again = await passes(page)
  const againBusy = await passes(pages, { callers: CALLERS })
  const searchBusy = await passes(page, { isFirst: true, count: PASSES_FIRST_BUSY, callers: CALLERS })
  yardstick.end()
  const withFacets = await passes((q) => [`${list(q)}&facets=true`])
  const suggestions = await passes(
    (q) =>
      Array.from(
        { length: Math.max(0, q.length - PREFIX_MIN) },
        (_, index) => `/suggest?q=${encodeURIComponent(q.slice(0, PREFIX_MIN + index + 1))}`,
      ),
    { isFirst: true },
  )
  return {
    label,
    quality,
    search,
    again,
    searchBusy,
    againBusy,
    withFacets,
    suggestions,
    yardstickMs: yardstick.median(),
    load: loadAverage(),
  }
}

/** How long each took. Units: ms. */
async function askAll(api: Client, paths: readonly string[], callers: number): Promise<number[]> {
  const waiting = paths.values()
  const times: number[] = []
  const caller = async () => {
    for (const one of waiting) times.push((await timed(api, one)).ms)
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return times
}

async function timed(api: Client, query: string): Promise<{ ms: number; body: unknown }> {
  const at = performance.now()
  const path = query.startsWith('?') || query.startsWith('/') ? query : `?${query}`
  const { status, text } = await api.send(`GET /api/products${path}`)
  const ms = performance.now() - at
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 500)}`)
  return { ms, body: JSON.parse(text) }
}

/** What the evaluator says of a run. */
function judged(label: string, run: readonly string[], half: string): Record<string, number> {
  const folder = join(root, 'artifacts/eval')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${label.replaceAll(' ', '-')}.jsonl`)
  writeFileSync(file, run.join(''))
  const args = [join(EVAL_FOLDER, 'evaluate.mjs'), '--data', CHORUS_FOLDER, '--run', file, '--half', half, '--json']
  const { metrics, queries } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    metrics: Record<string, { mean: number }>
    queries: number
  }
  return { queries, ...Object.fromEntries(Object.entries(metrics).map(([name, { mean }]) => [name, mean])) }
}

function timesOf(times: number[]): Omit<Times, 'cpuMs'> {
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: sorted.at(-1) ?? 0 }
}

function print(figures: readonly Figures[]): void {
  const columns = [
    'queries',
    'ndcg10',
    'ndcgJ10',
    'recall100',
    'mrr',
    'search p50/p95',
    'again p50/p95',
    'facets p50/p95',
    'suggest p50/p95',
    'CPU ms',
    'CPU ms again',
    `CPU ms, ${CALLERS} at once`,
    `CPU ms again, ${CALLERS} at once`,
    'yardstick ms',
    'load',
  ]
  console.log(`| | ${columns.join(' | ')} |\n|---|${columns.map(() => '---').join('|')}|`)
  const pair = ({ p50, p95 }: Times) => `${p50.toFixed(1)} / ${p95.toFixed(1)}`
  for (const { label, quality, search, again, searchBusy, againBusy, withFacets, suggestions, yardstickMs, load } of figures) {
    const judgements = ['ndcg10', 'ndcgJ10', 'recall100', 'mrr'].map((name) => (quality[name] ?? 0).toFixed(4))
    const times = [search, again, withFacets, suggestions].map(pair)
    const cpu = [search, again, searchBusy, againBusy].map(({ cpuMs }) => cpuMs.toFixed(2))
    const cells = [quality.queries, ...judgements, ...times, ...cpu, yardstickMs?.toFixed(1) ?? '', load]
    console.log(`| ${label} | ${cells.join(' | ')} |`)
  }
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
