/** The loops that read other services' streams. */
import type { EventContract } from '../contract.ts'
import type { LogRecord } from '../events/ports.ts'
import type { Received } from '../service.ts'
import { runLoop } from './loops.ts'
import type { ServiceRuntime } from './service-runtime.ts'

const REST_MS = 5000
/** How long to wait before looking again at a stream that nobody publishes here yet, or at one that is halted. */
const ABSENT_REST_MS = 5000

/** Starts a loop for each stream the service listens to. */
export function startReaders(service: ServiceRuntime): Promise<void>[] {
  const streams = [...new Set((service.definition.consumers ?? []).map((one) => one.event.topic))]
  return streams.map((stream) => readStream(service, stream))
}

function readStream(service: ServiceRuntime, stream: string): Promise<void> {
  const { signals, log, metrics, sourceOf } = service.parts
  const labels = { service: service.service, stream }
  return runLoop({
    name: `${service.service}.${stream}`,
    signals,
    wakeUp: `stream:${stream}`,
    stop: service.stopSignal,
    log,
    step: async () => {
      const source = sourceOf(stream)
      if (!source) return ABSENT_REST_MS
      const reader = service.readers.get(stream) ?? service.readerOf(stream, source)
      const step = await reader.step()
      if (step.outcome === 'halted') {
        if (service.halted.get(stream) !== step.reason) log.error({ ...labels, reason: step.reason }, 'a consumer halted')
        service.halted.set(stream, step.reason)
        metrics.halted.set(labels, 1)
        return ABSENT_REST_MS
      }
      if (service.halted.delete(stream)) metrics.halted.set(labels, 0)
      if (step.outcome === 'moved') {
        metrics.events.inc(labels, step.events)
        metrics.eventLag.observe(labels, Math.max(0, (Date.now() - step.oldest.getTime()) / 1000))
        signals.raise(`moved:${service.service}`)
      }
      return step.outcome === 'idle' ? REST_MS : 0
    },
  })
}

/** An event as its consumer sees it. */
export function received(record: LogRecord): Received<EventContract> {
  return {
    id: record.eventId,
    type: record.type,
    stream: record.stream,
    partition: record.part,
    seq: record.seq,
    key: record.key,
    occurredAt: record.occurredAt,
    traceparent: record.traceparent,
    data: record.data as Received['data'],
  }
}
