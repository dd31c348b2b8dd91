/**
 * What the proofs ask of a world to act in: a producer's database and a consumer's, with the ports of the event and
 * moment machinery over them and a little business of their own. One world is in memory, the other is PostgreSQL.
 */
import type { ConsumerStore, SequencerStore, StreamSource } from '../events/ports.ts'
import type { MomentStore } from '../moments/ports.ts'

/** What a consumer's handler, a timer or a task leaves behind. Append-only, so that doing a thing twice shows. */
export interface Effect {
  readonly by: string
  readonly key: string
  readonly n: number
  readonly part?: number
  readonly seq?: number
}

/** One process' way into the databases; what it has open is rolled back when it dies. */
export interface Connection<Tx> {
  readonly sequencer: SequencerStore
  source(stream: string): StreamSource
  readonly consumers: ConsumerStore<Tx>
  readonly moments: MomentStore<Tx>
  /** A transaction of the producer. */
  produce<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Locks the aggregate `key` of the producer, adds one to it and answers the sum: the version its next event carries. */
  bump(tx: Tx, key: string): Promise<number>
  publish(tx: Tx, stream: string, key: string, n: number): void
  schedule(tx: Tx, name: string, key: string, delaySeconds: number, data: unknown): void
  unschedule(tx: Tx, name: string, key: string): void
  /** Writes an effect in a transaction of the consumer. */
  note(tx: Tx, effect: Effect): Promise<void>
}

/** An event as the proofs publish it: the n-th change of the aggregate `key`. */
export interface Numbered {
  readonly key: string
  readonly n: number
}

/** Everything that is committed, for the checks. */
export interface Books {
  /** Version of each aggregate: how many events were ever committed for it. */
  readonly aggregates: ReadonlyMap<string, number>
  readonly outbox: readonly Numbered[]
  /** In the order of part, then seq. */
  readonly log: readonly (Numbered & { readonly stream: string; readonly part: number; readonly seq: number })[]
  readonly heads: readonly { readonly stream: string; readonly part: number; readonly nextSeq: number }[]
  readonly positions: readonly { readonly consumer: string; readonly stream: string; readonly part: number; readonly lastSeq: number }[]
  /** In the order in which they were written. */
  readonly effects: readonly Effect[]
  readonly parked: readonly (Numbered & { readonly consumer: string; readonly part: number; readonly seq: number })[]
  readonly moments: readonly { readonly name: string; readonly key: string }[]
}

/** Where the proofs act. `Session` is what tells one process from another there. */
export interface World<Tx, Session = void> {
  connect(session: Session): Connection<Tx>
  books(): Promise<Books>
  /** Lets the databases' clock go on. */
  advance(seconds: number): Promise<void>
}
