/** Opening a login and giving out its tokens. */
import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { LoggedIn, type Session } from '@stoa/contracts/identity.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { Common, Reply } from '@stoa/chassis/service.ts'
import { Origin } from '@stoa/chassis/settings.ts'
import { addressPrefix, describeDevice } from '../domain/identifiers.ts'
import { hashToken, sessionSecondsLeft } from '../domain/sessions.ts'
import { signerAt, TOKEN_SECONDS } from '../domain/signing-keys.ts'
import { signAccessToken } from '../adapters/token-signer.ts'
import { lifetimesOf } from '../settings.ts'
import type { AccountRow } from '../store/accounts.ts'
import { insertSession } from '../store/sessions.ts'
import { allSigningKeys } from '../store/signing-keys.ts'
import { clientMarkOf, openUnderKek } from '../vault.ts'
import { userOf } from './people.ts'

export const REFRESH_COOKIE = 'stoa_refresh'

/** The part of a request that tells who is asking. */
export interface Client {
  readonly address: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly cookies: Readonly<Record<string, string | undefined>>
  readonly origin: string
  readonly reply: Reply
}

/** A login that was opened or goes on, before its tokens are handed out. */
export interface OpenedSession {
  readonly sessionId: string
  readonly refreshToken: string
  /** Undefined: the cookie goes with the browser. */
  readonly cookieSeconds: number | undefined
}

/** Stores a new session and tells of it. */
export async function openSession(tx: Tx, context: Common & Client, accountId: string, stay: boolean): Promise<OpenedSession> {
  const refreshToken = randomBytes(32).toString('base64url')
  const lastsSeconds = sessionSecondsLeft(lifetimesOf(context), stay, 0)
  const sessionId = context.newId()
  await insertSession(tx, {
    id: sessionId,
    accountId,
    stay,
    device: describeDevice(context.headers['user-agent']),
    clientMark: clientMark(context),
    lastsSeconds,
    tokenHash: hashToken(refreshToken),
  })
  tx.publish(LoggedIn, { accountId, sessionId })
  return { sessionId, refreshToken, cookieSeconds: stay ? lastsSeconds : undefined }
}

/** Signs the access token, sets the cookie, and makes the answer. Outside any transaction. */
export async function handOut(
  context: Common & Client & { readonly db: Db },
  account: AccountRow,
  opened: OpenedSession,
): Promise<Static<typeof Session>> {
  const subject = { accountId: account.id, sessionId: opened.sessionId, roles: account.roles, groups: account.groups }
  const accessToken = await signAccessToken(await currentSigner(context, context.db), subject, context.now)
  setRefreshCookie(context.reply, opened)
  context.reply.header('cache-control', 'no-store')
  return { accessToken, tokenType: 'Bearer', expiresIn: TOKEN_SECONDS, user: userOf(context, account) }
}

/** What makes two requests the same client's. */
export function clientMark(context: Common & Client): string {
  return clientMarkOf(context, context.headers['user-agent'], addressPrefix(context.address))
}

/** Whether a request that is known by its cookie alone comes from one of the shop's own pages. Browsers always tell; programs do not. */
export function comesFromElsewhere(context: Common & Client): boolean {
  const from = context.headers.origin
  return from !== undefined && from !== context.origin && from !== context.setting(Origin)
}

function setRefreshCookie(reply: Reply, opened: OpenedSession): void {
  const lifetime = opened.cookieSeconds === undefined ? {} : { maxAgeSeconds: opened.cookieSeconds }
  reply.cookie(REFRESH_COOKIE, opened.refreshToken, { path: '/', ...lifetime })
}

async function currentSigner(context: Common, db: Db): Promise<{ kid: string; privatePem: string }> {
  const keys = await allSigningKeys(db)
  const key = signerAt(keys, keys[0]?.now ?? context.now)
  if (!key) throw new Error('there is no signing key: the service has not been prepared')
  return { kid: key.kid, privatePem: openUnderKek(context, key.kekId, `signing-key:${key.kid}`, key.sealedPrivate) }
}
