import { createLookup, oncePer } from '../batcher.ts'
import { sql, type Tx } from '../database/sql.ts'
import type { Database } from '../database/database.ts'
import type { ClaimedTask, DueMoment, Finish, MomentStore } from './ports.ts'

/** Ends the tasks that one transaction finishes in one moment; knows those that are over. */
const ending = oncePer((tx: Tx) =>
  createLookup(async (tasks: ClaimedTask[]) => {
    const gone = await tx.rows<{ lease: string }>(sql`
      DELETE FROM chassis.moments m
      USING unnest((SELECT ${tasks.map((one) => one.name)})::text[], ${tasks.map((one) => one.key)}::text[], ${tasks.map((one) => one.lease)}::uuid[],
        ${tasks.map((one) => one.generation)}::bigint[]) AS t(name, key, lease, generation)
      WHERE m.name = t.name AND m.key = t.key AND m.lease = t.lease AND m.generation = t.generation RETURNING m.lease`)
    const leases = new Set(gone.map((one) => one.lease))
    return new Map(tasks.filter((one) => leases.has(one.lease)).map((one) => [one, true as const]))
  }),
)

/** Timers and tasks as rows of the service's own database. */
export class PostgresMoments implements MomentStore<Tx> {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async secondsUntilNext(names: readonly string[]): Promise<number | undefined> {
    const row = await this.#database.one<{ seconds: number | null }>(sql`
      SELECT extract(epoch FROM min(greatest(due_at, leased_until)) - clock_timestamp())::float8 AS seconds FROM chassis.moments WHERE name = ANY(${names}::text[])`)
    return row.seconds === null ? undefined : Math.max(0, row.seconds)
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#database.transaction(work)
  }

  savepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
    return tx.savepoint(work)
  }

  async takeDue(tx: Tx, names: readonly string[], limit: number): Promise<DueMoment[]> {
    return tx.rows<DueMoment>(sql`
      DELETE FROM chassis.moments WHERE (name, key) IN (
        SELECT name, key FROM chassis.moments WHERE name = ANY(${names}::text[]) AND due_at <= now() ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) RETURNING name, key, data, attempts, traceparent`)
  }

  async postpone(tx: Tx, moment: DueMoment, seconds: number, error: string): Promise<void> {
    await tx.run(sql`
      INSERT INTO chassis.moments (name, key, due_at, data, attempts, last_error, traceparent)
      VALUES (${moment.name}, ${moment.key}, clock_timestamp() + make_interval(secs => ${seconds}::float8), ${JSON.stringify(moment.data)}::json, ${moment.attempts + 1}, ${error}, ${moment.traceparent})
      ON CONFLICT DO NOTHING`)
  }

  async claim(name: string, limit: number, leaseSeconds: number): Promise<ClaimedTask[]> {
    return this.#database.rows<ClaimedTask>(sql`
      UPDATE chassis.moments SET lease = gen_random_uuid(), leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}::float8), attempts = attempts + 1
      WHERE (name, key) IN (
        SELECT name, key FROM chassis.moments WHERE name = ${name} AND due_at <= now() AND (leased_until IS NULL OR leased_until <= now()) ORDER BY due_at LIMIT (SELECT ${limit}::bigint) FOR UPDATE SKIP LOCKED
      ) RETURNING name, key, data, attempts - 1 AS attempts, lease, generation, traceparent`)
  }

  async finish(tx: Tx, task: ClaimedTask): Promise<Finish> {
    if ((await ending(tx)([task])).has(task)) return 'done'
    const freed = await tx.run(
      sql`UPDATE chassis.moments SET lease = NULL, leased_until = NULL WHERE name = ${task.name} AND key = ${task.key} AND lease = ${task.lease}`,
    )
    return freed === 1 ? 'again' : 'lost'
  }

  async release(task: ClaimedTask, seconds: number, error: string | null, tx?: Tx): Promise<void> {
    await (tx ?? this.#database).run(sql`
      UPDATE chassis.moments SET lease = NULL, leased_until = NULL, last_error = ${error},
        due_at = CASE WHEN generation = ${task.generation} THEN clock_timestamp() + make_interval(secs => ${seconds}::float8) ELSE due_at END
      WHERE name = ${task.name} AND key = ${task.key} AND lease = ${task.lease}`)
  }
}
