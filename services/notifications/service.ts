import { defineService } from '@stoa/chassis/service.ts'
import { SmtpUrl } from '@stoa/chassis/settings.ts'
import { MessageSent } from '@stoa/contracts/notifications.ts'
import { transportFor } from './adapters/transport.ts'
import { noMessageForgotten, noMessageSentTwice } from './checks.ts'
import {
  sendSecurityMail,
  tellOrderCancelled,
  tellOrderConfirmed,
  tellOrderDelivered,
  tellOrderPlaced,
  tellOrderProcessing,
  tellOrderReturned,
  tellOrderShipped,
  tellPayment,
  tellStaffStockLow,
  welcomeAccount,
} from './consumers.ts'
import { forgetOldMessages } from './jobs.ts'
import { listMessages, readSandboxInbox, sendByHand, unsubscribe } from './routes.ts'
import { MailFrom, sandboxOf, ShopLanguage, StaffEmail } from './settings.ts'
import { sendMessage } from './workers.ts'

export default defineService({
  name: 'notifications',
  owns: 'Messages: their templates, what was sent to whom, and that each is sent at most once.',
  routes: [listMessages, sendByHand, unsubscribe, readSandboxInbox],
  consumers: [
    sendSecurityMail,
    welcomeAccount,
    tellOrderPlaced,
    tellOrderConfirmed,
    tellOrderProcessing,
    tellOrderShipped,
    tellOrderDelivered,
    tellOrderCancelled,
    tellOrderReturned,
    tellPayment,
    tellStaffStockLow,
  ],
  publishes: [MessageSent],
  workers: [sendMessage],
  jobs: [forgetOldMessages],
  checks: [noMessageSentTwice, noMessageForgotten],
  settings: [MailFrom, StaffEmail, ShopLanguage],
  prepare: async (context) => {
    const transport = transportFor(context.setting(SmtpUrl), sandboxOf(context))
    if (!transport) context.log.warn({}, 'STOA_SMTP_URL is not set: messages wait until it is')
    context.signal.addEventListener('abort', () => transport?.close(), { once: true })
  },
})
