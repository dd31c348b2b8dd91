import { job } from '@stoa/chassis/service.ts'
import { countWords, wordsAreStale } from './store/words.ts'
import { INDEX } from './store/write.ts'

const EVERY_SECONDS = 5

/** Ranking and spelling need to know how common each word is; roughly is enough, so it is not counted at every change. */
export const countWordsAnew = job('search.count-words', EVERY_SECONDS, async ({ db, transaction }) => {
  if (!(await wordsAreStale(db))) return
  await transaction(async (tx) => {
    await countWords(tx)
    tx.touch([INDEX])
  })
})
