/** Every template by its name: what it needs, and whether a person may do without it. */
import type { Static } from 'typebox'
import type { MailKind as MailKindContract } from '@stoa/contracts/identity.ts'

export type MailKind = Static<typeof MailKindContract>

/** Where the content of a message comes from when it is sent. */
export type Source = 'order' | 'account' | 'security' | 'stock' | 'given'

export interface Template {
  readonly source: Source
  /**
   * The kind of mails a person may do without that it is of. Null: it concludes a contract, moves money, or guards an account, so it is
   * sent at once, even to whoever wants no mails, and offers no way out.
   */
  readonly optional: MailKind | null
  /** Staff may send it by hand. */
  readonly byHand: boolean
}

const contractual: Template = { source: 'order', optional: null, byHand: true }
const progress: Template = { source: 'order', optional: 'order-progress', byHand: true }
const security: Template = { source: 'security', optional: null, byHand: false }

export const templates = {
  'order-placed': contractual,
  'order-confirmed': contractual,
  'order-processing': progress,
  'order-shipped': contractual,
  'order-delivered': progress,
  'order-cancelled': contractual,
  'order-returned': contractual,
  'payment-receipt': contractual,
  'payment-refund': contractual,
  'confirm-email': security,
  'already-registered': security,
  'reset-password': security,
  'password-changed': security,
  welcome: { source: 'account', optional: 'account-news', byHand: true },
  'stock-low': { source: 'stock', optional: null, byHand: false },
  plain: { source: 'given', optional: null, byHand: true },
} as const satisfies Readonly<Record<string, Template>>

export type TemplateName = keyof typeof templates

/** Whether there is a template of this name. */
export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(templates, name)
}

/** Languages that every template is written in; the first where a person's is another. */
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** The language to write in for a preference such as `de-AT`. */
export function languageFor(preference: string | undefined): Language {
  const wanted = preference?.slice(0, 2).toLowerCase()
  return LANGUAGES.find((one) => one === wanted) ?? LANGUAGES[0]
}
