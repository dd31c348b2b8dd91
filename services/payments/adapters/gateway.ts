/** What this room needs of a payment provider; one file per provider implements it. */
import type { Charge, Op } from '../domain/payment.ts'

/** What a call came to. `reached`: the provider may have got it. */
export type Answer =
  | { readonly kind: 'charge'; readonly charge: Charge }
  | { readonly kind: 'page'; readonly url: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'closed'; readonly charge: Charge | null }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'no-answer'; readonly reached: boolean; readonly reason: string }

/** What is only known until the card is used. */
export interface CardSecrets {
  /** Null for a card that is chosen on the provider's page. */
  readonly token: string | null
  readonly returnUrl: string
}

/** A page of the provider's book. */
export interface BookPage {
  readonly charges: readonly Charge[]
  readonly nextCursor: string | null
}

/**
 * A payment provider. Every call that moves money carries the operation's id as its idempotency key and never throws:
 * what goes wrong is an answer. `book` and `changesSince` throw when the provider is away.
 */
export interface PaymentGateway {
  authorize(op: Op, secrets: CardSecrets): Promise<Answer>
  openPage(op: Op, secrets: CardSecrets, deadlineSeconds: number): Promise<Answer>
  capture(op: Op): Promise<Answer>
  release(op: Op): Promise<Answer>
  refund(op: Op): Promise<Answer>
  /** The charge made under a key; `absent` when there is none (yet). */
  findByKey(key: string): Promise<Answer>
  charge(id: string): Promise<Answer>
  /** Closes a key for ever, unless something happened under it: then its charge. */
  closeKey(key: string): Promise<Answer>
  /** Charges, newest first. */
  book(query: { orderId?: string | undefined; limit: number; cursor?: string | undefined; settled?: boolean }): Promise<BookPage>
  /** Charges made or changed after `revision`, oldest change first. */
  changesSince(revision: number, limit: number): Promise<readonly Charge[]>
}
