/** Quiet hours: by the clock of a place, over midnight, and right when that clock is put forward or back. */
import type { Static } from 'typebox'
import type { QuietHours as QuietHoursContract } from '@stoa/contracts/identity.ts'

export type QuietHours = Static<typeof QuietHoursContract>

const DAY_MS = 86_400_000

/** When the quiet hours end that `now` lies in; undefined when it lies in none. */
export function quietUntil({ from, to, timeZone }: QuietHours, now: Date): Date | undefined {
  const clock = clockOf(timeZone)
  const today = clock(now.getTime())
  // Those that began yesterday may still last; the clock may be a day ahead of the one that is asked about.
  for (const day of [today - DAY_MS, today]) {
    const begin = midnightOf(day)
    const starts = momentOf(clock, begin + minutesMs(from), 'first')
    const ends = momentOf(clock, begin + minutesMs(to) + (to < from ? DAY_MS : 0), 'last')
    if (starts <= now.getTime() && now.getTime() < ends) return new Date(ends)
  }
  return undefined
}

/** A moment as the wall clock of a place shows it, written as if that were UTC. */
type Clock = (moment: number) => number

function clockOf(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (moment) => {
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)])) as Record<string, number>
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }
}

/**
 * The moment when the clock of a place shows `wall`. An hour that comes twice is quiet both times, so a beginning is its first and an end
 * its last. An hour that is left out is counted on from before, as Temporal does: 02:30 is then what the clock calls 03:30.
 */
function momentOf(clock: Clock, wall: number, which: 'first' | 'last'): number {
  const offsetAt = (moment: number) => clock(moment) - moment
  const [before, after] = [offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)]
  const shown = [wall - before, wall - after].filter((moment) => clock(moment) === wall)
  if (shown.length === 0) return wall - before
  return which === 'first' ? Math.min(...shown) : Math.max(...shown)
}

function midnightOf(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS
}

function minutesMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}
