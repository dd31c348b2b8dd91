/** How long a call may take, and how long the work at hand still has: what calls in turn ends with whoever asked for it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Call } from '../contract.ts'
import { Fault } from '../fault.ts'

const GRPC_DEADLINE_MS = 2000
const HTTP_DEADLINE_MS = 5000

/** When the work at hand ends, by `performance.now()`. */
const current = new AsyncLocalStorage<number>()

/** Milliseconds a call is given when nothing before it ends sooner. */
export function deadlineMsOf(contract: Call): number {
  return contract.deadlineMs ?? (contract.over === 'grpc' ? GRPC_DEADLINE_MS : HTTP_DEADLINE_MS)
}

/** Milliseconds a call that begins now has: its own, or what is left of the work it is made for. Not positive: nothing is left. */
export function remainingMs(contract: Call): number {
  const ends = current.getStore()
  const own = deadlineMsOf(contract)
  return ends === undefined ? own : Math.min(own, ends - performance.now())
}

/** Runs `work` so that the calls it makes end within `ms`, or with the work it is part of. */
export function runWithin<T>(ms: number, work: () => T): T {
  const ends = performance.now() + ms
  return current.run(Math.min(ends, current.getStore() ?? ends), work)
}

/** A signal that aborts when `ms` have passed, or earlier by `end(reason)`; `end()` alone only lets go of the clock. */
export function clockOf(ms: number): { readonly signal: AbortSignal; end(reason?: Fault): void } {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Fault('deadline-exceeded', 'the caller waits no longer')), Math.max(0, ms))
  return {
    signal: controller.signal,
    end: (reason) => {
      clearTimeout(timer)
      if (reason) controller.abort(reason)
    },
  }
}
