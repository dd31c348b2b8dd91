/**
 * Which of a service's replicas is asked: the least busy of those that take requests. What they are asked tells who is there, and so do
 * looks at those in use; a replica that is to end says that it takes no more while it still answers.
 */
import { Fault } from '../fault.ts'

/** A replica could not be reached and nothing was sent to it: another one may be asked without asking twice. */
export class Unreached extends Error {}

/** A way to one replica, kept open. */
export interface Line {
  /** Whether it takes requests for now. Throws: `Unreached` when nobody is there; anything else when it does not answer. */
  look(signal: AbortSignal): Promise<boolean>
  close(): Promise<void> | void
}

/** Twice within the time that a process goes on answering after it said that it takes no more (STOA_DRAIN_SECONDS). */
const LOOK_EVERY_MS = 900
const LOOK_MS_MAX = 1000
/** One that nobody could reach may be back at any moment; a place that stays empty is looked at less and less often. */
const AWAY_LOOK_MS_MIN = 200
/** Nobody looks at what was not asked for so long, and what was known of it is forgotten. */
const IDLE_MS = 60_000
/** After so many looks without an answer a replica is asked nothing: before, it may just be busy, and comes after all others. */
const SILENT_LOOKS_MAX = 3

interface Replica<L extends Line> {
  readonly address: string
  readonly line: L
  /** Requests under way. */
  busy: number
  /** Whether it takes requests, as it last said. */
  takes: boolean
  /** Nobody was there when it was last tried. */
  away: boolean
  /** Looks in a row that it did not answer. */
  silent: number
  askedAt: number
  watched: boolean
  /** Of the next look. */
  timer: NodeJS.Timeout | undefined
}

/** What is asked, and of whom. */
export interface Question<L, T> {
  readonly service: string
  readonly addresses: readonly string[]
  readonly signal: AbortSignal
  /** Throws: `Unreached` when nothing was sent. */
  ask(line: L, address: string): Promise<T>
  /** Asked before, in vain: the last to be asked again. */
  readonly tried?: ReadonlySet<string>
}

/** The replicas of all services that a process asks, each with its line, opened at first use. */
export class Replicas<L extends Line> {
  readonly #open: (address: string) => L
  readonly #known = new Map<string, Replica<L>>()
  readonly #closed = new AbortController()
  #turn = 0

  constructor(open: (address: string) => L) {
    this.#open = open
  }

  /** Asks one replica after the other, each once, until one is reached. Throws: what `ask` throws; `unavailable` when none is reached. */
  async ask<T>({ service, addresses, signal, ask, tried = new Set() }: Question<L, T>): Promise<T> {
    const left = addresses.map((address) => this.#replicaOf(address))
    for (const one of left) this.#watch(one)
    let cause: unknown
    for (let replica = this.#takeBest(left, tried); replica; replica = this.#takeBest(left, tried)) {
      signal.throwIfAborted()
      replica.busy++
      try {
        const answer = await ask(replica.line, replica.address)
        replica.silent = 0
        return answer
      } catch (error) {
        if (!(error instanceof Unreached)) throw error
        this.#lost(replica)
        cause = error
      } finally {
        replica.busy--
      }
    }
    throw new Fault('unavailable', addresses.length === 0 ? `no address of ${service} is known` : `no replica of ${service} is reached`, {
      cause,
    })
  }

  /** The lines to these addresses. */
  linesTo(addresses: readonly string[]): L[] {
    return addresses.map((address) => this.#replicaOf(address).line)
  }

  /** Ends all lines; what is under way fails. */
  async close(): Promise<void> {
    this.#closed.abort(new Fault('unavailable', 'the process is closing'))
    for (const { timer } of this.#known.values()) clearTimeout(timer)
    await Promise.all([...this.#known.values()].map(async ({ line }) => line.close()))
  }

  #replicaOf(address: string): Replica<L> {
    let replica = this.#known.get(address)
    if (!replica) {
      const line = this.#open(address)
      replica = { address, line, busy: 0, takes: true, away: false, silent: 0, askedAt: 0, watched: false, timer: undefined }
      this.#known.set(address, replica)
    }
    return replica
  }

  /** Takes the best one out of `left`, if any will do; among equals they take turns. */
  #takeBest(left: Replica<L>[], tried: ReadonlySet<string>): Replica<L> | undefined {
    const from = this.#turn++ % Math.max(1, left.length)
    let best = -1
    for (let step = 0; step < left.length; step++) {
      const index = (from + step) % left.length
      const one = left[index] as Replica<L>
      if (isUsable(one) && (best < 0 || comesBefore(one, left[best] as Replica<L>, tried))) best = index
    }
    return best < 0 ? undefined : left.splice(best, 1)[0]
  }

  /** Looks at a replica again and again, as long as it is in use. */
  #watch(replica: Replica<L>): void {
    replica.askedAt = performance.now()
    if (replica.watched || this.#closed.signal.aborted) return
    replica.watched = true
    this.#lookLater(replica)
  }

  #lost(replica: Replica<L>): void {
    if (replica.away) return
    replica.away = true
    if (!this.#closed.signal.aborted) this.#lookLater(replica)
  }

  /** In place of a look that was to come. */
  #lookLater(replica: Replica<L>): void {
    clearTimeout(replica.timer)
    const ms = replica.away ? Math.min(LOOK_EVERY_MS, AWAY_LOOK_MS_MIN * Math.max(1, replica.silent)) : LOOK_EVERY_MS
    replica.timer = setTimeout(() => void this.#look(replica), ms)
    replica.timer.unref()
  }

  async #look(replica: Replica<L>): Promise<void> {
    if (performance.now() - replica.askedAt > IDLE_MS)
      return void Object.assign(replica, { takes: true, away: false, silent: 0, watched: false })
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Fault('deadline-exceeded', `${replica.address} does not say how it is`)), LOOK_MS_MAX)
    try {
      replica.takes = await replica.line.look(late.signal)
      replica.away = false
      replica.silent = 0
    } catch (error) {
      replica.away = error instanceof Unreached
      replica.silent++
    } finally {
      clearTimeout(timer)
    }
    if (!this.#closed.signal.aborted) this.#lookLater(replica)
  }
}

function isUsable({ away, silent }: Replica<Line>): boolean {
  return !away && silent < SILENT_LOOKS_MAX
}

/** Better is: not tried yet, then known to answer, then taking requests, then less busy. One that takes no more still answers. */
function comesBefore(a: Replica<Line>, b: Replica<Line>, tried: ReadonlySet<string>): boolean {
  const ranks = [
    Number(tried.has(a.address)) - Number(tried.has(b.address)),
    a.silent - b.silent,
    Number(b.takes) - Number(a.takes),
    a.busy - b.busy,
  ]
  return (ranks.find((rank) => rank !== 0) ?? 0) < 0
}
