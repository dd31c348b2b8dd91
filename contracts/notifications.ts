/** Templates, messages, their history. */
import { Type } from 'typebox'
import { event, object, route, staff } from '@stoa/chassis/contract.ts'
import { MailKind } from './identity.ts'
import { Email, Id, Moment, PageQuery, page } from './shared.ts'

export const Channel = Type.Union([Type.Literal('email')])
export const Message = object({
  id: Id,
  channel: Channel,
  template: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('sent'),
    Type.Literal('failed'),
    Type.Literal('in-doubt'),
    Type.Literal('skipped'),
  ]),
  at: Moment,
  sentAt: Type.Union([Moment, Type.Null()]),
})
export const ListMessages = route('GET /notifications/history', {
  summary: 'My own messages, newest first.',
  permission: 'customer',
  class: 'browse',
  query: object(PageQuery),
  output: page(Message),
  refusals: { 'invalid-cursor': 422 },
})
export const SendMessage = route('POST /notifications/send', {
  summary: 'Sends a message from a template to an address or an account.',
  permission: staff('notifications:send', 'admin'),
  class: 'staff',
  body: object({
    to: Type.Optional(Email),
    userId: Type.Optional(Id),
    channel: Channel,
    template: Type.String({ minLength: 1, maxLength: 80 }),
    data: Type.Record(Type.String({ maxLength: 80 }), Type.Union([Type.String({ maxLength: 5000 }), Type.Number(), Type.Boolean()])),
  }),
  output: Message,
  status: 202,
  idempotencyKey: 'optional',
  refusals: { 'not-found': 404, 'unknown-template': 422, 'invalid-request': 422 },
})
export const Unsubscribe = route('POST /notifications/unsubscribe', {
  summary: 'Stops mails of one kind to one person, by the signed token of such a mail; `wanted: true` takes it back. Needs no login.',
  permission: 'public',
  class: 'browse',
  body: object({ token: Type.String({ minLength: 1, maxLength: 300 }), wanted: Type.Optional(Type.Boolean()) }),
  output: object({ kind: MailKind, wanted: Type.Boolean() }),
  refusals: { 'invalid-token': 422 },
})
const InboxItem = object({
  id: Type.String(),
  channel: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  html: Type.String(),
  links: Type.Array(Type.String()),
  at: Moment,
})
export const ReadSandboxInbox = route('GET /sandbox/inbox', {
  summary: 'What the sandbox mail sink received, newest first.',
  permission: 'public',
  class: 'browse',
  query: object({ to: Type.Optional(Type.String({ maxLength: 254 })), ...PageQuery }),
  output: page(InboxItem),
  demoOnly: true,
  refusals: { unavailable: 503, 'invalid-cursor': 422 },
})

export const MessageSent = event('MessageSent', {
  summary: 'A message was handed to its provider.',
  topic: 'notifications',
  version: 1,
  key: 'messageId',
  data: object({ messageId: Id, template: Type.String(), channel: Channel }),
})
