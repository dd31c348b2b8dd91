/** Tokens of mails: derived from what they are for, so that nothing that opens an account is stored. */
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'

/** Kinds of mails whose link does something. */
export type Purpose = 'confirm-email' | 'reset-password'

/** A confirmation may wait over a weekend; a recovery is wanted now. */
export const LIFETIME_SECONDS: Readonly<Record<Purpose, number>> = { 'confirm-email': 48 * 3600, 'reset-password': 3600 }

/** What a token is bound to: any change of it makes the token worthless. */
export interface Binding {
  readonly purpose: Purpose
  readonly requestId: string
  readonly accountId: string
  /** Blind index of the account's current address. */
  readonly emailIndex: string
  readonly passwordVersion: number
}

const ID_BYTES = 16
const MAC_BYTES = 32

/** The token of a request: its id and a MAC over all that it is bound to. */
export function deriveToken(secret: KeyObject, binding: Binding): string {
  return Buffer.concat([Buffer.from(binding.requestId.replaceAll('-', ''), 'hex'), macOf(secret, binding)]).toString('base64url')
}

/** The id of the request a token claims to be of, or undefined when it is no token at all. */
export function requestIdOf(token: string): string | undefined {
  if (!/^[\w-]{64}$/.test(token)) return undefined
  const hex = Buffer.from(token, 'base64url').subarray(0, ID_BYTES).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Whether `token` is the one derived from `binding`; takes the same time either way. */
export function tokenFits(secret: KeyObject, token: string, binding: Binding): boolean {
  const given = Buffer.from(token, 'base64url')
  const mac = given.subarray(ID_BYTES)
  return mac.length === MAC_BYTES && timingSafeEqual(mac, macOf(secret, binding)) && requestIdOf(token) === binding.requestId
}

function macOf(secret: KeyObject, binding: Binding): Buffer {
  const { purpose, requestId, accountId, emailIndex, passwordVersion } = binding
  return createHmac('sha256', secret)
    .update(JSON.stringify([purpose, requestId, accountId, emailIndex, passwordVersion]))
    .digest()
}
