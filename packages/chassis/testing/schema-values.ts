/** Values that fit a schema, for property tests. */
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { bodyValidator } from '../http/validation.ts'

type Plain = { readonly [keyword: string]: unknown }

const LIST_MAX = 4
const TEXT_MAX = 60
const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid(),
  'date-time': fc.date({ min: new Date('1970-01-01'), max: new Date('2999-01-01'), noInvalidDate: true }).map((one) => one.toISOString()),
  date: fc
    .date({ min: new Date('1970-01-01'), max: new Date('2999-01-01'), noInvalidDate: true })
    .map((one) => one.toISOString().slice(0, 10)),
  email: fc.emailAddress(),
}

/** Arbitrary values that validate against `schema`, as JSON would bring them: no -0, no lone surrogates. */
export function valuesOf(schema: TSchema): fc.Arbitrary<unknown> {
  const validate = bodyValidator(schema)
  return arbitraryOf(JSON.parse(JSON.stringify(schema)) as Plain).filter((value) => validate(value).length === 0)
}

const json = fc
  .jsonValue({ maxDepth: 2, stringUnit: 'grapheme' })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll(/\\u0000|__proto__/g, '')) as unknown)

function arbitraryOf(schema: Plain): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(schema.anyOf as Plain[]).map(arbitraryOf))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.oneof(fc.maxSafeInteger(), small).map((n) => within(n, schema))
    case 'number':
      return fc
        .double({ noNaN: true, noDefaultInfinity: true, min: schema.minimum as number, max: schema.maximum as number })
        .map((n) => n + 0)
    case 'string':
      return textOf(schema)
    case 'array':
      return fc.array(arbitraryOf(schema.items as Plain), { minLength: (schema.minItems as number) ?? 0, maxLength: LIST_MAX })
    case 'object':
      return objectOf(schema)
    default:
      return json
  }
}

/** Servers of the house refuse `__proto__` wherever it stands. */
const key = fc.string({ maxLength: 8 }).map((text) => text.replaceAll('__proto__', 'proto'))
const small = fc.integer({ min: -3, max: 3 })

/** Folds a number into the bounds of its schema; the bounds themselves come up often. */
function within(n: number, schema: Plain): number {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema as { minimum?: number; maximum?: number }
  return Math.min(maximum, Math.max(minimum, n)) + 0
}

function textOf(schema: Plain): fc.Arbitrary<unknown> {
  const {
    format,
    pattern,
    minLength = 0,
    maxLength = TEXT_MAX,
  } = schema as { format?: string; pattern?: string; minLength?: number; maxLength?: number }
  const known = format === undefined ? undefined : FORMATS[format]
  if (known) return known
  const text = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, TEXT_MAX)), unit: 'grapheme' })
  return pattern === undefined ? text : fc.stringMatching(new RegExp(pattern))
}

function objectOf(schema: Plain): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Plain>)
  if (properties.length === 0 && schema.additionalProperties !== false) {
    const [item = {}] = Object.values((schema.patternProperties ?? {}) as Record<string, Plain>)
    return fc.dictionary(key, arbitraryOf(item), { maxKeys: 3, noNullPrototype: true })
  }
  const required = (schema.required ?? []) as string[]
  return fc.record(Object.fromEntries(properties.map(([name, own]) => [name, arbitraryOf(own)])), {
    requiredKeys: required,
    noNullPrototype: true,
  })
}
