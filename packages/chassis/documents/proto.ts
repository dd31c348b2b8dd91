/**
 * The .proto of a service, from its contracts. Fields are known by number to whoever runs an older version: numbers are taken
 * from the committed file and kept, those of removed fields are never given again, and a field keeps its type.
 */
import { emptyMark, marksEmpty, messageShapeOf, nullMark, type MessageShape, type Shape } from '../calls/grpc-shape.ts'
import type { Call } from '../contract.ts'
import {
  JSON_NOTE,
  REQUIRED_NOTE,
  readNumbers,
  typeText,
  unknownFile,
  unknownMessage,
  type KnownFile,
  type KnownMessage,
} from './proto-numbers.ts'

const RESERVED_BY_PROTOBUF = 19_000

interface Field {
  readonly name: string
  readonly label?: 'optional' | 'repeated'
  readonly type: string
  readonly notes?: readonly string[]
}

interface Message {
  readonly name: string
  readonly fields: readonly Field[]
  /** All fields are cases of one choice of this name. */
  readonly oneof?: string
  readonly nested: readonly Message[]
}

/** Services with calls that gRPC carries, in order, each with these calls. */
export function grpcServices(calls: readonly Call[]): Map<string, Call[]> {
  const services = new Map<string, Call[]>()
  for (const one of calls.filter(({ over }) => over === 'grpc').sort((a, b) => compare(a.name, b.name)))
    services.set(one.service, [...(services.get(one.service) ?? []), one])
  return new Map([...services].sort(([a], [b]) => compare(a, b)))
}

/** `order-lines` → `stoa.order_lines`. */
export function protoPackage(service: string): string {
  return `stoa.${service.replaceAll('-', '_')}`
}

/** `order-lines` → `OrderLines`; also the type of a field. */
export function pascal(name: string): string {
  return name.replace(/(?:^|[-_])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * Writes the file of one service. `committed` is what stands there now, if anything. Throws: naming call and field, when one would
 * change its type, and what the file cannot say.
 */
export function buildProto(service: string, calls: readonly Call[], committed: string | undefined): string {
  const path = `${service}.proto`
  const known = committed === undefined ? unknownFile() : readNumbers(committed, path)
  const back = calls.find(({ name }) => known.gone.has(name))
  if (back) throw new Error(`${service}.${back.name} was removed before: its old numbers are forgotten, so give the new call another name`)
  const gone = [...new Set([...known.gone, ...[...known.calls].filter((name) => !calls.some((one) => one.name === name))])].sort(compare)
  const messages = calls.flatMap((one) => messagesOf(one))
  return [
    `// The calls of ${service} that gRPC carries. Written by npm run generate; field numbers are kept for ever.`,
    '// Every single field is optional, so that what is missing is not taken for 0 or an empty text. Beside a field x, x_null says',
    '// that it is null and x_empty that the list is there but empty. The names are those of the contract.',
    'syntax = "proto3";',
    '',
    `package ${protoPackage(service)};`,
    '',
    `service ${pascal(service)} {`,
    ...gone.map((name) => `  // Gone for good: ${name}`),
    ...calls.flatMap((one) => [
      `  // ${one.summary.replaceAll('\n', ' ')}`,
      `  rpc ${one.name}(${one.name}Input) returns (${one.name}Reply);`,
    ]),
    '}',
    '',
    ...[...messages, REFUSAL].flatMap((one) => [...messageLines(one, knownOf(known, one.name), `${service}.${one.name}`, ''), '']),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

/** `rest` is what a refusal holds beside its code. */
const REFUSAL: Message = {
  name: 'Refusal',
  fields: [
    { name: 'code', label: 'optional', type: 'string', notes: [REQUIRED_NOTE] },
    { name: 'rest', label: 'optional', type: 'string', notes: [JSON_NOTE] },
  ],
  nested: [],
}

function messagesOf(one: Call): Message[] {
  return [
    messageOf(`${one.name}Input`, shapeOf(one, 'input')),
    {
      name: `${one.name}Reply`,
      oneof: 'outcome',
      fields: [
        { name: 'output', type: 'Output' },
        { name: 'refusal', type: 'Refusal' },
      ],
      nested: [messageOf('Output', shapeOf(one, 'output'))],
    },
  ]
}

function shapeOf(one: Call, side: 'input' | 'output'): MessageShape {
  try {
    return messageShapeOf(one[side])
  } catch (error) {
    throw new Error(`${one.service}.${one.name}: its ${side} ${(error as Error).message}, or go by HTTP`, { cause: error })
  }
}

function messageOf(name: string, shape: MessageShape): Message {
  const nested: Message[] = []
  const fields = shape.fields.flatMap((field): Field[] => {
    const { type, label, notes } = typeOf(field.name, field.shape, nested)
    return [
      { name: field.name, label, type, notes: [...(field.required ? [REQUIRED_NOTE] : []), ...notes] },
      ...(field.nullable ? [{ name: nullMark(field.name), label: 'optional', type: 'bool' } as const] : []),
      ...(marksEmpty(field) ? [{ name: emptyMark(field.name), label: 'optional', type: 'bool' } as const] : []),
    ]
  })
  return { name, fields, nested }
}

function typeOf(field: string, shape: Shape, nested: Message[]): Required<Omit<Field, 'name'>> {
  if (shape.kind === 'list') return { ...typeOf(field, shape.item, nested), label: 'repeated' }
  if (shape.kind === 'json') return { label: 'optional', type: 'string', notes: [JSON_NOTE] }
  if (shape.kind === 'message') {
    nested.push(messageOf(pascal(field), shape))
    return { label: 'optional', type: pascal(field), notes: [] }
  }
  if (shape.kind === 'choice') {
    // A name of its own, so that an object that becomes a choice is seen to change its type.
    const name = `${pascal(field)}Choice`
    nested.push({
      name,
      oneof: 'choice',
      fields: shape.cases.map((one) => ({ name: one.name, type: pascal(one.name) })),
      nested: shape.cases.map((one) => messageOf(pascal(one.name), one.shape)),
    })
    return { label: 'optional', type: name, notes: [] }
  }
  return { label: 'optional', type: shape.kind, notes: [] }
}

function messageLines(message: Message, known: KnownMessage, path: string, indent: string): string[] {
  const names = [...message.fields.map(({ name }) => name), ...message.nested.map(({ name }) => name)]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`${path}: the .proto would have two things named ${twice}`)
  const { numbered, reserved } = numbersOf(message, known, path)
  const inner = `${indent}  `
  const deep = message.oneof === undefined ? inner : `${inner}  `
  const fields = numbered.map(({ field, number }) => {
    const { label, type, name, notes = [] } = field
    return `${deep}${label === undefined ? '' : `${label} `}${type} ${name} = ${number};${notes.length > 0 ? ` // ${notes.join(', ')}` : ''}`
  })
  const lines = [
    ...message.nested.flatMap((one) => messageLines(one, knownOf(known, one.name), `${path}.${one.name}`, inner)),
    ...(reserved.length > 0 ? [`${inner}reserved ${reserved.join(', ')};`] : []),
    ...(message.oneof === undefined ? fields : [`${inner}oneof ${message.oneof} {`, ...fields, `${inner}}`]),
  ]
  if (lines.length === 0) return [`${indent}message ${message.name} {}`]
  return [`${indent}message ${message.name} {`, ...lines, `${indent}}`]
}

function numbersOf(message: Message, known: KnownMessage, path: string) {
  const names = new Set(message.fields.map(({ name }) => name))
  const removed = [...known.fields].filter(([name]) => !names.has(name)).map(([, { number }]) => number)
  const reserved = [...new Set([...known.reserved, ...removed])].sort((a, b) => a - b)
  let last = Math.max(0, ...reserved, ...known.fields.values().map(({ number }) => number))
  const numbered = message.fields.map((field) => {
    const before = known.fields.get(field.name)
    const type = typeText(field.label, field.type, field.notes ?? [])
    if (before && before.type !== type)
      throw new Error(
        `${path}.${field.name} is '${before.type}' to whoever runs an older version and would become '${type}': a field keeps its type, so add another one`,
      )
    const number = before?.number ?? ++last
    if (number >= RESERVED_BY_PROTOBUF) throw new Error(`${path}.${field.name}: there are no numbers left`)
    return { field, number }
  })
  return { numbered: numbered.sort((a, b) => a.number - b.number), reserved }
}

function knownOf(known: KnownFile | KnownMessage, name: string): KnownMessage {
  return known.messages.get(name) ?? unknownMessage()
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
