/** Traces as tests give and find them. */
import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import type { EventContract } from '../contract.ts'
import { sql } from '../database/sql.ts'
import { withTrace } from '../telemetry/trace.ts'
import type { Room } from './room.ts'

/** A new `traceparent` of this trace id, or of a new one. */
export function newTraceparent(traceId = randomBytes(16).toString('hex')): string {
  return `00-${traceId}-${randomBytes(8).toString('hex')}-01`
}

/** The trace id in a `traceparent`. */
export function traceIdOf(traceparent: string | null): string | undefined {
  return traceparent?.split('-')[1]
}

/** Publishes events in one transaction, each under a new trace of its own, so that they come in one batch. Answers each key's trace id. */
export async function publishTogether<E extends EventContract>(
  room: Room,
  event: E,
  all: readonly Static<E['data']>[],
): Promise<Map<string, string | undefined>> {
  const owner = [...room.house.services.values()].find((one) =>
    one.definition.publishes?.some((published) => published.topic === event.topic),
  )
  if (!owner) throw new Error(`nobody here publishes on ${event.topic}`)
  const traces = new Map<string, string | undefined>()
  await owner.database.transaction(async (tx) => {
    for (const data of all) {
      const traceparent = newTraceparent()
      traces.set((data as Record<string, string>)[event.key] as string, traceIdOf(traceparent))
      withTrace(traceparent, () => tx.publish(event, data))
    }
  })
  return traces
}

/** The trace id of each event of a kind that was published so far, by key; the newest of a key. */
export async function tracesOf(room: Room, event: EventContract): Promise<Map<string, string | undefined>> {
  const owner = [...room.house.services.values()].find((one) =>
    one.definition.publishes?.some((published) => published.name === event.name),
  )
  if (!owner) throw new Error(`nobody here publishes ${event.name}`)
  const rows = await owner.database.rows<{ key: string; traceparent: string | null }>(sql`
    SELECT key, traceparent FROM (
      SELECT key, traceparent, event_id FROM chassis.stream_log WHERE type = ${event.name} UNION ALL
      SELECT key, traceparent, event_id FROM chassis.outbox WHERE type = ${event.name}) e ORDER BY event_id`)
  return new Map(rows.map((row) => [row.key, traceIdOf(row.traceparent)]))
}
