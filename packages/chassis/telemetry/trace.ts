/** Trace context (W3C) carried through requests, calls and events by a few lines of our own: no SDK on the hot path. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

const current = new AsyncLocalStorage<string>()
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
  const trace = SHAPE.exec(parent ?? '')?.[1] ?? randomBytes(16).toString('hex')
  return current.run(`00-${trace}-${randomBytes(8).toString('hex')}-01`, work)
}
