import { bookCheck } from '@stoa/chassis/service.ts'
import { SmtpUrl } from '@stoa/chassis/settings.ts'
import { transportFor } from './adapters/transport.ts'
import { sandboxOf } from './settings.ts'
import { sentTwice, stuckMessages } from './store.ts'

const EXAMPLES_MAX = 10
/** Longer than any lease: by then a try is over, or its worker is dead and another should have come. */
const STUCK_HOURS = 1

/** By our own book and, where the provider keeps one, by the provider's. */
export const noMessageSentTwice = bookCheck('no message sent twice', async ({ db, ...context }) => {
  const own = await sentTwice(db)
  const provider = await transportFor(context.setting(SmtpUrl), sandboxOf(context))?.repeats?.()
  if (!provider) return own
  return {
    examined: own.examined + provider.examined,
    broken: own.broken + provider.repeated.length,
    examples: [...own.examples, ...provider.repeated].slice(0, EXAMPLES_MAX),
  }
})

export const noMessageForgotten = bookCheck('no message left in the hands of a dead try', async ({ db }) => stuckMessages(db, STUCK_HOURS))
