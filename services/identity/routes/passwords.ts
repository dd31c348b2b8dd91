import { AccountChanged, AccountVerified, ChangePassword, ForgotPassword, ResetPassword } from '@stoa/contracts/identity.ts'
import { refuse, type FieldError } from '@stoa/chassis/contract.ts'
import { handle, orchestrate } from '@stoa/chassis/service.ts'
import { ShopName } from '@stoa/chassis/settings.ts'
import { addressPrefix } from '../domain/identifiers.ts'
import { passwordFaults } from '../domain/passwords.ts'
import { requestIdOf, tokenFits } from '../domain/tokens.ts'
import { hashPassword, passwordFits } from '../adapters/password-hasher.ts'
import { findAccount, lockAccount, setPassword } from '../store/accounts.ts'
import { findSecurityRequest, insertAcceptedRequest, markUsed } from '../store/requests.ts'
import { endSessionsOf } from '../store/sessions.ts'
import { settleRequest } from '../timers.ts'
import { lockedFor, recordTry, tooMany } from '../usecases/guard.ts'
import { userOf } from '../usecases/people.ts'
import { bindingOf, requestMail } from '../usecases/security-mail.ts'
import { emailIndexOf, failureMarkOf, sealRequest } from '../vault.ts'

const badFields = (errors: readonly FieldError[]) => refuse('invalid-request', { detail: 'Some fields are not as they must be.', errors })

export const forgotPassword = handle(ForgotPassword, async ({ input, tx, ...context }) => {
  const id = context.newId()
  const sealed = sealRequest(context, id, { email: input.email })
  await insertAcceptedRequest(tx, { id, kind: 'recover', emailIndex: emailIndexOf(context, input.email), sealed, passwordHash: null })
  tx.schedule(settleRequest, id, 0)
  return { status: 'sent-if-known' as const }
})

export const resetPassword = orchestrate(ResetPassword, async ({ input, transaction, db, ...context }) => {
  const worthless = refuse('invalid-token', { detail: 'This link has expired or was used. Ask for a new one.' })
  const requestId = requestIdOf(input.token)
  const request = requestId ? await findSecurityRequest(db, requestId) : undefined
  const owner = request?.kind === 'reset-password' && request.open ? await findAccount(db, request.accountId) : undefined
  const secret = context.secret('mail-tokens')
  // The password is only looked at, and hashed, for whoever holds a good link.
  if (!request || !owner || !tokenFits(secret, input.token, bindingOf('reset-password', request, owner))) {
    const errors = passwordFaults('password', input.password, { shopName: context.setting(ShopName) })
    return errors.length > 0 ? badFields(errors) : worthless
  }
  const { email, username } = userOf(context, owner)
  const errors = passwordFaults('password', input.password, { email, username, shopName: context.setting(ShopName) })
  if (errors.length > 0) return badFields(errors)
  const passwordHash = await hashPassword(input.password)
  return transaction(async (tx) => {
    await lockAccount(tx, owner.id)
    const account = await findAccount(tx, owner.id)
    if (!account || !tokenFits(secret, input.token, bindingOf('reset-password', request, account)) || !(await markUsed(tx, request.id)))
      return worthless
    await setPassword(tx, account.id, passwordHash)
    await endSessionsOf(tx, account.id, 'password reset')
    if (!account.verified) tx.publish(AccountVerified, { accountId: account.id })
    tx.publish(AccountChanged, { accountId: account.id, changed: ['password'] })
    await requestMail(tx, { id: context.newId(), accountId: account.id, kind: 'password-changed' })
    return {}
  })
})

export const changePassword = orchestrate(ChangePassword, async ({ input, transaction, db, caller, ...context }) => {
  const wrong = refuse('invalid-credentials', { detail: 'The current password does not fit.' })
  const account = caller.kind === 'account' ? await findAccount(db, caller.accountId) : undefined
  if (!account || caller.kind !== 'account') return wrong
  const { email, username } = userOf(context, account)
  const errors = passwordFaults('next', input.next, { email, username, shopName: context.setting(ShopName) })
  if (errors.length > 0) return badFields(errors)
  const marks = {
    target: failureMarkOf(context, 'account', account.id),
    client: failureMarkOf(context, 'client', addressPrefix(context.address)),
  }
  const locked = await lockedFor(db, marks)
  if (locked > 0) return tooMany(locked)
  const right = await passwordFits(account.passwordHash, input.current)
  const passwordHash = right ? await hashPassword(input.next) : ''
  const lockedNow = await transaction(async (tx) => {
    const seconds = await recordTry(tx, marks, right)
    if (seconds > 0 || !right) return seconds
    await lockAccount(tx, account.id)
    await setPassword(tx, account.id, passwordHash)
    await endSessionsOf(tx, account.id, 'password changed', caller.sessionId)
    tx.publish(AccountChanged, { accountId: account.id, changed: ['password'] })
    await requestMail(tx, { id: context.newId(), accountId: account.id, kind: 'password-changed' })
    return 0
  })
  if (lockedNow > 0) return tooMany(lockedNow)
  return right ? {} : wrong
})
