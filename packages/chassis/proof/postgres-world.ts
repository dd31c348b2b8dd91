/** A world on PostgreSQL: the databases of a producer and of a consumer, with the proofs' own tables in them. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { Type } from 'typebox'
import { event, object, type EventContract } from '../contract.ts'
import { Database, type ConnectionSettings } from '../database/database.ts'
import { provisionFromTemplate, type ServerAccess } from '../database/provision.ts'
import { sql, type Tx } from '../database/sql.ts'
import { openStreams, PostgresConsumerStore, PostgresSequencer, PostgresSource } from '../events/postgres-streams.ts'
import { PostgresMoments } from '../moments/postgres-moments.ts'
import type { Timer } from '../service.ts'
import type { Books, Connection, Effect, World } from './world.ts'

const NO_MIGRATIONS = join(import.meta.dirname, 'no-migrations')

/** The event of the proofs, on a stream of one's choice. */
export function changedOn(stream: string): EventContract {
  return event('Changed', {
    summary: 'An aggregate changed.',
    topic: stream,
    version: 1,
    key: 'key',
    data: object({ key: Type.String(), n: Type.Integer() }),
  })
}

/** Where a world's databases are. Serializable, so that a process of its own can go there. */
export interface WorldAddress {
  readonly producer: ConnectionSettings
  readonly consumer: ConnectionSettings
}

/** Makes the two databases of a world. */
export async function provisionWorld(server: ServerAccess): Promise<WorldAddress> {
  const suffix = randomBytes(6).toString('hex')
  const address = {
    producer: await provisionFromTemplate(server, 'producer', NO_MIGRATIONS, suffix),
    consumer: await provisionFromTemplate(server, 'consumer', NO_MIGRATIONS, suffix),
  }
  await once(address.producer, 'CREATE TABLE aggregates (key text PRIMARY KEY, n integer NOT NULL)')
  await once(
    address.consumer,
    'CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, by text NOT NULL, key text NOT NULL, n integer NOT NULL, part smallint, seq bigint)',
  )
  // A deadlock costs so long; the proofs make many.
  for (const { database } of [address.producer, address.consumer])
    await once({ ...server, user: server.superuser, database: 'postgres' }, `ALTER DATABASE "${database}" SET deadlock_timeout = '20ms'`)
  return address
}

async function once(connection: ConnectionSettings, text: string): Promise<void> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** Ends server processes at work in a world's databases, chosen by `choose`, as an administrator would. */
export class Terminator {
  readonly #client: pg.Client
  readonly #databases: readonly string[]

  constructor(server: ServerAccess, address: WorldAddress) {
    this.#client = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.superuser,
      password: server.password,
      database: 'postgres',
    })
    this.#databases = [address.producer.database, address.consumer.database]
  }

  async connect(): Promise<void> {
    await this.#client.connect()
  }

  /** Terminates one backend that has a transaction open; answers whether there was one. */
  async strike(choose: (count: number) => number): Promise<boolean> {
    const busy = await this.#client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = ANY($1) AND state <> 'idle' ORDER BY pid`,
      [this.#databases],
    )
    const victim = busy.rows[choose(busy.rows.length)]
    if (!victim) return false
    const killed = await this.#client.query<{ gone: boolean }>('SELECT pg_terminate_backend($1) AS gone', [victim.pid])
    return killed.rows[0]?.gone === true
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

export class PostgresWorld implements World<Tx> {
  readonly producer: Database
  readonly consumer: Database
  readonly #streams: readonly string[]

  constructor(address: WorldAddress, streams: readonly string[], connectionsMax = 12) {
    this.producer = new Database(address.producer, { connectionsMax })
    this.consumer = new Database(address.consumer, { connectionsMax })
    this.#streams = streams
  }

  /** Empties the databases and opens the streams. */
  async reset(): Promise<void> {
    const empty = async (database: Database, tables: readonly string[]) => {
      for (const table of tables) await database.run({ text: `DELETE FROM ${table}`, values: [] })
    }
    await empty(this.producer, ['aggregates', 'chassis.outbox', 'chassis.stream_log', 'chassis.stream_head'])
    await empty(this.consumer, ['effects', 'chassis.consumer_position', 'chassis.parked', 'chassis.moments'])
    await this.open()
  }

  async open(): Promise<void> {
    await openStreams(this.producer, this.#streams)
  }

  connect(): Connection<Tx> {
    const { producer, consumer } = this
    const timers = new Map<string, Timer>()
    const timerOf = (name: string) =>
      timers.get(name) ?? (timers.set(name, { kind: 'timer', name, run: async () => {} }).get(name) as Timer)
    return {
      sequencer: new PostgresSequencer(producer),
      source: (stream) => new PostgresSource(producer, stream),
      consumers: new PostgresConsumerStore(consumer),
      moments: new PostgresMoments(consumer),
      produce: (work) => producer.transaction(work),
      bump: async (tx, key) =>
        (
          await tx.one<{ n: number }>(
            sql`INSERT INTO aggregates (key, n) VALUES (${key}, 1) ON CONFLICT (key) DO UPDATE SET n = aggregates.n + 1 RETURNING n`,
          )
        ).n,
      publish: (tx, stream, key, n) => tx.publish(changedOn(stream), { key, n }),
      schedule: (tx, name, key, delaySeconds, data) => tx.schedule(timerOf(name), key, delaySeconds, data),
      unschedule: (tx, name, key) => tx.unschedule(timerOf(name), key),
      note: async (tx, { by, key, n, part, seq }) => {
        await tx.run(sql`INSERT INTO effects (by, key, n, part, seq) VALUES (${by}, ${key}, ${n}, ${part ?? null}, ${seq ?? null})`)
      },
    }
  }

  /** Moments that somebody works on stay where they are: waiting for them while others wait for us would be a deadlock of the clock's. */
  async advance(seconds: number): Promise<void> {
    await this.consumer.run(sql`
      UPDATE chassis.moments m SET due_at = due_at - make_interval(secs => ${seconds}::float8), leased_until = leased_until - make_interval(secs => ${seconds}::float8)
      FROM (SELECT name, key FROM chassis.moments FOR UPDATE SKIP LOCKED) AS free WHERE (m.name, m.key) = (free.name, free.key)`)
  }

  async books(): Promise<Books> {
    const taken = await snapshot(this.consumer, async (tx) => ({
      positions: await tx.rows<Books['positions'][number]>(
        sql`SELECT consumer, stream, part, last_seq AS "lastSeq" FROM chassis.consumer_position`,
      ),
      effects: await tx.rows<Effect>(sql`SELECT by, key, n, part, seq FROM effects ORDER BY id`),
      parked: await tx.rows<Books['parked'][number]>(sql`SELECT consumer, part, seq, key, (data->>'n')::int AS n FROM chassis.parked`),
      moments: await tx.rows<Books['moments'][number]>(sql`SELECT name, key FROM chassis.moments`),
    }))
    const given = await snapshot(this.producer, async (tx) => ({
      aggregates: new Map((await tx.rows<{ key: string; n: number }>(sql`SELECT key, n FROM aggregates`)).map((row) => [row.key, row.n])),
      outbox: await tx.rows<Books['outbox'][number]>(sql`SELECT key, (data->>'n')::int AS n FROM chassis.outbox ORDER BY id`),
      log: await tx.rows<Books['log'][number]>(
        sql`SELECT stream, part, seq, key, (data->>'n')::int AS n FROM chassis.stream_log ORDER BY part, seq`,
      ),
      heads: await tx.rows<Books['heads'][number]>(sql`SELECT stream, part, next_seq AS "nextSeq" FROM chassis.stream_head`),
    }))
    return { ...taken, ...given }
  }

  async close(): Promise<void> {
    await this.producer.close()
    await this.consumer.close()
  }
}

function snapshot<T>(database: Database, look: (tx: Tx) => Promise<T>): Promise<T> {
  return database.transaction(async (tx) => {
    await tx.run({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', values: [] })
    return look(tx)
  })
}
