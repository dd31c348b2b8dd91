/** Mails about an account, about stock, and those that staff write. */
import type { Letter, Shop } from './layout.ts'
import type { Language } from './templates.ts'

export interface SecurityContent {
  readonly name: string | null
  readonly token: string | null
}

export type SecurityTemplate = 'confirm-email' | 'already-registered' | 'reset-password' | 'password-changed'

/** Writes a mail about an account's safety. */
export function securityLetter(template: SecurityTemplate, content: SecurityContent, language: Language, shop: Shop): Letter {
  const token = content.token === null ? '' : `?token=${encodeURIComponent(content.token)}`
  const letter = (language === 'de' ? german : english)[template]({ shop: shop.name, origin: shop.origin, token })
  return greeted(letter, content.name, language)
}

/** Writes the welcome to a confirmed account. */
export function welcomeLetter(name: string | null, language: Language, shop: Shop): Letter {
  const german = language === 'de'
  return greeted(
    {
      subject: german ? `Willkommen bei ${shop.name}` : `Welcome to ${shop.name}`,
      title: german ? 'Schön, dass Sie da sind' : 'Good to have you here',
      blocks: [
        {
          kind: 'text',
          text: german
            ? 'Ihre Adresse ist bestätigt und Ihr Konto bereit: Bestellungen, Adressen und Anmeldungen stehen an einem Ort.'
            : 'Your address is confirmed and your account is ready: orders, addresses and logins in one place.',
        },
        { kind: 'button', label: german ? 'Zu meinem Konto' : 'Go to my account', url: `${shop.origin}/account` },
      ],
    },
    name,
    language,
  )
}

export interface StockFacts {
  readonly sku: string
  readonly available: number
  readonly threshold: number
}

/** Writes to staff that a SKU runs out. */
export function stockLetter({ sku, available, threshold }: StockFacts): Letter {
  return {
    subject: `Low stock: ${sku} (${available} left)`,
    title: 'A SKU is running out',
    blocks: [
      {
        kind: 'table',
        rows: [
          { left: 'SKU', right: sku },
          { left: 'Available', right: String(available), strong: true },
          { left: 'Threshold', right: String(threshold) },
        ],
      },
    ],
  }
}

/** A mail in the words of staff. */
export function plainLetter(subject: string, text: string): Letter {
  return { subject, title: subject, blocks: text.split(/\n{2,}/).map((paragraph) => ({ kind: 'text', text: paragraph.trim() }) as const) }
}

function greeted(letter: Letter, name: string | null, language: Language): Letter {
  const hello = language === 'de' ? 'Guten Tag' : 'Hello'
  return { ...letter, blocks: [{ kind: 'text', text: `${hello}${name === null ? '' : ` ${name}`},` }, ...letter.blocks] }
}

interface Said {
  readonly shop: string
  readonly origin: string
  readonly token: string
}
type Voice = Readonly<Record<SecurityTemplate, (said: Said) => Letter>>

const english: Voice = {
  'confirm-email': ({ shop, origin, token }) => ({
    subject: `Confirm your address for ${shop}`,
    title: 'Confirm your address',
    blocks: [
      { kind: 'text', text: `An account at ${shop} was asked for with this address. Confirm it to begin.` },
      { kind: 'button', label: 'Confirm my address', url: `${origin}/verify${token}` },
      { kind: 'small', text: 'The link works once, for 48 hours. If it was not you, do not open it: nothing happens then.' },
    ],
  }),
  'already-registered': ({ shop, origin }) => ({
    subject: `You already have an account at ${shop}`,
    title: 'You already have an account',
    blocks: [
      {
        kind: 'text',
        text: `Somebody, perhaps you, wanted to open an account at ${shop} with this address. It has one: log in, or set a new password if you have forgotten yours.`,
      },
      { kind: 'button', label: 'Log in', url: `${origin}/login` },
      { kind: 'small', text: `New password: ${origin}/forgot. If it was not you, there is nothing to do.` },
    ],
  }),
  'reset-password': ({ shop, origin, token }) => ({
    subject: `Your new password for ${shop}`,
    title: 'Set a new password',
    blocks: [
      { kind: 'text', text: 'Open this link to choose a new password. Every device is logged out when you do.' },
      { kind: 'button', label: 'Choose a new password', url: `${origin}/reset${token}` },
      { kind: 'small', text: 'The link works once, for one hour. If it was not you, do not open it: your password stays as it is.' },
    ],
  }),
  'password-changed': ({ shop, origin }) => ({
    subject: `Your password for ${shop} was changed`,
    title: 'Your password was changed',
    blocks: [
      { kind: 'text', text: 'The password of your account has just been changed.' },
      { kind: 'small', text: `If it was not you, set a new one at once: ${origin}/forgot` },
    ],
  }),
}

const german: Voice = {
  'confirm-email': ({ shop, origin, token }) => ({
    subject: `Bestätigen Sie Ihre Adresse für ${shop}`,
    title: 'Adresse bestätigen',
    blocks: [
      { kind: 'text', text: `Mit dieser Adresse wurde ein Konto bei ${shop} angefragt. Bestätigen Sie sie, um zu beginnen.` },
      { kind: 'button', label: 'Adresse bestätigen', url: `${origin}/verify${token}` },
      { kind: 'small', text: 'Der Link gilt einmal und 48 Stunden lang. Waren Sie es nicht, öffnen Sie ihn nicht: dann geschieht nichts.' },
    ],
  }),
  'already-registered': ({ shop, origin }) => ({
    subject: `Sie haben schon ein Konto bei ${shop}`,
    title: 'Sie haben schon ein Konto',
    blocks: [
      {
        kind: 'text',
        text: `Jemand, vielleicht Sie, wollte mit dieser Adresse ein Konto bei ${shop} eröffnen. Es gibt schon eines: melden Sie sich an, oder wählen Sie ein neues Passwort, wenn Sie Ihres vergessen haben.`,
      },
      { kind: 'button', label: 'Anmelden', url: `${origin}/login` },
      { kind: 'small', text: `Neues Passwort: ${origin}/forgot. Waren Sie es nicht, ist nichts zu tun.` },
    ],
  }),
  'reset-password': ({ shop, origin, token }) => ({
    subject: `Ihr neues Passwort für ${shop}`,
    title: 'Neues Passwort wählen',
    blocks: [
      { kind: 'text', text: 'Öffnen Sie diesen Link, um ein neues Passwort zu wählen. Alle Geräte werden dabei abgemeldet.' },
      { kind: 'button', label: 'Neues Passwort wählen', url: `${origin}/reset${token}` },
      {
        kind: 'small',
        text: 'Der Link gilt einmal und eine Stunde lang. Waren Sie es nicht, öffnen Sie ihn nicht: Ihr Passwort bleibt, wie es ist.',
      },
    ],
  }),
  'password-changed': ({ shop, origin }) => ({
    subject: `Ihr Passwort für ${shop} wurde geändert`,
    title: 'Ihr Passwort wurde geändert',
    blocks: [
      { kind: 'text', text: 'Das Passwort Ihres Kontos wurde soeben geändert.' },
      { kind: 'small', text: `Waren Sie es nicht, wählen Sie sofort ein neues: ${origin}/forgot` },
    ],
  }),
}
