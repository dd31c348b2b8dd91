/** How long a login lasts and what a refresh token may do. */
import { createHash, createHmac, type KeyObject } from 'node:crypto'

/** Units: seconds. Two pairs: a plain login, and one that asked to stay. */
export interface Lifetimes {
  readonly idle: number
  readonly absolute: number
  readonly stayIdle: number
  readonly stayAbsolute: number
}

/** A lost answer is common on phones: the same client may ask again this long after a token was spent. */
export const GRACE_SECONDS = 10

export interface TokenState {
  readonly spentAt: Date | null
  readonly sameClient: boolean
  readonly ended: boolean
  readonly expiresAt: Date
}

/** What to do with a refresh token that was found. */
export type RefreshDecision = 'rotate' | 'repeat-successor' | 'end-family' | 'refuse'

/** Decides about a refresh token by the clock of the database. */
export function decideRefresh(token: TokenState, now: Date): RefreshDecision {
  if (token.ended || token.expiresAt <= now) return 'refuse'
  if (token.spentAt === null) return 'rotate'
  const inGrace = now.getTime() - token.spentAt.getTime() <= GRACE_SECONDS * 1000
  return inGrace && token.sameClient ? 'repeat-successor' : 'end-family'
}

/** Seconds from now until a session ends if nothing happens: the nearer of its idle and absolute end. */
export function sessionSecondsLeft(lifetimes: Lifetimes, stay: boolean, ageSeconds: number): number {
  const [idle, absolute] = stay ? [lifetimes.stayIdle, lifetimes.stayAbsolute] : [lifetimes.idle, lifetimes.absolute]
  return Math.max(0, Math.min(idle, absolute - ageSeconds))
}

/** The token that follows `token`: derived, so that the same one can be given again without having been stored. */
export function successorOf(secret: KeyObject, token: string): string {
  return createHmac('sha256', secret).update(token).digest('base64url')
}

/** What is stored of a refresh token. It has 256 random bits, so a plain hash suffices. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
