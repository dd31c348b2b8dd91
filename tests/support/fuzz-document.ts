/** The API document as a fuzzer reads it: doors, what each takes, and how each may end. Knows nothing but the document. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'

export type Schema = { readonly [keyword: string]: unknown }

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

interface Response {
  readonly content?: Content
}

export interface Door {
  /** `POST /orders`. */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly permission: string
  readonly roles: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly content: Content
  /** Schema of a JSON body; undefined when it takes none, or any bytes. */
  readonly body: Schema | undefined
  readonly responses: Readonly<Record<string, Response>>
}

const HOME = 'shop:/document'
// Looser than the shop's own where the standards are: what these refuse is bad for everybody.
const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^@]+@[^@]+$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
  uri: /^[a-z][a-z0-9+.-]*:\S*$/i,
}

/** A document with its schemas ready to judge by. */
export class ShopDocument {
  readonly doors: readonly Door[]
  readonly #schemas: Readonly<Record<string, Schema>>
  readonly #exact = new Ajv2020({ allErrors: true, strict: false, strictNumbers: true, formats: { ...FORMATS } })
  readonly #coercing = new Ajv2020({ allErrors: true, strict: false, strictNumbers: false, coerceTypes: 'array', formats: { ...FORMATS } })
  readonly #compiled = new Map<Schema, ValidateFunction>()
  readonly #queries = new Map<Door, ValidateFunction>()

  constructor(json: unknown) {
    const document = JSON.parse(JSON.stringify(json).replaceAll('"#/components/', `"${HOME}#/components/`))
    const { schemas, responses } = document.components
    this.#schemas = schemas
    for (const ajv of [this.#exact, this.#coercing]) ajv.addSchema({ $id: HOME, components: { schemas } })
    const operations = Object.entries(document.paths as Record<string, Record<string, Record<string, unknown>>>)
    this.doors = operations.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => doorOf(path, method.toUpperCase(), operation, responses)),
    )
  }

  /** The schema a reference names. */
  resolve(schema: Schema): Schema {
    return typeof schema.$ref === 'string' ? (this.#schemas[schema.$ref.split('/').at(-1) as string] as Schema) : schema
  }

  /** What is wrong with a value, in words. */
  complaints(schema: Schema, value: unknown): string[] {
    const validate = this.#validator(schema)
    return validate(value) ? [] : (validate.errors ?? []).map((one) => `at '${one.instancePath}' ${one.message ?? one.keyword}`)
  }

  /** Names of the outermost fields in which a body is bad; `body` when it is bad as a whole. */
  badFields(schema: Schema, body: unknown): string[] {
    const validate = this.#validator(schema)
    return validate(body) ? [] : [...new Set((validate.errors ?? []).map((one) => outermost(one) ?? 'body'))]
  }

  /** Names of the bad parameters of a query, unknown ones included. */
  badQuery(door: Door, query: URLSearchParams): string[] {
    const given: Record<string, unknown> = Object.create(null)
    for (const name of new Set(query.keys())) {
      const values = query.getAll(name)
      given[name] = values.length === 1 ? values[0] : values
    }
    const validate = this.#queries.get(door) ?? this.#coercing.compile(schemaOfQuery(door))
    this.#queries.set(door, validate)
    return validate(given) ? [] : [...new Set((validate.errors ?? []).map((one) => outermost(one) ?? 'query'))]
  }

  #validator(schema: Schema): ValidateFunction {
    const known = this.#compiled.get(schema) ?? this.#exact.compile(schema)
    this.#compiled.set(schema, known)
    return known
  }
}

function doorOf(path: string, method: string, operation: Record<string, unknown>, shared: Record<string, Response>): Door {
  const content = (operation.requestBody as { content?: Content } | undefined)?.content ?? {}
  const json = content['application/json']?.schema
  const responses = Object.entries(operation.responses as Record<string, Response & { $ref?: string }>).map(
    ([status, one]) => [status, one.$ref ? (shared[one.$ref.split('/').at(-1) as string] as Response) : one] as const,
  )
  return {
    name: `${method} ${path}`,
    method,
    path,
    permission: operation['x-permission'] as string,
    roles: (operation['x-roles'] as string[] | undefined) ?? [],
    parameters: (operation.parameters as Parameter[] | undefined) ?? [],
    content,
    body: json && Object.keys(json).length > 0 ? json : undefined,
    responses: Object.fromEntries(responses),
  }
}

function schemaOfQuery(door: Door): Schema {
  const own = door.parameters.filter((one) => one.in === 'query')
  const plain = own.filter((one) => !one.name.includes('.'))
  const families = own.filter((one) => one.name.includes('.')) // `attr.name` stands for every name after the dot
  return {
    type: 'object',
    properties: Object.fromEntries(plain.map((one) => [one.name, one.schema])),
    patternProperties: Object.fromEntries(families.map((one) => [`^${one.name.split('.')[0]}\\..`, one.schema])),
    required: plain.filter((one) => one.required).map((one) => one.name),
    additionalProperties: false,
  }
}

function outermost(error: ErrorObject): string | undefined {
  const [first] = error.instancePath.split('/').slice(1)
  if (first !== undefined) return first.replaceAll('~1', '/').replaceAll('~0', '~')
  if (error.keyword === 'required') return error.params.missingProperty as string
  if (error.keyword === 'additionalProperties') return error.params.additionalProperty as string
  return undefined
}
