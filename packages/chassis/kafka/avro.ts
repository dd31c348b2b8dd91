/**
 * The Avro schema of an event, made from its contract. What stands beside Avro's own words tells our reader how JSON was put into them:
 * `optional` on a field (its null means that the field is absent), `json` on a string (it holds JSON text).
 *
 * Absent and null are two things: an optional field that may be null is `["null", T, stoa.JsonNull]`, null being absence and the empty
 * record `JsonNull` being null.
 */
import type { EventContract } from '../contract.ts'

/** A schema as Avro's specification writes it. */
export type AvroSchema = string | readonly AvroSchema[] | AvroComplex
export interface AvroComplex {
  readonly type: string
  readonly name?: string
  readonly namespace?: string
  readonly doc?: string
  readonly fields?: readonly AvroField[]
  readonly items?: AvroSchema
  readonly values?: AvroSchema
  readonly json?: true
}
export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly default?: null
  readonly optional?: true
}

type JsonSchema = { readonly [keyword: string]: unknown }

export const NAMESPACE = 'stoa'
export const JSON_NULL = `${NAMESPACE}.JsonNull`
const JSON_TEXT: AvroComplex = { type: 'string', json: true }
const SCALARS: Readonly<Record<string, string>> = { string: 'string', integer: 'long', number: 'double', boolean: 'boolean', null: 'null' }
const LEGAL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The schema of an event's data: a record named after the event. */
export function avroSchemaOf(event: Pick<EventContract, 'name' | 'version' | 'summary' | 'data'>): AvroComplex {
  const plain = JSON.parse(JSON.stringify(event.data)) as JsonSchema
  const name = event.version === 1 ? event.name : `${event.name}V${event.version}`
  const mapped = new Mapping().map(plain, name)
  if (typeof mapped !== 'string' && 'fields' in mapped) return { ...mapped, doc: event.summary }
  return { type: 'record', name, namespace: NAMESPACE, doc: event.summary, fields: [{ name: 'data', type: mapped }] }
}

/** The text of a schema that goes to the registry and into the repository. */
export function avroText(schema: AvroSchema): string {
  return JSON.stringify(schema)
}

class Mapping {
  #nullKnown = false

  /** Names come from the path to the type, so that they stay when another field comes in front. */
  map(schema: JsonSchema, name: string): AvroSchema {
    if (Array.isArray(schema.anyOf)) return this.#union(casesOf(schema), name)
    if ('const' in schema) return ofConstants([schema.const])
    if (Array.isArray(schema.enum)) return ofConstants(schema.enum as unknown[])
    if (schema.type === 'array' && isSchema(schema.items)) return { type: 'array', items: this.map(schema.items, `${name}Item`) }
    if (schema.type === 'object') return this.#object(schema, name)
    return SCALARS[String(schema.type)] ?? JSON_TEXT
  }

  #object(schema: JsonSchema, name: string): AvroSchema {
    const patterns = Object.values((schema.patternProperties ?? {}) as Record<string, JsonSchema>)
    const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
    if (patterns.length === 1 && properties.length === 0)
      return { type: 'map', values: this.map(patterns[0] as JsonSchema, `${name}Value`) }
    const isClosed = patterns.length === 0 && schema.additionalProperties === false
    if (!isClosed || !properties.every(([field]) => LEGAL_NAME.test(field))) return JSON_TEXT
    const required = new Set((schema.required ?? []) as string[])
    const fields = properties.map(([field, own]): AvroField => {
      const type = this.map(own, `${name}${field.slice(0, 1).toUpperCase()}${field.slice(1)}`)
      return required.has(field) ? { name: field, type } : { name: field, type: this.#orAbsent(type), default: null, optional: true }
    })
    return { type: 'record', name, namespace: NAMESPACE, fields }
  }

  #union(cases: readonly JsonSchema[], name: string): AvroSchema {
    const rest = cases.filter((one) => one.type !== 'null' && one.const !== null)
    const only = rest.length === 1 ? this.map(rest[0] as JsonSchema, name) : ofConstants(rest.map((one) => one.const))
    if (rest.length === cases.length) return only
    return rest.length === 0 ? 'null' : ['null', only]
  }

  #orAbsent(type: AvroSchema): AvroSchema {
    if (type === 'null') return ['null', this.#jsonNull()]
    return isUnion(type) ? [...type, this.#jsonNull()] : ['null', type]
  }

  /** A named type is written out once and named afterwards. */
  #jsonNull(): AvroSchema {
    if (this.#nullKnown) return JSON_NULL
    this.#nullKnown = true
    return { type: 'record', name: 'JsonNull', namespace: NAMESPACE, fields: [] }
  }
}

/** Whether a schema is a union. */
export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema)
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function casesOf(schema: JsonSchema): JsonSchema[] {
  return Array.isArray(schema.anyOf) ? (schema.anyOf as JsonSchema[]).flatMap(casesOf) : [schema]
}

/** One type for all of them, or JSON: a union of several types has no faithful counterpart. */
function ofConstants(values: readonly unknown[]): AvroSchema {
  if (values.every((one) => typeof one === 'string')) return 'string'
  if (values.every((one) => typeof one === 'boolean')) return 'boolean'
  if (values.every((one) => Number.isSafeInteger(one))) return 'long'
  return JSON_TEXT
}
