/**
 * A deterministic scheduler: actors run one at a time, from one wait to the next, and a seed decides whose turn it is.
 * The clock is virtual: it moves when the seed says so, or when nobody can go on before it does.
 */
import type { CommitFate, Session } from './memory-database.ts'
import type { Random } from './random.ts'

interface Waiting {
  readonly ready: () => boolean
  readonly until: number
  readonly resume: () => void
}

/** Thrown by a fail-point at which the process dies. */
export class Death extends Error {}

/** A process: dies between two of its waits, and never knows. */
export class Actor implements Session {
  readonly name: string
  readonly #scheduler: Scheduler
  readonly #fate: () => CommitFate
  waiting: Waiting | undefined
  dead = false
  ended = false

  constructor(scheduler: Scheduler, name: string, fate: () => CommitFate) {
    this.#scheduler = scheduler
    this.name = name
    this.#fate = fate
  }

  wait(ready: () => boolean, until: number): Promise<void> {
    return new Promise((resume) => {
      this.waiting = { ready, until, resume }
      this.#scheduler.handOff()
    })
  }

  sleep(seconds: number): Promise<void> {
    return this.wait(() => false, this.#scheduler.now + seconds)
  }

  commitFate(): CommitFate {
    return this.#fate()
  }
}

/** Longest step of the clock that nobody asked for. */
const DRIFT_SECONDS_MAX = 0.5

export class Scheduler {
  now = 1_000_000
  /** Whose turn it is. */
  current: Actor | undefined
  steps = 0
  /** What ended an actor that should not have ended so. */
  failure: unknown
  readonly #random: Random
  readonly #fate: () => CommitFate
  #actors: Actor[] = []
  #handedOff: (() => void) | undefined

  constructor(random: Random, fate: () => CommitFate) {
    this.#random = random
    this.#fate = fate
  }

  get living(): readonly Actor[] {
    return this.#actors
  }

  /** Starts an actor; it goes on when its turn comes. */
  spawn(name: string, life: (actor: Actor) => Promise<void>): Actor {
    const actor = new Actor(this, name, this.#fate)
    this.#actors.push(actor)
    actor.waiting = { ready: () => true, until: 0, resume: () => this.#begin(actor, life) }
    return actor
  }

  #begin(actor: Actor, life: (actor: Actor) => Promise<void>): void {
    life(actor)
      .catch((error: unknown) => {
        if (!(error instanceof Death)) this.failure ??= error
      })
      .finally(() => {
        actor.ended = true
        this.#actors = this.#actors.filter((one) => one !== actor)
        this.handOff()
      })
  }

  /** The process is killed: it never gets another turn. */
  kill(actor: Actor): void {
    actor.dead = true
    actor.waiting = undefined
    this.#actors = this.#actors.filter((one) => one !== actor)
  }

  handOff(): void {
    const handedOff = this.#handedOff
    this.#handedOff = undefined
    handedOff?.()
  }

  /** Gives turns until `done`, at most `stepsMax`; `between` runs between any two. Answers whether it was done. */
  async run(done: () => boolean, stepsMax: number, between: () => void): Promise<boolean> {
    for (let step = 0; step < stepsMax; step++) {
      if (this.failure !== undefined) throw this.failure
      if (done()) return true
      const next = this.#choose()
      if (!next) return done()
      this.steps++
      this.current = next
      const { resume } = next.waiting as Waiting
      next.waiting = undefined
      await new Promise<void>((handedOff) => {
        this.#handedOff = handedOff
        resume()
      })
      this.current = undefined
      between()
    }
    return done()
  }

  #choose(): Actor | undefined {
    if (this.#random.chance(0.2)) this.now += this.#random.below(1) * DRIFT_SECONDS_MAX
    const able = this.#actors.filter((one) => one.waiting && (one.waiting.until <= this.now || one.waiting.ready()))
    if (able.length > 0) return this.#random.of(able)
    const next = Math.min(...this.#actors.map((one) => one.waiting?.until ?? Number.POSITIVE_INFINITY))
    if (!Number.isFinite(next)) return undefined
    this.now = next
    return this.#random.of(this.#actors.filter((one) => one.waiting && one.waiting.until <= next))
  }
}
