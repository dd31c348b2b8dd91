/** Doors for calls in front of a service that is really at work. */
import { Type } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, object } from '../contract.ts'
import { Authenticator } from '../http/authentication.ts'
import { createServer } from '../http/server.ts'
import type { StoaServer } from '../http/server-options.ts'
import { runChecksOf } from '../platform.ts'
import type { ServiceRuntime } from '../runtime/service-runtime.ts'
import { defineService, handle } from '../service.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { newSecret } from '../testing/carriers.ts'
import { openRoom, type Room } from '../testing/room.ts'
import { hostOf } from './desk.ts'
import { HttpCarrier } from './http-carrier.ts'
import { mountCalls } from './http-door.ts'
import { passOf } from './pass.ts'

const Add = call('sums.Add', {
  summary: 'Adds.',
  input: object({ a: Type.Integer(), b: Type.Integer() }),
  output: object({ sum: Type.Integer() }),
  repeatable: true,
})
const sums = defineService({ name: 'sums', owns: 'Sums.', calls: [handle(Add, async ({ input: { a, b } }) => ({ sum: a + b }))] })

const secret = newSecret()
const { header } = passOf(secret)
let room: Room
let app: StoaServer
let carrier: HttpCarrier
beforeAll(async () => {
  room = await openRoom({ services: [sums] })
  app = await createServer({
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
    authenticator: new Authenticator(async () => ({ keys: [] })),
    rateLimits: true,
    demo: false,
    trustedProxies: [],
    apiHost: '',
  })
  mountCalls(app, [hostOf(room.house.services.get('sums') as ServiceRuntime)], secret)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  carrier = new HttpCarrier({ directory: { httpOf: () => [address], grpcOf: () => [] }, secret })
})
afterAll(async () => {
  await carrier.close()
  await app.close()
  await room.stop()
})

const { signal } = new AbortController()
const post = (name: string, body: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: `/calls/${name}`, headers: { 'content-type': 'application/json', ...headers }, body })

test('a service answers its own calls, and those that every service answers', async () => {
  expect(await carrier.send(Add, { a: 1, b: 2 }, signal)).toEqual({ sum: 3 })
  expect(await carrier.send(runChecksOf('sums'), {}, signal)).toMatchObject({ atRest: true })
})

test('without the secret nothing is read and nothing is told', async () => {
  for (const authorization of ['', `${header}x`, header.slice(0, -1), 'Bearer ']) {
    const { statusCode, body } = await post('sums/Add', '{"a":1,"b":2}', { authorization })
    expect(statusCode).toBe(401)
    expect(body).not.toContain('sum')
  }
})

test('what cannot be a call is refused by name', async () => {
  const told = async (name: string, body: string) => {
    const answer = await post(name, body, { authorization: header })
    return [answer.statusCode, (answer.json() as { code: string }).code]
  }
  expect(await told('sums/Add', '{"a":1,')).toEqual([400, 'invalid-json'])
  expect(await told('sums/Add', '{"a":"1","b":2}')).toEqual([422, 'invalid-request'])
  expect(await told('sums/Add', '[]')).toEqual([422, 'invalid-request'])
  expect(await told('sums/Subtract', '{}')).toEqual([404, 'not-found'])
  expect(await told('quotients/Add', '{}')).toEqual([404, 'not-found'])
  expect(await told('sums/Add', JSON.stringify({ a: 1, b: 2, c: 'x'.repeat(4_200_000) }))).toEqual([413, 'payload-too-large'])
})

test('a deadline that is none, or longer than the call has, is not believed', async () => {
  for (const deadline of ['soon', '-1', '', '1e99']) {
    const answer = await post('sums/Add', '{"a":1,"b":2}', { authorization: header, 'stoa-deadline-ms': deadline })
    expect(answer.json()).toEqual({ output: { sum: 3 } })
  }
})

test('the door knows no rate limit', async () => {
  const answers = await Promise.all(Array.from({ length: 400 }, () => carrier.send(Add, { a: 1, b: 1 }, signal)))
  expect(new Set(answers.map((one) => (one as { sum: number }).sum))).toEqual(new Set([2]))
})
