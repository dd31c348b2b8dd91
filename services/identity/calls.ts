import {
  AccountByEmail,
  AccountChanged,
  ContactOf,
  DefaultAddress,
  LiveSessions,
  OpenPersonKey,
  SecurityMail,
  SetMailWish,
  SigningKeys,
} from '@stoa/contracts/identity.ts'
import { refuse } from '@stoa/chassis/contract.ts'
import { handle, orchestrate, read } from '@stoa/chassis/service.ts'
import { mergePreferences } from './domain/preferences.ts'
import { deriveToken } from './domain/tokens.ts'
import { defaultAddressOf } from './store/addresses.ts'
import { findAccount, findAccountByEmail, lockAccount, setPreferences } from './store/accounts.ts'
import { findSecurityRequest } from './store/requests.ts'
import { sessionsGoingOn } from './store/sessions.ts'
import { allSigningKeys } from './store/signing-keys.ts'
import { guestKeyFor, languageOf, openAddress, personOf, unwantedOf, userOf } from './usecases/people.ts'
import { bindingOf, purposeOf } from './usecases/security-mail.ts'
import { emailIndexOf } from './vault.ts'

export const signingKeys = read(SigningKeys, async ({ db }) => ({ keys: (await allSigningKeys(db)).map((key) => key.publicJwk) }))

export const liveSessions = read(LiveSessions, async ({ input, db }) => ({ sessionIds: await sessionsGoingOn(db, input.sessionIds) }))

export const openPersonKey = orchestrate(OpenPersonKey, async ({ input, db, ...context }) => {
  // Accounts get their key when they are made; only a guest's is made on first use.
  if (!input.guest) {
    const account = await findAccount(db, input.personId)
    return account ? { personId: account.id, key: personOf(context, account).key.export().toString('base64') } : refuse('not-found')
  }
  const person = await guestKeyFor(context, db, input.personId)
  return person ? { personId: person.personId, key: person.key.export().toString('base64') } : refuse('not-found')
})

export const contactOf = read(ContactOf, async ({ input, db, ...context }) => {
  const account = await findAccount(db, input.accountId)
  if (!account) return refuse('not-found')
  const { email, name } = userOf(context, account)
  const { channels, quietHours = null } = account.preferences
  return { email, name, language: languageOf(account), wantsEmail: channels?.email ?? true, unwanted: unwantedOf(account), quietHours }
})

export const setMailWish = handle(SetMailWish, async ({ input, tx }) => {
  const account = (await lockAccount(tx, input.accountId)) ? await findAccount(tx, input.accountId) : undefined
  if (!account) return refuse('not-found')
  // Asked for again, it is as it was: nothing is told twice.
  if ((account.preferences.mails?.[input.kind] ?? true) === input.wanted) return {}
  await setPreferences(tx, account.id, mergePreferences(account.preferences, { mails: { [input.kind]: input.wanted } }))
  tx.publish(AccountChanged, { accountId: account.id, changed: ['preferences'] })
  return {}
})

export const accountByEmail = read(AccountByEmail, async ({ input, db, ...context }) => {
  const account = await findAccountByEmail(db, emailIndexOf(context, input.email))
  return account ? { accountId: account.id } : refuse('not-found')
})

export const defaultAddress = read(DefaultAddress, async ({ input, db, ...context }) => {
  const account = await findAccount(db, input.accountId)
  const row = account ? await defaultAddressOf(db, account.id) : undefined
  if (!account || !row) return refuse('address-missing', { detail: 'The account has no default address.' })
  return openAddress(personOf(context, account), row)
})

export const securityMail = read(SecurityMail, async ({ input, db, ...context }) => {
  const request = await findSecurityRequest(db, input.requestId)
  const account = request ? await findAccount(db, request.accountId) : undefined
  if (!request || !account) return refuse('not-found')
  const purpose = purposeOf(request.kind)
  // A link that can do nothing any more is not sent.
  if (purpose && (!request.open || (purpose === 'confirm-email' && account.verified))) return refuse('not-found')
  const { email, name } = userOf(context, account)
  const token = purpose ? deriveToken(context.secret('mail-tokens'), bindingOf(purpose, request, account)) : null
  return { to: email, name, language: languageOf(account), token }
})
