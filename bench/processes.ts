/** What a shop costs, read from the kernel: CPU and memory of a process with everything it started. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** `servers`: Kafka, its registry, Redis and NGINX of a cluster. */
export type Kind = 'node' | 'postgres' | 'sandbox' | 'servers'

/** Units: milliseconds of CPU since each process began, ended children included. */
export type Cpu = Readonly<Record<Kind, number>>

export interface Memory {
  /** Shared pages counted once, split among those who share them. */
  readonly pssMb: number
  /** Shared pages counted for each process again. */
  readonly rssMb: number
  readonly processes: number
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly kind: Kind
  readonly cpuMs: number
}

const NOTHING: Cpu = { node: 0, postgres: 0, sandbox: 0, servers: 0 }
const KINDS = Object.keys(NOTHING) as Kind[]
const SERVERS = /^(?:java|redis-server|nginx)$/
/** The kernel counts in ticks of 1/100 s on every Linux that Node runs on. */
const TICK_MS = 10
const CALM_LOOK_MS = 500
const CALM_LOOKS = 3

/** CPU used so far by a process and all its descendants. */
export function cpuOf(root: number): Cpu {
  const tree = treeOf(root)
  return mapped((kind) => tree.reduce((sum, one) => (one.kind === kind ? sum + one.cpuMs : sum), 0))
}

export function cpuBetween(before: Cpu, after: Cpu): Cpu {
  return mapped((kind) => after[kind] - before[kind])
}

export function totalOf(cpu: Cpu): number {
  return KINDS.reduce((sum, kind) => sum + cpu[kind], 0)
}

/** A figure for each kind of process. */
export function mapped(figure: (kind: Kind) => number): Cpu {
  return Object.fromEntries(KINDS.map((kind) => [kind, figure(kind)])) as Cpu
}

/** Memory held by a process and all its descendants. */
export function memoryOf(root: number): Memory {
  const tree = treeOf(root)
  let pssKb = 0
  let rssKb = 0
  for (const { pid } of tree) {
    const rollup = read(`/proc/${pid}/smaps_rollup`)
    pssKb += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
    rssKb += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
  }
  return { pssMb: Math.round(pssKb / 1024), rssMb: Math.round(rssKb / 1024), processes: tree.length }
}

/** What runs, and the share of a core that it uses at most while nobody asks anything. */
export interface Rest {
  readonly pid: number
  readonly calmShare: number
}

/** Waits until the processes use little CPU for a while; answers whether that came in time. */
export async function untilCalm({ pid, calmShare }: Rest, secondsMax: number): Promise<boolean> {
  const until = performance.now() + secondsMax * 1000
  let calm = 0
  while (performance.now() < until) {
    const before = totalOf(cpuOf(pid))
    const at = performance.now()
    await sleep(CALM_LOOK_MS)
    const share = (totalOf(cpuOf(pid)) - before) / (performance.now() - at)
    calm = share <= calmShare ? calm + 1 : 0
    if (calm >= CALM_LOOKS) return true
  }
  return false
}

/** Load average of the last minute: who else was at work. */
export function loadAverage(): number {
  return Number(read('/proc/loadavg').split(' ')[0] ?? 0)
}

function treeOf(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)))
  const family = new Set([root])
  for (let grew = true; grew; ) {
    const before = family.size
    for (const one of all) if (family.has(one.parent)) family.add(one.pid)
    grew = family.size > before
  }
  return all.filter((one) => family.has(one.pid))
}

function processOf(pid: number): Process[] {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === '') return []
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  // Fields after the name, from the third on (proc_pid_stat(5)): parent is the 4th, user, system and ended children's time the 14th to 17th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return [{ pid, parent: Number(fields[1]), kind: kindOf(pid, name), cpuMs: ticks * TICK_MS }]
}

const kinds = new Map<number, Kind>()

function kindOf(pid: number, name: string): Kind {
  if (name === 'postgres') return 'postgres'
  if (SERVERS.test(name)) return 'servers'
  const known = kinds.get(pid)
  if (known) return known
  const kind = read(`/proc/${pid}/cmdline`).includes('/sandbox/') ? 'sandbox' : 'node'
  kinds.set(pid, kind)
  return kind
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
