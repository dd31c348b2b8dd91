/** A door that leads to another process answers as if its service were here: every kind of answer, byte by byte. */
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { object, refuse, route, staff } from '../contract.ts'
import { Fault } from '../fault.ts'
import { defineService, live, orchestrate, read } from '../service.ts'
import { openJoined, type Joined } from '../testing/joined.ts'
import { sendRaw, type RawAnswer } from '../testing/raw-http.ts'
import type { Account } from '../testing/room.ts'

const Any = Type.Unknown()
const browse = { permission: 'public', class: 'browse' } as const
const body = object({ text: Type.String({ maxLength: 2_000_000 }) })
const contracts = {
  show: route('GET /things/{name}', {
    summary: 'Shows.',
    ...browse,
    params: object({ name: Type.String() }),
    query: object({ n: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])) }),
    output: Any,
    aliases: ['/also/{name}'],
  }),
  byId: route('GET /by-id/{id}', {
    summary: 'By id.',
    ...browse,
    params: object({ id: Type.String({ format: 'uuid' }) }),
    output: Any,
    refusals: { 'not-found': 404 },
  }),
  make: route('POST /things', {
    summary: 'Makes.',
    permission: 'public',
    class: 'cart',
    body,
    output: Any,
    status: 201,
    idempotencyKey: 'optional',
    bodyBytesMax: 1_500_000,
  }),
  remove: route('DELETE /things/{name}', {
    summary: 'Removes.',
    permission: 'public',
    class: 'cart',
    params: object({ name: Type.String() }),
    output: Any,
    status: 204,
  }),
  replace: route('PUT /things/{name}', {
    summary: 'Replaces.',
    permission: 'customer',
    class: 'cart',
    params: object({ name: Type.String() }),
    body,
    output: Any,
    ifMatch: 'required',
    idempotencyKey: 'required',
    refusals: { stale: 412, 'too-few': 409, away: 503 },
  }),
  guarded: route('GET /guarded', { summary: 'Guarded.', permission: staff('things', 'admin'), class: 'staff', output: Any }),
  fail: route('GET /fail/{how}', { summary: 'Fails.', ...browse, params: object({ how: Type.String() }), output: Any }),
  kept: route('GET /kept/{name}', { summary: 'Kept.', ...browse, params: object({ name: Type.String() }), output: Any, keptMs: 5000 }),
  file: route('GET /file', { summary: 'A file.', ...browse, output: Any, answers: 'text/csv' }),
  text: route('GET /text', { summary: 'A text.', ...browse, output: Any, answers: 'application/xml', alsoAnswers: ['text/plain'] }),
  watch: route('GET /watch', { summary: 'Tells.', ...browse, output: Any, answers: 'text/event-stream' }),
  hook: route('POST /hook', {
    summary: 'Takes bytes.',
    permission: 'public',
    class: 'callback',
    output: Any,
    rawBody: { as: 'bytes', contentTypes: ['application/json', 'text/csv'], maxBytes: 1000 },
  }),
  upload: route('POST /upload', {
    summary: 'Takes a file.',
    permission: 'public',
    class: 'staff',
    output: Any,
    rawBody: { as: 'stream', contentTypes: ['text/csv'], maxBytes: 10_000_000 },
  }),
  demo: route('GET /demo', { summary: 'Only in demo mode.', ...browse, output: Any, demoOnly: true }),
}

const things = defineService({
  name: 'things',
  owns: 'Things.',
  routes: [
    read(contracts.show, async ({ params, query, address, origin, headers, cookies, reply }) => {
      reply.etag(7)
      reply.header('vary', 'accept-language')
      reply.header('content-disposition', 'attachment; filename="Stra\u00dfe.csv"')
      return { params, query, address, origin, language: headers['accept-language'], odd: headers['x-odd'], cookies }
    }),
    read(contracts.byId, async () => refuse('not-found')),
    read(contracts.kept, async ({ params, reply }) => {
      reply.shows([params.name])
      reply.header('vary', 'accept-language')
      return params
    }),
    orchestrate(contracts.make, async ({ input, reply }) => {
      reply.location('/api/things/new')
      reply.cookie('one', 'a b', { maxAgeSeconds: 60 })
      reply.cookie('two', 'ü', { path: '/api' })
      reply.clearCookie('three')
      return { length: (input as { text: string }).text.length }
    }),
    read(contracts.remove, async ({ reply }) => {
      reply.clearCookie('one')
      return {}
    }),
    orchestrate(contracts.replace, async ({ input, ifMatch }) => {
      if (ifMatch === '') return refuse('stale')
      if ((input as { text: string }).text === 'away') return refuse('away', { retryAfterSeconds: 9 })
      return refuse('too-few', { detail: 'Only 3.', availableUnits: 3 })
    }),
    read(contracts.guarded, async () => ({})),
    read(contracts.fail, async ({ params: { how } }) => {
      if (how === 'bug') throw new TypeError('a secret of ours')
      throw new Fault('overloaded', 'too much', { retryAfterSeconds: 7 })
    }),
    read(contracts.file, async () =>
      Readable.from(
        (async function* () {
          for (let line = 0; line < 300; line++) yield `${line},${'ü'.repeat(1000)}\n`
        })(),
      ),
    ),
    read(contracts.text, async () => '<ü/>'),
    live(contracts.watch, async ({ lastEventId }) =>
      (async function* () {
        yield { event: 'since', id: '1', data: { lastEventId } }
        await sleep(5)
        yield { event: 'end', data: 'ü' }
      })(),
    ),
    read(contracts.hook, async ({ bytes }) => ({ bytes: bytes.toString('base64') })),
    read(contracts.upload, async ({ stream, headers }) => {
      let bytes = 0
      for await (const part of stream) bytes += (part as Buffer).length
      return { bytes, type: headers['content-type'], length: headers['content-length'] }
    }),
    read(contracts.demo, async () => ({})),
  ],
})

let joined: Joined
let direct: number
let tokens: Record<'customer' | 'admin', string>
beforeAll(async () => {
  joined = await openJoined(things)
  direct = (await joined.replica({ trustedProxies: [] })).port
  const account: Account = { accountId: '01900000-0000-7000-8000-000000000001', roles: ['customer'], groups: [], sessionId: 's' }
  tokens = { customer: await joined.tokenOf(account), admin: await joined.tokenOf({ ...account, roles: ['admin'] }) }
})
afterAll(() => joined.stop())

const TRACE = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const as = (who: 'customer' | 'admin') => `Authorization: Bearer ${tokens[who]}`
const key = (text: string) => `Idempotency-Key: ${text}-`
const json = (text: string) => ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]
const big = JSON.stringify({ text: 'ü'.repeat(500_000) })
const tooBig = JSON.stringify({ text: 'x'.repeat(1_600_000) })

/** What is asked, and the status it has: a line of the head, more lines, a body. A key is another for each door, for an answer is kept. */
type Asked = readonly [status: number, title: string, door: string, lines?: () => readonly string[], body?: string]
const asked: readonly Asked[] = [
  [200, 'a question', 'GET /api/things/a?n=1&n=2&n='],
  [200, 'an alias, and a name that is written in percents', 'GET /api/also/%C3%BC%2F'],
  [200, 'what a page of another origin asks', 'GET /api/things/a', () => ['Origin: https://elsewhere.example']],
  [200, 'another host name', 'GET /api/things/a', () => ['Host: other.example:8443']],
  [400, 'a host that is none', 'GET /api/things/a', () => ['Host: [::']],
  [404, 'a name longer than any', `GET /api/things/${'a'.repeat(3000)}`, () => []],
  [
    200,
    'a stranger who says where he comes from',
    'GET /api/things/a',
    () => ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.example', 'Forwarded: for=1.2.3.4'],
  ],
  [
    200,
    'headers that are there twice',
    'GET /api/things/a',
    () => ['Accept-Language: de', 'Accept-Language: en', 'X-Odd: 1', 'x-odd: 2', 'Cookie: a=1', 'Cookie: b=2'],
  ],
  [200, 'bytes beyond ASCII', 'GET /api/things/a', () => ['X-Odd: \u00fc\u00ff']],
  [422, 'a field that is unknown', 'GET /api/things/a?m=1'],
  [400, 'a path that cannot be read', 'GET /api/things/%zz'],
  [200, 'an address with its host', 'GET http://shop.example/api/things/a'],
  [200, 'a question with a body', 'GET /api/things/a', () => json('{}'), '{}'],
  [404, 'what no door takes', 'GET /api/nothing'],
  [405, 'a method that the door does not take', 'PATCH /api/things/a', () => json('{}'), '{}'],
  [405, 'a look at the head alone', 'HEAD /api/things/a'],
  [204, 'what may be done', 'OPTIONS /api/things/a'],
  [
    204,
    'what another origin may do',
    'OPTIONS /api/things/a',
    () => ['Origin: https://elsewhere.example', 'Access-Control-Request-Method: PUT'],
  ],
  [404, 'an id that is none', 'GET /api/by-id/1'],
  [404, 'an id that is unknown', 'GET /api/by-id/01900000-0000-7000-8000-000000000001'],
  [406, 'a wish for another type', 'GET /api/things/a', () => ['Accept: text/html']],
  [201, 'something made, with cookies', 'POST /api/things', () => json('{"text":"ü"}'), '{"text":"ü"}'],
  [
    201,
    'a body in chunks',
    'POST /api/things',
    () => ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
    '5\r\n{"tex\r\n6\r\nt":"a"\r\n1\r\n}\r\n0\r\n\r\n',
  ],
  [
    201,
    'a body whose sender waits to be asked for it',
    'POST /api/things',
    () => [...json('{"text":"a"}'), 'Expect: 100-continue'],
    '{"text":"a"}',
  ],
  [417, 'an expectation that nobody meets', 'POST /api/things', () => [...json('{"text":"a"}'), 'Expect: miracles'], '{"text":"a"}'],
  [201, 'a megabyte', 'POST /api/things', () => json(big), big],
  [413, 'a body too large, as it says', 'POST /api/things', () => json(tooBig), tooBig],
  [
    413,
    'a body too large, as is found out',
    'POST /api/things',
    () => ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
    `${tooBig.length.toString(16)}\r\n${tooBig}\r\n0\r\n\r\n`,
  ],
  [415, 'a body of another type', 'POST /api/things', () => ['Content-Type: text/plain', 'Content-Length: 2'], '{}'],
  [
    415,
    'a body of another type and too large',
    'POST /api/things',
    () => ['Content-Type: text/plain', `Content-Length: ${tooBig.length}`],
    tooBig,
  ],
  [415, 'a body of no type', 'POST /api/things', () => ['Content-Length: 2'], '{}'],
  [
    201,
    'a type with parameters',
    'POST /api/things',
    () => ['Content-Type: Application/JSON; charset=utf-8', 'Content-Length: 12'],
    '{"text":"a"}',
  ],
  [422, 'no body', 'POST /api/things'],
  [200, 'what may be kept', 'GET /api/kept/a', () => ['Origin: https://other.example']],
  [304, 'what was kept and still holds', 'GET /api/kept/a', () => ['If-None-Match: *']],
  [200, 'what may be kept, for a customer', 'GET /api/kept/a', () => [as('customer'), 'If-None-Match: *']],
  [400, 'an empty body of a type', 'POST /api/things', () => json('')],
  [400, 'a body that is no JSON', 'POST /api/things', () => json('{"text":'), '{"text":'],
  [400, 'a body that is poison', 'POST /api/things', () => json('{"__proto__":1}'), '{"__proto__":1}'],
  [422, 'a body that is not as promised', 'POST /api/things', () => json('{"text":1,"more":2}'), '{"text":1,"more":2}'],
  [422, 'a key that is too short', 'POST /api/things', () => [...json('{"text":"a"}'), 'Idempotency-Key: a'], '{"text":"a"}'],
  [400, 'two lengths', 'POST /api/things', () => ['Content-Type: application/json', 'Content-Length: 2', 'Content-Length: 12'], '{}'],
  [
    400,
    'a length and chunks',
    'POST /api/things',
    () => ['Content-Type: application/json', 'Content-Length: 2', 'Transfer-Encoding: chunked'],
    '2\r\n{}\r\n0\r\n\r\n',
  ],
  [204, 'something removed', 'DELETE /api/things/a'],
  [
    400,
    'something removed, with an empty body of a type',
    'DELETE /api/things/a',
    () => ['Content-Type: application/json', 'Content-Length: 0'],
  ],
  [401, 'a stranger at a door for customers', 'PUT /api/things/a', () => json('{"text":"a"}'), '{"text":"a"}'],
  [401, 'a token that is none', 'GET /api/things/a', () => ['Authorization: Bearer nonsense']],
  [400, 'a missing key', 'PUT /api/things/a', () => [...json('{"text":"a"}'), as('customer')], '{"text":"a"}'],
  [428, 'a missing tag', 'PUT /api/things/a', () => [...json('{"text":"a"}'), as('customer'), key('missing-tag')], '{"text":"a"}'],
  [
    409,
    'a refusal with all it holds',
    'PUT /api/things/a',
    () => [...json('{"text":"a"}'), as('customer'), key('refused'), 'If-Match: "1"'],
    '{"text":"a"}',
  ],
  [
    503,
    'a refusal for a while',
    'PUT /api/things/a',
    () => [...json('{"text":"away"}'), as('customer'), key('away'), 'If-Match: "1"'],
    '{"text":"away"}',
  ],
  [403, 'a customer at a door for staff', 'GET /api/guarded', () => [as('customer')]],
  [200, 'staff at a door for staff', 'GET /api/guarded', () => [as('admin')]],
  [500, 'a bug', 'GET /api/fail/bug'],
  [503, 'a fault that passes', 'GET /api/fail/passing'],
  [200, 'a file in parts', 'GET /api/file', () => ['Accept: text/csv']],
  [200, 'a text', 'GET /api/text'],
  [200, 'a stream of events', 'GET /api/watch', () => ['Accept: text/event-stream', 'Last-Event-ID: 5']],
  [200, 'bytes', 'POST /api/hook', () => ['Content-Type: text/csv', 'Content-Length: 3'], 'a\u0000b'],
  [413, 'too many bytes', 'POST /api/hook', () => ['Content-Type: text/csv', 'Content-Length: 1001'], 'x'.repeat(1001)],
  [415, 'bytes of another type', 'POST /api/hook', () => ['Content-Type: text/plain', 'Content-Length: 1'], 'x'],
  [200, 'no bytes', 'POST /api/hook'],
  [200, 'a file sent', 'POST /api/upload', () => ['Content-Type: text/csv', 'Content-Length: 300000'], 'x'.repeat(300_000)],
  [
    200,
    'a file sent in chunks',
    'POST /api/upload',
    () => ['Content-Type: text/csv', 'Transfer-Encoding: chunked'],
    '3\r\na,b\r\n0\r\n\r\n',
  ],
  [415, 'a file of another type', 'POST /api/upload', () => ['Content-Type: text/html', 'Content-Length: 1'], 'x'],
  [200, 'no file', 'POST /api/upload', () => ['Content-Type: text/csv', 'Content-Length: 0']],
  [404, 'a door of the demo alone', 'GET /api/demo'],
]

/** What is no HTTP belongs to no trace: its id is a new one each time. */
const sameId = (answer: RawAnswer) =>
  JSON.parse(JSON.stringify(answer).replaceAll(/\b[0-9a-f]{32}\b/g, (id) => (TRACE.includes(id) ? id : '<new>'))) as RawAnswer

describe('a forwarded door answers like a direct one', () => {
  test.each(asked.map((one) => ({ one, name: `with ${one[0]} to ${one[1]} (${one[2]})` })))('$name', async ({ one }) => {
    const [status, , door, lines = () => [], given = ''] = one
    const more = lines()
    const host = more.some((line) => line.startsWith('Host:')) ? [] : ['Host: shop.example']
    const send = (port: number, which: string) =>
      sendRaw(port, [`${door} HTTP/1.1`, ...host, TRACE, ...more.map((line) => line.replace(/-$/, `-${which}`))], given)
    const [here, there] = [await send(direct, 'here'), await send(joined.port, 'there')]
    expect(here.status).toContain(`HTTP/1.1 ${status}`)
    expect(sameId(there)).toEqual(sameId(here))
  })

  test('to a client so old that it names no host', async () => {
    const send = (port: number) => sendRaw(port, ['GET /api/things/a HTTP/1.0', TRACE])
    const [here, there] = [await send(direct), await send(joined.port)]
    expect(there).toEqual(here)
    expect(JSON.parse(there.body).origin).toBe('http://')
  })

  test('to a request that was answered before: the same again, once more for everybody', async () => {
    const text = '{"text":"kept"}'
    const send = (port: number) => sendRaw(port, ['POST /api/things HTTP/1.1', 'Host: a', TRACE, key('once-again'), ...json(text)], text)
    const [first, here, there] = [await send(joined.port), await send(direct), await send(joined.port)]
    expect(there).toEqual(here)
    expect(there.headers.filter((line) => !first.headers.includes(line))).toEqual(['idempotent-replayed: true'])
  })
})
