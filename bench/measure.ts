/** One scenario measured: callers outside, costs read from the kernel. */
import { closedLoop, openLoop, quantile, type Loop, type Operation } from './loops.ts'
import { yardstickBeside } from './yardstick.ts'
import { cpuBetween, cpuOf, loadAverage, mapped, totalOf, untilCalm, type Cpu, type Rest } from './processes.ts'

export interface Figures {
  /** How it was asked: `closed 16` callers or `open 100/s`. */
  readonly loop: string
  readonly operations: number
  readonly failed: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  /** CPU of all processes per operation, idle cost subtracted. */
  readonly cpuMs?: number
  readonly cpuOf?: Cpu
  /** What was subtracted, per operation. */
  readonly idleMs?: number
  /** The least disturbed of the slices it was measured in; neighbours on the machine only ever add. */
  readonly cpuBestMs?: number
  /** CPU of the fixed work beside it, while it was measured. */
  readonly besideMs?: number
  /** Load average at the end: above the number of cores, others were at work. */
  readonly load: number
}

/** The process whose tree is measured. */
export interface Target extends Rest {
  /** Units: milliseconds of CPU per second while nothing is asked. */
  readonly idle: Cpu
}

export interface ClosedPlan {
  readonly callers: number
  readonly warmSeconds: number
  /** Enough to be warm, if it comes before the seconds are over. */
  readonly warmOperations?: number
  readonly secondsMax: number
  readonly operationsMax: number
  readonly untilRest?: UntilRest
}

export interface OpenPlan {
  readonly perSecond: number
  readonly seconds: number
  readonly untilRest?: UntilRest
}

/** Cost counts until what was set in motion has come to rest. */
type UntilRest = () => Promise<void>

const SLICES = 3
const CALM_SECONDS_MAX = 60

/** Measures in slices with a fixed number of callers. */
export async function measureClosed(target: Target, plan: ClosedPlan, operation: Operation): Promise<Figures> {
  const warmOperations = plan.warmOperations ?? plan.operationsMax
  await closedLoop({ callers: plan.callers, secondsMax: plan.warmSeconds, operationsMax: warmOperations }, operation)
  await settle(target, plan)
  const slicePlan = { callers: plan.callers, secondsMax: plan.secondsMax / SLICES, operationsMax: Math.ceil(plan.operationsMax / SLICES) }
  const slices: Slice[] = []
  const yardstick = yardstickBeside()
  try {
    for (let n = 0; n < SLICES; n++) slices.push(await measureSlice(target, plan, () => closedLoop(slicePlan, operation)))
  } finally {
    yardstick.end()
  }
  return {
    ...figuresOf(
      `closed ${plan.callers}`,
      slices.map((one) => one.loop),
    ),
    ...costOf(target, slices, yardstick.median()),
    cpuBestMs: round(Math.min(...slices.map((one) => totalOf(one.cpu) / Math.max(1, one.loop.operations)))),
  }
}

/** Measures at a fixed rate; without the yardstick, which would make people wait, unless the cost is what it is for. */
export async function measureOpen(target: Target, plan: OpenPlan, operation: Operation): Promise<Figures> {
  const yardstick = plan.untilRest && yardstickBeside()
  const slice = await measureSlice(target, plan, () => openLoop(plan, operation)).finally(() => yardstick?.end())
  return { ...figuresOf(`open ${plan.perSecond}/s`, [slice.loop]), ...costOf(target, [slice], yardstick?.median()) }
}

interface Slice {
  readonly loop: Loop
  /** Idle cost subtracted. */
  readonly cpu: Cpu
  readonly spanSeconds: number
}

async function measureSlice(target: Target, plan: { readonly untilRest?: UntilRest }, run: () => Promise<Loop>): Promise<Slice> {
  const before = cpuOf(target.pid)
  const at = performance.now()
  const loop = await run()
  await settle(target, plan)
  const spanSeconds = (performance.now() - at) / 1000
  const used = cpuBetween(before, cpuOf(target.pid))
  return { loop, cpu: mapped((kind) => Math.max(0, used[kind] - target.idle[kind] * spanSeconds)), spanSeconds }
}

async function settle(target: Target, { untilRest }: { readonly untilRest?: UntilRest }): Promise<void> {
  if (!untilRest) return
  await untilRest()
  await untilCalm(target, CALM_SECONDS_MAX)
}

function costOf(
  target: Target,
  slices: readonly Slice[],
  besideMs: number | undefined,
): Pick<Figures, 'cpuMs' | 'cpuOf' | 'besideMs' | 'idleMs'> {
  const operations = sum(slices.map((one) => one.loop.operations))
  const cpu = mean(slices, operations)
  return {
    cpuMs: round(totalOf(cpu)),
    cpuOf: mapped((kind) => round(cpu[kind])),
    ...(besideMs === undefined ? {} : { besideMs: round(besideMs) }),
    idleMs: round(sum(slices.map((one) => totalOf(target.idle) * one.spanSeconds)) / Math.max(1, operations)),
  }
}

function mean(slices: readonly Slice[], operations: number): Cpu {
  return mapped((kind) => sum(slices.map((one) => one.cpu[kind])) / Math.max(1, operations))
}

function figuresOf(loop: string, loops: readonly Loop[]): Figures {
  const latencies = loops.flatMap((one) => one.latenciesMs).sort((a, b) => a - b)
  const seconds = sum(loops.map((one) => one.seconds))
  return {
    loop,
    operations: latencies.length,
    failed: sum(loops.map((one) => one.failed)),
    perSecond: round(latencies.length / seconds),
    p50Ms: round(quantile(latencies, 0.5)),
    p95Ms: round(quantile(latencies, 0.95)),
    p99Ms: round(quantile(latencies, 0.99)),
    load: loadAverage(),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Two decimals are more than these figures carry. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
