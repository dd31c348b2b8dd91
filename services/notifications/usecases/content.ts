/** What a message says: asked from its owners at the moment of sending, so that events and rows carry nothing personal. */
import type { Static } from 'typebox'
import { ContactOf, SecurityMail } from '@stoa/contracts/identity.ts'
import { OrderForMessage } from '@stoa/contracts/orders.ts'
import { isRefusal } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { CallFn, Common } from '@stoa/chassis/service.ts'
import { Origin, ShopName } from '@stoa/chassis/settings.ts'
import {
  plainLetter,
  securityLetter,
  stockLetter,
  welcomeLetter,
  type SecurityTemplate,
  type StockFacts,
} from '../domain/account-letters.ts'
import type { Letter, Shop } from '../domain/layout.ts'
import { orderLetter, type OrderFacts } from '../domain/order-letters.ts'
import type { QuietHours } from '../domain/quiet-hours.ts'
import { languageFor, templates, type Language, type MailKind, type TemplateName } from '../domain/templates.ts'
import { guestHashOf, unsubscribeBlock, unsubscribeToken, type Person } from '../domain/unsubscribe.ts'
import { ShopLanguage, staffEmailOf } from '../settings.ts'
import { isUnsubscribed } from '../store.ts'
import { unsubscribeKeys } from '../vault.ts'

export interface Content {
  readonly to: string
  readonly accountId: string | null
  readonly language: Language
  readonly letter: Letter
  /** Where its reader ends mails of this kind; null where there is no way out. */
  readonly unsubscribeUrl: string | null
  /** When its reader wants no mails that can wait; null for those that cannot. */
  readonly quietHours: QuietHours | null
}

/** A letter and whom it is for, before it is asked whether they want it. */
interface Draft extends Pick<Content, 'to' | 'accountId' | 'language' | 'letter'> {
  /** The account's contact, if it is the account that it goes to. */
  readonly contact?: Contact | undefined
}
type Contact = Static<typeof ContactOf.output>

/** What is known of a message before its content: ids and figures, and what staff gave with it. */
export interface Wanted {
  readonly template: TemplateName
  readonly accountId: string | null
  readonly facts: Readonly<Record<string, unknown>>
  readonly given: Given | undefined
}

/** What staff gave: an address of their choice, and the words of a plain mail. */
export interface Given {
  readonly to: string
  readonly subject?: string
  readonly text?: string
}

/** Why a message is not to be sent. */
export interface Needless {
  readonly needless: string
}

const UNWANTED = 'its reader wants no such mails'

type Context = Common & { readonly call: CallFn; readonly db: Db }

/** Asks for the content of a message. Throws: faults, when its owner does not answer. */
export async function contentOf(wanted: Wanted, context: Context): Promise<Content | Needless> {
  const shop: Shop = { name: context.setting(ShopName), origin: context.setting(Origin).replace(/\/$/, '') }
  const draft = await draftOf(wanted, context, shop)
  if ('needless' in draft) return draft
  const kind = templates[wanted.template].optional
  return kind === null ? { ...draft, unsubscribeUrl: null, quietHours: null } : optionalContent(draft, kind, context, shop)
}

/** A mail that its reader may do without: whether they do, how they end it, and when it has to wait. */
async function optionalContent({ contact, ...draft }: Draft, kind: MailKind, context: Context, shop: Shop): Promise<Content | Needless> {
  const keys = unsubscribeKeys(context)
  const person: Person =
    contact && draft.accountId !== null ? { accountId: draft.accountId } : { guestHash: guestHashOf(keys.guests, draft.to) }
  const ended = 'guestHash' in person ? await isUnsubscribed(context.db, person.guestHash, kind) : contact?.unwanted.includes(kind)
  if (ended) return { needless: UNWANTED }
  const unsubscribeUrl = `${shop.origin}/unsubscribe?token=${unsubscribeToken(keys.links, kind, person)}`
  const blocks = [...draft.letter.blocks, unsubscribeBlock(kind, draft.language, unsubscribeUrl)]
  return { ...draft, letter: { ...draft.letter, blocks }, unsubscribeUrl, quietHours: contact?.quietHours ?? null }
}

async function draftOf(wanted: Wanted, context: Context, shop: Shop): Promise<Draft | Needless> {
  switch (templates[wanted.template].source) {
    case 'order':
      return orderContent(wanted, context, shop)
    case 'account':
      return accountContent(wanted, context, shop)
    case 'security':
      return securityContent(wanted, context, shop)
    case 'stock': {
      const to = staffEmailOf(context)
      if (to === undefined) return { needless: 'nobody on the staff wants mails' }
      return { to, accountId: null, language: 'en', letter: stockLetter(wanted.facts as unknown as StockFacts) }
    }
    case 'given':
      return givenContent(wanted)
  }
}

async function orderContent(wanted: Wanted, context: Context, shop: Shop): Promise<Draft | Needless> {
  const order = await context.call(OrderForMessage, { orderId: String(wanted.facts.orderId) })
  if (isRefusal(order)) return { needless: 'there is no such order' }
  const contact = order.accountId === null ? undefined : await context.call(ContactOf, { accountId: order.accountId })
  const known = contact && !isRefusal(contact) ? contact : undefined
  if (known && !known.wantsEmail && templates[wanted.template].optional !== null && !wanted.given) return { needless: UNWANTED }
  const language = known ? languageFor(known.language) : context.setting(ShopLanguage)
  const template = wanted.template as Parameters<typeof orderLetter>[0]
  return {
    to: wanted.given?.to ?? order.email,
    accountId: order.accountId,
    language,
    letter: orderLetter(template, order, wanted.facts as OrderFacts, language, shop),
    contact: isOwn(known, wanted) ? known : undefined,
  }
}

async function accountContent(wanted: Wanted, context: Context, shop: Shop): Promise<Draft | Needless> {
  const contact = wanted.accountId === null ? undefined : await context.call(ContactOf, { accountId: wanted.accountId })
  if (!contact || isRefusal(contact)) return { needless: 'there is no such account' }
  if (!contact.wantsEmail && templates[wanted.template].optional !== null) return { needless: UNWANTED }
  const language = languageFor(contact.language)
  return {
    to: wanted.given?.to ?? contact.email,
    accountId: wanted.accountId,
    language,
    letter: welcomeLetter(contact.name, language, shop),
    contact: isOwn(contact, wanted) ? contact : undefined,
  }
}

/** A copy that staff send elsewhere is not for the account: its reader is whoever has that address. */
function isOwn(contact: Contact | undefined, { given }: Wanted): boolean {
  return given === undefined || given.to === contact?.email
}

async function securityContent(wanted: Wanted, context: Context, shop: Shop): Promise<Draft | Needless> {
  const mail = await context.call(SecurityMail, { requestId: String(wanted.facts.requestId) })
  if (isRefusal(mail)) return { needless: 'its link can do nothing any more' }
  const language = languageFor(mail.language)
  return {
    to: mail.to,
    accountId: wanted.accountId,
    language,
    letter: securityLetter(wanted.template as SecurityTemplate, mail, language, shop),
  }
}

function givenContent({ given, accountId }: Wanted): Draft | Needless {
  if (given?.subject === undefined || given.text === undefined) return { needless: 'it says nothing' }
  return { to: given.to, accountId, language: 'en', letter: plainLetter(given.subject, given.text) }
}
