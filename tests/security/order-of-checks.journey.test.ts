/** Which refusal comes first when several would be right: api.md, "Rules for every route". */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, logIn, makeProduct, type Answer, type Ask } from '../support/client.ts'
import { newPerson } from '../support/people.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
const send = (door: string, options?: Ask) => ask(origin, door, options)
const codeOf = ({ status, body }: Answer) => [status, body.code]
const JSON_TYPE = { 'content-type': 'application/json' }
const BROKEN = '{"a": '
const HUGE = `{"name": "${'x'.repeat(1_100_000)}"}`

let admin: string
let customer: string
beforeAll(async () => {
  admin = (await logIn(origin, 'admin@stoa.example')).token
  customer = (await newPerson(origin)).token
})

describe('who asks is checked first', () => {
  test.each([
    ['a body that is no JSON', BROKEN, JSON_TYPE],
    ['a body too large', HUGE, JSON_TYPE],
    ['a body of another type', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a body with faults', '{}', JSON_TYPE],
  ])('%s is refused to guests as unauthenticated, to customers as forbidden', async (_, body, headers) => {
    expect(codeOf(await send('POST /api/products', { body, headers }))).toEqual([401, 'unauthenticated'])
    expect(codeOf(await send('POST /api/products', { body, headers, token: customer }))).toEqual([403, 'forbidden'])
    expect(codeOf(await send('POST /api/products', { body, headers, token: 'garbage' }))).toEqual([401, 'unauthenticated'])
  })

  test('what does not exist is hidden from those who may not ask', async () => {
    const door = `PUT /api/orders/${randomUUID()}/status`
    expect(codeOf(await send(door, { body: {} }))).toEqual([401, 'unauthenticated'])
    expect(codeOf(await send(door, { body: {}, token: customer }))).toEqual([403, 'forbidden'])
  })
})

describe('then the request as such', () => {
  test('JSON that cannot be read is invalid-json, also an empty one', async () => {
    for (const body of [BROKEN, '', '{"__proto__": {"a": 1}}', '[', 'nonsense'])
      expect([body, ...codeOf(await send('POST /api/products', { body, headers: JSON_TYPE, token: admin }))]).toEqual([
        body,
        400,
        'invalid-json',
      ])
  })

  test('a missing key is told before the faults of the body', async () => {
    expect(codeOf(await send('POST /api/orders', { body: {} }))).toEqual([400, 'idempotency-key-missing'])
    expect(codeOf(await send('POST /api/orders', { body: {}, key: randomUUID() }))).toEqual([422, 'invalid-request'])
    expect(codeOf(await send('POST /api/orders', { body: {}, key: 'short' }))).toEqual([422, 'invalid-request'])
  })

  test('too much is 413 and another type 415, wherever a body is taken', async () => {
    for (const [door, token] of [
      ['POST /api/orders', undefined],
      ['POST /api/login', undefined],
      ['POST /api/products', admin],
      ['PUT /api/users/update', customer],
    ] as const) {
      const shared = { key: randomUUID(), ...(token ? { token } : {}) }
      expect([door, ...codeOf(await send(door, { ...shared, body: HUGE, headers: JSON_TYPE }))]).toEqual([door, 413, 'payload-too-large'])
      for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])
        expect([door, type, ...codeOf(await send(door, { ...shared, body: '{}', headers: { 'content-type': type } }))]).toEqual([
          door,
          type,
          415,
          'unsupported-media-type',
        ])
    }
    expect(codeOf(await send('POST /api/imports/products', { token: admin, body: '{}', headers: JSON_TYPE }))).toEqual([
      415,
      'unsupported-media-type',
    ])
  })
})

describe('then what it says', () => {
  test('every bad field is named at once, unknown ones too, in body and query', async () => {
    const { status, body } = await send('POST /api/orders', {
      key: randomUUID(),
      body: {
        items: [{ sku: 'A', quantity: 0 }],
        email: 'x',
        surprise: true,
        shippingAddress: { country: 'Germany' },
        payment: { method: 'gold' },
      },
    })
    expect([status, body.code]).toEqual([422, 'invalid-request'])
    expect(body.errors.map((one: { path: string }) => one.path)).toEqual(
      expect.arrayContaining([
        'items[0].quantity',
        'email',
        'surprise',
        'shippingAddress.country',
        'shippingAddress.name',
        'shippingAddress.line1',
        'shippingAddress.city',
        'shippingAddress.postalCode',
        'shippingOption',
        'payment.method',
      ]),
    )
    for (const error of body.errors)
      expect(error).toEqual({ path: expect.any(String), code: expect.any(String), message: expect.any(String) })
    const query = await send('GET /api/products?limit=0&minPrice=-1&surprise=1')
    expect(query.body.errors.map((one: { path: string }) => one.path).sort()).toEqual(['limit', 'minPrice', 'surprise'])
  })

  test('faults are told before what does not exist', async () => {
    const door = `PUT /api/orders/${randomUUID()}/status`
    expect(codeOf(await send(door, { token: admin, body: { status: 'LOST' } }))).toEqual([422, 'invalid-request'])
    expect(codeOf(await send(door, { token: admin, body: { status: 'SHIPPED' } }))).toEqual([404, 'not-found'])
  })

  test('an old tag is told before what stands in the way', async () => {
    const [one, other] = [await makeProduct(origin, admin, 1), await makeProduct(origin, admin, 1)]
    const body = { name: 'x', variants: [{ sku: other.sku, price: { amount: 1, currency: 'EUR' } }] }
    const put = (headers: Record<string, string>) => send(`PUT /api/products/${one.id}`, { token: admin, body, headers })
    expect(codeOf(await put({}))).toEqual([428, 'precondition-required'])
    expect(codeOf(await put({ 'if-match': '"0"' }))).toEqual([412, 'stale'])
    const tag = (await send(`GET /api/products/${one.id}`)).headers.get('etag') as string
    expect(codeOf(await put({ 'if-match': tag }))).toEqual([409, 'sku-taken'])
  })
})

describe('an answer that is an error', () => {
  test('is a problem document with type, title, status, code and the id of the request', async () => {
    const answer = await send(`GET /api/products/${randomUUID()}`)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body).toMatchObject({
      type: expect.stringMatching(/^https:\/\/.+\/problems\/not-found$/),
      title: expect.any(String),
      status: 404,
      code: 'not-found',
      requestId: answer.headers.get('x-request-id'),
    })
  })

  test('names the methods a path has when it is asked by another, and the type when another is wanted', async () => {
    const wrong = await send('DELETE /api/profile', { token: customer })
    expect([...codeOf(wrong), wrong.headers.get('allow')]).toEqual([405, 'method-not-allowed', 'GET'])
    expect(codeOf(await send('GET /api/no-such-door'))).toEqual([404, 'not-found'])
    expect(codeOf(await send('GET /api/products', { headers: { accept: 'text/html' } }))).toEqual([406, 'not-acceptable'])
  })
})
