/** Every template by its name: what it needs, and whether a person may do without it. */

/** Where the content of a message comes from when it is sent. */
export type Source = 'order' | 'account' | 'security' | 'stock' | 'given'

export interface Template {
  readonly source: Source
  /** Sent even to whoever wants no mails: it concludes a contract, moves money, or guards an account. */
  readonly essential: boolean
  /** Staff may send it by hand. */
  readonly byHand: boolean
}

const order = (essential: boolean): Template => ({ source: 'order', essential, byHand: true })
const security: Template = { source: 'security', essential: true, byHand: false }

export const templates = {
  'order-placed': order(true),
  'order-confirmed': order(true),
  'order-processing': order(false),
  'order-shipped': order(true),
  'order-delivered': order(false),
  'order-cancelled': order(true),
  'order-returned': order(true),
  'payment-receipt': order(true),
  'payment-refund': order(true),
  'confirm-email': security,
  'already-registered': security,
  'reset-password': security,
  'password-changed': security,
  welcome: { source: 'account', essential: false, byHand: true },
  'stock-low': { source: 'stock', essential: true, byHand: false },
  plain: { source: 'given', essential: true, byHand: true },
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
