/** The simulation's processes over PostgreSQL itself, with rivals at real speed, broken connections, and deaths at fail-points. A seed chooses the scene; the server chooses who is first. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Tx } from '../database/sql.ts'
import { onFailPoint } from '../fail-point.ts'
import { checkAlways, checkAtRest } from './checks.ts'
import { CONSUMERS, consume, dawdle, fire, produce, type Scene, type Self, sequence, sometimes, work } from './lives.ts'
import type { PostgresWorld, Terminator } from './postgres-world.ts'
import { Random } from './random.ts'
import { Death } from './scheduler.ts'
import type { Books } from './world.ts'

/** How long a second of the scene takes. */
const SECOND_MS = 4
/** Faults go on while there is something to produce, within these bounds. */
const CHAOS_ROUNDS_MIN = 6
const CHAOS_ROUNDS_MAX = 60
const REST_MS_MAX = 10_000
const READ_TRIES = 10

/** Fail-points at which processes die here, each in its turn. */
export const MORTAL_POINTS: readonly string[] = [
  'sequencer.after-lock',
  'sequencer.before-commit',
  'consumer.after-advance',
  'consumer.before-commit',
  'consumer.after-commit',
  'timers.after-take',
  'timers.before-commit',
  'transaction.before-commit',
  'transaction.after-commit',
]

/** Ends a process that would go on for ever. */
class Stopped extends Error {}

type Life = (self: Self<Tx>) => Promise<void>

class Stage {
  readonly random: Random
  readonly scene: Scene
  readonly #world: PostgresWorld
  readonly #terminator: Terminator
  readonly #lives: Promise<void>[] = []
  /** Where a process of this seed surely dies, and at which pass. */
  readonly #fatal: { readonly point: string; passes: number }
  #producing = 0
  #stopped = false
  #failure: unknown

  constructor(seed: number, world: PostgresWorld, terminator: Terminator) {
    const random = new Random(seed)
    this.random = random
    this.#world = world
    this.#terminator = terminator
    this.#fatal = { point: MORTAL_POINTS[seed % MORTAL_POINTS.length] as string, passes: random.whole(1, 3) }
    const poison = random.chance(0.5) ? random.whole(3, 6) : 0
    this.scene = {
      random,
      keys: Array.from({ length: random.whole(1, 4) }, (_, index) => `key-${index}`),
      toProduce: random.whole(6, 20),
      acknowledged: [],
      isPoison: (consumer, { key, n }) => poison > 0 && (n + key.length + consumer.length + Number(key.at(-1))) % poison === 0,
      calm: false,
      seen: new Map(),
      books: () => world.books(),
    }
  }

  async run(): Promise<void> {
    const { random, scene } = this
    for (let one = random.whole(1, 3); one > 0; one--) this.#start(produce, 'producer')
    for (let one = random.whole(1, 2); one > 0; one--) this.#start(sequence, 'sequencer')
    for (const consumer of CONSUMERS)
      for (let one = random.whole(1, 2); one > 0; one--) this.#start((self) => consume(self, consumer), consumer)
    for (let one = random.whole(1, 2); one > 0; one--) this.#start(fire, 'timers')
    for (let one = random.whole(1, 2); one > 0; one--) this.#start(work, 'worker')
    if (random.chance(0.2)) this.#start(dawdle, 'dawdler')
    try {
      for (let round = 0; round < CHAOS_ROUNDS_MIN || (round < CHAOS_ROUNDS_MAX && this.#producing > 0); round++) await this.#chaos()
      scene.calm = true
      await this.#rest()
    } finally {
      this.#stopped = true
      await Promise.all(this.#lives)
    }
    if (this.#failure !== undefined) throw this.#failure
    checkAtRest(await this.#world.books(), scene)
  }

  /** Called by the shipped code at each of its fail-points. */
  readonly atFailPoint = (name: string): void => {
    if (this.scene.calm) return
    const fatal = name === this.#fatal.point && --this.#fatal.passes === 0
    if (!fatal && !this.random.chance(0.01)) return
    sometimes(this.scene, `died at ${name}`)
    throw new Death(name)
  }

  #start(life: Life, name: string): void {
    if (name === 'producer' || name === 'dawdler') this.#producing++
    const live = async () => {
      for (;;) {
        try {
          await life({ connection: this.#world.connect(), scene: this.scene, sleep: (seconds) => this.#sleep(seconds) })
          return
        } catch (error) {
          // The dawdler writes one event and always the same: if it died after its commit, another life would write it again.
          if (error instanceof Death && name !== 'dawdler') continue
          if (!(error instanceof Death || error instanceof Stopped)) this.#failure ??= error
          return
        }
      }
    }
    this.#lives.push(
      live().finally(() => {
        if (name === 'producer' || name === 'dawdler') this.#producing--
      }),
    )
  }

  async #sleep(seconds: number): Promise<void> {
    await pause(Math.min(seconds * SECOND_MS, 100))
    if (this.#stopped) throw new Stopped()
  }

  async #chaos(): Promise<void> {
    await pause(this.random.whole(2, 8))
    if (this.random.chance(0.3) && (await this.#terminator.strike((count) => this.random.whole(0, count - 1))))
      sometimes(this.scene, 'a backend was terminated')
    await this.#world.advance(this.random.whole(1, 4)).catch(() => {})
    if (this.random.chance(0.2)) checkAlways(await this.#readBooks())
  }

  /** Deaths and terminations come to whoever has a transaction open, the reader of the books included. */
  async #readBooks(triesLeft = READ_TRIES): Promise<Books> {
    return this.#world.books().catch((error: unknown) => {
      if (triesLeft === 1) throw error
      return this.#readBooks(triesLeft - 1)
    })
  }

  async #rest(): Promise<void> {
    const until = Date.now() + REST_MS_MAX
    while (Date.now() < until && this.#failure === undefined) {
      await this.#world.advance(600)
      const { outbox, log, parked, moments, effects } = await this.#world.books()
      const done = CONSUMERS.every((consumer) => effects.filter((one) => one.by === consumer).length >= log.length)
      if (done && this.#producing === 0 && outbox.length + parked.length + moments.length === 0) return
      await pause(5)
    }
    if (this.#failure === undefined) throw new Error(`not at rest after ${REST_MS_MAX} ms`)
  }
}

/** Runs one seed in an empty world; answers what happened. Throws: the first broken promise. */
export async function simulateOnPostgres(seed: number, world: PostgresWorld, terminator: Terminator): Promise<ReadonlyMap<string, number>> {
  await world.reset()
  const stage = new Stage(seed, world, terminator)
  onFailPoint(stage.atFailPoint)
  try {
    await stage.run()
    return stage.scene.seen
  } catch (error) {
    throw new Error(`seed ${seed} on PostgreSQL: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  } finally {
    onFailPoint(undefined)
  }
}
