/** Settings that several services read. Each service adds its own beside them. */
import { Type } from 'typebox'
import { setting } from './service.ts'

export const Demo = setting(
  'STOA_DEMO',
  Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'on' }),
  'on: demo catalogue, demo accounts, sandbox providers, inbox page',
)
/** Address of the shop for links in mails and for coming back from a provider's page. */
export const Origin = setting(
  'STOA_ORIGIN',
  Type.String({ default: 'http://127.0.0.1:3000' }),
  'public address of the shop, without a slash at the end',
)
export const ShopName = setting('STOA_SHOP_NAME', Type.String({ default: 'Stoa' }), 'name of the shop in mails and pages')
export const ShopCountry = setting(
  'STOA_SHOP_COUNTRY',
  Type.String({ default: 'DE', pattern: '^[A-Z]{2}$' }),
  'country whose taxes count until an address is known',
)
export const ShopCurrency = setting(
  'STOA_SHOP_CURRENCY',
  Type.String({ default: 'EUR', pattern: '^[A-Z]{3}$' }),
  'currency of prices that do not name another',
)
/** Orders keeps the order and its stock so long, payments tells the shopper. A hold lasts 30 days at most. */
export const TransferDays = setting(
  'STOA_PAYMENTS_TRANSFER_DAYS',
  Type.Integer({ default: 7, minimum: 1, maximum: 29 }),
  'days in which a bank transfer must arrive',
)
export const SandboxUrl = setting(
  'STOA_SANDBOX_URL',
  Type.String({ default: '' }),
  'address of the sandbox providers; set by the shop itself when it runs them',
)
export const SandboxSecret = setting(
  'STOA_SANDBOX_SECRET',
  Type.String({ default: '' }),
  'secret shared with the sandbox providers; set by the shop itself when it runs them',
)
export const SmtpUrl = setting(
  'STOA_SMTP_URL',
  Type.String({ default: '' }),
  'mail server, e.g. smtp://user:password@host:587; set by the shop itself in demo mode',
)
export const AdminEmail = setting('STOA_ADMIN_EMAIL', Type.String({ default: '' }), 'first administrator, made at first start')
export const AdminPassword = setting('STOA_ADMIN_PASSWORD', Type.String({ default: '' }), 'password of the first administrator')
