import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { object, route, staff } from '../contract.ts'
import { contractsOf } from './contracts.ts'
import { docsStyleHash, renderDocsPage } from './docs-page.ts'
import { curlOf, exampleOf } from './example.ts'
import { fieldsIn, typeOf } from './fields.ts'
import { buildOpenApi, type Operation } from './openapi.ts'

const Money = object({ amount: Type.Integer({ minimum: 0 }), currency: Type.String() })
const Pay = route('POST /orders/{orderId}/pay', {
  summary: 'Pays <at once> with `token`.',
  permission: staff('orders:pay', 'admin'),
  class: 'checkout',
  params: object({ orderId: Type.String({ format: 'uuid' }) }),
  body: object({ amount: Money, lines: Type.Array(object({ sku: Type.String() }), { minItems: 1 }), note: Type.Optional(Type.String()) }),
  output: Money,
  refusals: { 'already-paid': 409 },
  idempotencyKey: 'required',
  aliases: ['/pay/{orderId}'],
})
const document = buildOpenApi(contractsOf(new Map([['payments', { Money, Pay }]])))
const operation = document.paths['/orders/{orderId}/pay']?.post as Operation
const page = renderDocsPage(document)

describe('the page', () => {
  test('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=|https?:/)
  })

  test('has one style, whose hash a policy can name', () => {
    expect(page.match(/<style>/g)).toHaveLength(1)
    expect(docsStyleHash).toMatch(/^'sha256-[A-Za-z0-9+/]{43}='$/)
  })

  test('escapes what contracts say, and shows code as code', () => {
    expect(page).toContain('Pays &lt;at once&gt; with <code>token</code>.')
  })

  test('shows permission, aliases, fields and refusals of an operation', () => {
    for (const part of [
      '<code>orders:pay</code>: admin',
      '<code>/pay/{orderId}</code>',
      '<code>lines[].sku</code>',
      '<code>already-paid</code>',
    ])
      expect(page).toContain(part)
  })

  test('every link within the page has its target', () => {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1])
    expect(targets.length).toBeGreaterThan(3)
    expect(targets.filter((id) => !page.includes(`id="${id}"`))).toEqual([])
  })

  test('every id stands once', () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1])
    expect(ids.length).toBe(new Set(ids).size)
  })
})

describe('curlOf', () => {
  test('gives every required part and nothing else', () => {
    expect(curlOf(document, 'POST', '/orders/{orderId}/pay', operation).split(' \\\n  ')).toEqual([
      'curl -X POST "$SHOP/api/orders/$ORDERID/pay"',
      '-H "Authorization: Bearer $TOKEN"',
      '-H "Idempotency-Key: $KEY"',
      '-H "Content-Type: application/json"',
      `-d '{"amount":{"amount":1299,"currency":"EUR"},"lines":[{"sku":"LAMP-1"}]}'`,
    ])
  })
})

describe('exampleOf', () => {
  test('when a text has a least length, is as long', () => {
    expect(exampleOf({ type: 'string', minLength: 8 }, document, 'token')).toBe('tokenxxx')
  })
})

describe('fieldsIn', () => {
  test('opens lists and objects, but not what has a name', () => {
    const schema = operation.requestBody?.content['application/json']?.schema ?? {}
    expect(fieldsIn(schema, document.components.schemas).map(({ path, type }) => `${path}: ${type}`)).toEqual([
      'amount: Money',
      'lines: list of object',
      'lines[].sku: string',
      'note: string',
    ])
  })
})

test.each([
  [{ type: 'integer', minimum: 1, maximum: 100 }, 'integer 1–100'],
  [{ anyOf: [{ $ref: '#/components/schemas/Money' }, { type: 'null' }] }, 'Money or null'],
  [{ type: 'string', maxLength: 3 }, 'string up to 3 characters'],
  [{}, 'anything'],
])('typeOf says %j in words', (schema, words) => {
  expect(typeOf(schema)).toBe(words)
})
