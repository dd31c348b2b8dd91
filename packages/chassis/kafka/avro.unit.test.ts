import { join } from 'node:path'
import fc from 'fast-check'
import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { event, object } from '../contract.ts'
import { loadContracts } from '../documents/contracts.ts'
import { avroSchemaOf, avroText } from './avro.ts'
import { AvroCodec } from './avro-codec.ts'
import { incompatibility } from './avro-compatibility.ts'

type JsonSchema = { readonly [keyword: string]: unknown }

const text = fc.string({ unit: 'binary', maxLength: 12 })
const int = (min: unknown, max: unknown) =>
  fc.integer({ min: Math.max(Number(min ?? -(2 ** 31)), -(2 ** 31)), max: Math.min(Number(max ?? 2 ** 31 - 1), 2 ** 31 - 1) })
const safe = fc.maxSafeInteger().map((one) => one + 0)

/** Any JSON that fits a schema; formats and patterns are left out, because Avro knows none. */
function anyOfSchema(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(schema.anyOf as JsonSchema[]).map(anyOfSchema))
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.type === 'array') return fc.array(anyOfSchema(schema.items as JsonSchema), { maxLength: 4 })
  if (schema.type === 'integer') return schema.minimum === undefined ? safe : int(schema.minimum, schema.maximum)
  if (schema.type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'string') return text
  if (schema.type !== 'object') return fc.jsonValue({ maxDepth: 2 }).map((one) => JSON.parse(JSON.stringify(one)) as unknown)
  const [values] = Object.values((schema.patternProperties ?? {}) as Record<string, JsonSchema>)
  if (values)
    return fc.dictionary(fc.oneof(text, fc.constant('__proto__'), fc.constant('\0__proto__')), anyOfSchema(values), { maxKeys: 4 })
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  return fc
    .record(Object.fromEntries(properties.map(([name, own]) => [name, anyOfSchema(own)])), {
      requiredKeys: (schema.required ?? []) as never[],
    })
    .map((one) => ({ ...one }))
}

const same = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown
const contracts = await loadContracts(join(import.meta.dirname, '../../../contracts'))
const of = (data: ReturnType<typeof object>, version = 1) =>
  event('Thing', { summary: 'A thing.', topic: 't', version, key: 'id' as never, data })
const roundTrip = (codec: AvroCodec, value: unknown) => codec.readerOf(codec)(codec.encode(value))

describe('every event of the house', () => {
  test('there are events of several topics', () => {
    expect(new Set(contracts.events.map(({ contract }) => contract.topic)).size).toBeGreaterThan(5)
  })

  for (const { name, contract } of contracts.events)
    test(`${name}: whatever is valid survives being encoded and decoded`, () => {
      const codec = new AvroCodec(avroSchemaOf(contract))
      const read = codec.readerOf(new AvroCodec(JSON.parse(avroText(avroSchemaOf(contract)))))
      fc.assert(
        fc.property(anyOfSchema(same(contract.data) as JsonSchema), (data) => {
          expect(read(codec.encode(same(data)))).toEqual(same(data))
        }),
        { numRuns: 60 },
      )
    })
})

describe('a schema made of a contract', () => {
  const tricky = object({
    id: Type.String(),
    maybe: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    also: Type.Optional(Type.Union([object({ deep: Type.Optional(Type.Null()) }), Type.Null()])),
    must: Type.Union([Type.String(), Type.Null()]),
    kind: Type.Union([Type.Literal('a'), Type.Literal('b')]),
    mixed: Type.Union([Type.String(), Type.Number(), Type.Null()]),
    any: Type.Optional(Type.Unknown()),
    map: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()])),
  })
  const codec = new AvroCodec(avroSchemaOf(of(tricky)))
  const least = { id: 'x', must: null, kind: 'a', mixed: null, map: {} }

  test('absent and null are two things, on every level', () => {
    for (const value of [
      least,
      { ...least, maybe: null, also: null, any: null },
      { ...least, maybe: 0, also: {}, any: [1, { a: null }] },
      { ...least, also: { deep: null }, must: '', mixed: 1.5, map: { a: null, b: 1 } },
    ])
      expect(roundTrip(codec, value)).toStrictEqual(value)
  })

  test('random values of every construct survive', () => {
    fc.assert(
      fc.property(anyOfSchema(same(tricky) as JsonSchema), (value) => {
        expect(roundTrip(codec, same(value))).toEqual(same(value))
      }),
    )
  })

  test('a map may hold the name of the prototype', () => {
    const value = JSON.parse('{"id":"x","must":null,"kind":"a","mixed":null,"map":{"__proto__":1,"\\u0000__proto__":2}}') as object
    expect(roundTrip(codec, value)).toEqual(value)
    expect(Object.keys((roundTrip(codec, value) as { map: object }).map)).toEqual(['__proto__', '\0__proto__'])
  })

  test('what is not as the schema says is refused with the name of the field', () => {
    expect(() => codec.encode({ ...least, id: 7 })).toThrow(/Thing: not as its schema says: id/)
    expect(() => codec.encode({ ...least, maybe: 2 ** 60 })).toThrow(/maybe/)
  })

  test('half a surrogate pair becomes the replacement character', () => {
    expect(roundTrip(codec, { ...least, id: 'a\ud800' })).toEqual({ ...least, id: 'a\ufffd' })
  })
})

describe('a change of an event', () => {
  const line = object({ sku: Type.String(), units: Type.Integer() })
  const before = object({ id: Type.String(), lines: Type.Array(line), note: Type.Optional(Type.String()) })
  const judge = (next: ReturnType<typeof object>) => incompatibility(avroSchemaOf(of(before)), avroSchemaOf(of(next)))

  test('a field that may be absent can be added and taken away', () => {
    expect(
      judge(object({ id: Type.String(), lines: Type.Array(line), note: Type.Optional(Type.String()), more: Type.Optional(line) })),
    ).toBeUndefined()
    expect(judge(object({ id: Type.String(), lines: Type.Array(line) }))).toBeUndefined()
  })

  test('an old reader and a new one read each other’s events', () => {
    const young = new AvroCodec(avroSchemaOf(of(object({ id: Type.String(), more: Type.Optional(Type.Integer()) }))))
    const old = new AvroCodec(avroSchemaOf(of(object({ id: Type.String() }))))
    expect(young.readerOf(old)(old.encode({ id: 'x' }))).toEqual({ id: 'x' })
    expect(old.readerOf(young)(young.encode({ id: 'x', more: 1 }))).toEqual({ id: 'x' })
  })

  test('a field that must be there can be neither added nor taken away', () => {
    expect(judge(object({ id: Type.String(), lines: Type.Array(line), extra: Type.String() }))).toBe(
      "'extra' was added and is not optional",
    )
    expect(judge(object({ lines: Type.Array(line) }))).toBe("'id' was taken away and was not optional")
  })

  test('a type cannot change, not even inside of a list', () => {
    const changed = object({ sku: Type.String(), units: Type.String() })
    expect(judge(object({ id: Type.String(), lines: Type.Array(changed), note: Type.Optional(Type.String()) }))).toBe(
      "the type of 'lines.units' changed",
    )
    expect(judge(object({ id: Type.String(), lines: Type.Array(line), note: Type.String() }))).toBe("the type of 'note' changed")
  })
})
