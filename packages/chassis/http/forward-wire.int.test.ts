/** What is said to a service behind a door, and what of its answer is passed back, by a service that is nothing but a socket. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Upstreams } from '../calls/upstreams.ts'
import { object, route } from '../contract.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { readRaw, sendRaw } from '../testing/raw-http.ts'
import type { Authenticator } from './authentication.ts'
import { forwardService } from './forward.ts'
import { createServer as createGateway } from './server.ts'
import type { StoaServer } from './server-options.ts'

const open = { permission: 'public', class: 'cart', output: Type.Unknown() } as const
const Show = route('GET /things', { summary: 'Shows.', ...open })
const Make = route('POST /things', { summary: 'Makes.', ...open, body: object({}), idempotencyKey: 'optional' })

/** Heads of the requests that came, and what is answered to the next ones; at last `{}`. */
const heard: string[] = []
const answers: (string | undefined)[] = []
/** Where an answer breaks off. */
const BREAK = '<break>'
/** The answer has no length: it ends with its connection. */
const END = '<end>'
const WELL = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'
const sockets = new Set<Socket>()
const service: Server = createServer((socket) => {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    const said = bytes.toString('latin1')
    if (said.startsWith('GET /health')) return void socket.write(WELL)
    heard.push(said)
    const answer = answers.length > 0 ? answers.shift() : WELL
    if (answer === undefined) return void socket.destroy()
    if (answer.endsWith(END)) return void socket.end(answer.slice(0, -END.length), 'latin1')
    const [first, more] = answer.split(BREAK) as [string, string | undefined]
    socket.write(first, 'latin1')
    if (more !== undefined) setTimeout(() => socket.destroy(), 100)
  })
})
/** Takes its time over the question who somebody is. */
let known = Promise.withResolvers<void>()
const authenticator = {
  callerOf: async () => {
    await known.promise
    return { kind: 'account', accountId: 'a', roles: [], groups: [], sessionId: 's' }
  },
} as unknown as Authenticator
let app: StoaServer
let upstreams: Upstreams
let port: number
beforeAll(async () => {
  await once(service.listen(0, '127.0.0.1'), 'listening')
  const address = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  upstreams = new Upstreams(() => [address])
  const options = {
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
    authenticator,
    rateLimits: false,
    demo: false,
    trustedProxies: [],
    apiHost: '',
  }
  app = await createGateway(options)
  forwardService({ app, service: 'things', options, upstreams, answerMs: 1000 }, [Show, Make])
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(async () => {
  await app.close()
  await upstreams.close()
  for (const socket of sockets) socket.destroy()
  service.close()
})
beforeEach(() => {
  heard.length = 0
  answers.length = 0
})

const ask = (lines: readonly string[] = []) => sendRaw(port, ['GET /api/things HTTP/1.1', 'Host: shop.example', ...lines])
const order = (lines: readonly string[] = []) =>
  sendRaw(port, ['POST /api/things HTTP/1.1', 'Host: shop.example', 'Content-Type: application/json', 'Content-Length: 2', ...lines], '{}')
const linesOf = (head: string | undefined) =>
  (head ?? '')
    .split('\r\n\r\n')[0]
    ?.split('\r\n')
    .slice(1)
    .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
    .sort()

test('a service is told who asks by us alone, and nothing that is about the connection', async () => {
  await ask([
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Port: 1',
    'X-Forwarded-Prefix: /evil',
    'X-Real-IP: 6.6.6.6',
    'Forwarded: for=6.6.6.6',
    'Keep-Alive: timeout=1',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic x',
    'TE: trailers',
    'Trailer: x-late',
    'Upgrade: websocket',
    'Connection: X-Named, upgrade',
    'X-Named: gone',
    'X-Kept: yes',
    'Cookie: a=1',
  ])
  expect(linesOf(heard[0])?.filter((line) => !line.startsWith('traceparent'))).toEqual([
    'connection: keep-alive',
    'cookie: a=1',
    'host: shop.example',
    'x-forwarded-for: 127.0.0.1',
    'x-forwarded-host: shop.example',
    'x-forwarded-proto: http',
    'x-kept: yes',
  ])
})

test('a body is sent with one length, whatever was said of it', async () => {
  await sendRaw(
    port,
    ['POST /api/things HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Transfer-Encoding: chunked', 'Expect: 100-continue'],
    '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n',
  )
  expect(linesOf(heard[0])?.filter((line) => /^(?:content|transfer|expect)/.test(line))).toEqual([
    'content-length: 2',
    'content-type: application/json',
  ])
})

test('the trace goes on, and its id is that of the answer', async () => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const { headers } = await ask([`traceparent: 00-${trace}-b7ad6b7169203331-01`])
  expect(heard[0]).toContain(`traceparent: 00-${trace}-`)
  expect(headers).toContain(`x-request-id: ${trace}`)
})

test.each([
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Odd: \u00fc\r\n\r\nabc', '200', 'abc'],
  ['chunks', 'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n', '201', 'abc'],
  ['an end', `HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nabc${END}`, '200', 'abc'],
  ['no content', 'HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\n\r\n', '204', ''],
  ['nothing new', 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', '304', ''],
  ['interim answers', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${WELL}`, '200', '{}'],
])('an answer with %s is passed back as it is', async (_title, answer, status, body) => {
  answers.push(answer)
  const back = await ask()
  expect([back.status.split(' ')[1], back.body]).toEqual([status, body])
  const said = readRaw(Buffer.from(answer.slice(answer.lastIndexOf('HTTP/1.')), 'latin1')).headers
  expect(back.headers).toEqual(expect.arrayContaining(said.filter((line) => !/^(?:transfer-encoding|connection)/.test(line))))
})

test('what is about the connection to the service is not passed back, nor what it names', async () => {
  answers.push(
    'HTTP/1.1 200 OK\r\nConnection: X-Named\r\nX-Named: 1\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n',
  )
  const { headers } = await ask()
  expect(headers.filter((line) => /^(?:x-named|proxy|upgrade|transfer)/.test(line))).toEqual([])
})

test.each([
  ['no HTTP', 'nonsense\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['half of it', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab'],
  ['a head alone', `HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n${BREAK}`],
  ['a head without end', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(40_000)}`],
])('an answer of %s is a fault that passes, within the time there is', async (_, answer) => {
  answers.push(answer, answer, answer)
  const { status, headers, body } = await ask()
  expect(status).toBe('HTTP/1.1 503 Service Unavailable')
  expect(headers).toContain('retry-after: 1')
  expect(JSON.parse(body).code).toBe('unavailable')
})

test('a question is asked again when its connection breaks, an order only when its key makes that harmless', async () => {
  answers.push(undefined)
  expect((await ask()).status).toBe('HTTP/1.1 200 OK')
  expect(heard).toHaveLength(2)
  answers.push(undefined)
  expect((await order()).status).toBe('HTTP/1.1 503 Service Unavailable')
  expect(heard).toHaveLength(3)
  answers.push(undefined)
  expect((await order(['Idempotency-Key: long-enough'])).status).toBe('HTTP/1.1 200 OK')
  expect(heard).toHaveLength(5)
  // A key that the connection's own header takes away never reaches the service.
  answers.push(undefined)
  expect((await order(['Idempotency-Key: long-enough', 'Connection: Idempotency-Key'])).status).toBe('HTTP/1.1 503 Service Unavailable')
  expect(heard).toHaveLength(6)
})

test('nothing is asked more than three times, and repeats are a small part of what is asked', async () => {
  answers.push(...Array.from({ length: 1000 }, () => undefined))
  expect((await ask()).status).toContain('503')
  expect(heard).toHaveLength(3)
  for (let index = 0; index < 100; index++) await ask()
  expect(heard.length).toBeLessThan(130)
})

test('who leaves while it is asked who he is, is not asked for', async () => {
  known = Promise.withResolvers<void>()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /api/things HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n\r\n')
  await sleep(100)
  socket.destroy()
  await sleep(100)
  known.resolve()
  await sleep(100)
  expect(heard).toEqual([])
  expect((await ask(['Authorization: Bearer a'])).status).toBe('HTTP/1.1 200 OK')
})
