/**
 * Cookies of a kept answer. A guest has no name but the cookie that the first answer gave; where that answer was lost, its repeat must bring
 * the cookie again, or what the guest did is lost with it. It opens a door, so it is kept sealed, and given only to whom it was given first.
 */
import type { KeyObject } from 'node:crypto'
import { seal, unseal } from '../secrets.ts'
import type { Caller } from '../service.ts'
import type { KeyOf } from './idempotency.ts'

export interface Cookie {
  readonly name: string
  /** Null clears it. */
  readonly value: string | null
  readonly maxAgeSeconds?: number | undefined
  readonly path: string
}

/** What tells one guest from another. */
interface Asking {
  readonly caller: Caller
  readonly cookies: Readonly<Record<string, string | undefined>>
}

/** Whoever lost an answer asks again soon; later a key that somebody came upon opens nothing. */
export const COOKIE_AGAIN_SECONDS = 600

interface Kept {
  readonly cookies: readonly Cookie[]
  /** The same cookies as the first request brought them. */
  readonly brought: readonly (string | null)[]
}

/** Seals what an answer sets. Undefined where nothing need be kept: an account is known by its token. */
export function sealCookies(secret: KeyObject, of: KeyOf, asking: Asking, cookies: readonly Cookie[]): string | undefined {
  if (asking.caller.kind !== 'guest' || cookies.length === 0) return undefined
  const kept: Kept = { cookies, brought: cookies.map(({ name }) => asking.cookies[name] ?? null) }
  return seal(secret, JSON.stringify(kept), contextOf(of))
}

/**
 * The cookies for a repeat, which is by the same guest if it brings what the first request brought, be it nothing, or what the answer
 * gave. Undefined: it is another's.
 */
export function cookiesAgain(
  secret: KeyObject,
  of: KeyOf,
  asking: Asking,
  answer: { sealed: string | undefined; ageSeconds: number },
): readonly Cookie[] | undefined {
  if (answer.sealed === undefined) return []
  const { cookies, brought } = JSON.parse(unseal(secret, answer.sealed, contextOf(of))) as Kept
  const same = cookies.every(({ name, value }, index) => [brought[index], value].includes(asking.cookies[name] ?? null))
  if (!same) return undefined
  return answer.ageSeconds <= COOKIE_AGAIN_SECONDS ? cookies : []
}

function contextOf({ scope, key }: KeyOf): string {
  return `cookies of ${scope} ${key}`
}
