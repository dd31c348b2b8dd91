import { setTimeout as sleep } from 'node:timers/promises'
import { job } from '@stoa/chassis/service.ts'
import { booksAtRest } from './books.ts'

const HOUR_SECONDS = 3600
/** Events on their way look like broken books: what is wrong is looked at again before it is believed. */
const LOOKS_MAX = 3
const BETWEEN_LOOKS_MS = 5000

/** Looks into the books by itself, so that there is a metric of what is broken without anybody asking. */
export const checkBooksInTime = job('check-books', HOUR_SECONDS, async ({ call, log, signal }) => {
  for (let look = 1; ; look++) {
    const books = await booksAtRest(call, 0, signal)
    if (books.ok || signal.aborted) return
    const broken = books.checks.filter((one) => !one.ok).map((one) => one.name)
    if (look === LOOKS_MAX) return log.error({ broken }, 'the books are wrong')
    await sleep(BETWEEN_LOOKS_MS, undefined, { signal }).catch(() => {})
  }
})
