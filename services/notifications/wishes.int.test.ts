import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { AccountVerified, SecurityMailRequested } from '@stoa/contracts/identity.ts'
import { OrderConfirmed, OrderDelivered, OrderProcessing } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import service from './service.ts'
import { startFakeSmtp, type FakeSmtp } from './testing/fake-smtp.ts'
import { playNeighbours } from './testing/neighbours.ts'

const neighbours = playNeighbours()
let smtp: FakeSmtp
let room: Room
beforeAll(async () => {
  smtp = await startFakeSmtp()
  room = await openRoom({ services: [service], calls: neighbours.calls, env: { STOA_SMTP_URL: smtp.url } })
})
afterAll(async () => {
  await room.stop()
  await smtp.close()
})
beforeEach(() => {
  smtp.bodies.length = 0
})

type Placed = ReturnType<typeof neighbours.order>
const told = (order: Placed) => ({ orderId: order.orderId, total: order.totals.total, method: order.method })
const delivered = (order: Placed) => room.publish(OrderDelivered, told(order))
const processing = (order: Placed) => room.publish(OrderProcessing, told(order))
const confirmed = (order: Placed) => room.publish(OrderConfirmed, { ...told(order), lines: [] })

/** Mails that arrived for an address, headers and all, with soft line breaks undone. */
async function mailsTo(to: string): Promise<string[]> {
  await room.settled()
  return smtp.bodies
    .filter((body) => body.toLowerCase().includes(`to: ${to.toLowerCase()}`))
    .map((body) => body.replaceAll('=\n', '').replaceAll('=3D', '='))
}
const headersOf = (mail: string) => (mail.split('\n\n', 1)[0] as string).replaceAll(/\n[ \t]+/g, ' ')
const linkOf = (mail: string) => /^List-Unsubscribe: <(\S+)>$/im.exec(headersOf(mail))?.[1] ?? ''
const tokenOf = (mail: string) => new URL(linkOf(mail)).searchParams.get('token') ?? ''
const unsubscribe = (token: string, more: object = {}) => room.request('POST /api/notifications/unsubscribe', { body: { token, ...more } })

describe('unsubscribing', () => {
  test('when a mail can be done without, it carries the way out in headers and text; a contractual one never', async () => {
    const order = neighbours.order()
    await delivered(order)
    await confirmed(order)
    const mails = await mailsTo(order.email)
    const [optional, contractual] = [mails.find((one) => one.includes('has arrived')), mails.find((one) => one.includes('is confirmed'))]
    expect(linkOf(optional ?? '')).toMatch(/^http:\/\/127\.0\.0\.1:3000\/unsubscribe\?token=order-progress\.g[\w-]+\.[\w-]+$/)
    expect(headersOf(optional ?? '')).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    const text = (optional ?? '').split('\n\n').slice(1).join('\n\n')
    expect(text).toContain(`No more mails about the progress of orders:\n${linkOf(optional ?? '')}`)
    expect(contractual).toBeDefined()
    expect(contractual).not.toMatch(/unsubscribe/i)
  })

  test('when a guest presses it, also twice, no more such mails come, contractual ones do, and it can be taken back', async () => {
    const order = neighbours.order()
    await delivered(order)
    const token = tokenOf((await mailsTo(order.email))[0] as string)
    expect((await unsubscribe(token)).body).toEqual({ kind: 'order-progress', wanted: false })
    expect((await unsubscribe(token)).status).toBe(200)
    const next = neighbours.order({ email: order.email.toUpperCase() })
    await processing(next)
    await confirmed(next)
    expect((await mailsTo(next.email)).map((mail) => /is confirmed/.test(mail))).toEqual([false, true])
    const other = neighbours.order()
    await processing(other)
    expect(await mailsTo(other.email)).toHaveLength(1)
    expect((await unsubscribe(token, { wanted: true })).body).toEqual({ kind: 'order-progress', wanted: true })
    await processing(neighbours.order({ email: order.email }))
    expect(await mailsTo(order.email)).toHaveLength(3)
  })

  test('when an account presses it, its preference is set, and other kinds of mails still come', async () => {
    const accountId = newId()
    const contact = neighbours.contact(accountId)
    await processing(neighbours.order({ accountId, email: contact.email }))
    const token = tokenOf((await mailsTo(contact.email))[0] as string)
    expect(token).toContain(accountId)
    expect((await unsubscribe(token)).status).toBe(200)
    expect(contact.unwanted).toEqual(['order-progress'])
    await delivered(neighbours.order({ accountId, email: contact.email }))
    expect(await mailsTo(contact.email)).toHaveLength(1)
    await room.publish(AccountVerified, { accountId })
    expect(await mailsTo(contact.email)).toHaveLength(2)
  })

  test('when the token is made up, changed or of an account that is gone, it is refused and nothing changes', async () => {
    const order = neighbours.order()
    await delivered(order)
    const token = tokenOf((await mailsTo(order.email))[0] as string)
    const gone = neighbours.contact(newId())
    for (const odd of ['x', `${token}x`, token.replace('order-progress', 'account-news')]) {
      const { status, body } = await unsubscribe(odd)
      expect([odd, status, body.code]).toEqual([odd, 422, 'invalid-token'])
    }
    expect((await room.request(`GET /api/notifications/unsubscribe?token=${token}`)).status).toBe(405)
    await delivered(neighbours.order({ email: order.email }))
    expect(await mailsTo(order.email)).toHaveLength(2)
    expect(gone.unwanted).toEqual([])
  })

  test('when staff send a copy to another address, its way out is that address’s and not the account’s', async () => {
    const accountId = newId()
    const { email } = neighbours.contact(accountId)
    const order = neighbours.order({ accountId, email })
    const body = { channel: 'email', template: 'order-delivered', to: 'copy@example.net', data: { orderId: order.orderId } }
    const send = () => room.request('POST /api/notifications/send', { body, as: room.account({ roles: ['admin'] }) })
    expect((await send()).status).toBe(202)
    const token = tokenOf((await mailsTo('copy@example.net'))[0] as string)
    expect(token).not.toContain(accountId)
    await unsubscribe(token)
    expect((await send()).body).toMatchObject({ status: 404, code: 'not-found' })
  })

  test('when the rows are read by a thief, they show no address', async () => {
    const { text } = await room
      .db('notifications')
      .one<{ text: string }>(sql`SELECT string_agg(g::text, ' ') AS text FROM unsubscribed_guests g`)
    expect(text).not.toMatch(/@|example/)
  })
})

describe('quiet hours', () => {
  const hhmm = (minutesFromNow: number) => new Date(Date.now() + minutesFromNow * 60_000).toISOString().slice(11, 16)
  const now = () => ({ from: hhmm(-120), to: hhmm(120), timeZone: 'UTC' })
  const rowsOf = (template: string, accountId: string) =>
    room.db('notifications').rows<{ state: string; tries: number; waits: number }>(
      sql`SELECT m.state, m.tries, COALESCE(extract(epoch FROM t.due_at - clock_timestamp()), 0)::float8 AS waits
          FROM messages m LEFT JOIN chassis.moments t ON t.key = m.id::text WHERE m.template = ${template} AND (m.account_id = ${accountId} OR m.recipient = ${`order:${orderOf.get(accountId)}`})`,
    )
  const orderOf = new Map<string, string>()
  const placedBy = (accountId: string, email: string) => {
    const order = neighbours.order({ accountId, email })
    orderOf.set(accountId, order.orderId)
    return order
  }

  test('when an optional mail is due within them, it waits until they end and is then sent once; contractual and security mails go at once', async () => {
    const accountId = newId()
    const contact = neighbours.contact(accountId, { quietHours: now() })
    const order = placedBy(accountId, contact.email)
    await delivered(order)
    await confirmed(order)
    const requestId = newId()
    neighbours.mail(requestId, { to: contact.email })
    await room.publish(SecurityMailRequested, { requestId, accountId, kind: 'reset-password' })
    expect(await mailsTo(contact.email)).toHaveLength(2)
    const [waiting] = await rowsOf('order-delivered', accountId)
    expect(waiting).toMatchObject({ state: 'waiting', tries: 0 })
    expect(waiting?.waits).toBeGreaterThan(110 * 60)
    expect(waiting?.waits).toBeLessThanOrEqual(120 * 60)
    // The clock of the database does not move in a test: the hours do.
    contact.quietHours = null
    await room.advance(121 * 60)
    expect(await mailsTo(contact.email)).toHaveLength(3)
    await room.advance(24 * 3600)
    expect(await mailsTo(contact.email)).toHaveLength(3)
    expect(await rowsOf('order-delivered', accountId)).toMatchObject([{ state: 'sent', tries: 1 }])
  })

  test('when its reader ends such mails while it waits, it is not sent', async () => {
    const accountId = newId()
    const contact = neighbours.contact(accountId, { quietHours: now() })
    await delivered(placedBy(accountId, contact.email))
    await room.settled()
    contact.unwanted = ['order-progress']
    await room.advance(121 * 60)
    expect(await mailsTo(contact.email)).toEqual([])
    expect(await rowsOf('order-delivered', accountId)).toMatchObject([{ state: 'skipped' }])
  })

  test('when it is due outside of them, nothing waits', async () => {
    const accountId = newId()
    const contact = neighbours.contact(accountId, { quietHours: { ...now(), from: hhmm(60) } })
    await delivered(placedBy(accountId, contact.email))
    expect(await mailsTo(contact.email)).toHaveLength(1)
  })
})
