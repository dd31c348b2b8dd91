/** Trace context (W3C) carried through requests, calls and events by a few lines of our own: no SDK on the hot path. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomFillSync } from 'node:crypto'

const current = new AsyncLocalStorage<string>()
/** Random bytes ahead of need: asking for a few at a time costs more than all else here. */
const pool = Buffer.alloc(4096)
let used = pool.length
const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

/** The `traceparent` of the work at hand, if any. */
export function currentTraceparent(): string | undefined {
  return current.getStore()
}

/** The trace id of the work at hand, if any. */
export function currentTraceId(): string | undefined {
  return current.getStore()?.slice(3, 35)
}

/** Runs `work` as a child of `parent` (a `traceparent`), or of a new trace when that is missing or malformed. */
export function withTrace<T>(parent: string | null | undefined, work: () => T): T {
  const trace = SHAPE.exec(parent ?? '')?.[1] ?? randomHex(16)
  return current.run(`00-${trace}-${randomHex(8)}-01`, work)
}

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}
