import { Type, type TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'
import { call, object, type Call } from '../contract.ts'
import { buildProto } from './proto.ts'

const ask = (input: Record<string, TSchema>, name = 'Ask') =>
  call(`things.${name}`, { summary: 'Asks.', input: object(input), output: object({}), over: 'grpc', repeatable: true }) as unknown as Call
const Line = object({ sku: Type.String(), units: Type.Integer() })
const before = buildProto('things', [ask({ a: Type.String(), lines: Type.Array(Line), n: Type.Integer() })], undefined)
const inputOf = (text: string) =>
  /message AskInput \{\n([\s\S]*?)\n\}/
    .exec(text)?.[1]
    ?.split('\n')
    .map((line) => line.trim())

describe('field numbers', () => {
  test('an unchanged contract writes the same file again', () => {
    expect(buildProto('things', [ask({ a: Type.String(), lines: Type.Array(Line), n: Type.Integer() })], before)).toBe(before)
  })

  test('fields in another order, or no longer required, keep their numbers; new ones take the next', () => {
    const Longer = object({ note: Type.Optional(Type.String()), units: Type.Integer(), sku: Type.String() })
    const text = buildProto(
      'things',
      [ask({ b: Type.Boolean(), n: Type.Optional(Type.Integer()), lines: Type.Array(Longer), a: Type.String() })],
      before,
    )
    expect(inputOf(text)).toEqual([
      'message Lines {',
      'optional string sku = 1; // required',
      'optional int64 units = 2; // required',
      'optional string note = 3;',
      '}',
      'optional string a = 1; // required',
      'repeated Lines lines = 2; // required',
      'optional int64 n = 3;',
      'optional bool b = 4; // required',
    ])
  })

  test('the number of a removed field is never given again, however often the file is written', () => {
    const without = buildProto('things', [ask({ a: Type.String(), lines: Type.Array(object({ units: Type.Integer() })) })], before)
    const again = buildProto('things', [ask({ a: Type.String(), lines: Type.Array(object({ units: Type.Integer() })) })], without)
    expect(again).toBe(without)
    const back = buildProto('things', [ask({ a: Type.String(), lines: Type.Array(Line), n: Type.Integer() })], again)
    expect(inputOf(back)).toEqual([
      'message Lines {',
      'reserved 1;',
      'optional int64 units = 2; // required',
      'optional string sku = 3; // required',
      '}',
      'reserved 3;',
      'optional string a = 1; // required',
      'repeated Lines lines = 2; // required',
      'optional int64 n = 4; // required',
    ])
  })

  test('that a value may be null is told by a field of its own', () => {
    const text = buildProto(
      'things',
      [ask({ a: Type.Union([Type.String(), Type.Null()]), lines: Type.Optional(Type.Array(Line)) })],
      before,
    )
    expect(inputOf(text)?.slice(-5)).toEqual([
      'reserved 3;',
      'optional string a = 1; // required',
      'repeated Lines lines = 2;',
      'optional bool a_null = 4;',
      'optional bool lines_empty = 5;',
    ])
  })

  test('a call that was removed may not come back: its numbers are forgotten', () => {
    const without = buildProto('things', [ask({}, 'Other')], before)
    expect(buildProto('things', [ask({}, 'Other')], without)).toBe(without)
    expect(() => buildProto('things', [ask({}), ask({}, 'Other')], without)).toThrow('things.Ask was removed before')
  })

  test('a committed file that cannot be read is not guessed at', () => {
    const broken = before.replace('optional string a = 1; // required', 'string a = one;')
    expect(() => buildProto('things', [ask({ a: Type.String() })], broken)).toThrow(/things\.proto:\d+ cannot be read: string a = one;/)
    expect(() => buildProto('things', [ask({ a: Type.String() })], `${before}message X {\n`)).toThrow('ends in the middle')
  })
})

describe('must fail: a field that changes its type', () => {
  const lines = Type.Array(Line)
  const samples: readonly [string, Record<string, TSchema>, string][] = [
    ['text to integer', { a: Type.Integer(), lines }, "things.AskInput.a is 'optional string' .* would become 'optional int64'"],
    ['text to anything', { a: Type.Unknown(), lines }, "things.AskInput.a is 'optional string' .* would become 'optional string of JSON'"],
    ['text to list of texts', { a: Type.Array(Type.String()), lines }, "things.AskInput.a is 'optional string' .* 'repeated string'"],
    ['integer to number', { n: Type.Number(), lines }, "things.AskInput.n is 'optional int64' .* 'optional double'"],
    ['list to object', { lines: Line }, "things.AskInput.lines is 'repeated Lines' .* 'optional Lines'"],
    ['object to choice', { lines: Type.Array(Type.Union([Line, object({})])) }, "things.AskInput.lines .* 'repeated LinesChoice'"],
    ['within a list', { lines: Type.Array(object({ units: Type.String() })) }, "things.AskInput.Lines.units is 'optional int64'"],
  ]
  test.each(samples)('%s', (_, input, error) => {
    expect(() => buildProto('things', [ask(input)], before)).toThrow(new RegExp(error))
  })
})

test('what the file cannot say is named', () => {
  const output = Type.Array(Type.String())
  const Bare = call('things.Bare', { summary: 'A list.', input: object({}), output, over: 'grpc', repeatable: true }) as unknown as Call
  expect(() => buildProto('things', [Bare], undefined)).toThrow('things.Bare: its output must be an object')
  expect(() => buildProto('things', [ask({ a: Line, A: Line })], undefined)).toThrow(
    'things.AskInput: the .proto would have two things named A',
  )
})
