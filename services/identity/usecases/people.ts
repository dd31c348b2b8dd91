/** What an account says of itself, opened with its person's key. */
import type { Static } from 'typebox'
import { MailKind, type Profile, type User } from '@stoa/contracts/identity.ts'
import type { Address } from '@stoa/contracts/shared.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { TransactionFn } from '@stoa/chassis/service.ts'
import { LANGUAGES } from '../domain/identifiers.ts'
import { addressesOf, type AddressRow } from '../store/addresses.ts'
import type { AccountRow } from '../store/accounts.ts'
import { findPerson, insertPerson, type PersonRow } from '../store/people.ts'
import { newPersonKey, openField, openPersonKey, type PersonKey, type Secrets } from '../vault.ts'

const MAIL_KINDS = MailKind.anyOf.map((one) => one.const)

export function personOf(secrets: Secrets, account: AccountRow): PersonKey {
  return openPersonKey(secrets, { personId: account.id, kekId: account.kekId, sealedKey: account.sealedKey })
}

export function userOf(secrets: Secrets, account: AccountRow): Static<typeof User> {
  const person = personOf(secrets, account)
  return {
    id: account.id,
    email: openField(person, 'email', account.emailSealed),
    username: account.username,
    name: account.nameSealed === null ? null : openField(person, 'name', account.nameSealed),
    roles: account.roles,
    emailVerified: account.verified,
  }
}

export async function profileOf(secrets: Secrets, db: Db, account: AccountRow): Promise<Static<typeof Profile>> {
  const person = personOf(secrets, account)
  const rows = await addressesOf(db, account.id)
  const addresses = rows.map((row) => ({ ...openAddress(person, row), id: row.id, default: row.isDefault }))
  return { ...userOf(secrets, account), groups: account.groups, addresses, preferences: account.preferences }
}

export function openAddress(person: PersonKey, row: AddressRow): Address {
  return JSON.parse(openField(person, `address:${row.id}`, row.sealed)) as Address
}

/** The language to write to an account in. */
export function languageOf(account: AccountRow): string {
  return account.preferences.language ?? LANGUAGES[0]
}

/** The kinds of mails that an account does not want. */
export function unwantedOf({ preferences: { mails = {} } }: AccountRow): Static<typeof MailKind>[] {
  return MAIL_KINDS.filter((kind) => mails[kind] === false)
}

/** The data key of a guest, made and stored when there is none. Undefined when the id belongs to an account. */
export async function guestKeyFor(secrets: Secrets, db: Db, transaction: TransactionFn, personId: string): Promise<PersonKey | undefined> {
  const found = await findPerson(db, personId)
  const person = found.person ?? (await transaction((tx) => makeGuest(secrets, tx, personId, found.newestKekId)))
  return person.guest ? openPersonKey(secrets, person) : undefined
}

/** Stores a fresh key for a guest, or finds the one that a rival has just made. */
async function makeGuest(secrets: Secrets, tx: Tx, personId: string, kekId: string): Promise<PersonRow> {
  const made = { personId, guest: true, kekId, sealedKey: newPersonKey(secrets, personId, kekId).sealed }
  return (await insertPerson(tx, made)) ? made : ((await findPerson(tx, personId)).person as PersonRow)
}
