/** Access tokens for tests, signed by a key of the room's own. */
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE } from '../http/authentication.ts'
import type { Account } from './room.ts'

export interface TokenMint {
  readonly publicKey: JWK
  /** Whether a token was made for this login: identity knows nothing of it. */
  knows(sessionId: string): boolean
  tokenOf(account: Account): Promise<string>
}

/** Makes a key and what signs with it. */
export async function openMint(): Promise<TokenMint> {
  const keys = await generateKeyPair(TOKEN_ALGORITHM, { extractable: true })
  const sessions = new Set<string>()
  return {
    knows: (sessionId) => sessions.has(sessionId),
    publicKey: { ...(await exportJWK(keys.publicKey)), kid: 'test', alg: TOKEN_ALGORITHM, use: 'sig' },
    tokenOf: (account) => {
      sessions.add(account.sessionId)
      return new SignJWT({ sid: account.sessionId, roles: [...account.roles], groups: [...account.groups] })
        .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: 'test', typ: TOKEN_TYPE })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(TOKEN_AUDIENCE)
        .setSubject(account.accountId)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(keys.privateKey)
    },
  }
}
