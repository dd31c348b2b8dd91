/** Values of a contract's schema to and from what protobuf carries. */
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import {
  emptyMark,
  marksEmpty,
  messageShapeOf,
  nullMark,
  type ChoiceShape,
  type FieldShape,
  type MessageShape,
  type Shape,
} from './grpc-shape.ts'

/** A message as protobuf's reflection takes and gives it. */
export type WireMessage = Record<string, unknown>

/** Turns a value into a message and back; `read(write(value))` equals a value that validates. */
export interface Codec {
  /** Throws: naming the field, when a value is not of its schema's kind or would not come out as it went in. Undeclared fields are left out. */
  write(value: unknown): WireMessage
  /** Throws: naming the field, when JSON or an integer in it cannot be read. What validates only the schema knows. */
  read(message: WireMessage): unknown
}

type Write = (value: unknown, path: string) => unknown
type Read = (wire: unknown, path: string) => unknown

interface Pair {
  readonly write: Write
  readonly read: Read
}

/** Makes the codec of an object schema. */
export function codecOf(schema: TSchema): Codec {
  const { write, read } = messagePair(messageShapeOf(schema))
  return {
    write: (value) => write(value, '') as WireMessage,
    read: (message) => read(message, ''),
  }
}

function pairOf(shape: Shape): Pair {
  if (shape.kind === 'message') return messagePair(shape)
  if (shape.kind === 'choice') return choicePair(shape)
  if (shape.kind === 'list') return listPair(pairOf(shape.item))
  return SCALARS[shape.kind]
}

const same: Read = (wire) => wire

/** Protobuf's reflection would turn what is of another kind into something: here it is a fault. */
function ofKind(fits: (value: unknown) => boolean, kind: string): Write {
  return (value, path) => {
    if (fits(value)) return value
    throw new Error(`${named(path)} is not ${kind}`)
  }
}

/** The whole has no path. */
function named(path: string): string {
  return path === '' ? 'the value' : path
}

const whole = ofKind(Number.isSafeInteger, 'an integer that a number holds exactly')
const SCALARS: Readonly<Record<'int64' | 'double' | 'string' | 'bool' | 'json', Pair>> = {
  int64: { write: whole, read: whole },
  double: { write: ofKind(Number.isFinite, 'a finite number'), read: same },
  string: { write: ofKind((value) => typeof value === 'string', 'a string'), read: same },
  bool: { write: ofKind((value) => typeof value === 'boolean', 'a boolean'), read: same },
  json: { write: (value) => JSON.stringify(value), read: readJson },
}

function readJson(wire: unknown, path: string): unknown {
  try {
    return JSON.parse(wire as string)
  } catch (cause) {
    throw new Error(`${path} is not JSON`, { cause })
  }
}

function listPair(item: Pair): Pair {
  const each = (how: Write) => (value: unknown, path: string) => {
    if (!Array.isArray(value)) throw new Error(`${path} is not a list`)
    return value.map((one, index) => how(one, `${path}[${index}]`))
  }
  return { write: each(item.write), read: each(item.read) }
}

function messagePair(shape: MessageShape): Pair {
  const fields = shape.fields.map((field) => ({ ...field, pair: pairOf(field.shape) }))
  return {
    write: (value, path) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${named(path)} is not an object`)
      const message: WireMessage = {}
      for (const field of fields) writeField(field, message, (value as WireMessage)[field.name], path)
      return message
    },
    read: (wire, path) => {
      const value: WireMessage = {}
      for (const field of fields) {
        const own = readField(field, wire as WireMessage, path)
        if (own !== undefined) value[field.name] = own
      }
      return value
    },
  }
}

type Field = FieldShape & { readonly pair: Pair }

function writeField(field: Field, message: WireMessage, value: unknown, path: string): void {
  const { name, pair } = field
  if (value === undefined) return
  if (value === null && field.nullable) message[nullMark(name)] = true
  else if (marksEmpty(field) && Array.isArray(value) && value.length === 0) message[emptyMark(name)] = true
  else message[name] = pair.write(value, path ? `${path}.${name}` : name)
}

function readField(field: Field, wire: WireMessage, path: string): unknown {
  const { name, pair } = field
  if (field.nullable && wire[nullMark(name)] === true) return null
  const own = wire[name]
  if (own === undefined || own === null) return undefined
  if (marksEmpty(field) && (own as unknown[]).length === 0 && wire[emptyMark(name)] !== true) return undefined
  return pair.read(own, path ? `${path}.${name}` : name)
}

function choicePair(shape: ChoiceShape): Pair {
  const cases = shape.cases.map((one) => ({ ...one, pair: messagePair(one.shape) }))
  return {
    write: (value, path) => {
      const fitting = cases.find(({ schema }) => Value.Check(schema, value))
      if (!fitting) throw new Error(`${path} is none of ${cases.map(({ name }) => name).join(', ')}`)
      return { [fitting.name]: fitting.pair.write(value, path) }
    },
    read: (wire, path) => {
      const given = cases.find(({ name }) => (wire as WireMessage)[name] !== undefined)
      if (!given) throw new Error(`${path} is none of ${cases.map(({ name }) => name).join(', ')}`)
      return given.pair.read((wire as WireMessage)[given.name], path)
    },
  }
}
