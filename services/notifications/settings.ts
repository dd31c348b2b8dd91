import { setting, type Common } from '@stoa/chassis/service.ts'
import { Demo, SandboxSecret, SandboxUrl } from '@stoa/chassis/settings.ts'
import { Type } from 'typebox'
import type { Sandbox } from './adapters/sandbox-inbox.ts'
import { LANGUAGES } from './domain/templates.ts'

export const MailFrom = setting(
  'STOA_MAIL_FROM',
  Type.String({ default: 'shop@stoa.example', minLength: 3, pattern: '^[^@\\s]+@[^@\\s]+$' }),
  'address that mails come from',
)
export const StaffEmail = setting(
  'STOA_STAFF_EMAIL',
  Type.String({ default: '' }),
  'where mails to staff go, e.g. low stock; admin@stoa.example in demo mode',
)

const [english, german] = LANGUAGES
export const ShopLanguage = setting(
  'STOA_SHOP_LANGUAGE',
  Type.Union([Type.Literal(english), Type.Literal(german)], { default: english }),
  'language of mails to guests, as of the pages they bought on; accounts have a preference of their own',
)

type Settings = Pick<Common, 'setting'>

/** Where mails to staff go; undefined: nowhere. */
export function staffEmailOf({ setting: value }: Settings): string | undefined {
  const given = value(StaffEmail)
  if (given !== '') return given
  return value(Demo) === 'on' ? 'admin@stoa.example' : undefined
}

/** The sandbox, when the shop runs with it. */
export function sandboxOf({ setting: value }: Settings): Sandbox | undefined {
  const [url, secret] = [value(SandboxUrl), value(SandboxSecret)]
  return value(Demo) === 'on' && url !== '' && secret !== '' ? { url: url.replace(/\/$/, ''), secret } : undefined
}
