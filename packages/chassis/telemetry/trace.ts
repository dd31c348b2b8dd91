/**
 * Trace context (W3C) carried through requests, calls, events, timers and tasks by a few lines of our own: no SDK on the hot path.
 * Work is done under one trace, or, where a batch does the work of several, under theirs, told apart by keys (an order's id, say).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomFillSync } from 'node:crypto'

/** What the work at hand belongs to, for those who do it elsewhere; see `currentTrace`. */
export type Trace = string | Traces

const current = new AsyncLocalStorage<Trace | undefined>()
/** Random bytes ahead of need: asking for a few at a time costs more than all else here. */
const pool = Buffer.alloc(4096)
let used = pool.length
/** Ids of nothing but zeros are none. */
const SHAPE = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
/** Version, trace id and what ends it. */
const ID_LENGTH = 36

/** The `traceparent` of the work at hand, if any; none where it is the work of several traces. */
export function currentTraceparent(): string | undefined {
  const trace = current.getStore()
  return typeof trace === 'string' ? trace : undefined
}

/** The trace id of the work at hand, if any; none where it is the work of several traces. */
export function currentTraceId(): string | undefined {
  return currentTraceparent()?.slice(3, 35)
}

/** The `traceparent` of what the work at hand does for `key`: that of the work, or in a batch that of what came in under this key. */
export function traceparentFor(key: string): string | undefined {
  const trace = current.getStore()
  return typeof trace === 'string' ? trace : trace?.of(key)
}

/** What the work at hand belongs to, to be given to `withTracesOf` by whoever does it together with that of others. */
export function currentTrace(): Trace | undefined {
  return current.getStore()
}

/** Runs `work` as a child of `parent` (a `traceparent`), or of a new trace when that is missing or malformed. */
export function withTrace<T>(parent: string | null | undefined, work: () => T): T {
  return current.run(childOf(idOf(parent) ?? randomHex(16)), work)
}

/** Runs `work` under no trace: what nobody in particular asked for, or several did and it cannot be told who. */
export function withoutTrace<T>(work: () => T): T {
  return current.run(undefined, work)
}

/**
 * Runs `work`, which answers several events at once: under their trace if they have one and the same, else under the traces of all,
 * by the events' keys. An event without a trace begins one; a key whose events differ has none.
 */
export function withTraces<T>(events: readonly { readonly key: string; readonly traceparent: string | null }[], work: () => T): T {
  const first = events[0]?.traceparent
  const shared = idOf(first) === undefined ? undefined : (first as string).slice(0, ID_LENGTH)
  if (events.length <= 1 || (shared !== undefined && events.every((one) => one.traceparent?.startsWith(shared))))
    return withTrace(first, work)
  return current.run(new Traces(() => events.map((one) => [one.key, one.traceparent])), work)
}

/**
 * Runs `work`, which several asked for at once: under their trace if they have one and the same, else under the traces of all, by the
 * keys that each is known by. What `work` does under other keys, or one of two of them, has no trace.
 */
export function withTracesOf<I extends { readonly trace: Trace | undefined }, T>(
  items: readonly I[],
  keysOf: (item: I) => readonly string[],
  work: () => T,
): T {
  const first = items[0]?.trace
  if (items.every((one) => isSame(one.trace, first))) return current.run(first, work)
  const causes = () =>
    items.flatMap((one) => {
      const { trace } = one
      return keysOf(one).map((key) => [key, typeof trace === 'string' ? trace : trace?.of(key)] as const)
    })
  return current.run(new Traces(causes), work)
}

/** Runs `work` under the trace of what came in under `key`, where the work at hand is that of several traces. */
export function withTraceOf<T>(key: string, work: () => T): T {
  const trace = current.getStore()
  return trace instanceof Traces ? current.run(trace.of(key), work) : work()
}

/** The traces of a batch, by key; put in order when the first is asked for, since most batches ask for none. */
class Traces {
  readonly #causes: () => Iterable<readonly [key: string, traceparent: string | null | undefined]>
  #ids: Map<string, string | undefined> | undefined

  constructor(causes: () => Iterable<readonly [key: string, traceparent: string | null | undefined]>) {
    this.#causes = causes
  }

  of(key: string): string | undefined {
    this.#ids ??= idsByKey(this.#causes())
    const id = this.#ids.get(key)
    return id === undefined ? undefined : childOf(id)
  }
}

/** The trace id of each key; undefined where several came in under one key. */
function idsByKey(causes: Iterable<readonly [key: string, traceparent: string | null | undefined]>): Map<string, string | undefined> {
  const ids = new Map<string, string | undefined>()
  const begun = new Map<string, string>()
  for (const [key, traceparent] of causes) {
    let id = idOf(traceparent) ?? begun.get(key)
    if (id === undefined) begun.set(key, (id = randomHex(16)))
    ids.set(key, !ids.has(key) || ids.get(key) === id ? id : undefined)
  }
  return ids
}

function isSame(one: Trace | undefined, other: Trace | undefined): boolean {
  return one === other || (typeof one === 'string' && typeof other === 'string' && one.startsWith(other.slice(0, ID_LENGTH)))
}

function idOf(traceparent: string | null | undefined): string | undefined {
  return SHAPE.exec(traceparent ?? '')?.[1]
}

function childOf(traceId: string): string {
  return `00-${traceId}-${randomHex(8)}-01`
}

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}
