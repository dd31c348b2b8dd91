import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { newOp } from '../domain/payment.ts'
import { createSandboxGateway } from './sandbox.ts'

const OP = newOp({
  id: 'op-12345678',
  orderId: 'order',
  kind: 'authorize',
  attempt: 'op-12345678',
  provider: 'sandbox',
  amountMinor: 500,
  currency: 'EUR',
})
const CARD = { token: 'tok_ok', returnUrl: 'http://127.0.0.1/' }
const CHARGE = {
  id: 'ch_1',
  orderId: 'order',
  state: 'authorized',
  amount: { amount: 500, currency: 'EUR' },
  captured: { amount: 0, currency: 'EUR' },
  refunded: { amount: 0, currency: 'EUR' },
  idempotencyKey: OP.id,
  revision: 3,
  at: 'x',
  updatedAt: 'x',
  operations: [],
}

let server: Server | undefined
let calls = 0

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((go) => (server ? server.close(go) : go(undefined)))
  server = undefined
})

async function gatewayThat(answers: (response: ServerResponse, request: IncomingMessage) => void) {
  calls = 0
  server = createServer((request, response) => {
    calls++
    answers(response, request)
  })
  await new Promise<void>((go) => server?.listen(0, '127.0.0.1', go))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return createSandboxGateway({ url, secret: 's', callSeconds: 0.2, inquirySeconds: 0.2 })
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

describe('an answer of the gateway', () => {
  test.each([
    ['a charge', 200, CHARGE, { kind: 'charge' }],
    ['a definite no', 422, { code: 'invalid-request' }, { kind: 'refused', code: 'invalid-request' }],
    ['a closed key', 409, { code: 'key-closed' }, { kind: 'refused', code: 'key-closed' }],
    [
      'a call still running',
      409,
      { code: 'idempotency-key-in-use' },
      { kind: 'no-answer', reached: false, reason: 'idempotency-key-in-use' },
    ],
    [
      'a key sent with another request',
      422,
      { code: 'idempotency-key-reused' },
      { kind: 'no-answer', reached: false, reason: 'idempotency-key-reused' },
    ],
    [
      'a failure that may have had its effect',
      500,
      { code: 'provider-error' },
      { kind: 'no-answer', reached: true, reason: 'provider-error' },
    ],
    ['too busy', 429, { code: 'too-many-requests' }, { kind: 'no-answer', reached: false, reason: 'status-429' }],
    ['away', 503, { code: 'unavailable' }, { kind: 'no-answer', reached: false, reason: 'status-503' }],
    ['a wrong secret', 401, { code: 'unauthenticated' }, { kind: 'no-answer', reached: false, reason: 'unauthenticated' }],
  ])('that is %s is read as such', async (_, status, body, expected) => {
    const gateway = await gatewayThat((response) => json(response, status, body))
    expect(await gateway.authorize(OP, CARD)).toMatchObject(expected)
  })

  test('that never comes may have reached it', async () => {
    const gateway = await gatewayThat(() => {})
    expect(await gateway.authorize(OP, CARD)).toEqual({ kind: 'no-answer', reached: true, reason: 'timeout' })
  })

  test('that is cut off may have reached it', async () => {
    const gateway = await gatewayThat((response) => response.socket?.destroy())
    expect(await gateway.authorize(OP, CARD)).toMatchObject({ kind: 'no-answer', reached: true })
  })

  test('that is no JSON may have reached it', async () => {
    const gateway = await gatewayThat((response) => response.end('<html>'))
    expect(await gateway.authorize(OP, CARD)).toMatchObject({ kind: 'no-answer', reached: true })
  })

  test('cannot come where nobody listens', async () => {
    const gateway = createSandboxGateway({ url: 'http://127.0.0.1:1', secret: 's', callSeconds: 1, inquirySeconds: 1 })
    expect(await gateway.authorize(OP, CARD)).toEqual({ kind: 'no-answer', reached: false, reason: 'ECONNREFUSED' })
  })
})

describe('a gateway that is away', () => {
  test('is not asked any more after twenty failures in a row', async () => {
    const gateway = await gatewayThat((response) => json(response, 503, {}))
    for (let index = 0; index < 50; index++) await gateway.findByKey(OP.id)
    expect(calls).toBe(20)
    expect(await gateway.authorize(OP, CARD)).toEqual({ kind: 'no-answer', reached: false, reason: 'breaker-open' })
    await expect(gateway.book({ limit: 1 })).rejects.toThrow('circuit breaker is open')
  })

  test('for single cards is asked on, as long as it answers others', async () => {
    let silent = true
    const gateway = await gatewayThat((response) => {
      silent = !silent
      if (silent) response.socket?.destroy()
      else json(response, 200, CHARGE)
    })
    for (let index = 0; index < 60; index++) await gateway.authorize(OP, CARD)
    expect(calls).toBe(60)
  })

  test('gets 96 calls at once, 192 wait, and the rest is for another try', async () => {
    const gateway = await gatewayThat(() => {})
    const answers = await Promise.all(Array.from({ length: 320 }, () => gateway.findByKey(OP.id)))
    expect(answers.filter((one) => one.kind === 'no-answer' && one.reason === 'too-many-calls').length).toBe(320 - 96 - 192)
  })
})
