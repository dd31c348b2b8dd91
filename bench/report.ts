/** The figures of a run, on paper and beside the stored ones. */
import { cpus } from 'node:os'
import type { Result, Scenario } from './bench.ts'
import { totalOf, type Cpu, type Memory } from './processes.ts'

export interface Report {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly date: string; readonly note: string }
  /** CPU of the fixed work. Units: milliseconds. */
  readonly yardstickMs: number
  readonly load: { readonly before: number; readonly after: number }
  readonly scenarios: Readonly<Record<string, Result>>
  readonly idle?: { readonly coreShare: number; readonly by: Cpu; readonly seconds: number; readonly load: number }
  readonly memory?: { readonly atRest?: Memory; readonly afterLoad?: Memory }
  readonly start?: { readonly firstSeconds?: number; readonly secondSeconds?: number; readonly load: number }
}

/** What this ran on. */
export function machineOf(note: string): Report['machine'] {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    note,
  }
}

/** The report as lines for people. Ratios: this run by the baseline, both by the yardstick of their own run. */
export function printed(
  report: Report,
  baseline: Report | undefined,
  known: readonly Pick<Scenario, 'name' | 'says' | 'cpuMsMax'>[],
): string {
  const { machine, load } = report
  const head = [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; yardstick ${report.yardstickMs} ms; load average ${load.before} → ${load.after}`,
    ...(baseline ? [`baseline of ${baseline.machine.date}: ${baseline.machine.note}; yardstick ${baseline.yardstickMs} ms`] : []),
    ...(load.after > machine.cores ? ['Others were at work on this machine: latency and rate say little, CPU somewhat too much.'] : []),
  ]
  const rows = known.flatMap(({ name, cpuMsMax }) => rowsOf(name, cpuMsMax, report, baseline))
  const table = align([
    [
      'scenario',
      'asked',
      'ops',
      'failed',
      'per s',
      'p50',
      'p95',
      'p99',
      'CPU ms/op',
      'best',
      'yardsticks',
      'node+pg+sandbox+servers',
      'idle off',
      'at most',
      'ratio',
      'load',
    ],
    ...rows,
  ])
  return [...head, '', ...(rows.length > 0 ? table : []), '', ...wholeShop(report, baseline)].join('\n')
}

function rowsOf(name: string, cpuMsMax: number | undefined, report: Report, baseline: Report | undefined): string[][] {
  const result = report.scenarios[name]
  if (!result) return []
  const before = baseline?.scenarios[name]
  return (['closed', 'open'] as const).flatMap((kind) => {
    const one = result[kind]
    if (!one) return []
    const ratio = kind === 'closed' && baseline ? ratioOf(one.cpuMs, report.yardstickMs, before?.closed?.cpuMs, baseline.yardstickMs) : ''
    return [
      [
        name,
        one.loop,
        String(one.operations),
        String(one.failed),
        String(one.perSecond),
        String(one.p50Ms),
        String(one.p95Ms),
        String(one.p99Ms),
        text(one.cpuMs),
        text(one.cpuBestMs),
        one.cpuMs === undefined || one.besideMs === undefined ? '' : `${(one.cpuMs / one.besideMs).toFixed(2)} of ${one.besideMs}`,
        one.cpuOf ? [one.cpuOf.node, one.cpuOf.postgres, one.cpuOf.sandbox, one.cpuOf.servers].join('+') : '',
        text(one.idleMs),
        kind === 'closed' ? text(cpuMsMax) : '',
        ratio,
        String(one.load),
      ],
    ]
  })
}

function ratioOf(now: number | undefined, yardstick: number, before: number | undefined, yardstickBefore: number): string {
  if (now === undefined || before === undefined || before === 0) return ''
  return (now / yardstick / (before / yardstickBefore)).toFixed(2)
}

function wholeShop(report: Report, baseline: Report | undefined): string[] {
  const lines: string[] = []
  for (const [name, { effects }] of Object.entries(report.scenarios)) {
    if (!effects) continue
    lines.push(
      `${name}: from an event's commit to its effect p50 ≤ ${effects.lagP50Ms} ms, p99 ≤ ${effects.lagP99Ms} ms (${effects.batches} batches); from an order's answer to CONFIRMED, heard by its watcher: p50 ${effects.confirmedP50Ms} ms, p99 ${effects.confirmedP99Ms} ms (${effects.confirmed} orders)`,
    )
  }
  if (report.idle) {
    const { by, coreShare, seconds, load } = report.idle
    lines.push(
      `idle: ${coreShare} % of one core over ${seconds} s (Node ${by.node.toFixed(1)}, PostgreSQL ${by.postgres.toFixed(1)}, sandbox ${by.sandbox.toFixed(1)}, servers ${by.servers.toFixed(1)} ms/s; load ${load})${beside(coreShare, baseline?.idle?.coreShare)}`,
    )
  }
  for (const [when, memory] of Object.entries(report.memory ?? {}) as [string, Memory][])
    lines.push(
      `memory ${when === 'atRest' ? 'at rest' : 'after load'}: ${memory.pssMb} MB (PSS), ${memory.rssMb} MB (RSS), ${memory.processes} processes`,
    )
  if (report.start) {
    const { firstSeconds, secondSeconds, load } = report.start
    if (firstSeconds !== undefined)
      lines.push(
        `first start (storefront already built): ${firstSeconds} s (load ${load})${beside(firstSeconds, baseline?.start?.firstSeconds)}`,
      )
    if (secondSeconds !== undefined)
      lines.push(`second start: ${secondSeconds} s (load ${load})${beside(secondSeconds, baseline?.start?.secondSeconds)}`)
  }
  return lines
}

/** Percent of one core. */
export function coreShareOf(idle: Cpu): number {
  return Math.round(totalOf(idle)) / 10
}

function beside(now: number, before: number | undefined): string {
  return before === undefined || before === 0 ? '' : `; ratio ${(now / before).toFixed(2)}`
}

function text(value: number | undefined): string {
  return value === undefined ? '' : String(value)
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
