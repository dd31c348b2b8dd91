/** What an account says of itself, opened with its person's key. */
import type { Static } from 'typebox'
import { MailKind, type Profile, type User } from '@stoa/contracts/identity.ts'
import type { Address } from '@stoa/contracts/shared.ts'
import { createBatcher, createLookup, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { LANGUAGES } from '../domain/identifiers.ts'
import { addressesOf, type AddressRow } from '../store/addresses.ts'
import type { AccountRow } from '../store/accounts.ts'
import { findPeople, insertPeople, type Found, type PersonRow } from '../store/people.ts'
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

const personLookup = oncePer((db: Db) => createLookup((ids: string[]) => findPeople(db, ids)))

/** Guests of one moment, in one statement; of two with one id the first is taken down. */
const guestBatch = oncePer((db: Db) =>
  createBatcher<PersonRow, boolean>({ itemsMax: 100, waitMs: 1, lanes: 2, queueMax: 1000 }, async (guests) => {
    const first = new Map(guests.toReversed().map((one) => [one.personId, one]))
    const made = await insertPeople(db, [...first.values()])
    return guests.map((one) => made.has(one.personId) && first.get(one.personId) === one)
  }),
)

/** The data key of a guest, made and stored when there is none. Undefined when the id belongs to an account. */
export async function guestKeyFor(secrets: Secrets, db: Db, personId: string): Promise<PersonKey | undefined> {
  const { person: known, newestKekId: kekId } = (await personLookup(db)([personId])).get(personId) as Found
  const person = known ?? (await makeGuest(secrets, db, personId, kekId))
  return person.guest ? openPersonKey(secrets, person) : undefined
}

/** Stores a fresh key for a guest, or finds the one that a rival has just made. */
async function makeGuest(secrets: Secrets, db: Db, personId: string, kekId: string): Promise<PersonRow> {
  const made = { personId, guest: true, kekId, sealedKey: newPersonKey(secrets, personId, kekId).sealed }
  if (await guestBatch(db)(made)) return made
  return (await findPeople(db, [personId])).get(personId)?.person as PersonRow
}
