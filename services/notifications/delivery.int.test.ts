import { onFailPoint } from '@stoa/chassis/fail-point.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { SecurityMailRequested } from '@stoa/contracts/identity.ts'
import { MessageSent } from '@stoa/contracts/notifications.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inquire } from './adapters/sandbox-inbox.ts'
import { startSandbox } from '../../sandbox/start.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import service from './service.ts'
import { startFakeSmtp, type FakeSmtp, type Manner } from './testing/fake-smtp.ts'
import { playNeighbours, type Neighbours } from './testing/neighbours.ts'

const deadlines = { notifications: ['messages.created_at', 'messages.handed_over_at'] }

let room: Room
let smtp: FakeSmtp
let neighbours: Neighbours
beforeEach(async () => {
  smtp = await startFakeSmtp()
  neighbours = playNeighbours()
  room = await openRoom({ services: [service], calls: neighbours.calls, env: { STOA_SMTP_URL: smtp.url }, deadlines })
})
afterEach(async () => {
  onFailPoint(undefined)
  await room.stop()
  await smtp.close()
})

async function askForMail(): Promise<string> {
  const requestId = newId()
  const { to } = neighbours.mail(requestId)
  await room.publish(SecurityMailRequested, { requestId, accountId: newId(), kind: 'confirm-email' })
  return to
}

interface Row {
  state: string
  tries: number
  times_accepted: number
  last_error: string | null
}
const rows = () => room.db('notifications').rows<Row>(sql`SELECT state, tries, times_accepted, last_error FROM messages`)

/** Waits until the only message is in `state`, moving the clock past each pause, but never past the end of a try under way. */
async function until(state: string, stepSeconds = 60): Promise<Row> {
  for (let look = 0; look < 400; look++) {
    await new Promise((go) => setTimeout(go, 25))
    const [row] = await rows()
    if (row?.state === state) return row
    const busy = await room
      .db('notifications')
      .rows(sql`SELECT 1 FROM chassis.moments WHERE lease IS NOT NULL OR due_at <= clock_timestamp()`)
    if (row && busy.length === 0) await room.advance(stepSeconds)
  }
  throw new Error(`the message never became ${state}: ${JSON.stringify(await rows())}`)
}

describe('a mail server', () => {
  test('when it accepts, the message is sent once and that is told', async () => {
    const to = await askForMail()
    expect(await until('sent')).toMatchObject({ tries: 1, times_accepted: 1 })
    await room.settled()
    expect(smtp.bodies).toHaveLength(1)
    expect(smtp.bodies[0]).toContain(`To: ${to}`)
    expect(await room.events(MessageSent)).toMatchObject([{ template: 'confirm-email', channel: 'email' }])
  })

  test.each<[Manner]>([['greet-421'], ['rcpt-450'], ['close-before-body']])(
    'when it does not take the message at first (%s), it gets it later, once',
    async (manner) => {
      smtp.behave(manner, manner, 'accept')
      await askForMail()
      expect(await until('sent')).toMatchObject({ times_accepted: 1 })
      expect(smtp.bodies).toHaveLength(1)
    },
  )

  test('when it answers the body with "not now", the message is sent later, as it was never accepted', async () => {
    smtp.behave('body-451', 'accept')
    await askForMail()
    expect(await until('sent')).toMatchObject({ tries: 2, times_accepted: 1 })
  })

  test.each<[Manner]>([['rcpt-550'], ['body-554']])(
    'when it refuses for good (%s), the message has failed and is not tried again',
    async (manner) => {
      smtp.behave(manner, 'accept')
      await askForMail()
      const row = await until('failed')
      expect(row.last_error).toMatch(/^.*(550|554)/)
      const bodies = smtp.bodies.length
      await room.advance(7200)
      await room.settled()
      expect(smtp.bodies).toHaveLength(bodies)
    },
  )

  test('when the connection breaks after the body, the message stays in doubt and is never sent again', async () => {
    smtp.behave('close-after-body', 'accept')
    await askForMail()
    expect(await until('in-doubt')).toMatchObject({ tries: 1, times_accepted: 0 })
    await room.advance(24 * 3600)
    await room.settled()
    expect(smtp.bodies).toHaveLength(1)
    expect(await room.events(MessageSent)).toEqual([])
  })

  test('when it closes a kept connection, the next message finds another', async () => {
    smtp.behave('accept-then-close')
    await askForMail()
    await until('sent')
    await askForMail()
    await room.settled()
    await askForMail()
    await room.settled()
    expect((await rows()).map((row) => row.state)).toEqual(['sent', 'sent', 'sent'])
    expect(smtp.bodies).toHaveLength(3)
  })

  test('when messages follow one another, they share a connection', async () => {
    for (let message = 0; message < 5; message++) {
      await askForMail()
      await room.settled()
    }
    expect(smtp.bodies).toHaveLength(5)
    expect(smtp.connections()).toBe(1)
  })

  test('when it is away for a day, the message has failed', async () => {
    smtp.behave('greet-421')
    await askForMail()
    expect(await until('failed', 3600)).toMatchObject({ times_accepted: 0 })
  })
})

describe('our own process', () => {
  test('when it dies before the handover, nobody can be asked: the message stays in doubt', async () => {
    dieOnceAt('notifications.before-handover')
    await askForMail()
    expect(await until('in-doubt')).toMatchObject({ tries: 1 })
    await room.advance(3600)
    await room.settled()
    expect(smtp.bodies).toHaveLength(0)
  })

  test('when it dies after the handover, the message is not sent again', async () => {
    dieOnceAt('notifications.after-handover')
    await askForMail()
    await until('in-doubt')
    await room.advance(3600)
    await room.settled()
    expect(smtp.bodies).toHaveLength(1)
  })

  test('when the owner of the content is away, the message waits for it', async () => {
    neighbours.away = true
    await askForMail()
    await expect
      .poll(
        async () => (await room.db('notifications').rows(sql`SELECT 1 FROM chassis.moments WHERE attempts > 0 AND lease IS NULL`)).length,
        { timeout: 10_000 },
      )
      .toBe(1)
    expect(await rows()).toMatchObject([{ state: 'waiting', tries: 0 }])
    neighbours.away = false
    expect(await until('sent')).toMatchObject({ tries: 1 })
  })
})

describe('a provider that can be asked', () => {
  test.each([
    ['notifications.before-handover', 'has nothing'],
    ['notifications.after-handover', 'has it'],
  ])('when our process dies at %s, the provider says it %s, and it holds one copy in the end', async (point) => {
    await room.stop()
    const data = mkdtempSync(join(tmpdir(), 'stoa-sandbox-'))
    const secret = 'a secret of sixteen'
    const sandbox = await startSandbox({ data, secret, shopOrigin: 'http://127.0.0.1:9' })
    try {
      const env = {
        STOA_DEMO: 'on',
        STOA_SMTP_URL: `smtp://127.0.0.1:${sandbox.smtpPort}`,
        STOA_SANDBOX_URL: sandbox.origin,
        STOA_SANDBOX_SECRET: secret,
      }
      room = await openRoom({ services: [service], calls: neighbours.calls, env, deadlines })
      dieOnceAt(point)
      const to = await askForMail()
      expect(await until('sent')).toMatchObject({ times_accepted: 1 })
      const { body } = await room.request(`GET /api/sandbox/inbox?to=${to}`)
      expect(body.items).toHaveLength(1)
      const [{ id }] = (await room.db('notifications').rows<{ id: string }>(sql`SELECT id FROM messages`)) as [{ id: string }]
      expect(await inquire({ url: sandbox.origin, secret }, `<${id}@stoa.example>`, to)).toBe('accepted')
      expect(await inquire({ url: sandbox.origin, secret }, '<other@stoa.example>', to)).toBe('absent')
    } finally {
      await sandbox.close()
      rmSync(data, { recursive: true, force: true })
    }
  })
})

function dieOnceAt(point: string): void {
  let died = false
  onFailPoint((name) => {
    if (name !== point || died) return
    died = true
    throw new Error('the process is gone')
  })
}
