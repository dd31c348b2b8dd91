import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askBySession, startUpstream, startWorld } from './testing/nginx-world.ts'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

test('the API, documents, health and internal doors go to the gateways, all else to the pages', async () => {
  const served: Record<string, string> = {}
  for (const path of ['/api/products', '/docs', '/health/ready', '/internal/books', '/', '/products/tea', '/docsy', '/apiary'])
    served[path] = (JSON.parse((await world.ask(path)).body) as { name: string }).name.replace(/one|two/, 'gateway')
  expect(served).toEqual({
    ...{ '/api/products': 'gateway', '/docs': 'gateway', '/health/ready': 'gateway', '/internal/books': 'gateway' },
    ...{ '/': 'pages', '/products/tea': 'pages', '/docsy': 'pages', '/apiary': 'pages' },
  })
})

test('a path goes where its first word says, and as it was sent', async () => {
  for (const [path, name] of [
    ['/api/stock/..%2F../movements', 'gateway'],
    ['/api/stock/%2e%2e/%2E%2E/x', 'gateway'],
    ['/api?x=/../..', 'gateway'],
    ['/x/../api/products', 'pages'],
    ['/shop/..%2Fapi/products', 'pages'],
  ] as const) {
    const served = JSON.parse((await world.ask(path)).body) as { name: string; url: string }
    expect([served.name.replace(/one|two/, 'gateway'), served.url]).toEqual([name, path])
  }
})

test('what a client says of where it comes from is replaced, and its request id passes', async () => {
  const forged = {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=6.6.6.6',
    'x-real-ip': '6.6.6.6',
  }
  const { body } = await world.ask('/api/me', { headers: { ...forged, host: `shop.example:${world.port}`, 'x-request-id': 'mine-1' } })
  const { headers } = JSON.parse(body) as { headers: Record<string, string> }
  expect(headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': `shop.example:${world.port}`,
    host: `shop.example:${world.port}`,
    'x-request-id': 'mine-1',
    'x-real-ip': '127.0.0.1',
  })
  expect(headers).not.toHaveProperty('forwarded')
})

test('the certificate is trusted by its authority for each of its names, and old TLS is refused', async () => {
  for (const host of ['localhost', '127.0.0.1'])
    expect((await world.ask('/', { servername: host === 'localhost' ? host : '' })).status).toBe(200)
  await expect(world.ask('/', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow()
  await expect(world.ask('/', { ca: [] })).rejects.toThrow(/certificate/)
})

test.for(['/api/events', '/events?asked'])('events of %s come as they are sent', async (path) => {
  const late = await new Promise<number[]>((done, fail) => {
    const delays: number[] = []
    const asked = get({ host: '127.0.0.1', port: world.port, ca: world.ca, path, agent: false, servername: 'localhost' }, (response) => {
      response.on('data', (chunk: Buffer) => {
        delays.push(Date.now() - Number(/data: \d+ (\d+)/.exec(chunk.toString())?.[1]))
        if (delays.length < 3) return
        asked.destroy()
        done(delays)
      })
    })
    asked.once('error', fail)
  })
  expect(Math.max(...late)).toBeLessThan(200)
})

test('an upload reaches the gateway while it is still being sent, and whole', async () => {
  const part = randomBytes(1_000_000)
  const parts = 100
  const seenAfterFirst: boolean[] = []
  const hash = createHash('sha256')
  const body = Readable.from(
    (async function* () {
      for (let sent = 0; sent < parts; sent++) {
        hash.update(part)
        yield part
        if (sent > 0) continue
        for (let tries = 0; tries < 100 && ![...world.one.firstBytes, ...world.two.firstBytes].includes('upload-1'); tries++)
          await sleep(20)
        seenAfterFirst.push([...world.one.firstBytes, ...world.two.firstBytes].includes('upload-1'))
      }
    })(),
  )
  const answer = await world.ask('/api/upload', { method: 'POST', headers: { 'x-request-id': 'upload-1' } }, body)
  expect(JSON.parse(answer.body)).toEqual({ bytes: parts * part.length, sha256: hash.digest('hex') })
  expect(seenAfterFirst).toEqual([true])
})

test('answers of the gateway pass as they are, its refusals of bodies too', async () => {
  const fault = await world.ask('/api/fault')
  expect([fault.status, fault.body]).toEqual([502, '{"code":"my-own"}'])
  const unknown = await world.ask('/api/unknown')
  expect([unknown.status, unknown.body]).toEqual([404, '{"code":"my-own"}'])
  for (let turn = 0; turn < 20; turn++) {
    const refused = await world.ask('/api/refusal', { method: 'POST' }, 'x'.repeat(20_000_000))
    expect([refused.status, refused.body]).toEqual([413, '{"code":"too-long-for-me"}'])
  }
})

test('a body beyond every limit is refused as a problem document', async () => {
  const answer = await world.ask('/api/upload', { method: 'POST', headers: { 'content-length': 5_000_000_000 } }, 'x')
  expect([answer.status, answer.headers['content-type'], JSON.parse(answer.body)]).toMatchObject([
    413,
    'application/problem+json',
    { code: 'payload-too-large' },
  ])
})

test.for([
  ['no HTTP', 'hello', 400, 'invalid-request'],
  ['an escape that is none', 'GET /api/%zz HTTP/1.1', 400, 'invalid-request'],
  ['a path that climbs out', 'GET /api/../../etc HTTP/1.1', 400, 'invalid-request'],
  ['a method it does not take', 'TRACE /api/things HTTP/1.1', 405, 'method-not-allowed'],
  ['two lengths', 'POST /api/upload HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', 400, 'invalid-request'],
  ['headers too large', `GET /api/things HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}`, 431, 'header-too-large'],
  ['an address too large', `GET /api/things?q=${'x'.repeat(20_000)} HTTP/1.1`, 431, 'header-too-large'],
] as const)('what it refuses by itself is a problem document too: %s', async ([, request, status, code]) => {
  const answer = await world.speak(`${request}\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  expect(answer.status).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer.headers).toContain('content-type: application/problem+json')
  const document = JSON.parse(answer.body) as { requestId: string }
  expect(document).toMatchObject({ status, code })
  expect(answer.headers).toContain(`x-request-id: ${document.requestId}`)
})

test('when the upstreams change under load, no request fails', async () => {
  const fresh = await startUpstream('three')
  const session = world.session()
  session.on('error', () => {})
  const statuses: (number | undefined)[] = []
  let over = false
  const load = Array.from({ length: 5 }, async () => {
    while (!over) statuses.push((await world.ask('/api/things')).status)
  })
  await sleep(200)
  await world.nginx.reload({ gateways: [fresh.address], pages: [world.pages.address] })
  const names = new Set<string>()
  for (let asked = 0; asked < 10; asked++) names.add((JSON.parse((await world.ask('/api/things')).body) as { name: string }).name)
  over = true
  await Promise.all(load)
  await world.nginx.reload({ gateways: world.gateways, pages: [world.pages.address] })
  await fresh.kill()
  session.destroy()
  expect([...names]).toEqual(['three'])
  expect(new Set(statuses)).toEqual(new Set([200]))
  await expect(world.nginx.reload({ gateways: ['127.0.0.1:1; evil'], pages: [] })).rejects.toThrow('is no address')
})

test('when a gateway is killed under load, no GET fails and no POST is done twice; without gateways it is unavailable at once', async () => {
  const session = world.session()
  const outcomes = new Map<string, number | string>()
  const until = Date.now() + 3000
  const load = Array.from({ length: 20 }, async (_, lane) => {
    for (let turn = 0; Date.now() < until; turn++) {
      const method = turn % 2 === 0 ? 'GET' : 'POST'
      const id = `${method}-${lane}-${turn}`
      outcomes.set(id, await askBySession(session, method, id))
    }
  })
  await sleep(1200)
  await world.one.kill()
  await Promise.all(load)
  session.close()
  const of = (method: string) => [...outcomes].filter(([id]) => id.startsWith(method))
  expect(of('GET').length).toBeGreaterThan(200)
  expect(of('GET').filter(([, status]) => status !== 200)).toEqual([])
  const posted = [...world.one.posted, ...world.two.posted].filter((id) => id.startsWith('POST-'))
  expect(posted.length).toBeGreaterThan(200)
  expect(new Set(posted).size).toBe(posted.length)
  expect(of('POST').filter(([, status]) => status !== 200 && status !== 503)).toEqual([])

  await world.two.kill()
  const asked = Date.now()
  for (const method of ['GET', 'POST']) {
    const answer = await world.ask('/api/things?token=secret', { method })
    expect([answer.status, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([503, 'application/problem+json', '1'])
    expect(JSON.parse(answer.body)).toMatchObject({ status: 503, code: 'unavailable', requestId: answer.headers['x-request-id'] })
  }
  expect(Date.now() - asked).toBeLessThan(1000)
  await world.pages.kill()
  const page = await world.ask('/products/tea')
  expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html'])
  const logs = ['failures.log', 'error.log', 'nginx.log'].map((name) => readFileSync(join(world.dataDir, 'nginx', name), 'utf8')).join('')
  expect(logs).toContain('503 POST /api/things ')
  expect(logs).not.toContain('secret')
})
