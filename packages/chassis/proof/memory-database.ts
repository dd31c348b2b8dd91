/**
 * A database in memory for the simulation: rows with locks, READ COMMITTED transactions with savepoints, commits that
 * become visible at once and whose outcome a broken connection may leave unknown. It takes no time of its own: whoever
 * must wait waits in its session, which the simulation schedules.
 */
import { randomUUID } from 'node:crypto'

/** What happens to a commit: done and told; done but never told; never done and never told. */
export type CommitFate = 'done' | 'done-untold' | 'lost'

/** A process as the database sees it. */
export interface Session {
  /** Waits until `ready`, or until the clock has come to `untilSeconds`. Never resolves once the process is dead. */
  wait(ready: () => boolean, untilSeconds: number): Promise<void>
  /** Asked at every commit. */
  commitFate(): CommitFate
}

/** A session of tests without a scheduler: goes on as soon as it can. */
export const PLAIN_SESSION: Session = {
  wait: async (ready) => {
    do await new Promise((go) => setImmediate(go))
    while (!ready())
  },
  commitFate: () => 'done',
}

const LOCK_TIMEOUT_SECONDS = 2

/** An error as PostgreSQL would send it. */
export function databaseError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

type Rows = Map<string, object>
type Writes = Map<string, Map<string, object | null>>

/** Tables of rows by primary key, and who holds which row. */
export class MemoryDatabase {
  readonly clock: () => number
  readonly newId: () => string
  readonly #tables = new Map<string, Rows>()
  readonly #locks = new Map<string, MemoryTx>()
  readonly #open = new Set<MemoryTx>()
  #identity = 0
  /** Commits so far. */
  version = 0

  /** `clock` answers seconds. */
  constructor(clock: () => number, newId: () => string = randomUUID) {
    this.clock = clock
    this.newId = newId
  }

  /** Committed rows of a table. */
  table<Row extends object>(name: string): ReadonlyMap<string, Row> {
    return this.#rows(name) as Map<string, Row>
  }

  /** The next value of the one sequence there is; taken for good, whatever becomes of the transaction. */
  nextIdentity(): number {
    return ++this.#identity
  }

  get open(): ReadonlySet<MemoryTx> {
    return this.#open
  }

  /** Runs `work` in a transaction. Throws: what `work` throws, after rolling back. */
  async transaction<T>(session: Session, work: (tx: MemoryTx) => Promise<T>): Promise<T> {
    await session.wait(() => true, 0)
    const tx = new MemoryTx(this, session)
    this.#open.add(tx)
    try {
      const result = await work(tx)
      await tx.commit()
      return result
    } finally {
      tx.end()
    }
  }

  /** The process is gone: what it had open is rolled back. */
  abandon(session: Session): void {
    for (const tx of this.#open) if (tx.session === session) tx.end()
  }

  holderOf(lock: string): MemoryTx | undefined {
    return this.#locks.get(lock)
  }

  hold(lock: string, tx: MemoryTx): void {
    this.#locks.set(lock, tx)
  }

  letGo(locks: Iterable<string>): void {
    for (const lock of locks) this.#locks.delete(lock)
  }

  forget(tx: MemoryTx): void {
    this.#open.delete(tx)
  }

  apply(writes: Writes): void {
    this.version++
    for (const [name, changes] of writes) {
      const rows = this.#rows(name)
      for (const [key, row] of changes) {
        if (row === null) rows.delete(key)
        else rows.set(key, row)
      }
    }
  }

  #rows(name: string): Rows {
    let rows = this.#tables.get(name)
    if (!rows) {
      rows = new Map()
      this.#tables.set(name, rows)
    }
    return rows
  }
}

/** An open transaction. A statement sees what is committed when it runs, and the transaction's own writes. */
export class MemoryTx {
  readonly session: Session
  readonly begunAt: number
  readonly #database: MemoryDatabase
  #writes: Writes = new Map()
  #locks: string[] = []
  #atCommit: (() => void | Promise<void>)[] = []
  #state: 'open' | 'failed' | 'terminated' | 'ended' = 'open'
  #awaited: string | undefined

  constructor(database: MemoryDatabase, session: Session) {
    this.#database = database
    this.session = session
    this.begunAt = database.clock()
  }

  /** One round trip: time for rivals, deaths and broken connections. Throws: when the transaction cannot go on. */
  async statement(): Promise<void> {
    await this.session.wait(() => true, 0)
    this.#mustBeOpen()
  }

  get<Row extends object>(table: string, key: string): Row | undefined {
    const own = this.#writes.get(table)?.get(key)
    return (own === undefined ? this.#database.table(table).get(key) : (own ?? undefined)) as Row | undefined
  }

  /** All rows of a table, by key. */
  rows<Row extends object>(table: string): Map<string, Row> {
    const rows = new Map(this.#database.table<Row>(table))
    for (const [key, row] of this.#writes.get(table) ?? []) {
      if (row === null) rows.delete(key)
      else rows.set(key, row as Row)
    }
    return rows
  }

  put(table: string, key: string, row: object | null): void {
    const changes = this.#writes.get(table) ?? new Map<string, object | null>()
    this.#writes.set(table, changes)
    changes.set(key, row)
  }

  /** Runs at the commit, before it takes effect. */
  atCommit(work: () => void | Promise<void>): void {
    this.#atCommit.push(work)
  }

  isLockedByOther(table: string, key: string): boolean {
    const holder = this.#database.holderOf(`${table}/${key}`)
    return holder !== undefined && holder !== this
  }

  /** Locks a row (or the place of one) until the end. Throws: deadlock, lock time-out. */
  async lock(table: string, key: string): Promise<void> {
    const name = `${table}/${key}`
    const until = this.#database.clock() + LOCK_TIMEOUT_SECONDS
    while (this.isLockedByOther(table, key)) {
      this.#awaited = name
      if (this.#waitsForItself()) throw this.#fail('40P01', 'deadlock detected')
      if (this.#database.clock() >= until) throw this.#fail('55P03', 'canceling statement due to lock timeout')
      await this.session.wait(() => this.#state !== 'open' || !this.isLockedByOther(table, key), until)
      this.#awaited = undefined
      this.#mustBeOpen()
    }
    if (this.#database.holderOf(name) === this) return
    this.#database.hold(name, this)
    this.#locks.push(name)
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.statement()
    const before = { writes: copyOf(this.#writes), locks: this.#locks.length, atCommit: this.#atCommit.length }
    try {
      return await work()
    } catch (error) {
      await this.session.wait(() => true, 0)
      if (this.#state === 'failed') this.#state = 'open'
      this.#mustBeOpen()
      this.#writes = before.writes
      this.#atCommit.length = before.atCommit
      this.#database.letGo(this.#locks.splice(before.locks))
      throw error
    }
  }

  async commit(): Promise<void> {
    await this.statement()
    for (const work of this.#atCommit) await work()
    await this.statement()
    const fate = this.session.commitFate()
    if (fate !== 'lost') this.#database.apply(this.#writes)
    this.end()
    if (fate !== 'done') throw databaseError('commit-unknown', 'the connection broke while committing')
  }

  /** The backend is terminated: the process hears of it at its next statement. */
  terminate(): void {
    if (this.#state === 'ended') return
    this.end()
    this.#state = 'terminated'
  }

  /** Rolls back what was not committed. */
  end(): void {
    this.#database.letGo(this.#locks.splice(0))
    this.#database.forget(this)
    this.#state = 'ended'
  }

  #fail(code: string, message: string): Error {
    this.#awaited = undefined
    this.#state = 'failed'
    return databaseError(code, message)
  }

  #mustBeOpen(): void {
    if (this.#state === 'terminated') throw databaseError('57P01', 'terminating connection due to administrator command')
    if (this.#state === 'failed') throw databaseError('25P02', 'current transaction is aborted')
    if (this.#state === 'ended') throw new Error('the transaction has ended')
  }

  #waitsForItself(): boolean {
    const seen = new Set<MemoryTx>()
    let awaited = this.#awaited
    while (awaited !== undefined) {
      const holder = this.#database.holderOf(awaited)
      if (!holder || seen.has(holder)) return false
      if (holder === this) return true
      seen.add(holder)
      awaited = holder.#awaited
    }
    return false
  }
}

function copyOf(writes: Writes): Writes {
  return new Map([...writes].map(([table, changes]) => [table, new Map(changes)]))
}
