/** The port that mails leave by. One implementation speaks SMTP; a provider with a book of what it accepted can be asked as well. */
import type { Handover, Inquiry } from '../domain/delivery.ts'

export interface OutgoingMail {
  /** With angle brackets. The same for every try of one message. */
  readonly messageId: string
  readonly from: { readonly name: string; readonly address: string }
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly date: Date
  /** Where the reader ends mails of this kind, by one press of a mail program (RFC 8058); null where there is no way out. */
  readonly unsubscribeUrl: string | null
}

export interface MailTransport {
  /** Hands a mail over. Never throws: what happened is the answer. Ends within `HANDOVER_SECONDS_MAX` of domain/delivery. */
  send(mail: OutgoingMail): Promise<Handover>
  /** Whether the provider accepted a message. Missing where providers keep no book. */
  readonly wasAccepted?: (messageId: string, to: string) => Promise<Inquiry>
  /** Messages the provider holds more than once, of those it accepted last. */
  readonly repeats?: () => Promise<{ examined: number; repeated: string[] }>
  close(): void
}

/** One try on one connection is broken off after this. */
export const TRY_SECONDS_MAX = 12
