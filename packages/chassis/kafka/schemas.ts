/** Writes events with the schema of their contract, and reads them with the writer's schema resolved to ours. */
import type { EventContract } from '../contract.ts'
import { UnreadableRecord } from '../events/ports.ts'
import { avroSchemaOf, avroText, type AvroSchema } from './avro.ts'
import { AvroCodec } from './avro-codec.ts'
import { NotRegistered, type SchemaRegistry } from './registry.ts'

/** One kind of event on a topic. */
export interface Kind {
  readonly topic: string
  readonly type: string
  readonly version: number
}

export type Encode = (data: unknown) => Buffer
export type Decode = (value: Buffer) => unknown

const WIRE_HEAD_BYTES = 5
const READERS_MAX = 10_000

/** Subject of a kind in the registry. A new version of an event need not fit the one before it, so it is a subject of its own. */
export function subjectOf({ topic, type, version }: Kind): string {
  return version === 1 ? `${topic}-${type}` : `${topic}-${type}.v${version}`
}

export class EventSchemas {
  readonly #registry: SchemaRegistry
  readonly #contracts = new Map<string, EventContract>()
  readonly #own = new Map<string, AvroCodec>()
  readonly #writers = new Map<string, Promise<Encode>>()
  readonly #readers = new Map<string, Decode>()

  constructor(registry: SchemaRegistry) {
    this.#registry = registry
  }

  /** Makes contracts known: their events are written by them, and read as they say. */
  learn(contracts: readonly EventContract[]): void {
    for (const one of contracts) this.#contracts.set(nameOf({ topic: one.topic, type: one.name, version: one.version }), one)
  }

  /** How events of a kind are written; registers their schema first. Throws: faults of the registry. */
  writer(kind: Kind, subject: string): Promise<Encode> {
    const name = nameOf(kind)
    let writer = this.#writers.get(name)
    if (!writer) {
      writer = this.#openWriter(kind, subject)
      this.#writers.set(name, writer)
      writer.catch(() => this.#writers.delete(name))
    }
    return writer
  }

  /** How a value of a kind is read, if its writer's schema was met before. */
  readerAtHand(kind: Kind, value: Buffer): Decode | undefined {
    return this.#readers.get(`${idOf(value)} ${nameOf(kind)}`)
  }

  /** How a value of a kind is read. Throws: `UnreadableRecord` when nobody knows its schema or it does not fit ours; faults of the registry. */
  async reader(kind: Kind, value: Buffer): Promise<Decode> {
    const name = `${idOf(value)} ${nameOf(kind)}`
    const known = this.#readers.get(name)
    if (known) return known
    const decode = await this.#openReader(kind, idOf(value))
    if (this.#readers.size < READERS_MAX) this.#readers.set(name, decode)
    return decode
  }

  async #openWriter(kind: Kind, subject: string): Promise<Encode> {
    const contract = this.#contracts.get(nameOf(kind))
    // Events of an earlier version may still wait in the stream: they are written as they were then.
    const { id, codec } = contract ? await this.#registered(kind, subject) : await this.#latest(subject)
    return (data) => {
      const body = codec.encode(data)
      const value = Buffer.allocUnsafe(WIRE_HEAD_BYTES + body.length)
      value.writeUInt8(0, 0)
      value.writeUInt32BE(id, 1)
      body.copy(value, WIRE_HEAD_BYTES)
      return value
    }
  }

  async #registered(kind: Kind, subject: string): Promise<{ id: number; codec: AvroCodec }> {
    const contract = this.#contracts.get(nameOf(kind)) as EventContract
    return { id: await this.#registry.register(subject, avroText(avroSchemaOf(contract))), codec: this.#codecOf(kind) as AvroCodec }
  }

  async #latest(subject: string): Promise<{ id: number; codec: AvroCodec }> {
    const { id, schema } = await this.#registry.latest(subject)
    return { id, codec: new AvroCodec(JSON.parse(schema) as AvroSchema) }
  }

  async #openReader(kind: Kind, id: number): Promise<Decode> {
    try {
      const written = new AvroCodec(JSON.parse(await this.#registry.schemaOf(id)) as AvroSchema)
      // An event that no contract here describes is nobody's here: it is read as it was written.
      const read = (this.#codecOf(kind) ?? written).readerOf(written)
      return (value) => read(value.subarray(WIRE_HEAD_BYTES))
    } catch (error) {
      if (error instanceof NotRegistered || !isFault(error))
        throw new UnreadableRecord(`schema ${id} of ${nameOf(kind)}: ${messageOf(error)}`, { cause: error })
      throw error
    }
  }

  #codecOf(kind: Kind): AvroCodec | undefined {
    const name = nameOf(kind)
    const contract = this.#contracts.get(name)
    if (!contract) return undefined
    let codec = this.#own.get(name)
    if (!codec) {
      codec = new AvroCodec(avroSchemaOf(contract))
      this.#own.set(name, codec)
    }
    return codec
  }
}

function nameOf({ topic, type, version }: Kind): string {
  return `${topic} ${type} v${version}`
}

function idOf(value: Buffer): number {
  if (value.length < WIRE_HEAD_BYTES || value[0] !== 0) throw new UnreadableRecord('a value that does not begin with the id of its schema')
  return value.readUInt32BE(1)
}

function isFault(error: unknown): boolean {
  return error instanceof Error && error.name === 'Fault'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
