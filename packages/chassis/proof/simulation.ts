/** One seeded run in memory: rivals, crashes, broken commits and poison on a virtual clock, then calm, then the books are checked. */
import { onFailPoint } from '../fail-point.ts'
import { checkAlways, checkAtRest } from './checks.ts'
import { CONSUMERS, consume, dawdle, fire, produce, type Scene, type Self, sequence, sometimes, STREAM, work } from './lives.ts'
import type { CommitFate, MemoryTx } from './memory-database.ts'
import { MemoryWorld } from './memory-world.ts'
import { Random } from './random.ts'
import { type Actor, Death, Scheduler } from './scheduler.ts'
import type { Effect } from './world.ts'

/** How a run went. */
export interface Run {
  readonly seed: number
  readonly steps: number
  readonly events: number
  /** What happened, and how often. */
  readonly seen: ReadonlyMap<string, number>
}

/** Everything that must have happened at least once over a whole set of seeds: a fault that never bites proves nothing. */
export const MUST_HAPPEN: readonly string[] = [
  'a transaction committed late',
  'a transaction was given up',
  'events moved past a long transaction',
  'a consumer was fenced',
  'a handler met a passing fault',
  'a handler met poison',
  'an event was parked',
  'a later event of a parked key was parked behind it',
  'a parked key was replayed',
  'a timer set itself again',
  'a timer failed and was put back',
  'a lease was lost and its effects undone',
  'a task failed and was given back',
  'a deadlock was broken',
  'a lock was waited for in vain',
  'a backend was terminated',
  'the outcome of a commit was unknown',
  'a commit was done and not told',
  'a commit was lost',
  'a process was killed',
  'died at sequencer.after-lock',
  'died at sequencer.before-commit',
  'died at consumer.after-advance',
  'died at consumer.before-commit',
  'died at consumer.after-commit',
  'died at timers.after-take',
  'died at timers.before-commit',
]

const STEPS_MAX = 20_000

type Life = (self: Self<MemoryTx>) => Promise<void>

class Stage {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly world: MemoryWorld
  readonly scene: Scene
  readonly #lives = new Map<Actor, { name: string; life: Life }>()
  #checkedVersion = 0

  constructor(seed: number) {
    const random = new Random(seed)
    this.random = random
    this.scheduler = new Scheduler(random, () => this.#fate())
    const clock = { now: () => this.scheduler.now, advance: () => {} }
    this.world = new MemoryWorld([STREAM], clock, () => random.id())
    const poison = random.chance(0.5) ? random.whole(3, 6) : 0
    this.scene = {
      random,
      keys: Array.from({ length: random.whole(1, 4) }, (_, index) => `key-${index}`),
      toProduce: random.whole(4, 16),
      acknowledged: [],
      isPoison: (consumer, { key, n }) => poison > 0 && (n + key.length + consumer.length + Number(key.at(-1))) % poison === 0,
      calm: false,
      seen: new Map(),
      books: () => this.world.books(),
    }
  }

  async run(): Promise<number> {
    const { random, scheduler, scene } = this
    for (let one = random.whole(1, 3); one > 0; one--) this.#start('producer', produce)
    for (let one = random.whole(1, 2); one > 0; one--) this.#start('sequencer', sequence)
    for (const consumer of CONSUMERS)
      for (let one = random.whole(1, 2); one > 0; one--) this.#start(consumer, (self) => consume(self, consumer))
    for (let one = random.whole(1, 2); one > 0; one--) this.#start('timers', fire)
    for (let one = random.whole(1, 2); one > 0; one--) this.#start('worker', work)
    if (random.chance(0.2)) this.#start('dawdler', dawdle)
    await scheduler.run(
      () => false,
      random.whole(80, 400),
      () => this.#chaos(),
    )
    scene.calm = true
    let look = 0
    const rested = await scheduler.run(
      () => ++look % 16 === 0 && this.#isAtRest(),
      STEPS_MAX,
      () => this.#checkNowAndThen(),
    )
    if (!rested) throw new Error(`not at rest after ${scheduler.steps} steps`)
    checkAtRest(await this.world.books(), scene)
    return scheduler.steps
  }

  /** Called by the shipped code at each of its fail-points. */
  readonly atFailPoint = (name: string): void => {
    const actor = this.scheduler.current
    if (!actor || this.scene.calm || !this.random.chance(0.03)) return
    sometimes(this.scene, `died at ${name}`)
    this.#end(actor)
    throw new Death(name)
  }

  #start(name: string, life: Life): void {
    const actor = this.scheduler.spawn(name, async (self) => {
      await life({ connection: this.world.connect(self), scene: this.scene, sleep: (seconds) => self.sleep(seconds) })
    })
    this.#lives.set(actor, { name, life })
  }

  /** Kills a process; another takes its place. */
  #end(actor: Actor): void {
    this.scheduler.kill(actor)
    this.world.producer.abandon(actor)
    this.world.consumer.abandon(actor)
    const { name, life } = this.#lives.get(actor) as { name: string; life: Life }
    if (name !== 'dawdler') this.#start(name, life)
  }

  #chaos(): void {
    if (this.random.chance(0.008)) {
      const living = this.scheduler.living
      if (living.length > 0) {
        sometimes(this.scene, 'a process was killed')
        this.#end(this.random.of(living))
      }
    }
    if (this.random.chance(0.01)) {
      const open = [...this.world.producer.open, ...this.world.consumer.open]
      if (open.length > 0) this.random.of(open).terminate()
    }
    this.#checkNowAndThen()
  }

  #fate(): CommitFate {
    if (this.scene.calm || !this.random.chance(0.04)) return 'done'
    if (this.random.chance(0.5)) {
      sometimes(this.scene, 'a commit was lost')
      return 'lost'
    }
    sometimes(this.scene, 'a commit was done and not told')
    return 'done-untold'
  }

  /** After some of the commits, so that a fault that heals itself later is seen too. */
  #checkNowAndThen(): void {
    const version = this.world.producer.version + this.world.consumer.version
    if (version < this.#checkedVersion + 12) return
    this.#checkedVersion = version
    checkAlways(this.world.booksNow())
  }

  #isAtRest(): boolean {
    if (this.scene.toProduce > 0 || this.world.producer.open.size > 0 || this.world.consumer.open.size > 0) return false
    if (this.scheduler.living.some((one) => one.name === 'producer' || one.name === 'dawdler')) return false
    const { producer, consumer } = this.world
    if (producer.table('outbox').size + consumer.table('parked').size + consumer.table('moments').size > 0) return false
    const effects = [...consumer.table<Effect>('effects').values()]
    return CONSUMERS.every((by) => effects.filter((one) => one.by === by).length >= producer.table('log').size)
  }
}

/** Runs one seed. Throws: the first broken promise. */
export async function simulate(seed: number): Promise<Run> {
  const stage = new Stage(seed)
  const chance = Math.random
  // The jitter of the shipped code draws from the seed, too.
  Math.random = () => stage.random.below(1)
  onFailPoint(stage.atFailPoint)
  try {
    const steps = await stage.run()
    return { seed, steps, events: stage.world.booksNow().log.length, seen: stage.scene.seen }
  } finally {
    Math.random = chance
    onFailPoint(undefined)
  }
}

/** Runs seeds one after the other; answers what happened over all of them. Throws: `SeedFailed` at the first that breaks a promise. */
export async function simulateMany(from: number, count: number): Promise<{ events: number; steps: number; seen: Map<string, number> }> {
  const seen = new Map<string, number>()
  let events = 0
  let steps = 0
  for (let seed = from; seed < from + count; seed++) {
    const run = await simulate(seed).catch((error: unknown) => {
      throw new SeedFailed(seed, error)
    })
    events += run.events
    steps += run.steps
    for (const [what, times] of run.seen) seen.set(what, (seen.get(what) ?? 0) + times)
  }
  return { events, steps, seen }
}

/** A run that broke a promise, and how to see it again. */
export class SeedFailed extends Error {
  readonly seed: number

  constructor(seed: number, cause: unknown) {
    super(
      `seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)} (again: node packages/chassis/proof/simulate.ts --seed ${seed})`,
      { cause },
    )
    this.seed = seed
  }
}
