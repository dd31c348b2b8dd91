/**
 * What the event machinery needs of a store. PostgreSQL implements it (postgres-*.ts); so does a fake in memory for
 * the simulation, held to the same suite. A second carrier (Kafka) is a second `StreamSource`.
 */

/** An event at its place in a stream. Identity on every carrier: (incarnation, stream, part, seq). */
export interface LogRecord {
  readonly stream: string
  readonly part: number
  readonly seq: number
  readonly incarnation: string
  readonly key: string
  readonly eventId: string
  readonly type: string
  readonly version: number
  readonly data: unknown
  readonly traceparent: string | null
  readonly occurredAt: Date
}

/** Moves events from the outbox to the stream. Any number of rivals may do so at once: the row lock on the stream's head serialises them. */
export interface SequencerStore {
  /** Moves up to `limit` events in one transaction; answers the streams that grew and how many events moved. */
  sequence(limit: number): Promise<{ moved: number; streams: readonly string[] }>
}

/** A record that is there but cannot be made out, now or later: whoever reads it halts. Neither parked (its key is not known) nor passed over. */
export class UnreadableRecord extends Error {}

/** A producer's stream, read in order. */
export interface StreamSource {
  readonly stream: string
  /** Records after the given sequence number of each partition, ordered within each, about `limit` in all, shared fairly. Throws: `UnreadableRecord` when nothing but one is left to read. */
  read(after: ReadonlyMap<number, number>, limit: number): Promise<LogRecord[]>
  /** Last sequence number of each partition. */
  heads(): Promise<Map<number, number>>
}

/** How far a consumer has come in one partition. `incarnation` is null before the first event. */
export interface Position {
  readonly part: number
  readonly incarnation: string | null
  readonly lastSeq: number
}

export interface Move {
  readonly part: number
  readonly incarnation: string
  readonly from: number
  readonly to: number
}

/** The consumer's side: positions, parked events, transactions. */
export interface ConsumerStore<Tx> {
  positions(consumer: string, stream: string): Promise<Position[]>
  /** One transaction: what `work` does commits with the positions it moved, or nothing does. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Moves positions by compare-and-set; false when any of them is not where the move begins: roll back. Must be the transaction's first statement. */
  advance(tx: Tx, consumer: string, stream: string, moves: readonly Move[]): Promise<boolean>
  /**
   * Moves positions past events that have no effect, in one statement; false when any was not where its move begins. None moves when one of
   * `keys` has parked events.
   */
  pass(consumer: string, stream: string, moves: readonly Move[], keys: readonly string[]): Promise<boolean>
  /** Which of `keys` have parked events: their later events are parked behind them. */
  parkedKeys(tx: Tx, consumer: string, stream: string, keys: readonly string[]): Promise<Set<string>>
  park(tx: Tx, consumer: string, records: readonly LogRecord[], error: string): Promise<void>
  savepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T>
  /** Keys and events parked by this consumer. */
  countParked(consumer: string, stream: string): Promise<{ keys: number; events: number }>
  /** Keeps the consumer from moving in a partition until this transaction ends. */
  fence(tx: Tx, consumer: string, stream: string, part: number): Promise<void>
  /** Parked events of a key in order, locked. */
  parkedOf(tx: Tx, consumer: string, stream: string, key: string): Promise<LogRecord[]>
  unpark(tx: Tx, consumer: string, record: LogRecord): Promise<void>
}
