/**
 * One step of a consumer: read a batch, check that it is gapless, and apply it in the transaction that moves the
 * position. Exactly-once effects rest on this file (reliability: P5).
 */
import { failPoint } from '../fail-point.ts'
import { ALONE, type Share } from './share.ts'
import { partitionOf } from './partition.ts'
import { UnreadableRecord, type ConsumerStore, type LogRecord, type Move, type Position, type StreamSource } from './ports.ts'

export interface Subscription<Tx> {
  readonly consumer: string
  readonly source: StreamSource
  readonly store: ConsumerStore<Tx>
  /** Event types with a handler; others only move the position. */
  readonly types: ReadonlySet<string>
  /** Applies a run of consecutive events of one type. */
  readonly apply: (type: string, records: readonly LogRecord[], tx: Tx) => Promise<void>
  /** Whether an error will go away by itself (database away, deadline): then wait, never park. */
  readonly isTransient: (error: unknown) => boolean
  /** Partitions that are this reader's for now; all unless told. */
  readonly share?: () => Share
}

export type Step =
  | { readonly outcome: 'moved'; readonly events: number /** When the oldest of them happened. */; readonly oldest: Date }
  | { readonly outcome: 'idle' }
  | { readonly outcome: 'fenced' }
  | { readonly outcome: 'halted'; readonly reason: string }

export const BATCH_MAX = 200
/** Tries of a batch before its poison is looked for. */
const TRIES_BEFORE_PARKING = 3
/** More parked keys than this is not poison but a broken handler: halt. */
export const PARKED_KEYS_MAX = 1000

/** A reader of one stream: keeps where it is, and begins anew from the stored position whenever in doubt. */
export class StreamReader<Tx> {
  readonly #subscription: Subscription<Tx>
  #positions: Map<number, Position> | undefined
  #term = ALONE.term
  #failures = 0

  constructor(subscription: Subscription<Tx>) {
    this.#subscription = subscription
  }

  /** Where this reader stands, as last seen. */
  get positions(): ReadonlyMap<number, Position> {
    return this.#positions ?? new Map()
  }

  /** Applies the next batch. Throws: transient faults; nothing moved then, or it is not known whether it did. */
  async step(): Promise<Step> {
    const { source } = this.#subscription
    const share = this.#subscription.share?.() ?? ALONE
    if (share.term !== this.#term) {
      // Others moved on meanwhile in what was theirs, and what failed was perhaps not ours.
      this.#positions = undefined
      this.#failures = 0
    }
    this.#term = share.term
    const isFresh = this.#positions === undefined
    this.#positions ??= await this.#stored(share)
    const positions = this.#positions
    if (positions.size === 0) return { outcome: 'idle' }
    const records = await source.read(new Map([...positions.values()].map((one) => [one.part, one.lastSeq])), BATCH_MAX).catch(unreadable)
    const next = 'unreadable' in records ? { records: [], moves: [], problem: records.unreadable } : contiguous(records, positions)
    if (next.records.length === 0) {
      if (!next.problem) return { outcome: 'idle' }
      this.#positions = undefined
      // A rival that worked here unseen may have moved on: what is stored decides.
      return isFresh ? { outcome: 'halted', reason: next.problem } : this.step()
    }
    try {
      const moved = await this.#apply(next.records, next.moves)
      this.#failures = 0
      if (!moved) {
        this.#positions = undefined
        return { outcome: 'fenced' }
      }
      for (const move of next.moves) positions.set(move.part, { part: move.part, incarnation: move.incarnation, lastSeq: move.to })
      return {
        outcome: 'moved',
        events: next.records.length,
        oldest: next.records.reduce(
          (oldest, one) => (one.occurredAt < oldest ? one.occurredAt : oldest),
          (next.records[0] as LogRecord).occurredAt,
        ),
      }
    } catch (error) {
      this.#positions = undefined
      if (error instanceof Systemic) return { outcome: 'halted', reason: error.message }
      if (this.#subscription.isTransient(error)) throw error
      this.#failures++
      throw error
    }
  }

  /** Where its partitions stand in the database. */
  async #stored(share: Share): Promise<Map<number, Position>> {
    const { consumer, source, store } = this.#subscription
    const positions = await store.positions(consumer, source.stream)
    return new Map(positions.filter((one) => share.has(source.stream, one.part)).map((one) => [one.part, one]))
  }

  async #apply(records: readonly LogRecord[], moves: readonly Move[]): Promise<boolean> {
    const { consumer, source, store, types } = this.#subscription
    const keys = [...new Set(records.map((one) => one.key))]
    // Nothing of it concerns us: one statement does.
    if (!records.some((one) => types.has(one.type)) && (await store.pass(consumer, source.stream, moves, keys))) return true
    const searching = this.#failures >= TRIES_BEFORE_PARKING
    const applied = await store
      .transaction(async (tx) => {
        if (!(await store.advance(tx, consumer, source.stream, moves))) throw new Fenced()
        failPoint('consumer.after-advance')
        const parked = await store.parkedKeys(tx, consumer, source.stream, keys)
        const free = records.filter((one) => !parked.has(one.key))
        await store.park(
          tx,
          consumer,
          records.filter((one) => parked.has(one.key)),
          'an earlier event of this key is parked',
        )
        if (searching) await this.#applyOneByOne(tx, free)
        else for (const run of runsOfType(free)) await this.#run(tx, run)
        failPoint('consumer.before-commit')
      })
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof Fenced) return false
          throw error
        },
      )
    failPoint('consumer.after-commit')
    return applied
  }

  /** Each event in a savepoint of its own: what fails is parked, and so is what follows it on its key. */
  async #applyOneByOne(tx: Tx, records: readonly LogRecord[]): Promise<void> {
    const { consumer, store, isTransient, source } = this.#subscription
    const poisoned = new Set<string>()
    for (const record of records) {
      if (poisoned.has(record.key)) {
        await store.park(tx, consumer, [record], 'an earlier event of this key is parked')
        continue
      }
      try {
        await store.savepoint(tx, () => this.#run(tx, [record]))
      } catch (error) {
        if (isTransient(error)) throw error
        poisoned.add(record.key)
        await store.park(tx, consumer, [record], error instanceof Error ? `${error.name}: ${error.message}` : String(error))
      }
    }
    if (poisoned.size === 0) return
    const { keys } = await store.countParked(consumer, source.stream)
    if (keys + poisoned.size > PARKED_KEYS_MAX) throw new Systemic(`${keys} keys are parked already: the handler is broken, not its events`)
  }

  async #run(tx: Tx, records: readonly LogRecord[]): Promise<void> {
    const type = (records[0] as LogRecord).type
    if (this.#subscription.types.has(type)) await this.#subscription.apply(type, records, tx)
  }

  /** Applies a key's parked events again, in order; stops at the first that still fails. Answers how many went through. */
  async replay(key: string): Promise<number> {
    const { consumer, source, store } = this.#subscription
    return store.transaction(async (tx) => {
      await store.fence(tx, consumer, source.stream, partitionOf(key))
      let done = 0
      for (const record of await store.parkedOf(tx, consumer, source.stream, key)) {
        try {
          await store.savepoint(tx, () => this.#run(tx, [record]))
        } catch (error) {
          if (this.#subscription.isTransient(error)) throw error
          break
        }
        await store.unpark(tx, consumer, record)
        done++
      }
      return done
    })
  }
}

class Fenced extends Error {}
class Systemic extends Error {}

function unreadable(error: unknown): { unreadable: string } {
  if (error instanceof UnreadableRecord) return { unreadable: `UNREADABLE ${error.message}` }
  throw error
}

/** The gapless beginning of what was read, and the moves it makes. Repeats are dropped; a gap or a foreign incarnation stops its partition. */
function contiguous(
  records: readonly LogRecord[],
  positions: ReadonlyMap<number, Position>,
): { records: LogRecord[]; moves: Move[]; problem?: string } {
  const taken: LogRecord[] = []
  const moves = new Map<number, Move>()
  const stopped = new Set<number>()
  let problem: string | undefined
  for (const record of records) {
    if (stopped.has(record.part)) continue
    const position = positions.get(record.part)
    if (!position) continue
    const last = moves.get(record.part)?.to ?? position.lastSeq
    const incarnation = moves.get(record.part)?.incarnation ?? position.incarnation
    if (incarnation !== null && incarnation !== record.incarnation) {
      problem ??= `INCARNATION ${record.stream}/${record.part}: ${record.incarnation} where ${incarnation} was read before`
      stopped.add(record.part)
    } else if (record.seq > last + 1) {
      problem ??= `GAP ${record.stream}/${record.part}: ${record.seq} after ${last}`
      stopped.add(record.part)
    } else if (record.seq === last + 1) {
      taken.push(record)
      moves.set(record.part, { part: record.part, incarnation: record.incarnation, from: position.lastSeq, to: record.seq })
    }
  }
  return { records: taken, moves: [...moves.values()].sort((a, b) => a.part - b.part), ...(problem ? { problem } : {}) }
}

function runsOfType(records: readonly LogRecord[]): LogRecord[][] {
  const runs: LogRecord[][] = []
  for (const record of records) {
    const run = runs.at(-1)
    if (run && run[0]?.type === record.type) run.push(record)
    else runs.push([record])
  }
  return runs
}
