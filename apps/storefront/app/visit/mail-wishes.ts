/** Between the form of mail wishes and an account's preferences. */
import { collect, fieldErrors, type FieldErrors } from './forms.ts'
import type { Profile } from './shop.ts'
import type { Problem } from './visit.ts'

type Preferences = Profile['preferences']

/** Where quiet hours are first offered; the visitor's own place is not known without scripts. */
const FIRST_PLACE = 'Europe/Berlin'

/** What the form shows: of the account, or as it was typed. */
export function wishTexts({ language, channels, mails, quietHours }: Preferences): Record<string, string> {
  const ticked = (name: string, wanted: boolean | undefined) => ((wanted ?? true) ? { [name]: 'on' } : {})
  return {
    language: language?.slice(0, 2) ?? 'en',
    quietFrom: quietHours?.from ?? '',
    quietTo: quietHours?.to ?? '',
    timeZone: quietHours?.timeZone ?? FIRST_PLACE,
    ...ticked('email', channels?.email),
    ...ticked('order-progress', mails?.['order-progress']),
    ...ticked('account-news', mails?.['account-news']),
  }
}

/** What is wrong with the form, if anything: both times or none. */
export function wishErrors({ quietFrom = '', quietTo = '' }: Record<string, string>): FieldErrors {
  return collect({
    quietFrom: quietFrom === '' && quietTo !== '' ? 'Say when they begin, or leave both empty.' : undefined,
    quietTo:
      quietTo === '' && quietFrom !== ''
        ? 'Say when they end, or leave both empty.'
        : quietTo !== '' && quietTo === quietFrom
          ? 'Let them end at another time than they begin.'
          : undefined,
  })
}

/** The preferences that the form asks for. */
export function wishesOf(texts: Record<string, string>): Preferences {
  const { quietFrom = '', quietTo = '', timeZone = FIRST_PLACE, language } = texts
  return {
    ...(language ? { language } : {}),
    channels: { email: 'email' in texts },
    mails: { 'order-progress': 'order-progress' in texts, 'account-news': 'account-news' in texts },
    quietHours: quietFrom === '' ? null : { from: quietFrom, to: quietTo, timeZone },
  }
}

const FIELDS: Readonly<Record<string, string>> = { from: 'quietFrom', to: 'quietTo' }

/** What the API found wrong, by the form's own fields. */
export function refusedWishes(problem: Problem): FieldErrors {
  const errors = Object.entries(fieldErrors(problem, () => 'This is not right.'))
  if (errors.length === 0) return { quietFrom: 'That did not work just now. Please try again.' }
  return Object.fromEntries(errors.map(([name, message]) => [FIELDS[name] ?? name, message]))
}

/** Every place whose clock is known, the chosen one among them. */
export function timeZones(chosen: string): string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', chosen])].sort()
}
