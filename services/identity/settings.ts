import { setting } from '@stoa/chassis/service.ts'
import type { Common } from '@stoa/chassis/service.ts'
import { Type } from 'typebox'
import type { Lifetimes } from './domain/sessions.ts'

const minutes = (standard: number) => Type.Integer({ default: standard, minimum: 1, maximum: 366 * 24 * 60 })

export const SessionIdle = setting('STOA_SESSION_IDLE_MINUTES', minutes(12 * 60), 'a login ends after this long without use')
export const SessionAbsolute = setting(
  'STOA_SESSION_ABSOLUTE_MINUTES',
  minutes(24 * 60),
  'a login ends after this long, however much it is used',
)
export const StayIdle = setting(
  'STOA_STAY_SIGNED_IN_IDLE_MINUTES',
  minutes(30 * 24 * 60),
  'the same for a login that asked to stay signed in',
)
export const StayAbsolute = setting(
  'STOA_STAY_SIGNED_IN_ABSOLUTE_MINUTES',
  minutes(90 * 24 * 60),
  'the same for a login that asked to stay signed in',
)
export const SigningKeyDays = setting(
  'STOA_SIGNING_KEY_DAYS',
  Type.Integer({ default: 30, minimum: 1, maximum: 3650 }),
  'a new key for access tokens is made this often',
)
export const KekDays = setting(
  'STOA_KEY_ENCRYPTION_KEY_DAYS',
  Type.Integer({ default: 365, minimum: 1, maximum: 3650 }),
  'keys of persons are sealed anew with a new key this often',
)

/** Lifetimes of logins now in force. */
export function lifetimesOf({ setting: value }: Pick<Common, 'setting'>): Lifetimes {
  return {
    idle: value(SessionIdle) * 60,
    absolute: value(SessionAbsolute) * 60,
    stayIdle: value(StayIdle) * 60,
    stayAbsolute: value(StayAbsolute) * 60,
  }
}
