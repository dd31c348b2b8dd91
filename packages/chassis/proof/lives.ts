/** The processes of the simulation: producers, sequencers, consumers, timers and workers, running the shipped code over a world's ports. */
import { StreamReader } from '../events/consume.ts'
import type { LogRecord } from '../events/ports.ts'
import { Fault, isTransient } from '../fault.ts'
import { fireTimers, workTask } from '../moments/fire.ts'
import type { ClaimedTask, DueMoment } from '../moments/ports.ts'
import type { Random } from './random.ts'
import type { Books, Connection, Numbered } from './world.ts'

export const STREAM = 'shop.events'
/** Consumers of the stream; the first also schedules timers and tasks. */
export const CONSUMERS = ['ledger', 'mirror'] as const
/** Fire once for each event, and so often again as `data.left` says. */
export const REMIND = 'remind'
/** Moved by every event of its key; tells the last one. */
export const DEADLINE = 'deadline'
/** Done once for each event. */
export const MAIL = 'mail'
/** Enqueued anew by every event of its key, also while it runs. */
export const REFRESH = 'refresh'
const LEASE_SECONDS = 10

/** What all processes of one run share. Kept by no process, so it survives each of them. */
export interface Scene {
  readonly random: Random
  readonly keys: readonly string[]
  /** Transactions that producers have still to try. */
  toProduce: number
  /** Events whose commit was told to the producer. */
  readonly acknowledged: Numbered[]
  /** Whether this consumer cannot digest this event. */
  isPoison(consumer: string, event: Numbered): boolean
  /** Faults end: poison is cured, nobody stumbles. */
  calm: boolean
  readonly seen: Map<string, number>
  books(): Promise<Books>
}

/** One process. */
export interface Self<Tx> {
  readonly connection: Connection<Tx>
  readonly scene: Scene
  sleep(seconds: number): Promise<void>
}

/** Counts what happened, for the assertions that it happened at all. */
export function sometimes(scene: Scene, what: string): void {
  scene.seen.set(what, (scene.seen.get(what) ?? 0) + 1)
}

class RolledBack extends Error {}
class Poison extends Error {}
class LeaseLost extends Error {}

/** Changes aggregates and publishes, until all is produced. Some transactions take long, some are given up. */
export async function produce<Tx>(self: Self<Tx>): Promise<void> {
  const { connection, scene } = self
  const { random } = scene
  while (scene.toProduce > 0) {
    scene.toProduce--
    const keys = [...new Set([random.of(scene.keys), random.of(scene.keys)])].slice(0, random.whole(1, 2))
    const late = !scene.calm && random.chance(0.25)
    const givenUp = !scene.calm && random.chance(0.15)
    const written: Numbered[] = []
    try {
      await connection.produce(async (tx) => {
        for (const key of keys) {
          const n = await connection.bump(tx, key)
          connection.publish(tx, STREAM, key, n)
          written.push({ key, n })
        }
        if (late) await self.sleep(random.below(3))
        if (givenUp) throw new RolledBack()
      })
      scene.acknowledged.push(...written)
      if (late) sometimes(scene, 'a transaction committed late')
    } catch (error) {
      if (error instanceof RolledBack) sometimes(scene, 'a transaction was given up')
      else noteFault(scene, error)
    }
    await self.sleep(random.below(1))
  }
}

/** Keeps a transaction of its own open for long; it must not hold up anybody else's events. */
export async function dawdle<Tx>(self: Self<Tx>): Promise<void> {
  const { connection, scene } = self
  try {
    await connection.produce(async (tx) => {
      await connection.bump(tx, 'dawdler')
      connection.publish(tx, STREAM, 'dawdler', 1)
      const before = (await scene.books()).log.length
      await self.sleep(20)
      if ((await scene.books()).log.length > before) sometimes(scene, 'events moved past a long transaction')
    })
  } catch (error) {
    noteFault(scene, error)
  }
}

/** Moves events from the outbox to the stream. */
export async function sequence<Tx>(self: Self<Tx>): Promise<never> {
  const { connection, scene } = self
  for (;;) {
    try {
      const { moved } = await connection.sequencer.sequence(scene.random.whole(1, 8))
      await self.sleep(moved > 0 ? 0.1 : restSeconds(scene))
    } catch (error) {
      noteFault(scene, error)
      await self.sleep(0.5)
    }
  }
}

/** Reads the stream and leaves effects; replays parked keys now and then. */
export async function consume<Tx>(self: Self<Tx>, consumer: string): Promise<never> {
  const { scene, connection } = self
  const reader = new StreamReader<Tx>({
    consumer,
    source: connection.source(STREAM),
    store: connection.consumers,
    types: new Set(['Changed']),
    isTransient,
    apply: (_type, records, tx) => applyAll(self, consumer, records, tx),
  })
  for (;;) {
    try {
      const step = await reader.step()
      if (step.outcome === 'halted') throw new Halted(step.reason)
      if (step.outcome === 'fenced') sometimes(scene, 'a consumer was fenced')
      if (step.outcome === 'idle' && (scene.calm || scene.random.chance(0.1))) await replayParked(self, reader, consumer)
      await self.sleep(step.outcome === 'moved' ? 0.05 : restSeconds(scene))
    } catch (error) {
      if (error instanceof Halted) throw error
      noteFault(scene, error)
      await self.sleep(0.5)
    }
  }
}

class Halted extends Error {}

async function applyAll<Tx>(self: Self<Tx>, consumer: string, records: readonly LogRecord[], tx: Tx): Promise<void> {
  const { connection, scene } = self
  for (const record of records) {
    const { key, n } = record.data as Numbered
    if (!scene.calm && scene.random.chance(0.02)) {
      sometimes(scene, 'a handler met a passing fault')
      throw new Fault('unavailable', 'a neighbour is away')
    }
    await connection.note(tx, { by: consumer, key, n, part: record.part, seq: record.seq })
    if (!scene.calm && scene.isPoison(consumer, { key, n })) {
      sometimes(scene, 'a handler met poison')
      throw new Poison(`${key}/${n}`)
    }
    if (consumer !== CONSUMERS[0]) continue
    const once = `${key}/${n}`
    connection.schedule(tx, REMIND, once, scene.random.below(10), { left: n % 2 })
    connection.schedule(tx, MAIL, once, scene.random.below(5), { n })
    connection.schedule(tx, DEADLINE, key, scene.random.below(10), { n })
    connection.schedule(tx, REFRESH, key, scene.random.below(3), { n })
  }
}

async function replayParked<Tx>({ scene }: Self<Tx>, reader: StreamReader<Tx>, consumer: string): Promise<void> {
  const parked = (await scene.books()).parked.filter((one) => one.consumer === consumer)
  if (parked.length === 0) return
  sometimes(scene, 'an event was parked')
  const { key } = scene.random.of(parked)
  if (parked.some((one) => one.key === key && !scene.isPoison(consumer, one)))
    sometimes(scene, 'a later event of a parked key was parked behind it')
  if ((await reader.replay(key)) > 0) sometimes(scene, 'a parked key was replayed')
}

/** Fires timers. */
export async function fire<Tx>(self: Self<Tx>): Promise<never> {
  const { connection, scene } = self
  const { moments } = connection
  const names = [REMIND, DEADLINE]
  const run = async (moment: DueMoment, tx: Tx) => {
    const data = moment.data as { left?: number; n?: number }
    await connection.note(tx, { by: moment.name, key: moment.key, n: data.left ?? data.n ?? -1 })
    if (!scene.calm && scene.random.chance(0.1)) throw new Error('a timer stumbled')
    if (!data.left) return
    connection.schedule(tx, REMIND, moment.key, scene.random.below(5), { left: data.left - 1 })
    sometimes(scene, 'a timer set itself again')
  }
  for (;;) {
    try {
      const seconds = await moments.secondsUntilNext(names)
      if (seconds === undefined || seconds > 0) await self.sleep(Math.min(seconds ?? restSeconds(scene), restSeconds(scene)))
      else await fireTimers(moments, names, run, () => sometimes(scene, 'a timer failed and was put back'))
    } catch (error) {
      noteFault(scene, error)
      await self.sleep(0.5)
    }
  }
}

/** Works tasks under leases that it may outstay. */
export async function work<Tx>(self: Self<Tx>): Promise<never> {
  const { connection, scene } = self
  const { moments } = connection
  const run = async (task: ClaimedTask): Promise<boolean> => {
    if (!scene.calm && scene.random.chance(0.1)) await self.sleep(LEASE_SECONDS * 1.5)
    if (!scene.calm && scene.random.chance(0.05)) return false
    await moments.transaction(async (tx) => {
      await connection.note(tx, { by: task.name, key: task.key, n: (task.data as { n: number }).n })
      if ((await moments.finish(tx, task)) === 'lost') throw new LeaseLost()
    })
    return true
  }
  for (;;) {
    try {
      const name = scene.random.of([MAIL, REFRESH])
      const seconds = await moments.secondsUntilNext([name])
      const tasks = seconds === 0 ? await moments.claim(name, scene.random.whole(1, 3), LEASE_SECONDS) : []
      for (const task of tasks)
        await workTask(moments, task, run, (_, error) =>
          sometimes(scene, error instanceof LeaseLost ? 'a lease was lost and its effects undone' : 'a task failed and was given back'),
        )
      if (tasks.length === 0) await self.sleep(Math.min(seconds ?? restSeconds(scene), restSeconds(scene)))
    } catch (error) {
      noteFault(scene, error)
      await self.sleep(0.5)
    }
  }
}

/** How long one who found nothing rests. */
function restSeconds(scene: Scene): number {
  return scene.calm ? 5 : 0.5 + scene.random.below(3)
}

const KNOWN: Readonly<Record<string, string>> = {
  '40P01': 'a deadlock was broken',
  '55P03': 'a lock was waited for in vain',
  '57P01': 'a backend was terminated',
  'commit-unknown': 'the outcome of a commit was unknown',
}

/** Faults that a process lives through. Throws: what is no such fault, for it is a bug. */
function noteFault(scene: Scene, error: unknown): void {
  const code = (error as { code?: string }).code ?? ''
  const known = KNOWN[code]
  if (known) sometimes(scene, known)
  else if (!isTransient(error) && !(error instanceof Poison)) throw error
}
