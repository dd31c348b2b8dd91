import { job } from '@stoa/chassis/service.ts'
import { engineOf } from './engines.ts'

const EVERY_SECONDS = 5

/** What the engine keeps in order beside the questions: how common each word is, and the like. */
export const tendEngine = job('search.tend-engine', EVERY_SECONDS, ({ db, transaction, signal, ...rest }) =>
  engineOf(rest).tend({ db, transaction, signal }),
)
