/** Kafka as the carrier of events: the one object that the rest of the house knows of it. */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { StreamSource } from '../events/ports.ts'
import type { ServiceDefinition } from '../service.ts'
import type { Signals } from '../signals.ts'
import { openAdmin, type KafkaAccess } from './client.ts'
import { Fetcher } from './fetcher.ts'
import { Publisher, type PublisherOptions } from './publisher.ts'
import { SchemaRegistry } from './registry.ts'
import { EventSchemas } from './schemas.ts'
import { KafkaSource } from './source.ts'
import { ensureTopics } from './topics.ts'
import { Watch } from './watch.ts'

export interface KafkaOptions {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[]
  /** Address of the registry's Confluent API; may hold a user and a password. */
  readonly registryUrl: string
  readonly clientId: string
  readonly signals: Signals
  readonly tls?: TlsOptions
  readonly sasl?: KafkaAccess['sasl']
  /** In front of the name of every topic, for several shops on one cluster. */
  readonly topicPrefix?: string
  /** How long Kafka keeps events; for ever unless told. A reader further behind than this halts. */
  readonly retentionMs?: number
}

export interface EventPublisher {
  /** Publishes the next batch of each partition; answers how many events became published, and whether more may wait. */
  step(): Promise<{ published: number; more: boolean }>
  close(): Promise<void>
}

export interface KafkaCarrier {
  /** Makes the events of services known: they are written and read as their contracts say. */
  learn(definitions: readonly ServiceDefinition[]): void
  /** Makes the topics that services publish on. Throws: when one has another number of partitions; faults. */
  ensureTopics(definitions: readonly Pick<ServiceDefinition, 'publishes'>[]): Promise<void>
  /** A stream, whoever publishes it. One per stream and process, shared by its readers. */
  source(stream: string): StreamSource
  publisher(options: PublisherOptions): EventPublisher
  close(): Promise<void>
}

const KEEP_FOR_EVER = -1

/** Opens the carrier; brokers are asked when something is wanted of them. */
export function openKafka(options: KafkaOptions): KafkaCarrier {
  const { brokers, clientId, tls, sasl, signals, topicPrefix = '' } = options
  const access: KafkaAccess = { brokers, clientId, ...(tls ? { tls } : {}), ...(sasl ? { sasl } : {}) }
  const schemas = new EventSchemas(new SchemaRegistry(options.registryUrl))
  const fetcher = new Fetcher(access)
  const watch = new Watch(access, signals)
  const sources = new Map<string, KafkaSource>()
  const ensure = async (streams: readonly string[]) => {
    const admin = openAdmin(access)
    try {
      await ensureTopics(
        admin,
        streams.map((one) => topicPrefix + one),
        { retentionMs: options.retentionMs ?? KEEP_FOR_EVER },
      )
    } finally {
      await admin.close().catch(() => {})
    }
  }
  return {
    learn: (definitions) =>
      schemas.learn(definitions.flatMap((one) => [...(one.publishes ?? []), ...(one.consumers ?? []).map(({ event }) => event)])),
    ensureTopics: (definitions) => ensure([...new Set(definitions.flatMap((one) => (one.publishes ?? []).map(({ topic }) => topic)))]),
    source: (stream) => {
      let source = sources.get(stream)
      if (!source) {
        source = new KafkaSource(stream, topicPrefix + stream, { fetcher, watch, schemas, signals })
        sources.set(stream, source)
      }
      return source
    },
    publisher: (own) => new Publisher(own, { access, schemas, topic: topicPrefix + own.stream, ensure: () => ensure([own.stream]) }),
    close: async () => {
      await watch.close()
      await fetcher.close()
    },
  }
}
