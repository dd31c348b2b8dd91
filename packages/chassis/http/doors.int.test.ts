import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { object, refuse, route, staff } from '../contract.ts'
import { defineService, read } from '../service.ts'
import { openRoom, type Room } from '../testing/room.ts'

const Answer = object({ seen: Type.String() })
const params = object({ name: Type.String() })
const LogIn = route('POST /logins', { summary: 'Logs in.', permission: 'public', class: 'login', output: Answer })
const LogOut = route('POST /logouts', { summary: 'Logs out.', permission: 'customer', class: 'login', output: Answer })
const Watch = route('GET /things', { summary: 'Shows things.', permission: 'public', class: 'browse', output: Answer })
const Pay = route('GET /payments', { summary: 'Shows a payment.', permission: 'public', class: 'checkout', output: Answer })
const Guarded = route('DELETE /things', { summary: 'Removes.', permission: staff('things', 'admin'), class: 'login', output: Answer })
const Keyed = route('POST /keyed', {
  summary: 'Needs a key.',
  permission: 'public',
  class: 'checkout',
  body: object({}),
  output: Answer,
  idempotencyKey: 'required',
})
const Replace = route('PUT /things/{name}', {
  summary: 'Replaces what is there.',
  permission: 'public',
  class: 'staff',
  params,
  body: object({}),
  output: Answer,
  ifMatch: 'required',
  refusals: { 'not-found': 404 },
})
const seen = async () => ({ seen: 'yes' })
const house = defineService({
  name: 'doors',
  owns: 'Doors, for this test.',
  routes: [
    read(LogIn, seen),
    read(LogOut, seen),
    read(Watch, seen),
    read(Pay, seen),
    read(Guarded, seen),
    read(Keyed, seen),
    read(Replace, async ({ params: { name }, ifMatch }) => {
      if (name !== 'there') return refuse('not-found')
      return ifMatch === '1' ? { seen: 'replaced' } : (refuse('stale') as never)
    }),
  ],
})

/** Pieces of 10,000 bytes: together more than a body may hold. */
const PIECES = 250

let room: Room
let limited: Room
let port: number
beforeAll(async () => {
  room = await openRoom({ services: [house] })
  port = Number(new URL(await room.house.server.listen({ port: 0, host: '127.0.0.1' })).port)
  limited = await openRoom({ services: [house], rateLimits: true })
})
afterAll(() => Promise.all([room.stop(), limited.stop()]))

describe('a page of another origin', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('may ask by %s, with a token, a key and a tag', async (method) => {
    const { status, headers } = await room.request('OPTIONS /api/things', {
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type,idempotency-key,if-match',
      },
    })
    expect(status).toBe(204)
    expect(String(headers['access-control-allow-methods']).split(/, ?/)).toContain(method)
    expect(headers['access-control-allow-headers']).toBe('authorization,content-type,idempotency-key,if-match')
  })
})

describe('rate limits', () => {
  const LOGINS_PER_MINUTE = 300
  const knock = async (door: string, times: number, options: object) => {
    const answers = []
    for (let index = 0; index < times; index++) answers.push(await limited.request(door, options))
    return answers
  }
  const statuses = (answers: readonly { status: number }[]) => [...new Set(answers.map((one) => one.status))]

  test('count all doors of a class together, and no other class', async () => {
    const here = { address: '10.0.0.1' }
    expect(statuses(await knock('POST /api/logins', LOGINS_PER_MINUTE - 20, here))).toEqual([200])
    expect(statuses(await knock('POST /api/logouts', 20, here))).toEqual([401])
    const refused = await limited.request('POST /api/logins', here)
    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-requests'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect([refused.headers['ratelimit-limit'], refused.headers['ratelimit-remaining']]).toEqual(['300', '0'])
    expect((await limited.request('GET /api/things', here)).status).toBe(200)
    expect((await limited.request('POST /api/logins', { address: '10.0.0.2' })).status).toBe(200)
  })

  test('come before the question who asks: guessed tokens are counted too', async () => {
    const here = { address: '10.0.0.3', headers: { authorization: 'Bearer guessed' } }
    expect(statuses(await knock('DELETE /api/things', LOGINS_PER_MINUTE, here))).toEqual([401])
    expect((await limited.request('DELETE /api/things', here)).status).toBe(429)
  })

  test('count an account wherever it comes from', async () => {
    const as = limited.account()
    for (let index = 0; index < LOGINS_PER_MINUTE; index++)
      expect((await limited.request('POST /api/logouts', { as, address: `10.1.${index % 5}.${index % 60}` })).status).toBe(200)
    expect((await limited.request('POST /api/logouts', { as, address: '10.2.0.1' })).status).toBe(429)
    expect((await limited.request('POST /api/logouts', { as: limited.account(), address: '10.2.0.1' })).status).toBe(200)
  })

  test('tell how much is left', async () => {
    const { headers } = await limited.request('POST /api/logins', { address: '10.0.0.4' })
    expect([headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual(['300', '299'])
  })
})

describe('the order in which faults are told', () => {
  test('a missing key comes before a body of another type or too large', async () => {
    for (const [body, type] of [
      ['a=b', 'text/plain'],
      [JSON.stringify('x'.repeat(1_100_000)), 'application/json'],
    ]) {
      const answer = await room.request('POST /api/keyed', { body, headers: { 'content-type': type as string } })
      expect([answer.status, answer.body.code]).toEqual([400, 'idempotency-key-missing'])
    }
  })

  test('what does not exist comes before a missing tag, a missing tag before an old one', async () => {
    const put = async (name: string, headers = {}) => {
      const answer = await room.request(`PUT /api/things/${name}`, { body: {}, headers })
      return [answer.status, answer.body.code ?? answer.body.seen]
    }
    expect(await put('nowhere')).toEqual([404, 'not-found'])
    expect(await put('there')).toEqual([428, 'precondition-required'])
    expect(await put('there', { 'if-match': '"0"' })).toEqual([412, 'stale'])
    expect(await put('there', { 'if-match': '"1"' })).toEqual([200, 'replaced'])
  })
})

describe('an answer that is an error', () => {
  test.each(['GET /api/nowhere', 'PUT /api/things', 'POST /api/logouts', 'DELETE /api/things', 'POST /api/keyed', 'GET /api/things?a=b'])(
    'to %s has every part of a problem document',
    async (door) => {
      const { body } = await room.request(door, { body: door.startsWith('GET') ? undefined : {} })
      for (const part of ['type', 'title', 'detail', 'code', 'requestId'])
        expect([part, body[part]]).toEqual([part, expect.stringMatching(/./)])
    },
  )

  test('is a problem document also when the address cannot be read', async () => {
    const { status, headers, body } = await room.request('GET /api/things/%zz')
    expect(status).toBe(400)
    expect(headers['content-type']).toContain('application/problem+json')
    expect(body).toMatchObject({ status: 400, code: 'invalid-request', requestId: expect.stringMatching(/./) })
  })

  test.each([
    ['told before', (piece: string) => [`content-length: ${PIECES * piece.length}`, piece]],
    ['found out on the way', (piece: string) => ['transfer-encoding: chunked', `${piece.length.toString(16)}\r\n${piece}\r\n`]],
  ] as const)('reaches one who is still sending a body too large, whose length is %s, and the connection stays', async (_, framed) => {
    const [header, piece] = framed('x'.repeat(10_000)) as [string, string]
    const socket = createConnection(port, '127.0.0.1')
    let heard = ''
    socket.on('data', (chunk) => (heard += chunk.toString()))
    socket.write(`PUT /api/things/there HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\n${header}\r\n\r\n`)
    for (let sent = 0; sent < PIECES; sent++) {
      await new Promise((done) => socket.write(piece, done))
      if (sent % 50 === 0) await new Promise((done) => setTimeout(done, 2))
    }
    socket.write(`${header.startsWith('transfer') ? '0\r\n\r\n' : ''}GET /api/things HTTP/1.1\r\nHost: a\r\n\r\n`)
    await expect.poll(() => heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
    expect(heard).toContain('"payload-too-large"')
    socket.destroy()
  })

  test('is a problem document also when the request is no HTTP, or its head too large', async () => {
    const say = async (words: string) => {
      const socket = createConnection(port, '127.0.0.1')
      socket.end(words)
      const answer = await text(socket)
      return [answer.split(' ')[1], /content-type: (\S+)/i.exec(answer)?.[1], JSON.parse(answer.split('\r\n\r\n')[1] as string).code]
    }
    expect(await say('nonsense\r\n\r\n')).toEqual(['400', 'application/problem+json', 'invalid-request'])
    const long = `GET /api/things HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`
    expect(await say(long)).toEqual(['431', 'application/problem+json', 'header-too-large'])
  })
})

describe('what may be kept on the way', () => {
  test('is only what anybody may browse: no answer to somebody, about somebody', async () => {
    const kept = async (door: string, options = {}) => (await room.request(door, options)).headers['cache-control']
    expect(await kept('GET /api/things')).toBe('public, max-age=0, must-revalidate')
    expect(await kept('GET /api/things', { as: room.account() })).toBe('no-store')
    expect(await kept('GET /api/payments')).toBe('no-store')
    expect(await kept('POST /api/logins')).toBe('no-store')
    expect(await kept('POST /api/logouts', { as: room.account() })).toBe('no-store')
  })
})
