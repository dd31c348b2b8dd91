/** Schemas of contracts as they stand in a document: plain JSON Schema, with what has a name written once, under it. */
import type { Named } from './contracts.ts'

/** A JSON Schema in a document. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Writes schemas and gathers those that have a name. */
export interface SchemaBook {
  /** The schema, or a reference to it when it has a name. */
  write(schema: unknown): JsonSchema
  readonly components: Record<string, JsonSchema>
}

/** A book that knows the exported schemas by their shape: TypeBox copies them wherever they are used. */
export function schemaBook(named: readonly Named<object>[]): SchemaBook {
  const names = namesByShape(named)
  const components: Record<string, JsonSchema> = {}

  const write = (schema: unknown): JsonSchema => {
    const plain = JSON.parse(JSON.stringify(schema)) as JsonSchema
    return writeSchema(plain)
  }
  const writeSchema = (schema: JsonSchema): JsonSchema => {
    const name = names.get(JSON.stringify(schema))
    if (name === undefined) return writeParts(schema)
    if (!(name in components)) {
      components[name] = {}
      components[name] = writeParts(schema)
    }
    return { $ref: `#/components/schemas/${name}` }
  }
  const writeParts = (schema: JsonSchema): JsonSchema => {
    const { $defs, $id: _, ...rest } = schema
    for (const [name, own] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>)) {
      if (name in components) continue
      components[name] = {}
      components[name] = writeParts(own)
    }
    const literals = enumerationOf(rest)
    if (literals) return literals
    return Object.fromEntries(Object.entries(rest).map(([keyword, value]) => [keyword, writeKeyword(keyword, value)]))
  }
  const writeKeyword = (keyword: string, value: unknown): unknown => {
    if (keyword === '$ref') return String(value).startsWith('#') ? value : `#/components/schemas/${String(value)}`
    if (keyword === 'properties' || keyword === 'patternProperties') {
      return Object.fromEntries(Object.entries(value as Record<string, JsonSchema>).map(([field, own]) => [field, writeSchema(own)]))
    }
    if (keyword === 'anyOf' || keyword === 'allOf' || keyword === 'oneOf') return (value as JsonSchema[]).map(writeSchema)
    if ((keyword === 'items' || keyword === 'additionalProperties' || keyword === 'not') && typeof value === 'object')
      return writeSchema(value as JsonSchema)
    return value
  }
  return { write, components }
}

/** A union of literals of one type, as an enumeration. */
function enumerationOf(schema: JsonSchema): JsonSchema | undefined {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf) || anyOf.length === 0) return undefined
  const cases = anyOf as JsonSchema[]
  const type = cases[0]?.type
  return cases.every((one) => 'const' in one && one.type === type) ? { ...rest, type, enum: cases.map((one) => one.const) } : undefined
}

/** Only objects and enumerations deserve a name; a shape exported twice keeps its first, a name used twice is told apart by its file. */
function namesByShape(named: readonly Named<object>[]): Map<string, string> {
  const byShape = new Map<string, string>()
  const taken = new Set<string>()
  for (const { name, file, contract } of named) {
    const plain = JSON.parse(JSON.stringify(contract)) as JsonSchema
    const shape = JSON.stringify(plain)
    const worthy = Object.keys((plain.properties as object | undefined) ?? {}).length > 0 || enumerationOf(plain) !== undefined
    if (!worthy || byShape.has(shape)) continue
    const own = taken.has(name) ? `${pascal(file)}${name}` : name
    taken.add(own)
    byShape.set(shape, own)
  }
  return byShape
}

function pascal(file: string): string {
  return file.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
}
