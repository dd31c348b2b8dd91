/** An event as a record of Kafka, and back. Its place in the stream stands in headers. */
import { UnreadableRecord, type LogRecord } from '../events/ports.ts'
import type { Decode, Encode, Kind } from './schemas.ts'

/** A record of a log as the library reads it. */
export interface RawRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[]
}

/** What is handed to the library to be sent. */
export interface OutgoingRecord {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: Map<Buffer, Buffer>
}

const NAMES = {
  incarnation: Buffer.from('incarnation'),
  seq: Buffer.from('seq'),
  eventId: Buffer.from('event-id'),
  type: Buffer.from('type'),
  version: Buffer.from('version'),
  traceparent: Buffer.from('traceparent'),
  occurredAt: Buffer.from('occurred-at'),
}
/** Bytes a record costs beside its key, value and header values: names of headers, lengths, deltas. */
const RECORD_OVERHEAD_BYTES = 120

/** Puts an event into a record of `topic`. */
export function toWire(record: LogRecord, topic: string, encode: Encode): OutgoingRecord {
  const headers = new Map([
    [NAMES.incarnation, Buffer.from(record.incarnation)],
    [NAMES.seq, Buffer.from(String(record.seq))],
    [NAMES.eventId, Buffer.from(record.eventId)],
    [NAMES.type, Buffer.from(record.type)],
    [NAMES.version, Buffer.from(String(record.version))],
    [NAMES.occurredAt, Buffer.from(record.occurredAt.toISOString())],
  ])
  if (record.traceparent !== null) headers.set(NAMES.traceparent, Buffer.from(record.traceparent))
  return { topic, partition: record.part, key: Buffer.from(record.key), value: encode(record.data), headers }
}

/** Upper bound of what a record takes in a batch. */
export function sizeOf(record: OutgoingRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + record.key.length + record.value.length
  for (const value of record.headers.values()) bytes += value.length
  return bytes
}

/** The sequence number of a record; 0 when it has none, which no event has. */
export function seqOf(raw: RawRecord): number {
  const seq = Number(headerOf(raw, NAMES.seq)?.toString('latin1') ?? 0)
  return Number.isSafeInteger(seq) && seq > 0 ? seq : 0
}

/** What kind of event a record holds. Throws: `UnreadableRecord`. */
export function kindOf(raw: RawRecord, topic: string): Kind {
  return { topic, type: textOf(raw, NAMES.type), version: Number(textOf(raw, NAMES.version)) }
}

/** The value of a record. Throws: `UnreadableRecord` when it has none. */
export function valueOf(raw: RawRecord): Buffer {
  if (raw.value === null) throw new UnreadableRecord('a record without a value')
  return raw.value
}

/** Takes an event out of a record. Throws: `UnreadableRecord`. */
export function fromWire(raw: RawRecord, stream: string, part: number, decode: Decode): LogRecord {
  const occurredAt = new Date(textOf(raw, NAMES.occurredAt))
  if (Number.isNaN(occurredAt.getTime())) throw new UnreadableRecord('a record that does not say when its event occurred')
  return {
    stream,
    part,
    seq: seqOf(raw),
    incarnation: textOf(raw, NAMES.incarnation),
    key: raw.key?.toString() ?? '',
    eventId: textOf(raw, NAMES.eventId),
    type: textOf(raw, NAMES.type),
    version: Number(textOf(raw, NAMES.version)),
    data: decoded(raw, decode),
    traceparent: headerOf(raw, NAMES.traceparent)?.toString('latin1') ?? null,
    occurredAt,
  }
}

function decoded(raw: RawRecord, decode: Decode): unknown {
  try {
    return decode(valueOf(raw))
  } catch (cause) {
    if (cause instanceof UnreadableRecord) throw cause
    throw new UnreadableRecord(`a value that is not as its schema says: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

function textOf(raw: RawRecord, name: Buffer): string {
  const value = headerOf(raw, name)
  if (!value) throw new UnreadableRecord(`a record without the header '${name.toString()}'`)
  return value.toString('latin1')
}

function headerOf(raw: RawRecord, name: Buffer): Buffer | undefined {
  for (const [own, value] of raw.headers) if (own !== null && value !== null && own.equals(name)) return value
  return undefined
}
