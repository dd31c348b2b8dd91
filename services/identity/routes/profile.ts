import { AccountChanged, GetProfile, SetGroups, SetRoles, UpdateProfile } from '@stoa/contracts/identity.ts'
import { refuse, type Outcome } from '@stoa/chassis/contract.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { handle, read, type TxContext } from '@stoa/chassis/service.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { areFaults, replaceAddresses, type GivenAddress, type SavedAddress } from '../domain/addresses.ts'
import { foldUsername } from '../domain/identifiers.ts'
import { mergePreferences, quietHoursFaults } from '../domain/preferences.ts'
import { addressesOf, replaceAddressBook } from '../store/addresses.ts'
import {
  findAccount,
  lockAccount,
  setGroupsOf,
  setName,
  setPreferences,
  setRolesOf,
  takeUsername,
  type AccountRow,
} from '../store/accounts.ts'
import { endSessionsOf } from '../store/sessions.ts'
import { personOf, profileOf, userOf } from '../usecases/people.ts'
import { sealField, type PersonKey } from '../vault.ts'

export const getProfile = read(GetProfile, async ({ db, caller, ...context }) => {
  const account = caller.kind === 'account' ? await findAccount(db, caller.accountId) : undefined
  return profileOf(context, db, existing(account))
})

export const updateProfile = handle(UpdateProfile, changeProfile, { faults: badQuietHours })

async function changeProfile({ input, tx, caller, ...context }: TxContext<typeof UpdateProfile>): Promise<Outcome<typeof UpdateProfile>> {
  if (caller.kind === 'account') await lockAccount(tx, caller.accountId)
  const account = existing(caller.kind === 'account' ? await findAccount(tx, caller.accountId) : undefined)
  const person = personOf(context, account)
  if (input.addresses) {
    const known = (await addressesOf(tx, account.id)).map((row) => row.id)
    const book = replaceAddresses(known, input.addresses, context.newId)
    if (areFaults(book)) return refuse('invalid-request', { detail: 'Some fields are not as they must be.', errors: book })
    await replaceAddressBook(
      tx,
      account.id,
      book.map((one) => sealedAddress(person, one)),
    )
  }
  if (input.username !== undefined && !(await takeUsername(tx, account, input.username, foldUsername(input.username)))) {
    return refuse('username-taken', {
      detail: 'This user name is taken. Choose another.',
      errors: [{ path: 'username', code: 'taken', message: 'is taken' }],
    })
  }
  if (input.name !== undefined) await setName(tx, account.id, sealField(person, 'name', input.name))
  if (input.preferences) await setPreferences(tx, account.id, mergePreferences(account.preferences, input.preferences))
  const changed = Object.keys(input)
  if (changed.length > 0) tx.publish(AccountChanged, { accountId: account.id, changed })
  return profileOf(context, tx, await reread(tx, account))
}

function badQuietHours(body: unknown) {
  const { preferences } = body as { preferences?: { quietHours?: unknown } | null }
  return quietHoursFaults('preferences.quietHours', preferences?.quietHours)
}

export const setRoles = handle(SetRoles, async ({ input, params, tx, ...context }) => {
  if (!(await lockAccount(tx, params.id))) return refuse('not-found')
  await setRolesOf(tx, params.id, input.roles)
  await endSessionsOf(tx, params.id, 'roles changed')
  tx.publish(AccountChanged, { accountId: params.id, changed: ['roles'] })
  return userOf(context, existing(await findAccount(tx, params.id)))
})

// Nobody is logged out for a discount: the next token of each session brings the groups.
export const setGroups = handle(SetGroups, async ({ input, params, tx, ...context }) => {
  if (!(await lockAccount(tx, params.id))) return refuse('not-found')
  const groups = input.groups.toSorted()
  await setGroupsOf(tx, params.id, groups)
  tx.publish(AccountChanged, { accountId: params.id, changed: ['groups'] })
  return { ...userOf(context, existing(await findAccount(tx, params.id))), groups }
})

function sealedAddress(person: PersonKey, { id, default: isDefault, ...address }: SavedAddress) {
  return {
    id,
    isDefault,
    sealed: sealField(person, `address:${id}`, JSON.stringify(address satisfies Omit<GivenAddress, 'id' | 'default'>)),
  }
}

async function reread(tx: Tx, account: AccountRow): Promise<AccountRow> {
  return existing(await findAccount(tx, account.id))
}

// A token outlives its account only while erasing runs; whoever holds it is told to come back, and then has no token.
function existing(account: AccountRow | undefined): AccountRow {
  if (!account) throw new Fault('unavailable', 'the account of a valid token is gone')
  return account
}
