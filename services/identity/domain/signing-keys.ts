/** When a signing key is published, signs, and goes: publish, wait until everybody has it, sign, retire when its last token is dead. */

/** Units: seconds. Life of an access token. */
export const TOKEN_SECONDS = 600
/** Checkers keep the published keys this long; a new key signs only after. */
export const KEY_CACHE_SECONDS = 300
/** Clocks of two machines may differ by this much. */
const LEEWAY_SECONDS = 60

export interface KeyTimes {
  readonly kid: string
  readonly signsFrom: Date
}

/** The key to sign with now: the newest whose time has come. */
export function signerAt<Key extends KeyTimes>(keys: readonly Key[], now: Date): Key | undefined {
  return newestFirst(keys).find((key) => key.signsFrom <= now)
}

/** A published key that does not sign yet, if there is one. */
export function nextKey<Key extends KeyTimes>(keys: readonly Key[], now: Date): Key | undefined {
  return keys.find((key) => key.signsFrom > now)
}

/** Keys no living token was signed with: their successor has signed for longer than a token lives. */
export function retiredAt<Key extends KeyTimes>(keys: readonly Key[], now: Date): Key[] {
  const sorted = newestFirst(keys)
  const limit = now.getTime() - (TOKEN_SECONDS + LEEWAY_SECONDS) * 1000
  return sorted.filter((_, index) => {
    const successor = sorted[index - 1]
    return successor !== undefined && successor.signsFrom.getTime() < limit
  })
}

function newestFirst<Key extends KeyTimes>(keys: readonly Key[]): Key[] {
  return [...keys].sort((a, b) => b.signsFrom.getTime() - a.signsFrom.getTime())
}
