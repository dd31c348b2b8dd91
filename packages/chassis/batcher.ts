/** Puts what comes in one moment together: one transaction for many hot writes (more connections make a hot row slower, batches make it faster), one statement for many reads. */
import type { Tx } from './database/sql.ts'
import { Fault } from './fault.ts'
import type { TransactionFn } from './service.ts'
import { currentTrace, withTracesOf, type Trace } from './telemetry/trace.ts'

export interface BatcherOptions {
  /** Requests put together at most. */
  readonly itemsMax: number
  /** How long the first request of a batch waits for company when another batch is at work. */
  readonly waitMs: number
  /** Batches at work at once. */
  readonly lanes: number
  /** Requests waiting at most; beyond it `overloaded`. */
  readonly queueMax: number
}

interface Waiting<I, O> {
  readonly item: I
  readonly trace: Trace | undefined
  readonly resolve: (outcome: O) => void
  readonly reject: (error: unknown) => void
}

/** The keys of what a batch does for one item, as an order's id: events and tasks under them go on with the item's trace. */
export type KeysOf<I> = (item: I) => readonly string[]

const NO_KEYS = () => []

export type Batcher<I, O> = (item: I) => Promise<O>

/**
 * Makes a batcher. `run` answers one outcome per item, in order; what it throws all its items get. A lone request does not wait.
 * Nobody's trace is lent to others: without `keysOf`, what `run` does for items of several traces has none.
 */
export function createBatcher<I, O>(
  options: BatcherOptions,
  run: (items: I[]) => Promise<O[]>,
  keysOf: KeysOf<I> = NO_KEYS,
): Batcher<I, O> {
  const queue: Waiting<I, O>[] = []
  let working = 0
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    if (timer) clearTimeout(timer)
    timer = undefined
    while (queue.length > 0 && working < options.lanes) {
      const batch = queue.splice(0, options.itemsMax)
      working++
      void work(batch).finally(() => {
        working--
        flush()
      })
    }
  }
  const work = async (batch: Waiting<I, O>[]) => {
    try {
      const outcomes = await withTracesOf(
        batch,
        (one) => keysOf(one.item),
        () => run(batch.map((one) => one.item)),
      )
      if (outcomes.length !== batch.length) throw new Error(`a batch of ${batch.length} answered ${outcomes.length} outcomes`)
      batch.forEach((one, index) => {
        one.resolve(outcomes[index] as O)
      })
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }
  return (item) => {
    if (queue.length >= options.queueMax) return Promise.reject(new Fault('overloaded', 'too many requests are waiting'))
    return new Promise<O>((resolve, reject) => {
      queue.push({ item, trace: currentTrace(), resolve, reject })
      if (working >= options.lanes || queue.length >= options.itemsMax) {
        if (queue.length >= options.itemsMax) flush()
        return
      }
      if (working === 0) setImmediate(flush)
      else timer ??= setTimeout(flush, options.waitMs)
    })
  }
}

/**
 * Makes a way to write in a transaction shared with whoever else writes just now. When it fails each has one of his own, so that
 * one who fails does not fail the others. Throws: what `write` throws for the item alone.
 */
export function createSharedWrite<I extends { readonly context: { readonly transaction: TransactionFn } }>(
  options: BatcherOptions,
  write: (tx: Tx, items: readonly I[]) => Promise<void>,
  keysOf?: KeysOf<I>,
): (item: I) => Promise<void> {
  const ask = createBatcher<I, { failed?: unknown }>(
    options,
    async (items) => {
      const together = (some: readonly I[]) => (some[0] as I).context.transaction((tx) => write(tx, some)).then(() => ({}))
      try {
        const written = await together(items)
        return items.map(() => written)
      } catch (failed) {
        if (items.length === 1) return [{ failed }]
        return Promise.all(items.map((one) => together([one]).catch((own: unknown) => ({ failed: own }))))
      }
    },
    keysOf,
  )
  return async (item) => {
    const outcome = await ask(item)
    if ('failed' in outcome) throw outcome.failed
  }
}

export type Lookup<K, V> = (keys: readonly K[]) => Promise<Map<K, V>>

const LOOKUP = { itemsMax: 64, waitMs: 1, lanes: 2, queueMax: 10_000 } as const

/**
 * Makes a lookup that asks once for many callers: those of one moment, or who come while others are being answered. A lone caller
 * does not wait, and nobody is told what was read before he asked. `load` gets each key once; keys it does not answer are unknown.
 */
export function createLookup<K, V>(load: (keys: K[]) => Promise<ReadonlyMap<K, V>>): Lookup<K, V> {
  const ask = createBatcher<readonly K[], Map<K, V>>(LOOKUP, async (asked) => {
    const found = await load([...new Set(asked.flat())])
    return asked.map((keys) => new Map(keys.flatMap((key) => (found.has(key) ? [[key, found.get(key) as V]] : []))))
  })
  return (keys) => (keys.length === 0 ? Promise.resolve(new Map()) : ask(keys))
}

/** One thing per owner (a database, say), made at first use: services of several shops in one process do not share it. */
export function oncePer<Owner extends object, Thing>(make: (owner: Owner) => Thing): (owner: Owner) => Thing {
  const made = new WeakMap<Owner, Thing>()
  return (owner) => {
    let thing = made.get(owner)
    if (!thing) {
      thing = make(owner)
      made.set(owner, thing)
    }
    return thing
  }
}
