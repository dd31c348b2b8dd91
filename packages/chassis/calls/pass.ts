/** The shared secret by which processes of one shop know each other's calls. */
import { timingSafeEqual, type KeyObject } from 'node:crypto'

/** What a caller shows and a door asks for, the header `authorization`. */
export interface Pass {
  readonly header: string
  /** Whether `given` is the pass; takes as long for a near miss as for a far one. */
  fits(given: unknown): boolean
}

/** Makes the pass of a secret. */
export function passOf(secret: KeyObject): Pass {
  const header = `Bearer ${secret.export().toString('base64url')}`
  const expected = Buffer.from(header)
  const fits = (given: unknown) => {
    if (typeof given !== 'string') return false
    const shown = Buffer.from(given)
    // How long a pass is, is no secret.
    return shown.length === expected.length && timingSafeEqual(shown, expected)
  }
  return { header, fits }
}
