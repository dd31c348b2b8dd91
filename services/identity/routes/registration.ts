import { AccountVerified, Register, VerifyEmail } from '@stoa/contracts/identity.ts'
import { refuse, type FieldError, type Outcome } from '@stoa/chassis/contract.ts'
import { orchestrate, type Common, type StepsContext } from '@stoa/chassis/service.ts'
import { ShopName } from '@stoa/chassis/settings.ts'
import { foldUsername, preferredLanguage } from '../domain/identifiers.ts'
import { passwordFaults } from '../domain/passwords.ts'
import { requestIdOf, tokenFits } from '../domain/tokens.ts'
import { hashPassword } from '../adapters/password-hasher.ts'
import { findAccount, holdUsername, lockAccount, setName, setPassword, takeUsername } from '../store/accounts.ts'
import { findSecurityRequest, insertAcceptedRequest, markUsed } from '../store/requests.ts'
import { settleRequest, type Applicant } from '../timers.ts'
import { bindingOf } from '../usecases/security-mail.ts'
import { handOut, openSession } from '../usecases/sessions.ts'
import { emailIndexOf, sealRequest } from '../vault.ts'

/** How long an accepted registration keeps a user name from others, whether its address was known or not. */
const USERNAME_HOLD_HOURS = 24

/** A weak password is named together with whatever else is wrong with the body. */
function weakPassword(body: unknown, { setting }: Pick<Common, 'setting'>): FieldError[] {
  const { email, username, password } = body as { email?: unknown; username?: unknown; password?: unknown }
  if (typeof password !== 'string') return []
  const around = {
    email: typeof email === 'string' ? email : undefined,
    username: typeof username === 'string' ? username : undefined,
    shopName: setting(ShopName),
  }
  return passwordFaults('password', password, around)
}

export const register = orchestrate(Register, registerAccount, { faults: weakPassword })

async function registerAccount({ input, transaction, ...context }: StepsContext<typeof Register>): Promise<Outcome<typeof Register>> {
  const passwordHash = await hashPassword(input.password)
  const id = context.newId()
  const emailIndex = emailIndexOf(context, input.email)
  const applicant: Applicant = {
    email: input.email,
    name: input.name ?? null,
    username: input.username ?? null,
    language: preferredLanguage(context.headers['accept-language']),
  }
  return transaction(async (tx) => {
    if (input.username !== undefined && !(await holdUsername(tx, foldUsername(input.username), emailIndex, USERNAME_HOLD_HOURS))) {
      return refuse('username-taken', {
        detail: 'This user name is taken. Choose another.',
        errors: [{ path: 'username', code: 'taken', message: 'is taken' }],
      })
    }
    await insertAcceptedRequest(tx, { id, kind: 'register', emailIndex, sealed: sealRequest(context, id, applicant), passwordHash })
    tx.schedule(settleRequest, id, 0)
    return { status: 'confirmation-sent' as const }
  })
}

export const verifyEmail = orchestrate(VerifyEmail, async ({ input, transaction, ...context }) => {
  const requestId = requestIdOf(input.token)
  if (!requestId) return refuse('invalid-token', { detail: 'This link is not one of ours.' })
  const confirmed = await transaction(async (tx) => {
    const request = await findSecurityRequest(tx, requestId)
    const account = request && (await lockAccount(tx, request.accountId)) ? await findAccount(tx, request.accountId) : undefined
    const worthless = refuse('invalid-token', { detail: 'This link has expired or was used. Register again, or ask for a new password.' })
    if (!request || !account || request.kind !== 'confirm-email' || !request.open || request.passwordHash === null) return worthless
    if (!tokenFits(context.secret('mail-tokens'), input.token, bindingOf('confirm-email', request, account))) return worthless
    if (!(await markUsed(tx, request.id))) return worthless
    await setPassword(tx, account.id, request.passwordHash)
    if (request.nameSealed !== null) await setName(tx, account.id, request.nameSealed)
    // Its hold may have run out and the name be somebody else's by now: the account then has none.
    if (request.username !== null) await takeUsername(tx, account, request.username, foldUsername(request.username))
    tx.publish(AccountVerified, { accountId: account.id })
    return { accountId: account.id, opened: await openSession(tx, context, account.id, false) }
  })
  if ('refused' in confirmed) return confirmed
  const account = await findAccount(context.db, confirmed.accountId)
  return account ? handOut(context, account, confirmed.opened) : refuse('invalid-token')
})
