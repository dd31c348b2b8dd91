/** A world in memory: the databases of a producer and of a consumer. */
import type { LogRecord } from '../events/ports.ts'
import { traceparentFor } from '../telemetry/trace.ts'
import { MemoryDatabase, type MemoryTx, type Session } from './memory-database.ts'
import { MemoryMoments, type Moment, scheduleInMemory, unscheduleInMemory } from './memory-moments.ts'
import {
  type Head,
  MemoryConsumerStore,
  MemorySequencer,
  MemorySource,
  openMemoryStreams,
  type Outgoing,
  type Parked,
  publishInMemory,
  type StoredPosition,
} from './memory-store.ts'
import type { Books, Connection, Effect, World } from './world.ts'

/** Two databases in memory. */
export class MemoryWorld implements World<MemoryTx, Session> {
  readonly producer: MemoryDatabase
  readonly consumer: MemoryDatabase
  readonly #moveClock: (seconds: number) => void

  constructor(streams: readonly string[], clock: { now(): number; advance(seconds: number): void }, newId?: () => string) {
    this.producer = new MemoryDatabase(() => clock.now(), newId)
    this.consumer = new MemoryDatabase(() => clock.now(), newId)
    this.#moveClock = (seconds) => clock.advance(seconds)
    openMemoryStreams(this.producer, streams)
  }

  async advance(seconds: number): Promise<void> {
    this.#moveClock(seconds)
  }

  connect(session: Session): Connection<MemoryTx> {
    const { producer, consumer } = this
    return {
      sequencer: new MemorySequencer(producer, session),
      source: (stream) => new MemorySource(producer, session, stream),
      consumers: new MemoryConsumerStore(consumer, session),
      moments: new MemoryMoments(consumer, session),
      produce: (work) => producer.transaction(session, work),
      bump: async (tx, key) => {
        await tx.statement()
        await tx.lock('aggregates', key)
        const n = (tx.get<{ n: number }>('aggregates', key)?.n ?? 0) + 1
        tx.put('aggregates', key, { n })
        return n
      },
      publish: (tx, stream, key, n) => publishInMemory(producer, tx, stream, key, { key, n }),
      schedule: (tx, name, key, delaySeconds, data) => {
        const traceparent = traceparentFor(key) ?? null
        tx.atCommit(() => scheduleInMemory(consumer, tx, { name, key, data, attempts: 0, traceparent }, delaySeconds))
      },
      unschedule: (tx, name, key) => tx.atCommit(() => unscheduleInMemory(tx, { name, key })),
      note: async (tx, effect) => {
        await tx.statement()
        tx.put('effects', String(consumer.nextIdentity()), effect)
      },
    }
  }

  async books(): Promise<Books> {
    return this.booksNow()
  }

  booksNow(): Books {
    const numbered = (one: { key: string; data: unknown }) => ({ key: one.key, n: (one.data as { n: number }).n })
    return {
      aggregates: new Map([...this.producer.table<{ n: number }>('aggregates')].map(([key, { n }]) => [key, n])),
      outbox: [...this.producer.table<Outgoing>('outbox').values()].map(numbered),
      log: [...this.producer.table<LogRecord>('log').values()]
        .map((one) => ({ ...numbered(one), stream: one.stream, part: one.part, seq: one.seq }))
        .sort((a, b) => a.part - b.part || a.seq - b.seq),
      heads: [...this.producer.table<Head>('heads').values()],
      positions: [...this.consumer.table<StoredPosition>('positions').values()],
      effects: [...this.consumer.table<Effect>('effects').values()],
      parked: [...this.consumer.table<Parked>('parked').values()].map((one) => ({
        ...numbered(one),
        consumer: one.consumer,
        part: one.part,
        seq: one.seq,
      })),
      moments: [...this.consumer.table<Moment>('moments').values()].map(({ name, key }) => ({ name, key })),
    }
  }
}
