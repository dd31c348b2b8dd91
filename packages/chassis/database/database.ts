/** A service's own database: pooled connections, named statements, pipelined transactions. */
import pg from 'pg'
import { isRefusal, touchedBy, type EventContract } from '../contract.ts'
import type { Timer, Worker } from '../service.ts'
import type { Static } from 'typebox'
import { newId } from '@stoa/kit/ids.ts'
import { partitionOf } from '../events/partition.ts'
import { failPoint } from '../fail-point.ts'
import { traceparentFor } from '../telemetry/trace.ts'
import type { Db, Statement, Tx } from './sql.ts'

export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** TLS, as `pg` takes it; none without. */
  readonly ssl?: pg.ClientConfig['ssl']
}

export interface DatabaseOptions {
  readonly connectionsMax?: number
  /** Called after a commit that published events. */
  readonly onPublished?: () => void
  /** Called after a commit (also one of unknown outcome) with what it touched; awaited. */
  readonly onTouched?: (things: ReadonlySet<string>) => Promise<void>
  /** Called after a commit with the names of what it scheduled to come soon. */
  readonly onScheduled?: (names: ReadonlySet<string>) => void
}

const CONNECT_TIMEOUT_MS = 5000
const STATEMENT_TIMEOUT_MS = 15_000
const LOCK_TIMEOUT_MS = 2000
const IDLE_IN_TRANSACTION_MS = 5000
/** Whoever waits for moments looks by himself at least this often; only what comes sooner must wake him. */
export const SOON_SECONDS = 5

const TYPES: Readonly<Record<number, (text: string) => unknown>> = { 20: Number, 1082: String }
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => TYPES[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig

/** Thrown when a connection broke while committing: whether it took place is not known. */
export class CommitUnknown extends Error {
  readonly code = 'commit-unknown'
}

export class Database implements Db {
  readonly #pool: pg.Pool
  readonly #options: DatabaseOptions

  constructor(connection: ConnectionSettings, options: DatabaseOptions = {}) {
    this.#options = options
    this.#pool = new pg.Pool({
      ...connection,
      types,
      max: options.connectionsMax ?? 5,
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      allowExitOnIdle: true,
      keepAlive: true,
      pipeline: true,
      options: `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c lock_timeout=${LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
    })
    // A broken connection is replaced at its next use, and whoever was using it hears of it by his own statement. Without
    // listeners it would end the process: the pool's is for idle connections, each client's own for those in use.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  async rows<Row extends object>(statement: Statement): Promise<Row[]> {
    return (await this.#pool.query<Row>(statement)).rows
  }

  async maybe<Row extends object>(statement: Statement): Promise<Row | undefined> {
    return (await this.rows<Row>(statement))[0]
  }

  async one<Row extends object>(statement: Statement): Promise<Row> {
    return exactlyOne(await this.rows<Row>(statement))
  }

  async run(statement: Statement): Promise<number> {
    return (await this.#pool.query(statement)).rowCount ?? 0
  }

  /** Runs `work` in one READ COMMITTED transaction; what it published and scheduled commits with it. A returned refusal rolls back. Throws: what `work` throws, after rolling back. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    const tx = new OpenTransaction(client)
    try {
      return await this.#carryOut(client, tx, work)
    } finally {
      if (tx.ended && tx.touched.size > 0) await this.#options.onTouched?.(tx.touched)
    }
  }

  async #carryOut<T>(client: pg.PoolClient, tx: OpenTransaction, work: (tx: Tx) => Promise<T>): Promise<T> {
    let broken: Error | undefined
    try {
      const begun = client.query('BEGIN')
      begun.catch(() => {})
      const result = await work(tx)
      await begun
      if (isRefusal(result)) {
        await client.query('ROLLBACK')
        return result
      }
      failPoint('transaction.before-commit')
      await tx.commit()
      failPoint('transaction.after-commit')
      if (tx.published) this.#options.onPublished?.()
      if (tx.comingSoon.size > 0) this.#options.onScheduled?.(tx.comingSoon)
      return result
    } catch (error) {
      broken = await rollback(client, error)
      throw error
    } finally {
      client.release(broken)
    }
  }

  /** Like `transaction`, but tried again (3 times) where PostgreSQL asks for that: deadlock or serialization failure. */
  async retriedTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.transaction(work)
      } catch (error) {
        if (attempt >= 3 || !isRetryable(error)) throw error
      }
    }
  }

  get connections(): { total: number; idle: number; waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}

/** Rolls back; answers the error that makes the connection unusable, if one does. */
async function rollback(client: pg.PoolClient, cause: unknown): Promise<Error | undefined> {
  if (cause instanceof CommitUnknown) return cause
  try {
    await client.query('ROLLBACK')
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** Whether PostgreSQL asks to try the same transaction again. */
export function isRetryable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === '40001' || code === '40P01'
}

function exactlyOne<Row>(rows: Row[]): Row {
  if (rows.length !== 1) throw new Error(`expected one row, got ${rows.length}`)
  return rows[0] as Row
}

interface Outgoing {
  readonly event: EventContract
  readonly key: string
  readonly data: unknown
  /** As it is where the event is published: the commit is outside of what caused it, in a batch. */
  readonly traceparent: string | null
}

type Moment = { readonly name: string; readonly key: string } & (
  | { readonly schedule: false }
  | { readonly schedule: true; readonly delaySeconds: number; readonly data: unknown; readonly traceparent: string | null }
)

class OpenTransaction implements Tx {
  readonly touched = new Set<string>()
  /** Whether it was to be committed: from then on it may have taken place. */
  ended = false
  readonly #client: pg.PoolClient
  #outgoing: Outgoing[] = []
  #moments = new Map<string, Moment>()
  #savepoints = 0

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  get published(): boolean {
    return this.#outgoing.length > 0
  }

  get comingSoon(): ReadonlySet<string> {
    return new Set([...this.#moments.values()].filter((one) => one.schedule && one.delaySeconds <= SOON_SECONDS).map((one) => one.name))
  }

  async rows<Row extends object>(statement: Statement): Promise<Row[]> {
    this.#mustBeOpen()
    return (await this.#client.query<Row>(statement)).rows
  }

  async maybe<Row extends object>(statement: Statement): Promise<Row | undefined> {
    return (await this.rows<Row>(statement))[0]
  }

  async one<Row extends object>(statement: Statement): Promise<Row> {
    return exactlyOne(await this.rows<Row>(statement))
  }

  async run(statement: Statement): Promise<number> {
    this.#mustBeOpen()
    return (await this.#client.query(statement)).rowCount ?? 0
  }

  publish<E extends EventContract>(event: E, data: Static<E['data']>): void {
    this.#mustBeOpen()
    const key = (data as Record<string, unknown>)[event.key]
    if (typeof key !== 'string') throw new TypeError(`${event.name} has no key '${event.key}'`)
    this.#outgoing.push({ event, key, data, traceparent: traceparentFor(key) ?? null })
    this.touch(touchedBy(event, data))
  }

  touch(things: Iterable<string>): void {
    this.#mustBeOpen()
    for (const thing of things) this.touched.add(thing)
  }

  schedule(what: Timer | Worker, key: string, delaySeconds: number, data: unknown = null): void {
    this.#mustBeOpen()
    const traceparent = traceparentFor(key) ?? null
    this.#moments.set(`${what.name}\0${key}`, { name: what.name, key, schedule: true, delaySeconds, data, traceparent })
  }

  unschedule(what: Timer | Worker, key: string): void {
    this.#mustBeOpen()
    this.#moments.set(`${what.name}\0${key}`, { name: what.name, key, schedule: false })
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const name = `s${++this.#savepoints}`
    const before = { outgoing: this.#outgoing.length, moments: new Map(this.#moments) }
    await this.#client.query(`SAVEPOINT ${name}`)
    try {
      const result = await work()
      await this.#client.query(`RELEASE ${name}`)
      return result
    } catch (error) {
      this.#outgoing.length = before.outgoing
      this.#moments = before.moments
      await this.#client.query(`ROLLBACK TO ${name}`)
      throw error
    }
  }

  /** Writes what is going out and commits, in one round trip. */
  async commit(): Promise<void> {
    this.#mustBeOpen()
    this.ended = true
    const written = [this.#writeOutbox(), ...this.#writeMoments()]
    const committed = this.#client.query('COMMIT').catch((error: Error & { code?: string }) => {
      throw error.code && /^[0-9A-Z]{5}$/.test(error.code) && !error.code.startsWith('57P')
        ? error
        : new CommitUnknown(error.message, { cause: error })
    })
    const [result] = await Promise.all([committed, ...written])
    // PostgreSQL answers ROLLBACK to a COMMIT of a failed transaction.
    if (result.command !== 'COMMIT') throw new Error('the transaction was rolled back')
  }

  #writeOutbox(): Promise<unknown> {
    if (this.#outgoing.length === 0) return Promise.resolve()
    const out = this.#outgoing
    return this.#client.query({
      name: 'chassis-outbox',
      text: `INSERT INTO chassis.outbox (stream, part, key, event_id, type, version, data, traceparent)
        SELECT stream, part, key, event_id, type, version, data, traceparent
        FROM unnest($1::text[], $2::smallint[], $3::text[], $4::uuid[], $5::text[], $6::smallint[], $7::json[], $8::text[]) WITH ORDINALITY
        AS o(stream, part, key, event_id, type, version, data, traceparent, n) ORDER BY n`,
      values: [
        out.map((one) => one.event.topic),
        out.map((one) => partitionOf(one.key)),
        out.map((one) => one.key),
        out.map(() => newId()),
        out.map((one) => one.event.name),
        out.map((one) => one.event.version),
        out.map((one) => JSON.stringify(one.data)),
        out.map((one) => one.traceparent),
      ],
    })
  }

  #writeMoments(): Promise<unknown>[] {
    const moments = [...this.#moments.values()]
    const set = moments.filter((one) => one.schedule)
    const taken = moments.filter((one) => !one.schedule)
    const writes: Promise<unknown>[] = []
    if (taken.length > 0)
      writes.push(
        this.#client.query({
          name: 'chassis-unschedule',
          text: 'DELETE FROM chassis.moments m USING unnest((SELECT $1)::text[], $2::text[]) AS t(name, key) WHERE m.name = t.name AND m.key = t.key AND m.lease IS NULL',
          values: [taken.map((one) => one.name), taken.map((one) => one.key)],
        }),
      )
    if (set.length > 0)
      writes.push(
        this.#client.query({
          name: 'chassis-schedule',
          text: `INSERT INTO chassis.moments (name, key, due_at, data, traceparent)
            SELECT name, key, clock_timestamp() + make_interval(secs => delay), data, traceparent
            FROM unnest($1::text[], $2::text[], $3::float8[], $4::json[], $5::text[]) AS t(name, key, delay, data, traceparent)
            ON CONFLICT (name, key) DO UPDATE SET due_at = excluded.due_at, data = excluded.data, generation = moments.generation + 1, attempts = 0,
              traceparent = coalesce(excluded.traceparent, moments.traceparent)`,
          values: [
            set.map((one) => one.name),
            set.map((one) => one.key),
            set.map((one) => one.delaySeconds),
            set.map((one) => JSON.stringify(one.data ?? null)),
            set.map((one) => one.traceparent),
          ],
        }),
      )
    return writes
  }

  #mustBeOpen(): void {
    if (this.ended) throw new Error('the transaction has ended')
  }
}
