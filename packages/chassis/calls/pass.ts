/** The shared secret by which processes of one shop know each other's calls. */
import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto'

/** What a caller shows and a door asks for, the header `authorization`. */
export interface Pass {
  readonly header: string
  /** Whether `given` is the pass; takes as long for a near miss as for a far one. */
  fits(given: unknown): boolean
}

/** Makes the pass of a secret. */
export function passOf(secret: KeyObject): Pass {
  const header = `Bearer ${secret.export().toString('base64url')}`
  const expected = digest(header)
  return { header, fits: (given) => typeof given === 'string' && timingSafeEqual(digest(given), expected) }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
