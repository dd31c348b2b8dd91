import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { object } from '../contract.ts'
import { bodyValidator, textValidator } from './validation.ts'

const Order = object({
  email: Type.String({ format: 'email', maxLength: 20 }),
  items: Type.Array(
    object({ sku: Type.String({ minLength: 1, pattern: '^[A-Z]' }), quantity: Type.Integer({ minimum: 1, maximum: 99 }) }),
    { minItems: 1, maxItems: 2 },
  ),
  method: Type.Union([Type.Literal('card'), Type.Literal('cash')]),
  note: Type.Optional(Type.String()),
})
const validate = bodyValidator(Order)
const good = { email: 'a@b.de', items: [{ sku: 'A', quantity: 1 }], method: 'card' }

/** Faults as `path: code`. */
const faults = (value: unknown) =>
  validate(value)
    .map((one) => `${one.path}: ${one.code}`)
    .toSorted()

test('what is as it must be has no faults', () => {
  expect(validate(good)).toEqual([])
})

test('every fault is named at once, with its path as a client writes it', () => {
  const bad = {
    email: 'nobody',
    items: [{ sku: '', quantity: 0 }, { sku: 'a', quantity: 1.5, colour: 'red' }, {}],
    method: 'barter',
    extra: 1,
  }
  expect(faults(bad)).toEqual(
    [
      'email: malformed',
      'extra: unknown-field',
      'items: too-many',
      'items[0].quantity: too-small',
      'items[0].sku: malformed',
      'items[0].sku: too-short',
      'items[1].colour: unknown-field',
      'items[1].quantity: wrong-type',
      'items[1].sku: malformed',
      'items[2].quantity: required',
      'items[2].sku: required',
      'method: not-allowed',
    ].toSorted(),
  )
})

test('messages tell what is asked, for a choice every choice', () => {
  const messages = new Map(validate({ ...good, email: undefined, method: 'barter', items: [] }).map((one) => [one.path, one.message]))
  expect(messages.get('method')).toBe('must be one of: "card", "cash"')
  expect(messages.get('email')).toBe('is required')
  expect(messages.get('items')).toBe('must NOT have fewer than 1 items')
})

test('types of a body are not coerced', () => {
  expect(faults({ ...good, items: [{ sku: 'A', quantity: '1' }] })).toEqual(['items[0].quantity: wrong-type'])
  expect(faults({ ...good, email: 7 })).toEqual(['email: wrong-type'])
})

test.each([[null], ['text'], [7], [[]], [undefined]])('a body that is no object (%j) has a fault of the whole', (value) => {
  expect(faults(value)).toEqual(['body: wrong-type'])
})

test.each(['\0', '\ud800', '\udc00'])('text that no database stores (%j) is refused by name wherever it stands', (odd) => {
  expect(faults({ ...good, note: `a${odd}b` })).toEqual(['note: forbidden-character'])
  expect(faults({ ...good, items: [{ sku: `A${odd}`, quantity: 1 }] })).toEqual(['items[0].sku: forbidden-character'])
  expect(faults({ ...good, [`no${odd}te`]: 'x' })).toEqual([`no${odd}te: forbidden-character`, `no${odd}te: unknown-field`])
  expect(faults({ note: odd, email: 7, items: good.items })).toEqual(['email: wrong-type', 'method: required', 'note: forbidden-character'])
  expect(faults(odd)).toEqual(['body: forbidden-character', 'body: wrong-type'])
})

test('what is nested deeper than any stack is a fault like any other, beside the others', () => {
  const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown
  const anything = bodyValidator(object({ any: Type.Unknown(), count: Type.Integer() }))
  expect(anything({ any: deep(60), count: 1 })).toEqual([])
  expect(anything({ any: deep(100_000), count: 'x' }).map(({ path, code }) => [path.split('[')[0], code])).toEqual([
    ['any', 'too-deep'],
    ['count', 'wrong-type'],
  ])
  expect(anything(deep(100_000)).map(({ code }) => code)).toEqual(['too-deep', 'wrong-type'])
})

test('a number that no machine holds is none', () => {
  expect(bodyValidator(object({ any: Type.Number() }))(JSON.parse('{"any":1e999}'))).toMatchObject([{ path: 'any', code: 'wrong-type' }])
})

test.each(['Infinity', '-Infinity', '1e999', '9'.repeat(400)])('text that is coerced to infinity (%s) is out of bounds', (limit) => {
  const query = textValidator(object({ limit: Type.Integer({ minimum: 1, maximum: 100 }) }))
  expect(query({ limit }).map((one) => one.code)).toEqual([limit.startsWith('-') ? 'too-small' : 'too-large'])
})

test('a field with very many faults hides no other', () => {
  const bad = { ...good, email: 7, items: Array(300).fill({ sku: '' }), method: 'barter', extra: 1 }
  const places = new Set(validate(bad).map(({ path }) => path.split('[')[0]))
  expect([places, validate(bad).length]).toEqual([new Set(['extra', 'email', 'items', 'method']), 100])
})

test('a field that only looks inherited is unknown like any other', () => {
  expect(faults(JSON.parse('{"email":"a@b.de","items":[{"sku":"A","quantity":1}],"method":"card","constructor":1}'))).toEqual([
    'constructor: unknown-field',
  ])
})

test('of a thousand faults a hundred are named', () => {
  expect(validate({ ...good, ...Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1])) })).toHaveLength(100)
})

test('text of a query becomes numbers, booleans and lists, in place', () => {
  const query = { limit: '20', inStock: 'true', brand: 'one' }
  const validateQuery = textValidator(
    object({ limit: Type.Integer({ minimum: 1, maximum: 100 }), inStock: Type.Boolean(), brand: Type.Array(Type.String()) }),
  )
  expect(validateQuery(query)).toEqual([])
  expect(query).toEqual({ limit: 20, inStock: true, brand: ['one'] })
  expect(
    validateQuery({ limit: '1e9', inStock: 'maybe', brand: [] })
      .map((one) => one.path)
      .toSorted(),
  ).toEqual(['inStock', 'limit'])
})
