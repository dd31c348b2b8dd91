/** The library behind this folder: its clients with our limits, and its errors as ours. Nothing outside of this folder imports it. */
import { Admin, Consumer, Producer } from '@platformatic/kafka'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { Fault } from '../fault.ts'

export interface KafkaAccess {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls?: TlsOptions
  readonly sasl?: { readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; readonly username: string; readonly password: string }
}

const CONNECT_TIMEOUT_MS = 3000
/** A frozen broker is given up after this long. */
const REQUEST_TIMEOUT_MS = 5000
/** The broker's own limit for an acknowledgement: shorter, so that it answers before it is given up. */
const ACK_TIMEOUT_MS = 4000
const METADATA_AGE_MS_MAX = 30_000

function common(access: KafkaAccess) {
  return {
    clientId: access.clientId,
    bootstrapBrokers: [...access.brokers],
    // Our loops try again, from what the database says; the library would only repeat.
    retries: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    timeout: ACK_TIMEOUT_MS,
    metadataMaxAge: METADATA_AGE_MS_MAX,
    autocreateTopics: false,
    ...(access.tls ? { tls: access.tls } : {}),
    ...(access.sasl ? { sasl: access.sasl } : {}),
  }
}

/** A producer of which one batch per partition is awaited: all replicas acknowledge, nothing is repeated by itself. */
export function openProducer(access: KafkaAccess): Producer {
  return quiet(new Producer({ ...common(access), idempotent: false, acks: -1, repeatOnStaleMetadata: false }))
}

/** A client that fetches by offset. It joins no group and commits nothing; the group's name is only asked for. */
export function openConsumer(access: KafkaAccess): Consumer {
  return quiet(new Consumer({ ...common(access), groupId: access.clientId, autocommit: false, isolationLevel: 0 }))
}

/** A client that makes topics. */
export function openAdmin(access: KafkaAccess): Admin {
  return quiet(new Admin(common(access)))
}

// An 'error' event that nobody hears ends the process; whoever asked for something hears of it from his own promise.
function quiet<C extends { on(event: 'error', listener: () => void): unknown }>(client: C): C {
  client.on('error', () => {})
  return client
}

/** Every code in a nest of errors: `OFFSET_OUT_OF_RANGE`, `ECONNREFUSED` … */
export function codesOf(error: unknown): ReadonlySet<string> {
  const codes = new Set<string>()
  const walk = (one: unknown, depth: number): void => {
    if (typeof one !== 'object' || one === null || depth > 8) return
    const { apiId, code, errors, cause } = one as { apiId?: unknown; code?: unknown; errors?: unknown; cause?: unknown }
    if (typeof apiId === 'string') codes.add(apiId)
    else if (typeof code === 'string') codes.add(code)
    if (Array.isArray(errors)) for (const inner of errors) walk(inner, depth + 1)
    walk(cause, depth + 1)
  }
  walk(error, 0)
  if (error instanceof Error && error.message.startsWith('Unknown topic ')) codes.add('UNKNOWN_TOPIC_OR_PARTITION')
  return codes
}

/** A fault of the brokers, which passes: readers and publishers wait and try again. */
export function brokersAway(error: unknown, doing: string): Fault {
  return new Fault('unavailable', `Kafka: ${doing}: ${[...codesOf(error)].join(' ') || String(error)}`, { cause: error })
}
