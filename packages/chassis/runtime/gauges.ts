/** What stands still until somebody looks: connections, events not yet applied, parked events, requests at work and waiting (OPS6). */
import { sql } from '../database/sql.ts'
import { crowdsOf } from '../http/mount.ts'
import type { Keeper } from '../cache/keeper.ts'
import type { StoaServer } from '../http/server-options.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { measurePublishing } from './publishing.ts'
import type { ServiceRuntime } from './service-runtime.ts'

/** Sets the gauges of a process to this moment. What a service that is away would say stays as it was. */
export async function measure(
  metrics: Metrics,
  server: StoaServer,
  services: readonly ServiceRuntime[],
  keeper: Keeper | undefined,
): Promise<void> {
  metrics.untold.set(keeper?.owed ?? 0)
  for (const [name, { running, waiting }] of crowdsOf(server)) {
    metrics.atWork.set({ class: name }, running)
    metrics.waiting.set({ class: name }, waiting)
  }
  await Promise.all(
    services.map(async (service) => {
      for (const [state, count] of Object.entries(service.database.connections))
        metrics.connections.set({ service: service.service, state }, count)
      await measureReading(metrics, service).catch(() => {})
      await measurePublishing(metrics, service).catch(() => {})
      await measureOwn(metrics, service).catch(() => {})
    }),
  )
}

async function measureOwn(metrics: Metrics, { definition, database, service }: ServiceRuntime): Promise<void> {
  for (const { name, read } of definition.gauges ?? []) metrics.own.set({ service, name }, await read({ db: database }))
}

async function measureReading(metrics: Metrics, service: ServiceRuntime): Promise<void> {
  const streams = [...new Set((service.definition.consumers ?? []).map((one) => one.event.topic))]
  if (streams.length === 0) return
  const rows = await service.database.rows<{ stream: string; read: number; parked: number }>(sql`
    SELECT s.stream, (SELECT coalesce(sum(last_seq), 0) FROM chassis.consumer_position p WHERE p.consumer = ${service.service} AND p.stream = s.stream) AS read,
      (SELECT count(*) FROM chassis.parked k WHERE k.consumer = ${service.service} AND k.stream = s.stream) AS parked
    FROM unnest(${streams}::text[]) AS s(stream)`)
  for (const { stream, read, parked } of rows) {
    const labels = { service: service.service, stream }
    metrics.parked.set(labels, Number(parked))
    const heads = await service.parts.sourceOf(stream)?.heads()
    const written = [...(heads?.values() ?? [])].reduce((sum, head) => sum + head, 0)
    metrics.lagEvents.set(labels, Math.max(0, written - Number(read)))
  }
}
