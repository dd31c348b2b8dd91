/**
 * Carries a move out, so that a kill at any moment leaves a shop that starts on one side at most, and a second run ends it well:
 *
 * 1. every target is marked `arriving`, every source `leaving`: no shop starts on either, and new sessions may only read;
 * 2. each database is copied whole: its data and the mark `loaded` are one transaction;
 * 3. when all are loaded, every source becomes `away`; 4. when all are away, every target becomes `home`.
 *
 * A run that finds some sources away and some not begins anew: nothing lives at the targets before step 4. Decision 0016.
 */
import { randomUUID } from 'node:crypto'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import { readMark, type Direction, type Mark, type Residence } from '@stoa/chassis/database/residence.ts'
import { copyDatabase } from '@stoa/chassis/moving/copy.ts'
import { clearGround } from '@stoa/chassis/moving/ground.ts'
import { clearMark, othersIn, setMark, type Station } from '@stoa/chassis/moving/station.ts'
import { leave, reach, type Side } from './sides.ts'
import type { Plan } from './verdict.ts'

/** Set when a signal asked for the end. */
export interface Stopped {
  readonly by?: string
}

export interface Moving {
  readonly plan: Plan
  readonly direction: Direction
  readonly shop: string
  readonly source: Side
  readonly target: Side
  readonly stopped: Stopped
  /** Tells how far it is. */
  readonly say: (line: string) => void
}

/** Does what was decided. Throws: what kept it; the source is a home again then, if it can be. */
export async function carryOut(moving: Moving): Promise<void> {
  if (moving.plan === 'done') return
  if (moving.plan === 'undo') return giveUp(moving)
  const move = moving.plan === 'copy' ? await copyAll(moving) : undefined
  try {
    if (move !== undefined) await leaveSource(moving, move)
    await openTarget(moving)
  } catch (error) {
    throw new Error(
      `${(error as Error).message}\nEverything is copied, and both sides are still closed: the same command once more finishes it.`,
      {
        cause: error,
      },
    )
  }
}

/** Copies everything; answers the id of the move. Throws: after opening the source again. */
async function copyAll(moving: Moving): Promise<string> {
  const move = randomUUID()
  try {
    await closeBothSides(moving, move)
    await copyEach(moving, move)
  } catch (error) {
    throw await goHome(moving, error as Error)
  }
  return move
}

async function leaveSource(moving: Moving, move: string): Promise<void> {
  const { source, target } = moving
  for (const station of stationsOf(source)) {
    failPoint('move.before-away')
    await setMark(station, markOf(moving, move, 'away', target.name))
  }
  failPoint('move.after-away')
}

async function closeBothSides(moving: Moving, move: string): Promise<void> {
  const { source, target } = moving
  for (const { service } of target.all)
    if (!target.stations.has(service)) {
      await target.databases.make(service)
      if (!(await reach(target, service))) throw new Error(`the database of ${service} was made at ${target.name} and cannot be reached`)
    }
  failPoint('move.after-making')
  // The targets first: where no mark is, a new shop could be begun.
  for (const station of stationsOf(target)) await setMark(station, markOf(moving, move, 'arriving', source.name))
  failPoint('move.after-arriving')
  for (const station of stationsOf(source)) await setMark(station, markOf(moving, move, 'leaving', target.name))
  failPoint('move.after-leaving')
  // Looked at once more: whoever came before the marks is seen now, whoever comes after them may only read.
  const all = [...stationsOf(source), ...stationsOf(target)]
  const others = (await Promise.all(all.map(async (one) => (await othersIn(one)).map((who) => `${one.name} is used by ${who}`)))).flat()
  if (others.length > 0) throw new Error(`Somebody came in meanwhile:\n${others.map((one) => `  - ${one}`).join('\n')}`)
}

async function copyEach(moving: Moving, move: string): Promise<void> {
  const { source, target, stopped, say } = moving
  const began = performance.now()
  let total = 0
  for (const { service, migrations } of source.all) {
    const at = performance.now()
    const rows = await copyDatabase({
      source: stationOf(source, service),
      target: stationOf(target, service),
      migrations,
      loaded: markOf(moving, move, 'loaded', source.name),
      goOn: () => {
        if (stopped.by !== undefined) throw new Error(`Ended by ${stopped.by}`)
      },
    })
    total += rows
    say(`  ${service.padEnd(16)} ${rows.toLocaleString('en').padStart(12)} rows ${seconds(at)}`)
  }
  say(`  ${'together'.padEnd(16)} ${total.toLocaleString('en').padStart(12)} rows ${seconds(began)}`)
}

async function openTarget({ target }: Moving): Promise<void> {
  for (const station of stationsOf(target)) {
    const mark = await readMark(station.client)
    if (!mark || mark.state === 'home') continue
    failPoint('move.before-home')
    await setMark(station, { ...mark, state: 'home' })
  }
  failPoint('move.after-home')
}

/** After a fault before anything was left: the shop is where it was, and starts there. Answers what to tell. */
async function goHome({ source, direction }: Moving, why: Error): Promise<Error> {
  // The sessions may be in the middle of a copy, or gone.
  await leave(source)
  try {
    for (const { service } of source.all) {
      if (!(await reach(source, service))) throw new Error(`${service} is away`)
      await clearMark(stationOf(source, service))
    }
    return new Error(
      `${why.message}\nThe shop was not moved: it starts where it was. The next npm run move -- --${direction} FILE begins anew.`,
      {
        cause: why,
      },
    )
  } catch (error) {
    return new Error(
      `${why.message}\nThe shop was not moved, and is closed: npm run move -- --${direction} FILE finishes it, with --undo it is given up (${(error as Error).message})`,
      { cause: why },
    )
  }
}

/** No shop may start on a copy after its source was opened again, and a copy that is being removed is no whole one any more. */
async function giveUp({ source, target }: Moving): Promise<void> {
  const unfinished: Station[] = []
  for (const station of stationsOf(target)) {
    const mark = await readMark(station.client)
    if (mark?.state !== 'arriving' && mark?.state !== 'loaded') continue
    unfinished.push(station)
    await setMark(station, { ...mark, state: 'arriving' })
    failPoint('move.undo-before-clearing')
    await clearGround(station.client)
  }
  failPoint('move.undo-before-source')
  for (const station of stationsOf(source)) await clearMark(station)
  failPoint('move.undo-after-source')
  for (const station of unfinished) await clearMark(station)
}

function markOf({ direction, shop }: Moving, move: string, state: Residence, other: string): Omit<Mark, 'at'> {
  return { move, state, direction, other, shop }
}

function stationsOf(side: Side): Station[] {
  return side.all.flatMap(({ service }) => side.stations.get(service) ?? [])
}

function stationOf(side: Side, service: string): Station {
  const station = side.stations.get(service)
  if (!station) throw new Error(`no session in the database of ${service} at ${side.name}`)
  return station
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1).padStart(7)} s`
}
