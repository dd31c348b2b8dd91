/** Which of a service's replicas is asked: the least busy, and not one that could not be reached a moment ago. */
import { Fault } from '../fault.ts'

/** A replica that could not be reached is left in peace for so long; then one call tries it, the others wait for what comes of it. */
const REST_MS = 1000

/** A replica could not be reached and nothing was sent to it: another one may be asked without asking twice. */
export class Unreached extends Error {}

interface Replica<Connection> {
  readonly connection: Connection
  busy: number
  restsUntil: number
}

/** The replicas of all services that a process calls, each with its connection, made at first use. */
export class Replicas<Connection> {
  readonly #open: (address: string) => Connection
  readonly #known = new Map<string, Replica<Connection>>()
  #turn = 0

  constructor(open: (address: string) => Connection) {
    this.#open = open
  }

  /** Asks one replica after the other, each once, until one is reached. Throws: what `ask` throws; `unavailable` when none is reached. */
  async ask<T>(
    service: string,
    addresses: readonly string[],
    signal: AbortSignal,
    ask: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const left = addresses.map((address) => this.#replicaOf(address))
    let cause: unknown
    while (left.length > 0) {
      signal.throwIfAborted()
      const replica = this.#takeBest(left)
      const now = performance.now()
      if (replica.restsUntil > 0 && replica.restsUntil <= now) replica.restsUntil = now + REST_MS
      replica.busy++
      try {
        const answer = await ask(replica.connection)
        replica.restsUntil = 0
        return answer
      } catch (error) {
        if (!(error instanceof Unreached)) {
          // Reached, unless the caller gave up while still trying.
          if (!signal.aborted) replica.restsUntil = 0
          throw error
        }
        replica.restsUntil = performance.now() + REST_MS
        cause = error
      } finally {
        replica.busy--
      }
    }
    throw new Fault('unavailable', addresses.length === 0 ? `no address of ${service} is known` : `no replica of ${service} is reached`, {
      cause,
    })
  }

  /** Every connection that was made. */
  connections(): Connection[] {
    return [...this.#known.values().map(({ connection }) => connection)]
  }

  #replicaOf(address: string): Replica<Connection> {
    let replica = this.#known.get(address)
    if (!replica) {
      replica = { connection: this.#open(address), busy: 0, restsUntil: 0 }
      this.#known.set(address, replica)
    }
    return replica
  }

  /** Takes the best one out of `left`; among equals they take turns. Those at rest come last, for there may be no others. */
  #takeBest(left: Replica<Connection>[]): Replica<Connection> {
    const now = performance.now()
    const from = this.#turn++ % left.length
    let best = from
    for (let step = 1; step < left.length; step++) {
      const index = (from + step) % left.length
      if (costOf(left[index] as Replica<Connection>, now) < costOf(left[best] as Replica<Connection>, now)) best = index
    }
    return left.splice(best, 1)[0] as Replica<Connection>
  }
}

function costOf(replica: Replica<unknown>, now: number): number {
  return replica.restsUntil > now ? Number.MAX_SAFE_INTEGER : replica.busy
}
