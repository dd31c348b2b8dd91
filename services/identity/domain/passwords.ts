/** Which passwords are too easily guessed. */
import type { FieldError } from '@stoa/chassis/contract.ts'
import { commonPasswords } from './common-passwords.ts'

/** What a guesser knows of a person: their own words are no password. */
export interface Surroundings {
  readonly email?: string | undefined
  readonly username?: string | null | undefined
  readonly shopName: string
}

/** The fault of a password under `path`, or none. Case does not count. */
export function passwordFaults(path: string, password: string, around: Surroundings): FieldError[] {
  const folded = password.toLowerCase()
  if (commonPasswords.has(folded)) {
    return [{ path, code: 'too-common', message: 'This password is among the commonest. Choose one that others do not use.' }]
  }
  const own = [around.email, around.email?.split('@')[0], around.username, around.shopName].map((word) => word?.trim().toLowerCase())
  if (own.includes(folded)) {
    return [{ path, code: 'too-obvious', message: 'Your address, your user name or the name of the shop is no password.' }]
  }
  return []
}
