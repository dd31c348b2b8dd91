import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Sandbox } from './start.ts'
import { gatewayClient, SECRET, startForTest, temporaryDirectory } from './testing.ts'

interface InboxItem {
  id: string
  channel: string
  to: string
  subject: string
  text: string
  html: string
  links: string[]
  messageId: string
  at: string
}

const directory = temporaryDirectory()
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startForTest(directory.path, 'http://127.0.0.1:9')
})

afterAll(async () => {
  await sandbox.close()
  directory.remove()
})

const send = (message: Record<string, unknown>) =>
  createTransport({ host: '127.0.0.1', port: sandbox.smtpPort, secure: false, ignoreTLS: true }).sendMail({
    from: 'shop@stoa.example',
    ...message,
  })

async function inbox(query: string) {
  const response = await fetch(`${sandbox.origin}/inbox?${query}`, { headers: { authorization: `Bearer ${SECRET}` } })
  return (await response.json()) as { items: InboxItem[]; nextCursor: string | null }
}

it('a mail with text and HTML comes out as it went in, with its links', async () => {
  await send({
    to: 'Zoë Ångström <Zoe@Example.com>',
    subject: 'Grüße: your order S-100042 — “übermorgen”',
    text: `Thank you.\n\n${'A long line that must be wrapped in transit. '.repeat(8)}\nhttps://shop.example/orders/1?token=abc.\n€ 42,00 ☕`,
    html: '<p>Thank you for <b>S-100042</b> ☕</p><a class="b" href="https://shop.example/verify?token=x&amp;next=%2F">Verify</a>',
    messageId: '<one@stoa.example>',
  })
  const { items } = await inbox('to=zoe@example.com')
  expect(items).toHaveLength(1)
  expect(items[0]).toMatchObject({ channel: 'email', to: 'zoe@example.com', messageId: '<one@stoa.example>' })
  expect(items[0]?.subject).toBe('Grüße: your order S-100042 — “übermorgen”')
  expect(items[0]?.text).toContain('€ 42,00 ☕')
  expect(items[0]?.html).toContain('<b>S-100042</b> ☕')
  expect(items[0]?.links).toEqual(['https://shop.example/verify?token=x&next=%2F', 'https://shop.example/orders/1?token=abc'])
})

it('the same message sent twice is kept twice, so that a double send shows', async () => {
  for (let n = 0; n < 2; n++) await send({ to: 'twice@example.com', subject: 'Once only', text: 'x', messageId: '<two@stoa.example>' })
  expect((await inbox('to=twice@example.com')).items.map((item) => item.messageId)).toEqual(['<two@stoa.example>', '<two@stoa.example>'])
})

it('a brief look tells whose the messages are and not what they say', async () => {
  await send({
    to: 'brief@example.com',
    subject: 'Long',
    text: 'x'.repeat(5000),
    messageId: '<three@stoa.example>',
    headers: { 'X-Fold': 'y'.repeat(200) },
  })
  const { items } = await inbox('to=brief@example.com&brief=1')
  expect(items).toEqual([
    {
      id: items[0]?.id,
      channel: 'email',
      to: 'brief@example.com',
      from: 'shop@stoa.example',
      messageId: '<three@stoa.example>',
      at: expect.any(String),
    },
  ])
  expect((await inbox('to=brief@example.com')).items[0]?.text.trim()).toHaveLength(5000)
})

it('a mail that cannot be taken apart is shown as it came, and the others as they are', async () => {
  const nested = Array.from({ length: 400 }, (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`).join('')
  const raw = `Message-ID: <knot@stoa.example>\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n${nested}`
  await send({ to: 'knot@example.com', subject: 'Plain', text: 'x' })
  await send({ envelope: { from: 'shop@stoa.example', to: 'knot@example.com' }, raw })
  const { items } = await inbox('to=knot@example.com')
  expect(items.map((item) => item.subject)).toEqual(['', 'Plain'])
  expect([items[0]?.messageId, items[0]?.text.includes('boundary=b399')]).toEqual(['<knot@stoa.example>', true])
})

it('each recipient has an entry of its own, and pages run from the newest', async () => {
  for (let n = 1; n <= 5; n++) await send({ to: ['many@example.com', `other-${n}@example.com`], subject: `Number ${n}`, text: 'x' })
  const first = await inbox('to=many@example.com&limit=3')
  const second = await inbox(`to=many@example.com&limit=3&cursor=${first.nextCursor}`)
  expect([...first.items, ...second.items].map((item) => item.subject)).toEqual([
    'Number 5',
    'Number 4',
    'Number 3',
    'Number 2',
    'Number 1',
  ])
  expect((await inbox('to=other-3@example.com')).items).toHaveLength(1)
})

it('during an outage of the mail a message is refused and not kept', async () => {
  const control = gatewayClient(sandbox.origin).control
  await control('outage', { seconds: 60, mail: true })
  await expect(send({ to: 'outage@example.com', subject: 'x', text: 'x' })).rejects.toThrow('421')
  await control('outage', { seconds: 0 })
  await send({ to: 'outage@example.com', subject: 'x', text: 'x' })
  expect((await inbox('to=outage@example.com')).items).toHaveLength(1)
})

it('the inbox is closed to those without the secret', async () => {
  expect((await fetch(`${sandbox.origin}/inbox`)).status).toBe(401)
})
