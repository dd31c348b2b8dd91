/** The numbers of fields, read from the committed .proto: whoever runs an older version knows a field by its number alone. */

/** What a message of the committed file holds. */
export interface KnownMessage {
  /** By name of the field. */
  readonly fields: Map<string, KnownField>
  readonly reserved: Set<number>
  readonly messages: Map<string, KnownMessage>
}

/** A field as it was: its number, and its type as the file spells it. */
export interface KnownField {
  readonly number: number
  readonly type: string
}

/** The committed file of a service. */
export interface KnownFile {
  readonly messages: Map<string, KnownMessage>
  readonly calls: Set<string>
  /** Calls that were, and may not come back with other numbers. */
  readonly gone: Set<string>
}

const FIELD = /^(?:(optional|repeated) )?([A-Za-z0-9]+) (\w+) = (\d+);(?: \/\/ (.+))?$/
const GONE = /^\/\/ Gone for good: (\w+)$/

/** What stands behind a field that holds JSON: part of its type, for a string of another kind would be misread. */
export const JSON_NOTE = 'JSON'
/** What stands behind a field that the contract requires; that may change. */
export const REQUIRED_NOTE = 'required'

/** An empty file. */
export function unknownFile(): KnownFile {
  return { messages: new Map(), calls: new Set(), gone: new Set() }
}

/** An empty message. */
export function unknownMessage(): KnownMessage {
  return { fields: new Map(), reserved: new Set(), messages: new Map() }
}

/** The type of a field as it is compared: with its label, and whether it is JSON. */
export function typeText(label: string | undefined, type: string, notes: readonly string[]): string {
  return [label, type, ...(notes.includes(JSON_NOTE) ? ['of JSON'] : [])].filter((one) => one !== undefined).join(' ')
}

/** Reads a generated file. Throws: naming the line it cannot read, for numbers must not be guessed. */
export function readNumbers(text: string, path: string): KnownFile {
  const file = unknownFile()
  const open: ('service' | 'oneof' | KnownMessage)[] = []
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.trim()
    const message = open.findLast((one) => typeof one === 'object')
    if (line === '' || /^(syntax|package) /.test(line)) continue
    if (line.startsWith('//')) {
      const gone = GONE.exec(line)?.[1]
      if (gone !== undefined) file.gone.add(gone)
    } else if (!readBlock(line, open, message ?? file, file) && !(message && readField(line, message)))
      throw new Error(`${path}:${index + 1} cannot be read: ${line}`)
  }
  if (open.length > 0) throw new Error(`${path} ends in the middle of a block`)
  return file
}

function readBlock(
  line: string,
  open: ('service' | 'oneof' | KnownMessage)[],
  around: { readonly messages: Map<string, KnownMessage> },
  file: KnownFile,
): boolean {
  const [, kind, name] = /^(service|message|oneof) (\w+) \{(?:\})?$/.exec(line) ?? []
  const call = /^rpc (\w+)\(\w+\) returns \(\w+\);$/.exec(line)?.[1]
  if (call !== undefined && open.at(-1) === 'service') file.calls.add(call)
  else if (line === '}') return open.pop() !== undefined
  else if (kind === 'message') {
    const message = unknownMessage()
    around.messages.set(name as string, message)
    if (!line.endsWith('}')) open.push(message)
  } else if (kind === 'service' || kind === 'oneof') open.push(kind)
  else return false
  return true
}

function readField(line: string, message: KnownMessage): boolean {
  const reserved = /^reserved ([\d, ]+);$/.exec(line)?.[1]
  if (reserved !== undefined) {
    for (const number of reserved.split(', ')) message.reserved.add(Number(number))
    return true
  }
  const [, label, type, name, number, notes] = FIELD.exec(line) ?? []
  if (type === undefined) return false
  message.fields.set(name as string, { number: Number(number), type: typeText(label, type, notes?.split(', ') ?? []) })
  return true
}
