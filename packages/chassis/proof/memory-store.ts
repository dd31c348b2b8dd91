/** The event ports over a database in memory. Held to the same suite as PostgreSQL. */
import { PARTITIONS } from '../contract.ts'
import { partitionOf } from '../events/partition.ts'
import type { ConsumerStore, LogRecord, Move, Position, SequencerStore, StreamSource } from '../events/ports.ts'
import { failPoint } from '../fail-point.ts'
import { traceparentFor } from '../telemetry/trace.ts'
import type { MemoryDatabase, MemoryTx, Session } from './memory-database.ts'

export type Outgoing = Omit<LogRecord, 'seq' | 'incarnation'> & { readonly id: number }

export interface Head {
  readonly stream: string
  readonly part: number
  readonly incarnation: string
  readonly nextSeq: number
}

export interface StoredPosition extends Position {
  readonly consumer: string
  readonly stream: string
}

export type Parked = LogRecord & { readonly consumer: string; readonly error: string }

/** Makes the heads of a producer's streams. */
export function openMemoryStreams(database: MemoryDatabase, streams: readonly string[]): void {
  const heads = new Map<string, object>()
  for (const stream of streams)
    for (let part = 0; part < PARTITIONS; part++)
      if (!database.table('heads').has(`${stream}/${part}`))
        heads.set(`${stream}/${part}`, { stream, part, incarnation: database.newId(), nextSeq: 1 } satisfies Head)
  database.apply(new Map([['heads', heads]]))
}

/** Publishes with the commit. The place in the outbox is taken before the commit takes effect, so commits may overtake each other. */
export function publishInMemory(database: MemoryDatabase, tx: MemoryTx, stream: string, key: string, data: unknown): void {
  const traceparent = traceparentFor(key) ?? null
  tx.atCommit(() => {
    const id = database.nextIdentity()
    const occurredAt = new Date(tx.begunAt * 1000)
    tx.put('outbox', String(id), {
      id,
      stream,
      part: partitionOf(key),
      key,
      eventId: database.newId(),
      type: 'Changed',
      version: 1,
      data,
      traceparent,
      occurredAt,
    } satisfies Outgoing)
  })
}

export class MemorySequencer implements SequencerStore {
  readonly #database: MemoryDatabase
  readonly #session: Session

  constructor(database: MemoryDatabase, session: Session) {
    this.#database = database
    this.#session = session
  }

  sequence(limit: number): Promise<{ moved: number; streams: readonly string[] }> {
    return this.#database.transaction(this.#session, async (tx) => {
      await tx.statement()
      const heads = [...tx.rows<Head>('heads').keys()].sort()
      for (const head of heads) await tx.lock('heads', head)
      failPoint('sequencer.after-lock')
      await tx.statement()
      const taken = [...tx.rows<Outgoing>('outbox').values()]
        .filter((one) => tx.get('heads', `${one.stream}/${one.part}`))
        .sort((a, b) => a.id - b.id)
      const streams = new Set<string>()
      for (const { id, ...one } of taken.slice(0, limit)) {
        const head = tx.get('heads', `${one.stream}/${one.part}`) as Head
        const record: LogRecord = { ...one, seq: head.nextSeq, incarnation: head.incarnation }
        tx.put('outbox', String(id), null)
        tx.put('log', `${one.stream}/${one.part}/${head.nextSeq}`, record)
        tx.put('heads', `${one.stream}/${one.part}`, { ...head, nextSeq: head.nextSeq + 1 } satisfies Head)
        streams.add(one.stream)
      }
      failPoint('sequencer.before-commit')
      return { moved: Math.min(taken.length, limit), streams: [...streams] }
    })
  }
}

export class MemorySource implements StreamSource {
  readonly stream: string
  readonly #database: MemoryDatabase
  readonly #session: Session

  constructor(database: MemoryDatabase, session: Session, stream: string) {
    this.#database = database
    this.#session = session
    this.stream = stream
  }

  async read(after: ReadonlyMap<number, number>, limit: number): Promise<LogRecord[]> {
    await this.#session.wait(() => true, 0)
    const log = this.#database.table<LogRecord>('log')
    const share = Math.ceil(limit / after.size)
    return [...after].flatMap(([part, last]) => {
      const head = this.#database.table<Head>('heads').get(`${this.stream}/${part}`)
      const found: LogRecord[] = []
      for (let seq = last + 1; seq < (head?.nextSeq ?? 0) && found.length < share; seq++) {
        const record = log.get(`${this.stream}/${part}/${seq}`)
        if (record) found.push(record)
      }
      return found
    })
  }

  async heads(): Promise<Map<number, number>> {
    await this.#session.wait(() => true, 0)
    const own = [...this.#database.table<Head>('heads').values()].filter((one) => one.stream === this.stream)
    return new Map(own.map((one) => [one.part, one.nextSeq - 1]))
  }
}

export class MemoryConsumerStore implements ConsumerStore<MemoryTx> {
  readonly #database: MemoryDatabase
  readonly #session: Session

  constructor(database: MemoryDatabase, session: Session) {
    this.#database = database
    this.#session = session
  }

  async positions(consumer: string, stream: string): Promise<Position[]> {
    await this.#session.wait(() => true, 0)
    const made = Array.from(
      { length: PARTITIONS },
      (_, part) => [`${consumer}/${stream}/${part}`, { consumer, stream, part, incarnation: null, lastSeq: 0 }] as const,
    )
    const stored = this.#database.table<StoredPosition>('positions')
    this.#database.apply(new Map([['positions', new Map(made.filter(([key]) => !stored.has(key)))]]))
    return made.map(([key]) => stored.get(key) as StoredPosition).map(({ part, incarnation, lastSeq }) => ({ part, incarnation, lastSeq }))
  }

  transaction<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T> {
    return this.#database.transaction(this.#session, work)
  }

  async advance(tx: MemoryTx, consumer: string, stream: string, moves: readonly Move[]): Promise<boolean> {
    await tx.statement()
    const inOrder = [...moves].sort((a, b) => a.part - b.part)
    for (const { part } of inOrder) await tx.lock('positions', `${consumer}/${stream}/${part}`)
    let moved = 0
    for (const { part, incarnation, from, to } of inOrder) {
      const key = `${consumer}/${stream}/${part}`
      const at = tx.get<StoredPosition>('positions', key)
      if (at?.lastSeq !== from || (at.incarnation !== null && at.incarnation !== incarnation)) continue
      tx.put('positions', key, { consumer, stream, part, incarnation, lastSeq: to } satisfies StoredPosition)
      moved++
    }
    return moved === moves.length
  }

  pass(consumer: string, stream: string, moves: readonly Move[], keys: readonly string[]): Promise<boolean> {
    return this.transaction(
      async (tx) => (await this.parkedKeys(tx, consumer, stream, keys)).size === 0 && (await this.advance(tx, consumer, stream, moves)),
    )
  }

  async parkedKeys(tx: MemoryTx, consumer: string, stream: string, keys: readonly string[]): Promise<Set<string>> {
    await tx.statement()
    return new Set(
      this.#parked(tx, consumer, stream)
        .map((one) => one.key)
        .filter((key) => keys.includes(key)),
    )
  }

  async park(tx: MemoryTx, consumer: string, records: readonly LogRecord[], error: string): Promise<void> {
    for (const record of records) {
      await tx.statement()
      const key = `${consumer}/${record.stream}/${record.part}/${record.seq}`
      if (!tx.get('parked', key)) tx.put('parked', key, { ...record, consumer, error } satisfies Parked)
    }
  }

  savepoint<T>(tx: MemoryTx, work: () => Promise<T>): Promise<T> {
    return tx.savepoint(work)
  }

  async countParked(consumer: string, stream: string): Promise<{ keys: number; events: number }> {
    await this.#session.wait(() => true, 0)
    const parked = [...this.#database.table<Parked>('parked').values()].filter((one) => one.consumer === consumer && one.stream === stream)
    return { keys: new Set(parked.map((one) => one.key)).size, events: parked.length }
  }

  async fence(tx: MemoryTx, consumer: string, stream: string, part: number): Promise<void> {
    await tx.statement()
    await tx.lock('positions', `${consumer}/${stream}/${part}`)
  }

  async parkedOf(tx: MemoryTx, consumer: string, stream: string, key: string): Promise<LogRecord[]> {
    await tx.statement()
    return this.#parked(tx, consumer, stream)
      .filter((one) => one.key === key)
      .sort((a, b) => a.seq - b.seq)
  }

  async unpark(tx: MemoryTx, consumer: string, record: LogRecord): Promise<void> {
    await tx.statement()
    tx.put('parked', `${consumer}/${record.stream}/${record.part}/${record.seq}`, null)
  }

  #parked(tx: MemoryTx, consumer: string, stream: string): Parked[] {
    return [...tx.rows<Parked>('parked').values()].filter((one) => one.consumer === consumer && one.stream === stream)
  }
}
