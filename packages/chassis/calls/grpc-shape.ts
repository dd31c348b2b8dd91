/**
 * How values of a contract's schema travel as protobuf. Read by the writer of the .proto files and by the codec, so that the two
 * cannot differ. Whatever proto3 has no lossless form for travels as a string of JSON.
 */
import type { TSchema } from 'typebox'

/** The form of one value. */
export type Shape =
  | { readonly kind: 'int64' | 'double' | 'string' | 'bool' | 'json' }
  | { readonly kind: 'list'; readonly item: Exclude<Shape, { kind: 'list' }> }
  | MessageShape
  | ChoiceShape

/** An object: a message of its own. */
export interface MessageShape {
  readonly kind: 'message'
  readonly fields: readonly FieldShape[]
}

/** A union of objects: a message that holds one of them. */
export interface ChoiceShape {
  readonly kind: 'choice'
  readonly cases: readonly { readonly name: string; readonly schema: TSchema; readonly shape: MessageShape }[]
}

/** A property of an object. */
export interface FieldShape {
  readonly name: string
  readonly shape: Shape
  readonly required: boolean
  /** Null may stand for the value: told by a field beside it, `nullMark`. */
  readonly nullable: boolean
}

/** Name of the field that says `name` is null: absent is not null. */
export function nullMark(name: string): string {
  return `${name}_null`
}

/** Name of the field that says the list `name` is there but empty: proto3 knows no difference. */
export function emptyMark(name: string): string {
  return `${name}_empty`
}

/** Whether a field needs its empty mark: a list that may be absent. */
export function marksEmpty(field: FieldShape): boolean {
  return field.shape.kind === 'list' && !field.required
}

type Plain = { readonly [keyword: string]: unknown }

const JSON_SHAPE = { kind: 'json' } as const

/** The form of an object schema. Throws: when it is none, for a message is all that gRPC carries. */
export function messageShapeOf(schema: TSchema): MessageShape {
  const { shape, nullable } = shapeOf(JSON.parse(JSON.stringify(schema)) as Plain)
  if (shape.kind !== 'message' || nullable) throw new Error('must be an object that refuses unknown fields')
  return shape
}

interface Nullable {
  readonly shape: Shape
  readonly nullable: boolean
}

function shapeOf(schema: Plain): Nullable {
  const certain = (shape: Shape) => ({ shape, nullable: false })
  if (Array.isArray(schema.anyOf)) return unionOf(schema.anyOf as Plain[])
  if (Array.isArray(schema.enum)) return certain(schema.enum.every((one) => typeof one === 'string') ? { kind: 'string' } : JSON_SHAPE)
  switch (schema.type) {
    case 'integer':
      return certain({ kind: 'int64' })
    case 'number':
      return certain({ kind: 'double' })
    case 'string':
      return certain({ kind: 'string' })
    case 'boolean':
      return certain({ kind: 'bool' })
    case 'array':
      return certain(listOf(schema))
    case 'object':
      return certain(objectOf(schema))
    default:
      return certain(JSON_SHAPE)
  }
}

function unionOf(variants: readonly Plain[]): Nullable {
  const others = variants.filter((one) => one.type !== 'null')
  const shapes = others.map(shapeOf)
  const nullable = others.length < variants.length || shapes.some((one) => one.nullable)
  const [first] = shapes
  if (first === undefined) return { shape: JSON_SHAPE, nullable: false }
  if (shapes.length === 1) return { shape: first.shape, nullable }
  const kinds = new Set(shapes.map(({ shape }) => shape.kind))
  if (kinds.size > 1 || first.shape.kind === 'list' || first.shape.kind === 'choice') return { shape: JSON_SHAPE, nullable }
  return { shape: first.shape.kind === 'message' ? choiceOf(others, shapes) : first.shape, nullable }
}

/** Cases are named by the literal that tells them apart, or by their place. */
function choiceOf(variants: readonly Plain[], shapes: readonly Nullable[]): ChoiceShape {
  const telling = Object.keys(propertiesOf(variants[0] as Plain)).find((name) => {
    const literals = variants.map((one) => propertiesOf(one)[name]?.const)
    return literals.every((one) => typeof one === 'string') && new Set(literals).size === variants.length
  })
  return {
    kind: 'choice',
    cases: variants.map((schema, index) => ({
      name: telling === undefined ? `case${index + 1}` : identifier(propertiesOf(schema)[telling]?.const as string),
      schema: schema as TSchema,
      shape: (shapes[index] as Nullable).shape as MessageShape,
    })),
  }
}

function listOf(schema: Plain): Shape {
  // Lists of alternatives by place (tuples) and lists without a schema have no form of their own.
  if (typeof schema.items !== 'object' || Array.isArray(schema.items) || schema.prefixItems !== undefined) return JSON_SHAPE
  const { shape, nullable } = shapeOf(schema.items as Plain)
  return { kind: 'list', item: nullable || shape.kind === 'list' ? JSON_SHAPE : shape }
}

function objectOf(schema: Plain): Shape {
  // Fields that the schema does not name would be lost.
  if (schema.additionalProperties !== false || schema.patternProperties !== undefined) return JSON_SHAPE
  const required = new Set((schema.required ?? []) as readonly string[])
  return {
    kind: 'message',
    fields: Object.entries(propertiesOf(schema)).map(([name, own]) => ({ name, required: required.has(name), ...shapeOf(own) })),
  }
}

function propertiesOf(schema: Plain): Readonly<Record<string, Plain>> {
  return (schema.properties ?? {}) as Record<string, Plain>
}

function identifier(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^(\d)/, '_$1')
}
