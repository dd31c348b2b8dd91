import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { AccountVerified, SecurityMailRequested } from '@stoa/contracts/identity.ts'
import { StockLow } from '@stoa/contracts/inventory.ts'
import { OrderCancelled, OrderConfirmed, OrderCreated, OrderDelivered, OrderShipped } from '@stoa/contracts/orders.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/start.ts'
import service from './service.ts'
import { playNeighbours } from './testing/neighbours.ts'

const secret = 'a secret of sixteen'
const data = mkdtempSync(join(tmpdir(), 'stoa-sandbox-'))
const neighbours = playNeighbours()
let sandbox: Sandbox
let room: Room
beforeAll(async () => {
  sandbox = await startSandbox({ data, secret, shopOrigin: 'http://127.0.0.1:9' })
  room = await openRoom({
    services: [service],
    calls: neighbours.calls,
    env: {
      STOA_DEMO: 'on',
      STOA_SMTP_URL: `smtp://127.0.0.1:${sandbox.smtpPort}`,
      STOA_SANDBOX_URL: sandbox.origin,
      STOA_SANDBOX_SECRET: secret,
    },
  })
})
afterAll(async () => {
  await room.stop()
  await sandbox.close()
  rmSync(data, { recursive: true, force: true })
})

interface Mail {
  subject: string
  text: string
  html: string
  links: string[]
}
async function inboxOf(to: string): Promise<Mail[]> {
  await room.settled()
  const { status, body } = await room.request(`GET /api/sandbox/inbox?to=${to}`)
  expect(status).toBe(200)
  return body.items
}

const eur = (amount: number) => ({ amount, currency: 'EUR' })
type Placed = ReturnType<typeof neighbours.order>
const created = (order: Placed) =>
  room.publish(OrderCreated, {
    orderId: order.orderId,
    number: order.number,
    accountId: order.accountId,
    cartId: null,
    lines: [],
    total: order.totals.total,
    method: order.method,
    placedAt: new Date().toISOString(),
  })
const confirmed = (order: Placed) =>
  room.publish(OrderConfirmed, { orderId: order.orderId, lines: [], total: order.totals.total, method: order.method })
const cancelled = (order: Placed) =>
  room.publish(OrderCancelled, {
    orderId: order.orderId,
    reason: 'payment-declined',
    from: 'PENDING',
    cartId: null,
    accountId: order.accountId,
    lines: [],
  })
const moved = (order: Placed, outcome: 'captured' | 'refunded' | 'authorized') =>
  room.publish(PaymentProcessed, {
    orderId: order.orderId,
    outcome,
    method: 'card',
    provider: 'sandbox',
    amount: eur(500),
    operationId: newId(),
  })

describe('mails of an order', () => {
  test('when an order is confirmed at once, its one mail holds its number, a link with its token, lines and total', async () => {
    const order = neighbours.order()
    await created(order)
    await confirmed(order)
    const [mail, ...others] = await inboxOf(order.email)
    expect(others).toEqual([])
    expect(mail?.subject).toBe(`Your order ${order.number} is confirmed`)
    expect(mail?.links).toContain(`http://127.0.0.1:3000/orders/${order.orderId}?token=view-token`)
    expect(mail?.text).toContain('2 × Lamp “Stoa” & shade  €98.00')
    expect(mail?.text).toContain('€102.90')
    expect(mail?.html).toContain('Zeno &lt;b&gt;of&lt;/b&gt; Citium')
    await room.advance(60)
    expect(await inboxOf(order.email)).toHaveLength(1)
  })

  test('when an order is not confirmed within half a minute, its buyer is told that it has come', async () => {
    const order = neighbours.order()
    await created(order)
    expect(await inboxOf(order.email)).toEqual([])
    await room.advance(31)
    expect((await inboxOf(order.email)).map((mail) => mail.subject)).toEqual([`We have your order ${order.number}`])
  })

  test('when a bank transfer is chosen, the mail goes out at once, in the shop’s language wherever its guest lives', async () => {
    const order = neighbours.order({
      method: 'bank-transfer',
      shippingAddress: { name: 'Zeno', line1: 'Torstraße 1', city: 'Berlin', postalCode: '10119', country: 'DE' },
    })
    await created(order)
    const [mail] = await inboxOf(order.email)
    expect(mail?.subject).toBe(`We have your order ${order.number}`)
    expect(mail?.text).toContain('€98.00')
  })

  test('when an order is shipped, delivered, paid and refunded, each is told once', async () => {
    const order = neighbours.order()
    await room.publish(OrderShipped, { orderId: order.orderId, trackingNumber: 'TRACK-7', total: order.totals.total, method: 'card' })
    await room.publish(OrderDelivered, { orderId: order.orderId, total: order.totals.total, method: 'card' })
    await moved(order, 'authorized')
    await moved(order, 'captured')
    await moved(order, 'refunded')
    const mails = await inboxOf(order.email)
    expect(mails.map((mail) => mail.subject).sort()).toEqual(
      [
        `Receipt for order ${order.number}`,
        `Refund for order ${order.number}`,
        `Your order ${order.number} has arrived`,
        `Your order ${order.number} is on its way`,
      ].sort(),
    )
    expect(mails.find((mail) => mail.subject.includes('on its way'))?.text).toContain('TRACK-7')
    expect(mails.find((mail) => mail.subject.includes('Refund'))?.text).toContain('€5.00')
  })

  test('when an order is cancelled, the mail says why, and "placed" is not sent any more', async () => {
    const order = neighbours.order({ status: 'CANCELLED', cancelReason: 'payment-declined' })
    await created(order)
    await cancelled(order)
    await room.advance(60)
    const mails = await inboxOf(order.email)
    expect(mails.map((mail) => mail.subject)).toEqual([`Your order ${order.number} was cancelled`])
    expect(mails[0]?.text).toContain('nothing was charged')
  })

  test('when its owner wants no mails, only what matters is sent', async () => {
    const accountId = newId()
    const { email } = neighbours.contact(accountId, { wantsEmail: false, language: 'de-AT' })
    const order = neighbours.order({ accountId, email })
    await room.publish(OrderDelivered, { orderId: order.orderId, total: order.totals.total, method: 'card' })
    await confirmed(order)
    expect((await inboxOf(email)).map((mail) => mail.subject)).toEqual([`Ihre Bestellung ${order.number} ist bestätigt`])
    const skipped = await room
      .db('notifications')
      .rows(sql`SELECT 1 FROM messages WHERE state = 'skipped' AND account_id IS NULL AND template = 'order-delivered'`)
    expect(skipped).toHaveLength(1)
  })
})

describe('other mails', () => {
  test.each([
    ['confirm-email', 'verify'],
    ['reset-password', 'reset'],
  ] as const)('when identity asks for %s, the link leads to /%s with the token', async (kind, path) => {
    const requestId = newId()
    const { to } = neighbours.mail(requestId, { token: 'tok+en' })
    await room.publish(SecurityMailRequested, { requestId, accountId: newId(), kind })
    const [mail] = await inboxOf(to)
    expect(mail?.links).toContain(`http://127.0.0.1:3000/${path}?token=tok%2Ben`)
  })

  test('when a link can do nothing any more, its mail is not sent', async () => {
    const requestId = newId()
    await room.publish(SecurityMailRequested, { requestId, accountId: newId(), kind: 'confirm-email' })
    await room.settled()
    const rows = await room
      .db('notifications')
      .rows<{ state: string }>(sql`SELECT state FROM messages WHERE facts ->> 'requestId' = ${requestId}`)
    expect(rows).toEqual([{ state: 'skipped' }])
  })

  test('when stock runs low, staff are told', async () => {
    await room.publish(StockLow, { sku: 'LAMP-9', productId: newId(), available: 2, threshold: 5 })
    const [mail] = await inboxOf('admin@stoa.example')
    expect(mail?.subject).toBe('Low stock: LAMP-9 (2 left)')
  })

  test('when an account is confirmed, it is welcomed, and its history shows that to its owner only', async () => {
    const accountId = newId()
    const { email } = neighbours.contact(accountId)
    await room.publish(AccountVerified, { accountId })
    expect((await inboxOf(email)).map((mail) => mail.subject)).toEqual(['Welcome to Stoa'])
    const own = await room.request('GET /api/notifications/history', { as: room.account({ accountId }) })
    expect(own.body.items).toMatchObject([{ template: 'welcome', channel: 'email', to: email, subject: 'Welcome to Stoa', state: 'sent' }])
    expect(own.body.items[0].sentAt).toMatch(/Z$/)
    expect((await room.request('GET /api/notifications/history', { as: room.account() })).body.items).toEqual([])
    expect((await room.request('GET /api/notifications/history')).status).toBe(401)
  })
})

describe('sending by hand', () => {
  const admin = () => room.account({ roles: ['admin'] })
  const send = (body: object, headers: Record<string, string> = {}) =>
    room.request('POST /api/notifications/send', { body, headers, as: admin() })
  const plain = { channel: 'email', template: 'plain', data: { subject: 'A word', text: 'First.\n\nSecond <i>.' } }

  test('when staff write to an address, it arrives as written', async () => {
    const answer = await send({ ...plain, to: 'guest@example.org' })
    expect([answer.status, answer.body]).toMatchObject([
      202,
      { template: 'plain', to: 'guest@example.org', subject: 'A word', state: 'waiting', sentAt: null },
    ])
    const [mail] = await inboxOf('guest@example.org')
    expect(mail?.text).toContain('Second <i>.')
    expect(mail?.html).toContain('Second &lt;i&gt;.')
  })

  test('when the same request comes again with its key, one mail is sent', async () => {
    const who = admin()
    const once = () =>
      room.request('POST /api/notifications/send', {
        body: { ...plain, to: 'once@example.org' },
        headers: { 'idempotency-key': 'send-once-please' },
        as: who,
      })
    const answers = [await once(), await once()]
    expect(answers[1]?.headers['idempotent-replayed']).toBe('true')
    expect(answers[1]?.body.id).toBe(answers[0]?.body.id)
    expect(await inboxOf('once@example.org')).toHaveLength(1)
  })

  test('when it is for an account or about an order, their owners are asked', async () => {
    const accountId = newId()
    const { email } = neighbours.contact(accountId)
    expect((await send({ ...plain, userId: accountId })).body.to).toBe(email)
    const order = neighbours.order()
    const again = await send({ channel: 'email', template: 'order-confirmed', to: 'copy@example.org', data: { orderId: order.orderId } })
    expect([again.status, again.body.subject]).toEqual([202, `Your order ${order.number} is confirmed`])
    expect(await inboxOf('copy@example.org')).toHaveLength(1)
    expect((await room.request('GET /api/notifications/history', { as: room.account({ accountId }) })).body.items).toHaveLength(1)
  })

  test('when account, order, template or fields are wrong, it is refused by name', async () => {
    expect((await send({ ...plain, userId: newId() })).body.code).toBe('not-found')
    expect((await send({ channel: 'email', template: 'order-placed', to: 'x@example.org', data: { orderId: newId() } })).body.code).toBe(
      'not-found',
    )
    for (const template of ['nonsense', 'reset-password', 'toString'])
      expect((await send({ ...plain, template, to: 'x@example.org' })).body.code).toBe('unknown-template')
    const bad = await send({ channel: 'email', template: 'plain', data: {} })
    expect([bad.status, bad.body.code]).toEqual([422, 'invalid-request'])
    expect(bad.body.errors.map((error: { path: string }) => error.path)).toEqual(['to', 'data.subject', 'data.text'])
    expect(
      (await room.request('POST /api/notifications/send', { body: { ...plain, to: 'x@example.org' }, as: room.account() })).status,
    ).toBe(403)
  })
})

describe('lists', () => {
  test('when the history is longer than a page, the cursor goes on, and a foreign one is refused', async () => {
    const accountId = newId()
    neighbours.contact(accountId)
    const admin = room.account({ roles: ['admin'] })
    for (let message = 0; message < 5; message++)
      await room.request('POST /api/notifications/send', {
        body: { channel: 'email', template: 'plain', userId: accountId, data: { subject: `No ${message}`, text: 'x' } },
        as: admin,
      })
    const as = room.account({ accountId })
    const first = await room.request('GET /api/notifications/history?limit=3', { as })
    const second = await room.request(`GET /api/notifications/history?limit=3&cursor=${first.body.nextCursor}`, { as })
    expect([...first.body.items, ...second.body.items].map((item: { subject: string }) => item.subject)).toEqual([
      'No 4',
      'No 3',
      'No 2',
      'No 1',
      'No 0',
    ])
    expect(second.body.nextCursor).toBeNull()
    for (const cursor of ['nonsense', first.body.nextCursor]) {
      const refused = await room.request(`GET /api/notifications/history?cursor=${cursor}`, { as: room.account() })
      expect([refused.status, refused.body.code]).toEqual([422, 'invalid-cursor'])
    }
    await room.settled()
  })

  test('when the inbox is paged, it goes on; a cursor it does not know is refused', async () => {
    const first = await room.request('GET /api/sandbox/inbox?limit=2')
    expect(first.body.items).toHaveLength(2)
    const second = await room.request(`GET /api/sandbox/inbox?limit=2&cursor=${first.body.nextCursor}`)
    expect(second.body.items[0].id).not.toBe(first.body.items[0].id)
    expect((await room.request('GET /api/sandbox/inbox?cursor=nonsense')).body.code).toBe('invalid-cursor')
  })
})

describe('the books', () => {
  const check = async (name: string) => {
    const runtime = room.house.services.get('notifications')
    const found = runtime?.definition.checks?.find((one) => one.name === name)
    if (!runtime || !found) throw new Error(`no check ${name}`)
    return found.run({ ...runtime.common(), db: runtime.database, call: runtime.call })
  }

  test('when a row says that it was accepted twice, the doctor is told, and only then', async () => {
    await room.settled()
    const before = await check('no message sent twice')
    expect(before.examined).toBeGreaterThan(0)
    expect(before.broken).toBe(0)
    await room.db('notifications').run(sql`UPDATE messages SET times_accepted = 2 WHERE id = (SELECT min(id::text)::uuid FROM messages)`)
    expect(await check('no message sent twice')).toMatchObject({ broken: 1 })
    await room.db('notifications').run(sql`UPDATE messages SET times_accepted = 1 WHERE times_accepted = 2`)
  })

  test('when a try has been dead for hours and nobody came, the doctor is told', async () => {
    expect((await check('no message left in the hands of a dead try')).broken).toBe(0)
    await room
      .db('notifications')
      .run(
        sql`UPDATE messages SET state = 'sending', handed_over_at = now() - interval '2 hours' WHERE id = (SELECT min(id::text)::uuid FROM messages)`,
      )
    expect((await check('no message left in the hands of a dead try')).broken).toBe(1)
    await room.db('notifications').run(sql`UPDATE messages SET state = 'sent' WHERE state = 'sending'`)
  })

  test('when the rows are read by a thief, they show no address', async () => {
    const { text } = await room.db('notifications').one<{ text: string }>(sql`SELECT string_agg(m::text, ' ') AS text FROM messages m`)
    expect(text).not.toContain('@')
  })
})

test('when the sandbox is gone or no mail server is named, the inbox is unavailable and messages wait', async () => {
  const alone = await openRoom({ services: [service], calls: neighbours.calls, env: { STOA_DEMO: 'on' } })
  const requestId = newId()
  neighbours.mail(requestId)
  await alone.publish(SecurityMailRequested, { requestId, accountId: newId(), kind: 'confirm-email' })
  await alone.settled()
  const answer = await alone.request('GET /api/sandbox/inbox')
  expect([answer.status, answer.body.code]).toEqual([503, 'unavailable'])
  expect(await alone.db('notifications').rows(sql`SELECT state, tries FROM messages`)).toEqual([{ state: 'waiting', tries: 0 }])
  expect(await alone.house.services.get('notifications')?.ready()).toBe(true)
  await alone.stop()
})

test('when the shop speaks German, guests are written to in German and accounts in the language they chose', async () => {
  const env = { STOA_DEMO: 'on', STOA_SHOP_LANGUAGE: 'de', STOA_SMTP_URL: `smtp://127.0.0.1:${sandbox.smtpPort}` }
  const german = await openRoom({
    services: [service],
    calls: neighbours.calls,
    env: { ...env, STOA_SANDBOX_URL: sandbox.origin, STOA_SANDBOX_SECRET: secret },
  })
  try {
    const guests = neighbours.order()
    const accountId = newId()
    const { email } = neighbours.contact(accountId, { language: 'en' })
    const accounts = neighbours.order({ accountId, email })
    for (const { orderId, totals, method } of [guests, accounts])
      await german.publish(OrderConfirmed, { orderId, lines: [], total: totals.total, method })
    await german.settled()
    expect((await inboxOf(guests.email)).map((mail) => mail.subject)).toEqual([`Ihre Bestellung ${guests.number} ist bestätigt`])
    expect((await inboxOf(email)).map((mail) => mail.subject)).toEqual([`Your order ${accounts.number} is confirmed`])
  } finally {
    await german.stop()
  }
})
