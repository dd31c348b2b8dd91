/** Encodes JSON as Avro and back, driven by the schema alone: whoever has a writer's schema can read what it wrote. */
import avsc, { type Schema, type Type } from 'avsc'
import { type AvroComplex, type AvroField, type AvroSchema, isUnion } from './avro.ts'

/** Puts a JSON value into the shape that avsc encodes, and takes it out again. */
interface Shape {
  wrap(value: unknown): unknown
  unwrap(value: unknown): unknown
}

/** The library's own integers are wrong beyond 2^52; these are right as far as a number is exact. */
const exactLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: (value: number) => {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: Number.isSafeInteger,
  compare: (a: number, b: number) => Math.sign(a - b),
})

/** A schema that can be written and read. */
export class AvroCodec {
  readonly type: Type
  readonly #shape: Shape

  constructor(schema: AvroSchema) {
    // Unions are always wrapped: which branch it is then never depends on guessing.
    this.type = avsc.Type.forSchema(schema as Schema, { wrapUnions: 'always', registry: { long: exactLong } })
    this.#shape = new Shapes().of(schema)
  }

  /** Throws: when `value` is not as the schema says, naming the field. */
  encode(value: unknown): Buffer {
    const wrapped = this.#shape.wrap(value)
    try {
      return this.type.toBuffer(wrapped)
    } catch (cause) {
      const wrong: string[] = []
      this.type.isValid(wrapped, { errorHook: (path) => void (wrong.length < 3 && wrong.push(path.join('.'))) })
      throw new Error(`${this.type.name}: not as its schema says: ${wrong.join(', ')}`, { cause })
    }
  }

  /** A reader of what was written by `writer`. Throws: when the two schemas do not fit each other. */
  readerOf(writer: AvroCodec): (bytes: Buffer) => unknown {
    const resolver = writer.type.equals(this.type) ? undefined : this.type.createResolver(writer.type)
    return (bytes) => this.#shape.unwrap(this.type.fromBuffer(bytes, resolver))
  }
}

const asIs: Shape = { wrap: (value) => value, unwrap: (value) => value }
const jsonText: Shape = { wrap: (value) => JSON.stringify(value), unwrap: (value) => JSON.parse(value as string) as unknown }
const utf8: Shape = {
  // Half a surrogate pair is no text that a database, a broker or a browser could keep.
  wrap: (value) => (typeof value === 'string' && !value.isWellFormed() ? value.toWellFormed() : value),
  unwrap: (value) => value,
}
/** A key that JavaScript would take for the prototype; escaped so that no map on the way is asked to hold it. */
const PROTO = /^\0*__proto__$/

class Shapes {
  readonly #named = new Map<string, Shape>()

  of(schema: AvroSchema): Shape {
    if (isUnion(schema)) return this.#nullable(schema)
    if (typeof schema === 'string') return schema === 'string' ? utf8 : (this.#named.get(schema) ?? asIs)
    if (schema.type === 'record') return this.#record(schema)
    if (schema.type === 'array') return arrayOf(this.of(schema.items as AvroSchema))
    if (schema.type === 'map') return mapOf(this.of(schema.values as AvroSchema))
    if (schema.json) return jsonText
    return this.of(schema.type)
  }

  #record(schema: AvroComplex): Shape {
    const fields = (schema.fields ?? []).map((field) => ({
      name: field.name,
      optional: field.optional === true,
      shape: field.optional ? this.#absentOr(field) : this.of(field.type),
    }))
    const shape: Shape = {
      wrap: (value) => {
        const given = value as Record<string, unknown> | null
        const wrapped: Record<string, unknown> = {}
        for (const { name, shape } of fields) wrapped[name] = shape.wrap(given?.[name])
        return wrapped
      },
      unwrap: (value) => {
        const given = value as Record<string, unknown>
        const plain: Record<string, unknown> = {}
        for (const { name, optional, shape } of fields) {
          const own = given[name]
          if (!optional || own !== null) plain[name] = shape.unwrap(own)
        }
        return plain
      },
    }
    this.#named.set(fullName(schema), shape)
    return shape
  }

  /** `["null", T]`: null is null. */
  #nullable(union: readonly AvroSchema[]): Shape {
    const [branch, shape] = this.#branchOf(union)
    return {
      wrap: (value) => (value === null || value === undefined ? null : { [branch]: shape.wrap(value) }),
      unwrap: (value) => (value === null ? null : shape.unwrap((value as Record<string, unknown>)[branch])),
    }
  }

  /** `["null", T]` or `["null", T, JsonNull]` of an optional field: null is absence. */
  #absentOr(field: AvroField): Shape {
    const union = field.type as readonly AvroSchema[]
    const last = union.at(-1) as AvroSchema
    const jsonNull = nameOfBranch(last).endsWith('JsonNull') ? nameOfBranch(last) : undefined
    if (jsonNull !== undefined) this.of(last)
    const [branch, shape] = this.#branchOf(jsonNull === undefined ? union : union.slice(0, -1))
    return {
      wrap: (value) => {
        if (value === undefined) return null
        if (value === null && jsonNull !== undefined) return { [jsonNull]: {} }
        return { [branch]: shape.wrap(value) }
      },
      unwrap: (value) => {
        const given = value as Record<string, unknown>
        return jsonNull !== undefined && jsonNull in given ? null : shape.unwrap(given[branch])
      },
    }
  }

  #branchOf(union: readonly AvroSchema[]): [string, Shape] {
    const branch = union.find((one) => one !== 'null') ?? 'null'
    return [nameOfBranch(branch), this.of(branch)]
  }
}

function nameOfBranch(schema: AvroSchema): string {
  if (typeof schema === 'string') return schema
  const complex = schema as AvroComplex
  return complex.type === 'record' ? fullName(complex) : complex.type
}

function fullName(schema: AvroComplex): string {
  return schema.namespace === undefined ? String(schema.name) : `${schema.namespace}.${schema.name}`
}

function arrayOf(items: Shape): Shape {
  if (items === asIs) return asIs
  return {
    wrap: (value) => (Array.isArray(value) ? value.map((one) => items.wrap(one)) : value),
    unwrap: (value) => (value as unknown[]).map((one) => items.unwrap(one)),
  }
}

function mapOf(values: Shape): Shape {
  return {
    wrap: (value) => {
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([key, own]) => [PROTO.test(key) ? `\0${key}` : key, values.wrap(own)]))
    },
    unwrap: (value) =>
      Object.fromEntries(
        Object.entries(value as object).map(([key, own]) => [
          key.startsWith('\0') && PROTO.test(key) ? key.slice(1) : key,
          values.unwrap(own),
        ]),
      ),
  }
}
