/** Access tokens: signature and claims checked against identity's keys (RFC 8725), remembered until they expire or their login ends. */
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import type { Permission, Role } from '../contract.ts'
import type { Caller } from '../service.ts'
import type { Logins } from './logins.ts'

export const GUEST: Caller = { kind: 'guest' }
export const TOKEN_ISSUER = 'stoa'
export const TOKEN_AUDIENCE = 'stoa'
export const TOKEN_ALGORITHM = 'EdDSA'
export const TOKEN_TYPE = 'at+jwt'

const REMEMBERED_MAX = 20_000
const KEYS_FRESH_MS = 60_000
const UNKNOWN_KEY_REFRESH_MS = 5000

interface Remembered {
  readonly caller: Caller
  readonly expiresAtMs: number
}

/** A token without `groups` was signed before there were any, or for an account in none. */
interface Claims {
  readonly sub?: string
  readonly sid?: string
  readonly roles?: Role[]
  readonly groups?: string[]
  readonly exp?: number
}

export class Authenticator {
  readonly #fetchKeys: () => Promise<JSONWebKeySet>
  readonly #logins: Logins | undefined
  readonly #remembered = new Map<string, Remembered>()
  #keys: { set: ReturnType<typeof createLocalJWKSet>; at: number } | undefined

  /** Without `logins` a token is good until it expires. */
  constructor(fetchKeys: () => Promise<JSONWebKeySet>, logins?: Logins) {
    this.#fetchKeys = fetchKeys
    this.#logins = logins
  }

  /** Who a token speaks for; undefined when it is not valid, or its login has ended. Throws: faults, when keys cannot be had. */
  async callerOf(token: string): Promise<Caller | undefined> {
    const caller = await this.#namedBy(token)
    if (caller?.kind !== 'account' || !this.#logins) return caller
    return (await this.#logins.goesOn(caller.sessionId)) ? caller : undefined
  }

  async #namedBy(token: string): Promise<Caller | undefined> {
    const known = this.#remembered.get(token)
    if (known) {
      if (known.expiresAtMs > Date.now()) return known.caller
      this.#remembered.delete(token)
      return undefined
    }
    const verified = (await this.#verify(token, KEYS_FRESH_MS)) ?? (await this.#verify(token, UNKNOWN_KEY_REFRESH_MS))
    if (!verified) return undefined
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.delete(this.#remembered.keys().next().value as string)
    this.#remembered.set(token, verified)
    return verified.caller
  }

  async #verify(token: string, keysFreshMs: number): Promise<Remembered | undefined> {
    if (!this.#keys || Date.now() - this.#keys.at > keysFreshMs)
      this.#keys = { set: createLocalJWKSet(await this.#fetchKeys()), at: Date.now() }
    try {
      const { payload } = await jwtVerify(token, this.#keys.set, {
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        algorithms: [TOKEN_ALGORITHM],
        typ: TOKEN_TYPE,
      })
      const { sub, sid, roles, groups = [], exp } = payload as Claims
      if (!sub || !sid || !Array.isArray(roles) || !Array.isArray(groups) || !exp) return undefined
      return { caller: { kind: 'account', accountId: sub, sessionId: sid, roles, groups }, expiresAtMs: exp * 1000 }
    } catch {
      return undefined
    }
  }
}

/** Whether a caller may use a door: 'yes', or the refusal to answer. */
export function permits(permission: Permission, caller: Caller): 'yes' | 'unauthenticated' | 'forbidden' {
  if (permission === 'public') return 'yes'
  if (caller.kind === 'guest') return 'unauthenticated'
  if (permission === 'customer') return 'yes'
  return caller.roles.some((role) => permission.roles.includes(role)) ? 'yes' : 'forbidden'
}
