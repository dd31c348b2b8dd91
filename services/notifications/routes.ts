import type { Static } from 'typebox'
import { ListMessages, ReadSandboxInbox, SendMessage, Unsubscribe, type Message } from '@stoa/contracts/notifications.ts'
import { ContactOf, SetMailWish } from '@stoa/contracts/identity.ts'
import { isRefusal, refuse, type FieldError } from '@stoa/chassis/contract.ts'
import { beginOfPage, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { orchestrate, read } from '@stoa/chassis/service.ts'
import { isId } from '@stoa/kit/ids.ts'
import { readInbox } from './adapters/sandbox-inbox.ts'
import { isTemplate, templates, type TemplateName } from './domain/templates.ts'
import { readUnsubscribeToken } from './domain/unsubscribe.ts'
import { sandboxOf } from './settings.ts'
import { insertGivenMessage, messagesOf, setGuestWish, type MessageRow } from './store.ts'
import { contentOf, type Given, type Wanted } from './usecases/content.ts'
import { openPart, sealPart, unsubscribeKeys, type Secrets } from './vault.ts'
import { sendMessage } from './workers.ts'

const PAGE = 24

export const listMessages = read(ListMessages, async ({ query, db, caller, ...context }) => {
  if (caller.kind !== 'account') return { items: [], nextCursor: null }
  const scope = { list: 'messages', of: caller.accountId }
  const before = beginOfPage(scope, query.cursor)
  if (before === undefined) return refuse('invalid-cursor')
  const limit = query.limit ?? PAGE
  const rows = await messagesOf(db, caller.accountId, before, limit + 1)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map((row) => presented(context, row)),
    nextCursor: rows.length > limit && last ? encodeCursor(scope, [last.id]) : null,
  }
})

export const sendByHand = orchestrate(SendMessage, async ({ input, transaction, call, ...context }) => {
  if (!isTemplate(input.template) || !templates[input.template].byHand) {
    return refuse('unknown-template', {
      detail: `Templates: ${Object.keys(templates)
        .filter((name) => templates[name as TemplateName].byHand)
        .join(', ')}.`,
    })
  }
  const { template, data } = input
  const errors = faultsOf(template, input)
  if (errors.length > 0) return refuse('invalid-request', { detail: 'Some fields are not as they must be.', errors })
  const contact = input.userId === undefined ? undefined : await call(ContactOf, { accountId: input.userId })
  if (isRefusal(contact)) return refuse('not-found', { detail: 'There is no such account.' })
  const to = input.to ?? contact?.email ?? ''
  const given: Given = template === 'plain' ? { to, subject: String(data.subject), text: String(data.text) } : { to }
  const facts = template === 'plain' ? {} : { ...data }
  const wanted: Wanted = { template, accountId: input.userId ?? null, facts, given }
  const content = await contentOf(wanted, { ...context, call })
  if ('needless' in content) return refuse('not-found', { detail: `Not to be sent: ${content.needless}.` })
  const { messageId } = await context.fixedIds('messageId')
  const { subject } = content.letter
  const at = await transaction(async (tx) => {
    const sealed = {
      givenSealed: sealPart(context, messageId, 'given', JSON.stringify(given)),
      toSealed: sealPart(context, messageId, 'to', content.to),
      subjectSealed: sealPart(context, messageId, 'subject', subject),
    }
    const message = {
      id: messageId,
      cause: `request:${messageId}`,
      template,
      recipient: `given:${messageId}`,
      accountId: wanted.accountId,
      facts,
    }
    const createdAt = await insertGivenMessage(tx, { ...message, ...sealed })
    tx.schedule(sendMessage, messageId, 0)
    return createdAt.toISOString()
  })
  return { id: messageId, channel: 'email' as const, template, to: content.to, subject, state: 'waiting' as const, at, sentAt: null }
})

function faultsOf(template: TemplateName, input: Static<NonNullable<typeof SendMessage.body>>): FieldError[] {
  const { to, userId, data } = input
  const errors: FieldError[] = []
  const missing = (path: string) => errors.push({ path, code: 'required', message: 'is required' })
  if ((to === undefined) === (userId === undefined))
    errors.push({ path: 'to', code: 'required', message: 'exactly one of to and userId is required' })
  const { source } = templates[template]
  if (source === 'given')
    for (const name of ['subject', 'text']) if (typeof data[name] !== 'string' || data[name].trim() === '') missing(`data.${name}`)
  if (source === 'order' && (typeof data.orderId !== 'string' || !isId(data.orderId))) missing('data.orderId')
  if (source === 'account' && userId === undefined) missing('userId')
  return errors
}

/** Whoever holds the link may: it came in a mail to the person it names, and does no more than stop such mails. */
export const unsubscribe = orchestrate(Unsubscribe, async ({ input, call, transaction, ...context }) => {
  const named = readUnsubscribeToken(unsubscribeKeys(context).links, input.token)
  if (!named) return refuse('invalid-token', { detail: 'This link is none of ours, or is not whole.' })
  const { kind, person } = named
  const wanted = input.wanted ?? false
  if ('guestHash' in person) await transaction((tx) => setGuestWish(tx, person.guestHash, kind, wanted))
  else if (isRefusal(await call(SetMailWish, { ...person, kind, wanted })))
    return refuse('invalid-token', { detail: 'The account is gone, and no mails go to it.' })
  return { kind, wanted }
})

export const readSandboxInbox = read(ReadSandboxInbox, async ({ query, ...context }) => {
  const sandbox = sandboxOf(context)
  if (!sandbox) return refuse('unavailable', { detail: 'The sandbox does not run.' })
  const inbox = await readInbox(sandbox, { to: query.to, limit: query.limit ?? PAGE, cursor: query.cursor }).catch(() => undefined)
  if (inbox === undefined) return refuse('unavailable', { detail: 'The sandbox does not answer.' })
  if (inbox === 'bad-cursor') return refuse('invalid-cursor')
  const items = inbox.items.map(({ id, channel, to, subject, text, html, links, at }) => ({
    id,
    channel,
    to,
    subject,
    text,
    html,
    links,
    at,
  }))
  return { items, nextCursor: inbox.nextCursor }
})

function presented(secrets: Secrets, row: MessageRow): Static<typeof Message> {
  const open = (part: 'to' | 'subject', sealed: string | null) => (sealed === null ? '' : openPart(secrets, row.id, part, sealed))
  return {
    id: row.id,
    channel: 'email',
    template: row.template,
    to: open('to', row.toSealed),
    subject: open('subject', row.subjectSealed),
    state: row.state === 'sending' ? 'waiting' : row.state,
    at: row.createdAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
  }
}
