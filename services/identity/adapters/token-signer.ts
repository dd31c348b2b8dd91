/** Access tokens and the keys they are signed with. Source: RFC 8725, RFC 9068, RFC 8037 (Ed25519). */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT, calculateJwkThumbprint } from 'jose'
import type { Role } from '@stoa/chassis/contract.ts'
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE } from '@stoa/chassis/http/authentication.ts'
import { TOKEN_SECONDS } from '../domain/signing-keys.ts'

export interface KeyPair {
  readonly kid: string
  readonly publicJwk: Record<string, string>
  /** PKCS #8, PEM. */
  readonly privatePem: string
}

/** Makes a key pair. Its id is the thumbprint of the public key (RFC 7638). */
export async function makeKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { kty, crv, x } = publicKey.export({ format: 'jwk' }) as Record<'kty' | 'crv' | 'x', string>
  const kid = await calculateJwkThumbprint({ kty, crv, x })
  const publicJwk = { kty, crv, x, kid, alg: TOKEN_ALGORITHM, use: 'sig' }
  return { kid, publicJwk, privatePem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string }
}

export interface TokenSubject {
  readonly accountId: string
  readonly sessionId: string
  readonly roles: readonly Role[]
  readonly groups: readonly string[]
}

/** Signs an access token that lives for ten minutes from `now`. */
export async function signAccessToken(key: { kid: string; privatePem: string }, subject: TokenSubject, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000)
  return new SignJWT({ sid: subject.sessionId, roles: [...subject.roles], groups: [...subject.groups] })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: key.kid, typ: TOKEN_TYPE })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(subject.accountId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_SECONDS)
    .sign(opened(key))
}

const OPENED_MAX = 8
const openedKeys = new Map<string, KeyObject>()

// Parsing a key costs as much as signing with it.
function opened(key: { kid: string; privatePem: string }): KeyObject {
  let known = openedKeys.get(key.kid)
  if (!known) {
    known = createPrivateKey(key.privatePem)
    if (openedKeys.size >= OPENED_MAX) openedKeys.clear()
    openedKeys.set(key.kid, known)
  }
  return known
}
