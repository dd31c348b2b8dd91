/** The link that ends mails of a kind: signed, for ever, and without an address in it. */
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { MailKind as MailKindContract } from '@stoa/contracts/identity.ts'
import type { Block } from './layout.ts'
import type { Language, MailKind } from './templates.ts'

/** Whom a mail is for: an account by its id; a guest, who has none, by a keyed hash of the address. */
export type Person = { readonly accountId: string } | { readonly guestHash: string }

const SHAPE = /^([a-z-]+)\.(a|g)([\w-]{36,43})\.([\w-]{43})$/
const KINDS: readonly string[] = MailKindContract.anyOf.map((one) => one.const)

/** The hash that stands for a guest: the same for every way to write the address, and worth nothing without the key. */
export function guestHashOf(key: KeyObject, email: string): string {
  return createHmac('sha256', key).update(email.trim().normalize('NFKC').toLowerCase()).digest('base64url')
}

/** A token that names kind and person. It does not expire: a mail may be opened years later. */
export function unsubscribeToken(key: KeyObject, kind: MailKind, person: Person): string {
  const named = `${kind}.${'accountId' in person ? `a${person.accountId}` : `g${person.guestHash}`}`
  return `${named}.${signatureOf(key, named)}`
}

/** What a token names; undefined when it is none of ours. */
export function readUnsubscribeToken(key: KeyObject, token: string): { kind: MailKind; person: Person } | undefined {
  const [, kind, sort, name, signature] = SHAPE.exec(token) ?? []
  if (kind === undefined || name === undefined || signature === undefined || !KINDS.includes(kind)) return undefined
  const expected = signatureOf(key, `${kind}.${sort}${name}`)
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined
  return { kind: kind as MailKind, person: sort === 'a' ? { accountId: name } : { guestHash: name } }
}

function signatureOf(key: KeyObject, named: string): string {
  return createHmac('sha256', key).update(named).digest('base64url')
}

const words: Readonly<Record<Language, Readonly<Record<MailKind, string>>>> = {
  en: { 'order-progress': 'No more mails about the progress of orders', 'account-news': 'No more mails with news of the account' },
  de: { 'order-progress': 'Keine Mails mehr über den Fortgang von Bestellungen', 'account-news': 'Keine Mails mehr mit Neuem zum Konto' },
}

/** The part of a mail that offers the way out. */
export function unsubscribeBlock(kind: MailKind, language: Language, url: string): Block {
  return { kind: 'link', label: words[language][kind], url }
}
