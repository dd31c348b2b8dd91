/** A schema as a flat list of fields, as people read it: `items[].sku`. */
import type { JsonSchema } from './schemas.ts'

/** One field of a body or answer. */
export interface Field {
  readonly path: string
  readonly type: string
  readonly required: boolean
}

/** Deeper structures are cut: whoever builds them gives their parts names. */
const DEPTH_MAX = 4

/** Fields of `schema`, nested ones after their parent. What has a name of its own inside it is not opened. */
export function fieldsIn(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>): Field[] {
  const name = refName(schema)
  return below(name ? (components[name] ?? {}) : schema, '', 0)
}

function below(schema: JsonSchema, path: string, depth: number): Field[] {
  if (depth > DEPTH_MAX || refName(schema)) return []
  if (schema.type === 'array') return below(onlyObject(schema.items as JsonSchema), `${path}[]`, depth + 1)
  const required = (schema.required ?? []) as string[]
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, own]) => {
    const place = path === '' ? name : `${path}.${name}`
    return [{ path: place, type: typeOf(own), required: required.includes(name) }, ...below(onlyObject(own), place, depth + 1)]
  })
}

/** Of `X or null`, X. */
function onlyObject(schema: JsonSchema): JsonSchema {
  const cases = ((schema.anyOf ?? []) as JsonSchema[]).filter((one) => one.type !== 'null')
  return cases.length === 1 && cases[0] ? cases[0] : schema
}

function refName(schema: JsonSchema): string | undefined {
  return typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined
}

/** A type in a few words: `integer 1–100`, `Money`, `list of Card`, `one of A, B`. */
export function typeOf(schema: JsonSchema): string {
  const name = refName(schema)
  if (name) return name
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(', ')}`
  if ('const' in schema) return String(schema.const)
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonSchema[]).map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as JsonSchema)}`
  const words = [
    schema.format ?? schema.type ?? 'anything',
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
  ]
  return words.filter((word) => word !== '').join(' ')
}

function range(low: unknown, high: unknown, unit: string): string {
  if (low === undefined && high === undefined) return ''
  if (high === undefined) return `from ${String(low)}${unit}`
  return low === undefined ? `up to ${String(high)}${unit}` : `${String(low)}–${String(high)}${unit}`
}
