/** The loops that copy a service's streams to Kafka, and what is measured and checked of them. Without Kafka there are none. */
import type { KafkaCarrier } from '../kafka/carrier.ts'
import { publishedCheck, unpublished } from '../kafka/published.ts'
import { bookCheck, type BookCheck } from '../service.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { runLoop } from './loops.ts'
import type { ServiceRuntime } from './service-runtime.ts'

/** Another replica may have sequenced the events of a partition that this one publishes. */
const REST_MS = 500
/** An acknowledgement costs about the same for one event as for many. */
const GATHER_MS = 40

/** Topics a service publishes on. */
export function streamsOf(service: ServiceRuntime): string[] {
  return [...new Set((service.definition.publishes ?? []).map((one) => one.topic))]
}

/** Starts a loop for each stream of the service. `owns` says which partitions this process publishes. */
export function startPublishing(
  service: ServiceRuntime,
  kafka: KafkaCarrier,
  owns: (stream: string, part: number) => boolean = () => true,
): Promise<void>[] {
  const { signals, log, metrics } = service.parts
  return streamsOf(service).map(async (stream) => {
    const publisher = kafka.publisher({ db: service.database, stream, owns, log })
    await runLoop({
      name: `${service.service}.publisher.${stream}`,
      signals,
      wakeUp: `stream:${stream}`,
      stop: service.stopSignal,
      log,
      step: async () => {
        const { published, more } = await publisher.step()
        if (published > 0) metrics.published.inc({ service: service.service, stream }, published)
        return more ? 0 : REST_MS
      },
      gatherMs: GATHER_MS,
    })
    await publisher.close()
  })
}

/** Sets the gauges of what is not yet published. */
export async function measurePublishing(metrics: Metrics, service: ServiceRuntime): Promise<void> {
  const streams = streamsOf(service)
  if (!service.parts.kafka || streams.length === 0) return
  for (const { stream, events, seconds } of await unpublished(service.database, streams)) {
    metrics.unpublished.set({ service: service.service, stream }, events)
    metrics.unpublishedSeconds.set({ service: service.service, stream }, seconds)
  }
}

/** The check that Kafka holds every event of the service. */
export function publishingChecks(service: ServiceRuntime): BookCheck[] {
  const { kafka } = service.parts
  const streams = streamsOf(service)
  if (!kafka || streams.length === 0) return []
  return [
    bookCheck('every event is published to Kafka', () =>
      publishedCheck(
        service.database,
        streams.map((stream) => kafka.source(stream)),
      ),
    ),
  ]
}
