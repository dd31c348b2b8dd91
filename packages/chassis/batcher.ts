/** Puts hot writes of one moment together: one transaction for many requests (reliability §3: more connections make a hot row slower, batches make it faster). */
import { Fault } from './fault.ts'

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
  readonly resolve: (outcome: O) => void
  readonly reject: (error: unknown) => void
}

export type Batcher<I, O> = (item: I) => Promise<O>

/** Makes a batcher. `run` answers one outcome per item, in order; what it throws all its items get. A lone request does not wait. */
export function createBatcher<I, O>(options: BatcherOptions, run: (items: I[]) => Promise<O[]>): Batcher<I, O> {
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
      const outcomes = await run(batch.map((one) => one.item))
      if (outcomes.length !== batch.length) throw new Error(`a batch of ${batch.length} answered ${outcomes.length} outcomes`)
      batch.forEach((one, index) => {
        one.resolve(outcomes[index] as O)
      })
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }
  return (item) => {
    if (queue.length >= options.queueMax) return Promise.reject(new Fault('overloaded', 'too many writes are waiting'))
    return new Promise<O>((resolve, reject) => {
      queue.push({ item, resolve, reject })
      if (working >= options.lanes || queue.length >= options.itemsMax) {
        if (queue.length >= options.itemsMax) flush()
        return
      }
      if (working === 0) setImmediate(flush)
      else timer ??= setTimeout(flush, options.waitMs)
    })
  }
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
