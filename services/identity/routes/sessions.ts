import { refuse } from '@stoa/chassis/contract.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { ListSessions, Login, Logout, LogoutEverywhere, RefreshSession } from '@stoa/contracts/identity.ts'
import { handle, orchestrate, read, type Common } from '@stoa/chassis/service.ts'
import { addressPrefix, identifierOf, type Identifier } from '../domain/identifiers.ts'
import { decideRefresh, hashToken, sessionSecondsLeft, successorOf } from '../domain/sessions.ts'
import { passwordFits } from '../adapters/password-hasher.ts'
import { lifetimesOf } from '../settings.ts'
import { findAccount, findAccountByEmail, findAccountByUsername } from '../store/accounts.ts'
import { endSession, endSessionOfToken, endSessionsOf, liveSessionsOf, lockToken, rotateToken } from '../store/sessions.ts'
import { lockedFor, recordTry, tooMany } from '../usecases/guard.ts'
import {
  clientMark,
  comesFromElsewhere,
  handOut,
  openSession,
  REFRESH_COOKIE,
  type Client,
  type OpenedSession,
} from '../usecases/sessions.ts'
import { emailIndexOf, failureMarkOf } from '../vault.ts'

const elsewhere = refuse('forbidden', { detail: 'This request came from another site.' })
const noSession = refuse('invalid-session', { detail: 'Log in again.' })

export const login = orchestrate(Login, async ({ input, transaction, ...context }) => {
  const identifier = identifierOf(input)
  if (!identifier) {
    const errors = [{ path: 'email', code: 'required', message: 'email or username is required' }]
    return refuse('invalid-request', { detail: 'Say who you are: by e-mail or by user name.', errors })
  }
  const marks = {
    target: failureMarkOf(context, identifier.kind, identifier.value),
    client: failureMarkOf(context, 'client', addressPrefix(context.address)),
  }
  const locked = await lockedFor(context.db, marks)
  if (locked > 0) return tooMany(locked)
  const account = await accountOf(context.db, context, identifier)
  const right = await passwordFits(account?.passwordHash, input.password)
  const outcome = await transaction(async (tx) => {
    const lockedNow = await recordTry(tx, marks, right)
    if (lockedNow > 0 || !right || !account) return { lockedNow }
    return { lockedNow, opened: await openSession(tx, context, account.id, input.staySignedIn ?? false) }
  })
  if (outcome.lockedNow > 0) return tooMany(outcome.lockedNow)
  if (!outcome.opened || !account)
    return refuse('invalid-credentials', { detail: 'The password does not fit, or there is no such confirmed account.' })
  return handOut(context, account, outcome.opened)
})

async function accountOf(db: Db, context: Common, identifier: Identifier) {
  if (identifier.kind === 'username') return findAccountByUsername(db, identifier.value)
  return findAccountByEmail(db, emailIndexOf(context, identifier.value))
}

export const refreshSession = orchestrate(RefreshSession, async ({ transaction, ...context }) => {
  if (comesFromElsewhere(context)) return elsewhere
  const token = context.cookies[REFRESH_COOKIE]
  if (token === undefined) return noSession
  // A refusal would roll back the end of a family, so the transaction answers undefined instead.
  const renewed = await transaction(async (tx) => (await renew(tx, context, token, 0)) ?? null)
  const account = renewed ? await findAccount(context.db, renewed.accountId) : undefined
  if (renewed && account) return handOut(context, account, renewed.opened)
  context.reply.clearCookie(REFRESH_COOKIE, { path: '/' })
  return noSession
})

/** Successors of a token that may have been spent within the grace as well: two tabs, a retry, and then some. */
const CHAIN_MAX = 5

async function renew(
  tx: Tx,
  context: Common & Client,
  token: string,
  step: number,
): Promise<{ accountId: string; opened: OpenedSession } | undefined> {
  const found = await lockToken(tx, hashToken(token))
  if (!found || step >= CHAIN_MAX) return undefined
  const { sessionId, accountId, stay } = found
  const decision = decideRefresh({ ...found, sameClient: found.clientMark === clientMark(context) }, found.now)
  const successor = successorOf(context.secret('refresh-tokens'), token)
  const lastsSeconds = sessionSecondsLeft(lifetimesOf(context), stay, found.ageSeconds)
  const opened = { sessionId, refreshToken: successor, cookieSeconds: stay ? lastsSeconds : undefined }
  if (decision === 'end-family') await endSession(tx, sessionId, 'a spent token came again')
  if (decision === 'end-family' || decision === 'refuse' || lastsSeconds === 0) return undefined
  if (decision === 'rotate') {
    await rotateToken(tx, hashToken(token), hashToken(successor), sessionId, lastsSeconds)
    return { accountId, opened }
  }
  const next = await lockToken(tx, hashToken(successor))
  return next?.spentAt === null ? { accountId, opened } : renew(tx, context, successor, step + 1)
}

export const logout = handle(Logout, async ({ tx, ...context }) => {
  if (comesFromElsewhere(context)) return elsewhere
  const token = context.cookies[REFRESH_COOKIE]
  if (token !== undefined) await endSessionOfToken(tx, hashToken(token), 'logout')
  if (context.caller.kind === 'account') await endSession(tx, context.caller.sessionId, 'logout')
  context.reply.clearCookie(REFRESH_COOKIE, { path: '/' })
  return {}
})

export const logoutEverywhere = handle(LogoutEverywhere, async ({ tx, caller, reply }) => {
  if (caller.kind === 'account') await endSessionsOf(tx, caller.accountId, 'logout everywhere')
  reply.clearCookie(REFRESH_COOKIE, { path: '/' })
  return {}
})

export const listSessions = read(ListSessions, async ({ db, caller }) => {
  if (caller.kind !== 'account') return { items: [] }
  const items = await liveSessionsOf(db, caller.accountId)
  return {
    items: items.map((one) => ({
      id: one.id,
      device: one.device,
      createdAt: one.createdAt.toISOString(),
      lastSeenAt: one.lastSeenAt.toISOString(),
      current: one.id === caller.sessionId,
    })),
  }
})
