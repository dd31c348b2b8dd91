/** The doors every service has for the operator: checks of the books, parked events, their repair and replay. */
import { sql } from '../database/sql.ts'
import { isTransient } from '../fault.ts'
import { republish } from '../kafka/published.ts'
import type { BookCheck } from '../service.ts'
import { publishingChecks } from './publishing.ts'
import { dropParked, listRepairs, repairParked } from './repairs.ts'
import type { ServiceRuntime } from './service-runtime.ts'

type Door = (service: ServiceRuntime, input: never) => Promise<unknown>

/** By the name after `chassis:`. */
export const PLATFORM_DOORS: Readonly<Record<string, Door>> = {
  RunChecks: (service) => runChecks(service),
  ListParked: (service, input: { limit: number }) => listParked(service, input.limit),
  ReplayParked: (service, input: { stream: string; key: string }) => replay(service, input.stream, input.key),
  RepairParked: repairParked,
  DropParked: dropParked,
  ListRepairs: listRepairs,
  Republish: async ({ database }, { stream, fromSeq, partition }: { stream: string; fromSeq: number; partition?: number }) => ({
    events: await republish(database, stream, fromSeq, partition),
  }),
}

interface CheckReport {
  readonly name: string
  readonly ok: boolean
  readonly examined: number
  readonly broken: number
  readonly examples: readonly string[]
}

async function runChecks(service: ServiceRuntime): Promise<{ checks: CheckReport[]; atRest: boolean }> {
  const checks: CheckReport[] = []
  for (const check of [...(service.definition.checks ?? []), ...chassisChecks(service)]) checks.push(await report(service, check))
  const moving = await service.database.one<{ moving: boolean }>(sql`
    SELECT EXISTS (SELECT 1 FROM chassis.outbox) OR EXISTS (SELECT 1 FROM chassis.moments WHERE lease IS NOT NULL OR (due_at <= clock_timestamp() + interval '1 second' AND attempts < 3)) AS moving`)
  return { checks, atRest: !moving.moving }
}

async function report(service: ServiceRuntime, check: BookCheck): Promise<CheckReport> {
  const reported = await run(service, check)
  service.parts.metrics.books.set({ check: reported.name }, reported.ok ? 0 : Math.max(1, reported.broken))
  return reported
}

async function run(service: ServiceRuntime, check: BookCheck): Promise<CheckReport> {
  try {
    const { examined, broken, examples } = await service.runCheck(check)
    return { name: `${service.service}: ${check.name}`, ok: broken === 0, examined, broken, examples: examples.slice(0, 10) }
  } catch (error) {
    if (!isTransient(error)) service.parts.log.error({ check: check.name, error }, 'a check of the books failed to run')
    return { name: `${service.service}: ${check.name}`, ok: false, examined: 0, broken: 1, examples: ['the check could not be run'] }
  }
}

/** What holds for every service: gapless streams, readers at their heads, nothing parked. */
function chassisChecks(service: ServiceRuntime): BookCheck[] {
  const listens = [...new Set((service.definition.consumers ?? []).map((one) => one.event.topic))].filter(
    (stream) => service.parts.sourceOf(stream) !== undefined,
  )
  const checks: BookCheck[] = []
  if ((service.definition.publishes ?? []).length > 0) checks.push({ name: 'no gap in its streams', run: () => gapCheck(service) })
  checks.push(...publishingChecks(service))
  if (listens.length === 0) return checks
  return [
    ...checks,
    { name: 'no parked event', run: () => parkedCheck(service) },
    { name: 'every stream it listens to is read to the head', run: () => headCheck(service, listens) },
  ]
}

async function parkedCheck(service: ServiceRuntime) {
  const positions = await service.database.one<{ count: number }>(sql`SELECT count(*) AS count FROM chassis.consumer_position`)
  const rows = await service.database.rows<{ label: string }>(
    sql`SELECT stream || ' ' || key || ': ' || error AS label FROM chassis.parked ORDER BY parked_at LIMIT 1000`,
  )
  return { examined: positions.count, broken: rows.length, examples: rows.map((row) => row.label) }
}

async function gapCheck(service: ServiceRuntime) {
  const rows = await service.database.rows<{ label: string; events: number; broken: boolean }>(sql`
    SELECT h.stream || '/' || h.part AS label, count(l.seq) AS events,
      count(l.seq) <> h.next_seq - 1 OR coalesce(max(l.seq), 0) <> h.next_seq - 1 AS broken
    FROM chassis.stream_head h LEFT JOIN chassis.stream_log l USING (stream, part) GROUP BY h.stream, h.part, h.next_seq`)
  const broken = rows.filter((row) => row.broken)
  return { examined: rows.reduce((sum, row) => sum + 1 + row.events, 0), broken: broken.length, examples: broken.map((row) => row.label) }
}

/** A position behind the head has events to come; one beyond it would let the next ones pass unseen. */
async function headCheck(service: ServiceRuntime, streams: readonly string[]) {
  const astray: string[] = []
  let examined = 0
  for (const stream of streams) {
    const source = service.parts.sourceOf(stream)
    const before = await source?.heads()
    const rows = await service.database.rows<{ part: number; last: number }>(
      sql`SELECT part, last_seq AS last FROM chassis.consumer_position WHERE consumer = ${service.service} AND stream = ${stream}`,
    )
    const after = await source?.heads()
    const positions = new Map(rows.map((row) => [row.part, row.last]))
    for (const [part, head] of before ?? []) {
      examined++
      const position = positions.get(part) ?? 0
      if (position < head || position > (after?.get(part) ?? head)) astray.push(`${stream}/${part}: read ${position} of ${head}`)
    }
  }
  return { examined, broken: astray.length, examples: astray }
}

async function listParked(service: ServiceRuntime, limit: number) {
  const rows = await service.database.rows<{ stream: string; key: string; events: unknown }>(sql`
    SELECT stream, key, json_agg(json_build_object('partition', part, 'seq', seq, 'type', type, 'data', data, 'error', error, 'parkedAt', parked_at, 'revision', revision) ORDER BY seq) AS events
    FROM chassis.parked GROUP BY stream, key ORDER BY min(parked_at) LIMIT ${limit}`)
  return { items: rows.map((row) => ({ service: service.service, ...row })) }
}

async function replay(service: ServiceRuntime, stream: string, key: string) {
  const source = service.parts.sourceOf(stream)
  const reader = service.readers.get(stream) ?? (source ? service.readerOf(stream, source) : undefined)
  const applied = reader ? await reader.replay(key) : 0
  const { left } = await service.database.one<{ left: number }>(
    sql`SELECT count(*) AS left FROM chassis.parked WHERE consumer = ${service.service} AND stream = ${stream} AND key = ${key}`,
  )
  return { applied, left }
}
