import { job } from '@stoa/chassis/service.ts'
import { deleteOldMessages } from './store.ts'

const DAY_SECONDS = 86_400
/** A message is of interest to its reader, and to whoever helps them, for two years. */
const KEPT_DAYS = 730
const DELETED_MAX = 5000

/** Forgets old messages. */
export const forgetOldMessages = job('forget-old-messages', DAY_SECONDS, async ({ transaction }) => {
  await transaction(async (tx) => deleteOldMessages(tx, KEPT_DAYS, DELETED_MAX))
})
