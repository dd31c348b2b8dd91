/** Questions of shoppers, counted in memory and written down by a job: what is lost with a process is no loss. */
import { oncePer } from '@stoa/chassis/batcher.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { countable, stretchOf } from './domain/common.ts'

export interface Noted {
  readonly question: string
  readonly stretch: number
  asked: number
}

const NOTED_MAX = 2000
const noted = oncePer<Db, Map<string, Noted>>(() => new Map())

/** Counts a question that found something. Beyond a bound, new ones are let go. */
export function noteQuestion(db: Db, text: string, now: Date): void {
  const question = countable(text)
  if (question === undefined) return
  const stretch = stretchOf(now)
  const name = `${stretch} ${question}`
  const known = noted(db).get(name)
  if (known) known.asked++
  else if (noted(db).size < NOTED_MAX) noted(db).set(name, { question, stretch, asked: 1 })
}

/** All that was noted since the last time. */
export function takeNoted(db: Db): Noted[] {
  const all = [...noted(db).values()]
  noted(db).clear()
  return all.sort((a, b) => a.stretch - b.stretch || (a.question < b.question ? -1 : 1))
}
