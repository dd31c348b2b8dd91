import { Type } from 'typebox'
import { SandboxSecret, SandboxUrl, TransferDays } from '@stoa/chassis/settings.ts'
import { setting, type Common } from '@stoa/chassis/service.ts'
import type { Pace } from './domain/steps.ts'

const seconds = (name: `STOA_${string}`, fallback: number, summary: string) =>
  setting(name, Type.Number({ default: fallback, minimum: 0, maximum: 31_536_000 }), `${summary} Seconds.`)
const secondsList = (name: `STOA_${string}`, fallback: string, summary: string) =>
  setting(name, Type.String({ default: fallback, pattern: '^\\d+(\\.\\d+)?(,\\d+(\\.\\d+)?){0,19}$' }), `${summary} Seconds, with commas.`)

export const CallDeadline = seconds('STOA_PAYMENTS_CALL_DEADLINE', 10, 'How long a provider may take to answer one call.')
export const InquiryDeadline = seconds('STOA_PAYMENTS_INQUIRY_DEADLINE', 3, 'How long a provider may take to answer an inquiry.')
export const PageDeadline = seconds('STOA_PAYMENTS_PAGE_DEADLINE', 1.5, 'How long a provider may take to open its card page.')
export const AfterTry = secondsList('STOA_PAYMENTS_AFTER_TRY', '1,2,4', 'Pauses after the tries of the fast phase.')
export const FirstInquiries = secondsList(
  'STOA_PAYMENTS_FIRST_INQUIRIES',
  '1,3,10',
  'Pauses before the first inquiries after an unknown outcome.',
)
export const InquiryEvery = seconds('STOA_PAYMENTS_INQUIRY_EVERY', 10, 'Pause between inquiries after an unknown outcome.')
export const SlowInquiryEvery = seconds('STOA_PAYMENTS_SLOW_INQUIRY_EVERY', 60, 'Pause between inquiries after thirty of them.')
export const ShopperEvery = seconds(
  'STOA_PAYMENTS_SHOPPER_EVERY',
  30,
  'Pause between inquiries while the shopper is on the provider’s page.',
)
export const WatchEvery = seconds('STOA_PAYMENTS_WATCH_EVERY', 3600, 'Longest pause between tries of what must succeed in the end.')
export const AbandonAfter = seconds('STOA_PAYMENTS_ABANDON_AFTER', 86_400, 'When an order is let go whose payment stays unknown.')
export const UnplacedAfter = seconds('STOA_PAYMENTS_UNPLACED_AFTER', 3600, 'When a payment is dropped whose order never came.')
export const WebhookPause = seconds('STOA_PAYMENTS_WEBHOOK_PAUSE', 0.3, 'How long a notice waits for the answer that it repeats.')
export const SettleSeconds = seconds('STOA_PAYMENTS_RECONCILE_REST', 60, 'How long a charge must be at rest to be compared.')
export const TransferIban = setting(
  'STOA_TRANSFER_IBAN',
  Type.String({ default: 'DE02120300000000202051', maxLength: 34 }),
  'IBAN for bank transfers',
)
export const TransferBic = setting('STOA_TRANSFER_BIC', Type.String({ default: 'BYLADEM1001', maxLength: 11 }), 'BIC for bank transfers')
export const TransferRecipient = setting(
  'STOA_TRANSFER_RECIPIENT',
  Type.String({ default: 'Stoa', maxLength: 70 }),
  'account holder for bank transfers',
)
/** The secret before the last change: notices signed by it are still taken. */
export const SandboxSecretBefore = setting(
  'STOA_SANDBOX_SECRET_BEFORE',
  Type.String({ default: '' }),
  'former secret of the sandbox providers, still taken on webhooks',
)

export const settings = [
  SandboxUrl,
  SandboxSecret,
  SandboxSecretBefore,
  CallDeadline,
  InquiryDeadline,
  PageDeadline,
  AfterTry,
  FirstInquiries,
  InquiryEvery,
  SlowInquiryEvery,
  ShopperEvery,
  WatchEvery,
  AbandonAfter,
  UnplacedAfter,
  WebhookPause,
  SettleSeconds,
  TransferDays,
  TransferIban,
  TransferBic,
  TransferRecipient,
]

/** The pauses as settings give them. */
export function paceOf({ setting: get }: Pick<Common, 'setting'>): Pace {
  return {
    afterTry: numbers(get(AfterTry)),
    firstInquiries: numbers(get(FirstInquiries)),
    inquiry: get(InquiryEvery),
    slowInquiry: get(SlowInquiryEvery),
    shopper: get(ShopperEvery),
    watch: get(WatchEvery),
  }
}

function numbers(list: string): number[] {
  return list.split(',').map(Number)
}
