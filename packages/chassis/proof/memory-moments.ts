/** Timers and tasks over a database in memory. Held to the same suite as PostgreSQL. */
import type { ClaimedTask, DueMoment, Finish, MomentStore } from '../moments/ports.ts'
import type { MemoryDatabase, MemoryTx, Session } from './memory-database.ts'

export interface Moment extends DueMoment {
  readonly dueAt: number
  readonly generation: number
  readonly lease: string | null
  readonly leasedUntil: number | null
}

const momentKey = (moment: { name: string; key: string }) => `${moment.name}\0${moment.key}`

export class MemoryMoments implements MomentStore<MemoryTx> {
  readonly #database: MemoryDatabase
  readonly #session: Session

  constructor(database: MemoryDatabase, session: Session) {
    this.#database = database
    this.#session = session
  }

  async secondsUntilNext(names: readonly string[]): Promise<number | undefined> {
    await this.#session.wait(() => true, 0)
    const moments = [...this.#database.table<Moment>('moments').values()].filter((one) => names.includes(one.name))
    if (moments.length === 0) return undefined
    return Math.max(0, Math.min(...moments.map((one) => Math.max(one.dueAt, one.leasedUntil ?? 0))) - this.#database.clock())
  }

  transaction<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T> {
    return this.#database.transaction(this.#session, work)
  }

  savepoint<T>(tx: MemoryTx, work: () => Promise<T>): Promise<T> {
    return tx.savepoint(work)
  }

  async takeDue(tx: MemoryTx, names: readonly string[], limit: number): Promise<DueMoment[]> {
    await tx.statement()
    const due = this.#free(tx, (one) => names.includes(one.name) && one.dueAt <= tx.begunAt).slice(0, limit)
    for (const one of due) {
      await tx.lock('moments', momentKey(one))
      tx.put('moments', momentKey(one), null)
    }
    return due.map(({ name, key, data, attempts, traceparent }) => ({ name, key, data, attempts, traceparent }))
  }

  async postpone(tx: MemoryTx, moment: DueMoment, seconds: number, _error: string): Promise<void> {
    await tx.statement()
    await tx.lock('moments', momentKey(moment))
    if (tx.get('moments', momentKey(moment))) return
    const { name, key, data, traceparent } = moment
    tx.put('moments', momentKey(moment), {
      name,
      key,
      data,
      dueAt: this.#database.clock() + seconds,
      attempts: moment.attempts + 1,
      traceparent,
      generation: 1,
      lease: null,
      leasedUntil: null,
    } satisfies Moment)
  }

  claim(name: string, limit: number, leaseSeconds: number): Promise<ClaimedTask[]> {
    return this.transaction(async (tx) => {
      await tx.statement()
      const due = this.#free(
        tx,
        (one) => one.name === name && one.dueAt <= tx.begunAt && (one.leasedUntil === null || one.leasedUntil <= tx.begunAt),
      ).slice(0, limit)
      const claimed: ClaimedTask[] = []
      for (const one of due) {
        await tx.lock('moments', momentKey(one))
        const lease = this.#database.newId()
        tx.put('moments', momentKey(one), {
          ...one,
          lease,
          leasedUntil: this.#database.clock() + leaseSeconds,
          attempts: one.attempts + 1,
        } satisfies Moment)
        const { key, data, attempts, generation, traceparent } = one
        claimed.push({ name, key, data, attempts, lease, generation, traceparent })
      }
      return claimed
    })
  }

  async finish(tx: MemoryTx, task: ClaimedTask): Promise<Finish> {
    await tx.statement()
    await tx.lock('moments', momentKey(task))
    const stored = tx.get<Moment>('moments', momentKey(task))
    if (stored?.lease !== task.lease) return 'lost'
    const isNewest = stored.generation === task.generation
    tx.put('moments', momentKey(task), isNewest ? null : { ...stored, lease: null, leasedUntil: null })
    return isNewest ? 'done' : 'again'
  }

  async release(task: ClaimedTask, seconds: number, _error: string | null, open?: MemoryTx): Promise<void> {
    const work = async (tx: MemoryTx) => {
      await tx.statement()
      await tx.lock('moments', momentKey(task))
      const stored = tx.get<Moment>('moments', momentKey(task))
      if (stored?.lease !== task.lease) return
      tx.put('moments', momentKey(task), {
        ...stored,
        lease: null,
        leasedUntil: null,
        dueAt: stored.generation === task.generation ? this.#database.clock() + seconds : stored.dueAt,
      } satisfies Moment)
    }
    await (open ? work(open) : this.transaction(work))
  }

  /** Rows that suit and that nobody else holds, the earliest due first. */
  #free(tx: MemoryTx, suits: (moment: Moment) => boolean): Moment[] {
    return [...tx.rows<Moment>('moments').values()]
      .filter((one) => suits(one) && !tx.isLockedByOther('moments', momentKey(one)))
      .sort((a, b) => a.dueAt - b.dueAt)
  }
}

export async function scheduleInMemory(database: MemoryDatabase, tx: MemoryTx, moment: DueMoment, delaySeconds: number): Promise<void> {
  await tx.lock('moments', momentKey(moment))
  const before = tx.get<Moment>('moments', momentKey(moment))
  const dueAt = database.clock() + delaySeconds
  tx.put('moments', momentKey(moment), {
    generation: (before?.generation ?? 0) + 1,
    lease: before?.lease ?? null,
    leasedUntil: before?.leasedUntil ?? null,
    ...moment,
    traceparent: moment.traceparent ?? before?.traceparent ?? null,
    dueAt,
  } satisfies Moment)
}

export async function unscheduleInMemory(tx: MemoryTx, moment: { name: string; key: string }): Promise<void> {
  await tx.lock('moments', momentKey(moment))
  if (tx.get<Moment>('moments', momentKey(moment))?.lease === null) tx.put('moments', momentKey(moment), null)
}
