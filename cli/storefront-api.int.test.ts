/** The storefront asks the API by HTTP, over real sockets. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Upstreams } from '@stoa/chassis/calls/upstreams.ts'
import { apiByHttp } from './storefront-api.ts'

type Speak = (request: IncomingMessage, response: ServerResponse) => void
const asked: { line: string; headers: IncomingMessage['headers']; body: string }[] = []
let speak: Speak
let open = 0
const gateway = createServer(async (request, response) => {
  if (request.url === '/health/serving') return void response.end()
  let body = ''
  for await (const part of request) body += part
  asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
  open++
  response.once('close', () => open--)
  speak(request, response)
})
let upstreams: Upstreams
let api: ReturnType<typeof apiByHttp>
beforeAll(async () => {
  await once(gateway.listen(0, '127.0.0.1'), 'listening')
  upstreams = new Upstreams(() => [`http://127.0.0.1:${(gateway.address() as AddressInfo).port}`])
  api = apiByHttp(upstreams)
})
afterAll(async () => {
  await upstreams.close()
  gateway.closeAllConnections()
  gateway.close()
})
beforeEach(() => {
  asked.length = 0
})

test('a question goes with the visitor’s headers, and its answer comes back whole, cookies and all', async () => {
  speak = (_request, response) =>
    response
      .writeHead(201, {
        'content-type': 'application/json',
        'set-cookie': ['a=1', 'b=2'],
        connection: 'keep-alive, x-named',
        'x-named': '1',
      })
      .end('{"ü":1}')
  const answer = await api('/api/cart?a=b', {
    method: 'POST',
    headers: { 'X-Forwarded-For': '1.2.3.4', Host: 'shop.example', Cookie: 'c=3' },
    body: '{"n":1}',
  })
  expect([answer.status, await answer.json(), answer.headers.getSetCookie()]).toEqual([201, { ü: 1 }, ['a=1', 'b=2']])
  expect([...answer.headers.keys()].filter((name) => /connection|keep-alive|x-named|transfer/.test(name))).toEqual([])
  expect(asked[0]).toMatchObject({
    line: 'POST /api/cart?a=b',
    body: '{"n":1}',
    headers: { 'x-forwarded-for': '1.2.3.4', host: 'shop.example', cookie: 'c=3' },
  })
})

test.each([204, 304])('an answer %i has no body', async (status) => {
  speak = (_request, response) => response.writeHead(status).end()
  const answer = await api('/api/things', { method: 'GET', headers: {} })
  expect([answer.status, answer.body]).toEqual([status, null])
})

test('answers that nobody reads hold no connection: any number may go unread', async () => {
  speak = (_request, response) => response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify('x'.repeat(200_000)))
  for (let index = 0; index < 200; index++) expect((await api('/api/things', { method: 'GET', headers: {} })).status).toBe(503)
  await expect.poll(() => open).toBe(0)
})

test('events come as they come, and the listener’s end ends them', async () => {
  speak = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    setTimeout(() => response.write('data: 2\n\n'), 20)
  }
  for (const how of ['hangs up', 'leaves']) {
    const gone = new AbortController()
    const answer = await api('/api/events', { method: 'GET', headers: { accept: 'text/event-stream' }, signal: gone.signal })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    while (!text.includes('data: 2')) text += new TextDecoder().decode((await reader.read()).value)
    expect(open).toBe(1)
    if (how === 'hangs up') await reader.cancel()
    else gone.abort()
    await expect.poll(() => open).toBe(0)
  }
})

test('a visitor who left is not asked for; nobody there is a fault', async () => {
  speak = () => {}
  const gone = new AbortController()
  const waiting = api('/api/things', { method: 'GET', headers: {}, signal: gone.signal })
  await expect.poll(() => open).toBe(1)
  gone.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
  await expect.poll(() => open).toBe(0)
  await expect(api('/api/things', { method: 'GET', headers: {}, signal: gone.signal })).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toHaveLength(1)
})

test('a question is asked again when its connection breaks; an order never is, whatever its key', async () => {
  let broken = 0
  speak = (request, response) => {
    if (broken++ === 0) return void request.socket.destroy()
    response.setHeader('content-type', 'application/json').end('{}')
  }
  expect((await api('/api/things', { method: 'GET', headers: {} })).status).toBe(200)
  expect(asked).toHaveLength(2)
  broken = 0
  await expect(api('/api/orders', { method: 'POST', headers: { 'idempotency-key': '12345678' }, body: '{}' })).rejects.toMatchObject({
    code: 'unavailable',
  })
  expect(asked).toHaveLength(3)
})
