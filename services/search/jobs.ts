import { job } from '@stoa/chassis/service.ts'
import { STRETCHES_KEPT, stretchOf } from './domain/common.ts'
import { engineOf } from './engines.ts'
import { takeNoted } from './questions.ts'
import { endForsakenMirror } from './store/mirror.ts'
import { addQuestions, trimQuestions } from './store/questions.ts'
import { isUnsent } from './store/unsent.ts'
import { sendUnsent } from './workers.ts'

const EVERY_SECONDS = 5

/** What the engine keeps in order beside the questions: how common each word is, and the like. What was noted and not sent is sent. */
export const tendEngine = job('search.tend-engine', EVERY_SECONDS, async ({ db, transaction, signal, ...rest }) => {
  const engine = engineOf(rest)
  await engine.tend({ db, transaction, signal })
  if (!engine.send) await transaction(endForsakenMirror)
  else if (await isUnsent(db)) await transaction(async (tx) => tx.schedule(sendUnsent, 'left over', 0))
})

const QUESTIONS_MAX = 20_000

/** Writes down what shoppers asked of this process since the last time. */
export const countQuestions = job('search.count-questions', EVERY_SECONDS, async ({ db, now }) => {
  const noted = takeNoted(db)
  if (noted.length === 0) return
  for (const stretch of new Set(noted.map((one) => one.stretch)))
    await addQuestions(
      db,
      stretch,
      noted.filter((one) => one.stretch === stretch),
    )
  await trimQuestions(db, stretchOf(now) - STRETCHES_KEPT, QUESTIONS_MAX)
})
