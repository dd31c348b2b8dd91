/** Whether two schemas of one event fit each other in both directions (FULL): old readers read new events, new readers read old ones. */
import { type AvroComplex, type AvroField, type AvroSchema, avroText, isUnion } from './avro.ts'
import { AvroCodec } from './avro-codec.ts'

/** What keeps `next` from living beside `before`, naming the field; undefined when nothing does. */
export function incompatibility(before: AvroSchema, next: AvroSchema): string | undefined {
  const [old, young] = [new AvroCodec(before), new AvroCodec(next)]
  try {
    young.readerOf(old)
    old.readerOf(young)
    return undefined
  } catch (error) {
    return difference(before, next, '') ?? (error instanceof Error ? error.message : String(error))
  }
}

function difference(before: AvroSchema, next: AvroSchema, path: string): string | undefined {
  if (avroText(before) === avroText(next)) return undefined
  if (isRecord(before) && isRecord(next)) return differentFields(before.fields ?? [], next.fields ?? [], path)
  const [old, young] = [innerOf(before), innerOf(next)]
  if (old !== undefined && young !== undefined && old.kind === young.kind) return difference(old.schema, young.schema, path)
  return fits(before, next) ? undefined : `the type of '${path}' changed`
}

function differentFields(before: readonly AvroField[], next: readonly AvroField[], path: string): string | undefined {
  const young = new Map(next.map((field) => [field.name, field]))
  for (const field of before) {
    const own = young.get(field.name)
    const name = path === '' ? field.name : `${path}.${field.name}`
    if (!own) {
      if (!field.optional) return `'${name}' was taken away and was not optional`
      continue
    }
    const found = difference(field.type, own.type, name)
    if (found !== undefined) return found
  }
  const old = new Set(before.map((field) => field.name))
  const added = next.find((field) => !old.has(field.name) && !field.optional)
  return added && `'${path === '' ? added.name : `${path}.${added.name}`}' was added and is not optional`
}

function isRecord(schema: AvroSchema): schema is AvroComplex {
  return typeof schema === 'object' && !isUnion(schema) && schema.type === 'record'
}

/** What a list, a map or a union with null is made of. */
function innerOf(schema: AvroSchema): { kind: string; schema: AvroSchema } | undefined {
  if (typeof schema === 'string') return undefined
  if (isUnion(schema)) {
    const rest = schema.filter((one) => one !== 'null')
    return { kind: `union of ${schema.length}, ${schema.length - rest.length} null`, schema: rest[0] ?? 'null' }
  }
  const inner = schema.items ?? schema.values
  return inner === undefined ? undefined : { kind: schema.type, schema: inner }
}

function fits(before: AvroSchema, next: AvroSchema): boolean {
  try {
    const [old, young] = [new AvroCodec(before), new AvroCodec(next)]
    young.readerOf(old)
    old.readerOf(young)
    return true
  } catch {
    return false
  }
}
