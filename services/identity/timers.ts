/** Accepted registrations and recoveries are looked at here, after their answer: nothing about the answer depends on whether the address is known. */
import { AccountRegistered } from '@stoa/contracts/identity.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { timer, type Common } from '@stoa/chassis/service.ts'
import { findAccountByEmail, insertAccount, lockAccount, type AccountRow } from './store/accounts.ts'
import { takeAcceptedRequest, type AcceptedRequest } from './store/requests.ts'
import { insertPeople, newestKekId } from './store/people.ts'
import { emailIndexOf, newPersonKey, openRequest, sealField } from './vault.ts'
import { personOf } from './usecases/people.ts'
import { requestMail } from './usecases/security-mail.ts'

/** What an accepted registration holds, sealed. */
export interface Applicant {
  readonly email: string
  readonly name: string | null
  readonly username: string | null
  readonly language: string
}

export const settleRequest = timer('settle-request', async (id, context) => {
  const request = await takeAcceptedRequest(context.tx, id)
  if (!request) return
  if (request.kind === 'recover') await recover(context.tx, context, request)
  else await register(context.tx, context, request)
})

/** A recovery link for whoever owns the address, confirmed or not: opening it proves that the mailbox is theirs. */
async function recover(tx: Tx, context: Common, request: AcceptedRequest): Promise<void> {
  const account = await findAccountByEmail(tx, request.emailIndex)
  if (account && (await lockAccount(tx, account.id)))
    await requestMail(tx, { id: context.newId(), accountId: account.id, kind: 'reset-password' })
}

async function register(tx: Tx, context: Common, request: AcceptedRequest): Promise<void> {
  const applicant = openRequest(context, request.id, request.sealed) as Applicant
  const account = (await openAccount(tx, context, applicant)) ?? (await findAccountByEmail(tx, emailIndexOf(context, applicant.email)))
  if (!account || !(await lockAccount(tx, account.id))) return
  if (account.verified) return requestMail(tx, { id: context.newId(), accountId: account.id, kind: 'already-registered' })
  // The password waits with the request: only the link of this mail puts it in force, so nobody prepares an account for somebody else's address.
  const nameSealed = applicant.name === null ? null : sealField(personOf(context, account), 'name', applicant.name)
  await requestMail(tx, {
    id: context.newId(),
    accountId: account.id,
    kind: 'confirm-email',
    passwordHash: request.passwordHash,
    username: applicant.username,
    nameSealed,
  })
}

/** Makes an account that is not confirmed yet. Undefined when the address is known. */
async function openAccount(tx: Tx, context: Common, applicant: Applicant): Promise<AccountRow | undefined> {
  const id = context.newId()
  const kekId = await newestKekId(tx)
  const person = newPersonKey(context, id, kekId)
  const emailIndex = emailIndexOf(context, applicant.email)
  const made = await insertAccount(tx, {
    id,
    emailIndex,
    emailSealed: sealField(person, 'email', applicant.email.trim()),
    nameSealed: null,
    roles: ['customer'],
    preferences: { language: applicant.language },
  })
  if (!made) return undefined
  await insertPeople(tx, [{ personId: id, guest: false, kekId, sealedKey: person.sealed }])
  tx.publish(AccountRegistered, { accountId: id })
  return findAccountByEmail(tx, emailIndex)
}
