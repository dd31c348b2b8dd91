/** What is personal in an order: sealed with the person's key, opened only to show it to those who may see it. */
import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { isRefusal } from '@stoa/chassis/contract.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { seal, unseal } from '@stoa/chassis/secrets.ts'
import type { CallFn, Common } from '@stoa/chassis/service.ts'
import { OpenPersonKey } from '@stoa/contracts/identity.ts'
import type { Address } from '@stoa/contracts/shared.ts'

export interface Contact {
  /** Guests only; an account's address is asked of identity when it is needed. */
  readonly email?: string
  readonly shippingAddress: Address
  readonly billingAddress?: Address
}

const VIEW_TOKEN_DAYS = 90

/** Seals a contact for an order. */
export function sealContact(key: KeyObject, orderId: string, contact: Contact): string {
  return seal(key, JSON.stringify(contact), `order:${orderId}`)
}

/** Opens what `sealContact` made. */
export function unsealContact(key: KeyObject, orderId: string, sealed: string): Contact {
  return JSON.parse(unseal(key, sealed, `order:${orderId}`)) as Contact
}

/** The key of an account, or of a guest made with this very id. Throws: `unavailable` when identity has none. */
export async function personKey(call: CallFn, personId: string, guest: boolean): Promise<KeyObject> {
  const opened = await call(OpenPersonKey, { personId, guest })
  if (isRefusal(opened)) throw new Fault('unavailable', 'the person’s key cannot be had')
  return createSecretKey(opened.key, 'base64')
}

/** The pass of an order for guests: the same for ever, so that a replayed answer gives it again. */
export function viewTokenOf(context: Pick<Common, 'secret'>, orderId: string): string {
  return createHmac('sha256', context.secret('view-token')).update(orderId).digest('base64url')
}

/** Whether `token` opens the order: right, and the order not older than 90 days. */
export function opens(
  context: Pick<Common, 'secret' | 'now'>,
  order: { orderId: string; placedAt: Date },
  token: string | undefined,
): boolean {
  if (token === undefined) return false
  const age = context.now.getTime() - order.placedAt.getTime()
  return isSame(token, viewTokenOf(context, order.orderId)) && age < VIEW_TOKEN_DAYS * 24 * 3600 * 1000
}

/** Compares in a time that tells nothing of the right token. */
function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Finds guest orders by e-mail without keeping the address readable. */
export function emailIndexOf(context: Pick<Common, 'secret'>, email: string): string {
  return createHmac('sha256', context.secret('email-index')).update(email.trim().toLowerCase()).digest('base64url')
}
