import { bookCheck } from '@stoa/chassis/service.ts'
import { lifetimesOf } from './settings.ts'
import { accountsWithoutKey } from './store/accounts.ts'
import { sessionsPastTheirLife } from './store/sessions.ts'

export const everyAccountHasItsKey = bookCheck('every account has a person key', async ({ db }) => accountsWithoutKey(db))

export const noSessionOutlivesItsEnd = bookCheck('no session can be refreshed past its absolute lifetime', async ({ db, ...context }) =>
  sessionsPastTheirLife(db, lifetimesOf(context)),
)
