import type { Db } from '@stoa/chassis/database/sql.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import { worker, type CallFn, type Common, type Task, type TransactionFn } from '@stoa/chassis/service.ts'
import { Origin, ShopName, SmtpUrl } from '@stoa/chassis/settings.ts'
import { transportFor } from './adapters/transport.ts'
import type { MailTransport } from './adapters/mail-transport.ts'
import { afterHandover, afterInquiry, GIVE_UP_SECONDS, INQUIRY_TRUST_SECONDS, type NextStep } from './domain/delivery.ts'
import { render } from './domain/layout.ts'
import { quietUntil } from './domain/quiet-hours.ts'
import { MailFrom, sandboxOf } from './settings.ts'
import { endUnsent, type MessageRow } from './store.ts'
import { beginHandover, endTry, findMessage } from './together.ts'
import { contentOf, type Content, type Given } from './usecases/content.ts'
import { openPart, sealPart } from './vault.ts'

/** How long a message waits while no mail server is configured. */
const UNCONFIGURED_SECONDS = 300

/** Messages on their way at once: as many connections to the mail server as most allow. */
const AT_ONCE = 8

type Context = Common & { readonly db: Db; readonly transaction: TransactionFn; readonly call: CallFn }

/** Sends a message, at most once. Its lease is longer than a handover and an inquiry together. */
export const sendMessage = worker('send-message', { concurrency: AT_ONCE, leaseSeconds: INQUIRY_TRUST_SECONDS }, async (task, context) => {
  const message = (await findMessage(context.db)([task.key])).get(task.key)
  if (!message || message.state === 'sent' || message.state === 'failed' || message.state === 'skipped') return done(task, context)
  const transport = transportFor(context.setting(SmtpUrl), sandboxOf(context))
  if (!transport) return wait(task, context, UNCONFIGURED_SECONDS)
  if (message.state === 'waiting') return send(task, message, transport, context)
  // 'sending': the process that was at it is gone. Whether the message is, too, is not known.
  return resolve(task, message, message.state, transport, context)
})

async function send(task: Task, message: MessageRow, transport: MailTransport, context: Context): Promise<void> {
  const content = await askedFor(task, message, context)
  if (!content) return
  const until = content.quietHours && quietUntil(content.quietHours, message.readAt)
  if (until) return wait(task, context, Math.ceil((until.getTime() - message.readAt.getTime()) / 1000))
  const mail = mailOf(message, content, context)
  const begun = await beginHandover(context.db)({
    id: message.id,
    accountId: content.accountId,
    toSealed: sealPart(context, message.id, 'to', content.to),
    subjectSealed: sealPart(context, message.id, 'subject', mail.subject),
  })
  if (!begun) return wait(task, context, 1)
  failPoint('notifications.before-handover')
  const handover = await transport.send(mail)
  failPoint('notifications.after-handover')
  await take(
    task,
    message,
    'sending',
    afterHandover(handover, message.tries + 1, message.ageSeconds, transport.wasAccepted !== undefined),
    context,
  )
}

/** The content of a message; undefined when the message ended or waits instead. */
async function askedFor(task: Task, message: MessageRow, context: Context): Promise<Content | undefined> {
  const given =
    message.givenSealed === null ? undefined : (JSON.parse(openPart(context, message.id, 'given', message.givenSealed)) as Given)
  try {
    const content = await contentOf({ ...message, given }, context)
    if (!('needless' in content)) return content
    await context.transaction(async (tx) => {
      await endUnsent(tx, message.id, 'skipped', content.needless)
      await task.finish(tx)
    })
  } catch (error) {
    if (message.ageSeconds < GIVE_UP_SECONDS) throw error
    await context.transaction(async (tx) => {
      await endUnsent(tx, message.id, 'failed', 'its content could not be had for a day')
      await task.finish(tx)
    })
  }
  return undefined
}

function mailOf(message: MessageRow, content: Content, context: Context) {
  const name = context.setting(ShopName)
  const address = context.setting(MailFrom)
  const { subject, text, html } = render(content.letter, { name, origin: context.setting(Origin) }, content.language)
  return {
    messageId: messageIdOf(message.id, address),
    from: { name, address },
    to: content.to,
    subject,
    text,
    html,
    date: message.createdAt,
    unsubscribeUrl: content.unsubscribeUrl,
  }
}

function messageIdOf(id: string, from: string): string {
  return `<${id}@${from.split('@')[1] ?? 'localhost'}>`
}

/** Finds out about a message in doubt, where somebody can be asked. */
async function resolve(
  task: Task,
  message: MessageRow,
  from: 'sending' | 'in-doubt',
  transport: MailTransport,
  context: Context,
): Promise<void> {
  const to = message.toSealed === null ? '' : openPart(context, message.id, 'to', message.toSealed)
  const inquiry = (await transport.wasAccepted?.(messageIdOf(message.id, context.setting(MailFrom)), to)) ?? 'unknown'
  const step = afterInquiry(inquiry, message.tries, message.ageSeconds, message.secondsSinceHandover, transport.wasAccepted !== undefined)
  await take(task, message, from, step, context)
}

async function take(task: Task, message: MessageRow, from: 'sending' | 'in-doubt', step: NextStep, context: Context): Promise<void> {
  await endTry(context.db)({ task, message, from, step, context })
  if (step.state === 'sent')
    context.log.info({ messageId: messageIdOf(message.id, context.setting(MailFrom)), template: message.template }, 'a message was sent')
  if (step.state === 'failed' || (step.state === 'in-doubt' && step.askInSeconds === undefined)) {
    context.log.warn(
      { messageId: message.id, template: message.template, state: step.state, why: step.why },
      'a message was not delivered, as far as is known',
    )
  }
}

async function done(task: Task, { transaction }: Context): Promise<void> {
  await transaction(async (tx) => task.finish(tx))
}

async function wait(task: Task, { transaction }: Context, seconds: number): Promise<void> {
  await transaction(async (tx) => task.retryIn(tx, seconds))
}
