/** What an account wishes, and how wishes are joined. */
import type { Static } from 'typebox'
import type { FieldError } from '@stoa/chassis/contract.ts'
import type { Profile } from '@stoa/contracts/identity.ts'

export type Preferences = Static<typeof Profile>['preferences']

/** Preferences after a change: what is given counts, the rest stays, also within channels and mails. */
export function mergePreferences(before: Preferences, given: Preferences): Preferences {
  const channels = { ...before.channels, ...given.channels }
  const mails = { ...before.mails, ...given.mails }
  return {
    ...before,
    ...given,
    ...(Object.keys(channels).length > 0 ? { channels } : {}),
    ...(Object.keys(mails).length > 0 ? { mails } : {}),
  }
}

/** Names of places only: `+01:00` is no place, and would know nothing of summer. */
const PLACE = /^[A-Za-z][A-Za-z0-9_+\-/]*$/

const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/

/** What is wrong with quiet hours. Of their form, too: the schema, where they may be null, can name but the whole. */
export function quietHoursFaults(path: string, given: unknown): FieldError[] {
  if (typeof given !== 'object' || given === null) return []
  const { from, to, timeZone } = given as { from?: unknown; to?: unknown; timeZone?: unknown }
  const errors: FieldError[] = Object.entries({ from, to })
    .filter(([, time]) => typeof time !== 'string' || !TIME.test(time))
    .map(([name]) => ({ path: `${path}.${name}`, code: 'malformed', message: 'must be a time of day, such as 22:00' }))
  if (typeof timeZone === 'string' && !isTimeZone(timeZone))
    errors.push({ path: `${path}.timeZone`, code: 'not-allowed', message: 'must be the name of a time zone, such as Europe/Berlin' })
  if (typeof from === 'string' && from === to)
    errors.push({ path: `${path}.to`, code: 'not-allowed', message: 'must not be the same as from' })
  return errors
}

function isTimeZone(name: string): boolean {
  if (!PLACE.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
