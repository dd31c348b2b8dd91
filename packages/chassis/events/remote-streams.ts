/** Streams of services in other processes, read from their databases by a login that may read nothing else. */
import { Database, type ConnectionSettings } from '../database/database.ts'
import type { Signals } from '../signals.ts'
import { Ears } from './ears.ts'
import { Fault } from '../fault.ts'
import type { LogRecord, StreamSource } from './ports.ts'
import { PostgresSource } from './postgres-streams.ts'

/** A service elsewhere: the streams it publishes, and how they are read. */
export interface RemotePublisher {
  readonly streams: readonly string[]
  readonly connection: ConnectionSettings
}

const CONNECTIONS_MAX = 2

interface Opened {
  readonly database: Database
  readonly ears: Ears
}

/** Connects to a publisher when one of its streams is first asked for. */
export class RemoteStreams {
  readonly #publisherOf: ReadonlyMap<string, RemotePublisher>
  readonly #signals: Signals
  readonly #opened = new Map<RemotePublisher, Opened>()
  readonly #sources = new Map<string, StreamSource>()
  #closed = false

  constructor(publishers: readonly RemotePublisher[], signals: Signals) {
    this.#publisherOf = new Map(publishers.flatMap((one) => one.streams.map((stream) => [stream, one])))
    this.#signals = signals
  }

  /** Where a stream is read; undefined when none of these publishes it. */
  source(stream: string): StreamSource | undefined {
    const publisher = this.#publisherOf.get(stream)
    if (!publisher || this.#closed) return undefined
    const source = this.#sources.get(stream) ?? new PatientSource(new PostgresSource(this.#open(publisher).database, stream))
    this.#sources.set(stream, source)
    return source
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#opened.values()].flatMap(({ database, ears }) => [ears.close(), database.close()]))
  }

  #open(publisher: RemotePublisher): Opened {
    const { connection } = publisher
    const opened = this.#opened.get(publisher) ?? {
      database: new Database(connection, { connectionsMax: CONNECTIONS_MAX }),
      ears: new Ears(connection, publisher.streams, this.#signals),
    }
    this.#opened.set(publisher, opened)
    return opened
  }
}

/** SQLSTATEs of a database, login, right or table that is not there: its service has not made it yet. */
const NOT_YET = new Set(['3D000', '28000', '28P01', '42501', '3F000', '42P01'])

/** A stream whose service may start later than its readers: until then it is unavailable. */
class PatientSource implements StreamSource {
  readonly #source: StreamSource

  constructor(source: StreamSource) {
    this.#source = source
  }

  get stream(): string {
    return this.#source.stream
  }

  read(after: ReadonlyMap<number, number>, limit: number): Promise<LogRecord[]> {
    return this.#source.read(after, limit).catch(asAway)
  }

  heads(): Promise<Map<number, number>> {
    return this.#source.heads().catch(asAway)
  }
}

function asAway(error: unknown): never {
  const { code } = error as { code?: string }
  throw NOT_YET.has(code ?? '') ? new Fault('unavailable', 'the stream is not there yet', { cause: error }) : error
}
