/** What timers and tasks need of a store; PostgreSQL and the simulation's fake implement it. Due by the database's clock. */
export interface DueMoment {
  readonly name: string
  readonly key: string
  readonly data: unknown
  readonly attempts: number
  /** Of what scheduled it, as far as that is known. */
  readonly traceparent: string | null
}

export interface ClaimedTask extends DueMoment {
  readonly lease: string
  readonly generation: number
}

/** `again`: the task was scheduled anew meanwhile, so it stays and is free. `lost`: another has the lease; nothing was done. */
export type Finish = 'done' | 'again' | 'lost'

export interface MomentStore<Tx> {
  /** Seconds until the next moment of these names is due (0 when one is), or undefined when there is none. */
  secondsUntilNext(names: readonly string[]): Promise<number | undefined>
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  savepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T>
  /** Takes due timers out, locked against rivals; they come back if the transaction is rolled back. */
  takeDue(tx: Tx, names: readonly string[], limit: number): Promise<DueMoment[]>
  /** Puts a timer back after its handler failed. */
  postpone(tx: Tx, moment: DueMoment, seconds: number, error: string): Promise<void>
  /** Claims due tasks of one worker under a lease. */
  claim(name: string, limit: number, leaseSeconds: number): Promise<ClaimedTask[]>
  /** Ends a task if the lease is still ours. */
  finish(tx: Tx, task: ClaimedTask): Promise<Finish>
  /** Gives a task back for later if the lease is still ours. */
  release(task: ClaimedTask, seconds: number, error: string | null, tx?: Tx): Promise<void>
}
