/** Wakes sleepers inside one process. A missed wake-up costs latency only: everybody who waits also looks by himself now and then. */
export class Signals {
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #raised = new Map<string, number>()

  /** Wakes all who wait for `name`. */
  raise(name: string): void {
    this.#raised.set(name, (this.#raised.get(name) ?? 0) + 1)
    const waiting = this.#waiting.get(name)
    if (!waiting) return
    this.#waiting.delete(name)
    for (const wake of waiting) wake()
  }

  /** How often `name` was raised: read it before looking, so that what is raised meanwhile is not missed. */
  count(name: string): number {
    return this.#raised.get(name) ?? 0
  }

  /** Resolves when `name` was raised after `seen`, or after `timeoutMs`, or when `stop` aborts. */
  wait(name: string, seen: number, timeoutMs: number, stop: AbortSignal): Promise<void> {
    if (stop.aborted || this.count(name) !== seen) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        stop.removeEventListener('abort', done)
        this.#waiting.get(name)?.delete(done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      stop.addEventListener('abort', done, { once: true })
      const waiting = this.#waiting.get(name) ?? new Set()
      waiting.add(done)
      this.#waiting.set(name, waiting)
    })
  }
}
