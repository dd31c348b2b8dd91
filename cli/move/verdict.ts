/** Decides what a move has to do, from what was found on both sides. */
import { notAtHome, type Mark } from '@stoa/chassis/database/residence.ts'
import type { Ground } from '@stoa/chassis/moving/ground.ts'
import type { MoveRequest } from './request.ts'

/** What was found of the database of a service. */
export interface Finding {
  readonly service: string
  /** The database, as people know it. */
  readonly name: string
  readonly ground: Ground | 'missing'
  readonly rows: number
  readonly mark?: Mark | undefined
  /** Who else is in it, in words. */
  readonly others: readonly string[]
}

/** `copy`: everything, from the beginning. `finish`: everything was copied, the other side is only opened. `done`: nothing. `undo`: the source is opened again. */
export type Plan = 'copy' | 'finish' | 'done' | 'undo'

export interface Verdict {
  readonly plan: Plan
  /** Everything that is in the way, in words. */
  readonly faults: readonly string[]
  /** What is removed at the target, in words. */
  readonly removes: readonly string[]
}

/** Something in the way at one database. */
interface Fault {
  readonly name: string
  readonly why: string
}

/** One line for each reason, with all databases it is true of. */
function told(faults: readonly Fault[]): string[] {
  const reasons = [...new Set(faults.map((one) => one.why))]
  return reasons.map((why) => `${faults.flatMap((one) => (one.why === why ? [one.name] : [])).join(', ')}: ${why}`)
}

/** Decides. `shop` is the mark of the shop whose key is at hand. */
export function decide(
  sources: readonly Finding[],
  targets: readonly Finding[],
  wish: Pick<MoveRequest, 'replace' | 'undo'>,
  shop: string,
): Verdict {
  const strangers = [...sources, ...targets].flatMap(({ name, mark }) =>
    mark && mark.shop !== shop ? [{ name, why: 'belongs to another shop (it has another root.key)' }] : [],
  )
  if (strangers.length > 0) return { plan: 'copy', faults: told(strangers), removes: [] }
  if (wish.undo) return undo(sources, targets)
  const copied = moveThatLeft(sources)
  if (copied !== undefined && targets.every((one) => isWholeCopy(one, copied)))
    return { plan: targets.every((one) => one.mark?.state === 'home') ? 'done' : 'finish', faults: [], removes: [] }
  const faults = [...sources.flatMap((one) => inTheWayAtSource(one, targets)), ...targets.flatMap((one) => inTheWayAtTarget(one, wish))]
  const removes = targets.filter(mustBeReplaced).map(({ name, rows }) => `${name}: ${rows.toLocaleString('en')} rows`)
  return { plan: 'copy', faults: told(faults), removes: wish.replace ? removes : [] }
}

/** The move by which all of the sources were left; undefined while one was not. */
function moveThatLeft(sources: readonly Finding[]): string | undefined {
  const move = sources[0]?.mark?.move
  return sources.every(({ mark }) => mark?.state === 'away' && mark.move === move) ? move : undefined
}

function isWholeCopy({ mark }: Finding, move: string): boolean {
  return mark?.move === move && (mark.state === 'loaded' || mark.state === 'home')
}

/** A copy that no shop has ever started on: it may go without a word. */
function isUnfinished({ mark }: Finding): boolean {
  return mark?.state === 'arriving' || mark?.state === 'loaded'
}

/** A source that was left is opened again only where its copy is in sight and nobody has ever sold from it. */
function undo(sources: readonly Finding[], targets: readonly Finding[]): Verdict {
  const gone = sources.filter(({ mark }) => mark?.state === 'away' && !isTornAway(mark, targets))
  const begun = [...sources, ...targets].some(({ mark }) => mark && mark.state !== 'home')
  const unfit = targets.filter(({ mark }) => mark?.state === 'leaving')
  return {
    plan: 'undo',
    faults: [
      ...told([
        ...gone.map(({ name, mark }) => ({ name, why: notAtHome(mark as Mark) as string })),
        ...unfit.map(({ name }) => ({ name, why: 'is being moved itself, in the other direction' })),
        ...[...sources, ...targets].flatMap(inUse),
      ]),
      ...(begun ? [] : ['no move was begun here: there is nothing to give up']),
    ],
    removes: [],
  }
}

function inTheWayAtSource(source: Finding, targets: readonly Finding[]): Fault[] {
  const { name, ground, mark } = source
  const reasons: Partial<Record<Finding['ground'], string>> = {
    missing: 'is not there, or was made with another root.key: no shop lives where it is to be moved from',
    empty: 'is empty: no shop lives where it is to be moved from',
    foreign: FOREIGN,
    older: 'was left by an older version: start the shop there once with this one',
    newer: 'was left by a newer version, or its migrations were edited',
  }
  const away = mark?.state === 'away' && !isTornAway(mark, targets)
  const whys = [reasons[ground], mark && (away || isUnfinished(source)) ? notAtHome(mark) : undefined]
  return [...whys.flatMap((why) => (why === undefined ? [] : [{ name, why }])), ...inUse(source)]
}

const FOREIGN = 'holds tables that are none of a shop’s'

function inUse({ name, others }: Finding): Fault[] {
  return others.map((who) => ({ name, why: `is used by ${who}` }))
}

/** Killed while it said goodbye to one database after the other: nothing lives at the other side yet, so all is copied again. */
function isTornAway(mark: Mark, targets: readonly Finding[]): boolean {
  return targets.some((one) => one.mark?.move === mark.move) && targets.every((one) => one.mark?.move !== mark.move || isUnfinished(one))
}

function mustBeReplaced(target: Finding): boolean {
  return target.ground !== 'missing' && target.ground !== 'empty' && target.ground !== 'foreign' && !isUnfinished(target)
}

function inTheWayAtTarget(target: Finding, { replace }: Pick<MoveRequest, 'replace'>): Fault[] {
  const { name, ground, rows, mark } = target
  if (ground === 'foreign') return [{ name, why: FOREIGN }, ...inUse(target)]
  if (mark?.state === 'leaving') return [{ name, why: notAtHome(mark) as string }, ...inUse(target)]
  const filled = mustBeReplaced(target) && !replace
  return [
    ...(filled ? [{ name: `${name} (${rows.toLocaleString('en')} rows)`, why: 'is not empty: --replace removes what is there' }] : []),
    ...inUse(target),
  ]
}
