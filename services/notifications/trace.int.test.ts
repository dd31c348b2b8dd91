import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { publishTogether, tracesOf } from '@stoa/chassis/testing/traces.ts'
import { MessageSent } from '@stoa/contracts/notifications.ts'
import { OrderConfirmed } from '@stoa/contracts/orders.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import service from './service.ts'
import { startFakeSmtp, type FakeSmtp } from './testing/fake-smtp.ts'
import { playNeighbours } from './testing/neighbours.ts'

const neighbours = playNeighbours()
const lines: string[] = []
let smtp: FakeSmtp
let room: Room
beforeAll(async () => {
  smtp = await startFakeSmtp()
  const env = { STOA_SMTP_URL: smtp.url }
  room = await openRoom({ services: [service], calls: neighbours.calls, env, logTo: (line) => lines.push(line) })
})
afterAll(async () => {
  await room.stop()
  await smtp.close()
})

test('when many orders are confirmed at once, each mail is sent, logged and told under the trace of its order', async () => {
  const orders = Array.from({ length: 20 }, () => neighbours.order())
  const told = orders.map(({ orderId, totals, method }) => ({ orderId, lines: [], total: totals.total, method }))
  const traces = await publishTogether(room, OrderConfirmed, told)
  await room.settled()
  const messages = await room
    .db('notifications')
    .rows<{ id: string; orderId: string }>(sql`SELECT id, facts->>'orderId' AS "orderId" FROM messages`)
  const byMessage = await tracesOf(room, MessageSent)
  expect(new Map(messages.map(({ id, orderId }) => [orderId, byMessage.get(id)]))).toEqual(traces)
  const logged = lines.map((line) => JSON.parse(line) as { msg: string; messageId: string; traceId: string })
  const sent = logged.filter((line) => line.msg === 'a message was sent')
  const orderOf = new Map(messages.map(({ id, orderId }) => [id, orderId]))
  expect(new Map(sent.map((line) => [orderOf.get(line.messageId.slice(1, 37)), line.traceId]))).toEqual(traces)
  for (const { messageId } of sent) expect(smtp.bodies.some((body) => body.includes(messageId))).toBe(true)
})
