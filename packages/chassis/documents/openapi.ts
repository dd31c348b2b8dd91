/** OpenAPI 3.1 from the routes of the contracts. */
import type { Permission, Route } from '../contract.ts'
import type { Contracts, Named } from './contracts.ts'
import { fieldsOf, refusalsOf, takesJson } from './refusals.ts'
import { type JsonSchema, type SchemaBook, schemaBook } from './schemas.ts'

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

type Content = Record<string, { schema: JsonSchema }>

/** One operation of the document. */
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly 'x-permission': string
  readonly 'x-roles'?: readonly string[]
  readonly 'x-alias-of'?: string
  readonly 'x-demo-only'?: true
  readonly security: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { required: boolean; content: Content }
  readonly responses: Record<string, Response | { readonly $ref: string }>
}

/** One way an operation may end. */
export interface Response {
  readonly description: string
  readonly headers?: object
  readonly content?: Content
  readonly 'x-codes'?: readonly string[]
}

/** The whole document. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: { title: string; version: string; description: string; license: object }
  readonly servers: readonly { url: string }[]
  readonly tags: readonly { name: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { schemas: Record<string, JsonSchema>; responses: Record<string, Response>; securitySchemes: object }
}

const problem: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem details. `code` is the stable part; some codes add fields of their own.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    requestId: { type: 'string' },
    errors: { type: 'array', items: { $ref: '#/components/schemas/FieldError' } },
  },
}
const fieldError: JsonSchema = {
  type: 'object',
  description: 'One bad field; `path` as in `items[0].quantity`.',
  required: ['path', 'code', 'message'],
  properties: { path: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
}

/** Describes `routes` (all contracts' by default): one operation per path, aliases included. Throws: when two routes have one door. */
export function buildOpenApi(contracts: Contracts, routes: readonly Named<Route>[] = contracts.routes, version = '0.1.0'): OpenApi {
  const book = schemaBook(contracts.schemas)
  const refusals: Record<string, Response> = {}
  const paths: OpenApi['paths'] = {}
  const sorted = routes.toSorted((a, b) => compare(a.contract.path, b.contract.path) || compare(a.contract.method, b.contract.method))
  for (const named of sorted) {
    const { contract } = named
    addOperation(paths, contract.path, contract.method, operationOf(named, book, refusals))
    for (const [index, alias] of (contract.aliases ?? []).entries()) {
      const operationId = `${named.name}Alias${index === 0 ? '' : index + 1}`
      addOperation(paths, alias, contract.method, { ...operationOf(named, book, refusals), operationId, 'x-alias-of': contract.path })
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stoa',
      version,
      description:
        'The API of a Stoa shop. Money is whole minor units with an ISO 4217 code; time is RFC 3339 in UTC; errors are problem documents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api' }],
    tags: [...new Set(sorted.map(({ file }) => file))].sort(compare).map((name) => ({ name })),
    paths: byName(paths),
    components: {
      schemas: byName({ ...book.components, Problem: problem, FieldError: fieldError }),
      responses: byName(refusals),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function addOperation(paths: OpenApi['paths'], path: string, method: string, operation: Operation): void {
  const twin = Object.keys(paths).find((other) => other !== path && other.replace(/\{[^}]+\}/g, '{}') === path.replace(/\{[^}]+\}/g, '{}'))
  if (twin) throw new Error(`paths ${twin} and ${path} differ only in the names of their parameters`)
  const operations = paths[path] ?? {}
  paths[path] = operations
  const key = method.toLowerCase()
  if (operations[key]) throw new Error(`${method} ${path} is declared twice: ${operations[key].operationId} and ${operation.operationId}`)
  operations[key] = operation
}

function operationOf({ name, file, contract }: Named<Route>, book: SchemaBook, refusals: Record<string, Response>): Operation {
  const parameters = parametersOf(contract, book)
  const requestBody = requestBodyOf(contract, book)
  return {
    operationId: name,
    summary: contract.summary,
    tags: [file],
    'x-permission': permissionName(contract.permission),
    ...(typeof contract.permission === 'object' ? { 'x-roles': contract.permission.roles } : {}),
    ...(contract.demoOnly ? { 'x-demo-only': true as const } : {}),
    security: contract.permission === 'public' ? [{}, { bearer: [] }] : [{ bearer: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: { ...successOf(contract, book), ...refusalResponses(contract, refusals) },
  }
}

/** `public`, `customer`, or the name of the staff permission. */
export function permissionName(permission: Permission): string {
  return typeof permission === 'object' ? permission.name : permission
}

function parametersOf(route: Route, book: SchemaBook): Parameter[] {
  const parts: Parameter[] = []
  for (const [place, schema] of [
    ['path', route.params],
    ['query', route.query],
  ] as const) {
    const properties = (schema as { properties?: Record<string, object>; required?: string[] } | undefined) ?? {}
    for (const name of fieldsOf(schema)) {
      const required = place === 'path' || (properties.required ?? []).includes(name)
      parts.push({ name, in: place, required, schema: book.write(properties.properties?.[name]) })
    }
  }
  for (const [pattern, schema] of Object.entries((route.query as { patternProperties?: object } | undefined)?.patternProperties ?? {})) {
    const name = `${/^\^?([a-z]+)\\?\./.exec(pattern)?.[1] ?? 'x'}.name`
    parts.push({ name, in: 'query', required: false, description: `Any name in place of \`name\`: ${pattern}`, schema: book.write(schema) })
  }
  if (route.idempotencyKey) {
    const description = 'The same key and body again give the stored answer.'
    parts.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: route.idempotencyKey === 'required',
      description,
      schema: { type: 'string', minLength: 8, maxLength: 255 },
    })
  }
  if (route.ifMatch)
    parts.push({
      name: 'If-Match',
      in: 'header',
      required: true,
      description: 'The ETag of the version that is changed.',
      schema: { type: 'string' },
    })
  if (route.answers === 'text/event-stream') {
    parts.push({ name: 'Last-Event-ID', in: 'header', required: false, description: 'Go on after this event.', schema: { type: 'string' } })
  }
  return parts
}

function requestBodyOf(route: Route, book: SchemaBook): Operation['requestBody'] {
  if (route.rawBody)
    return { required: true, content: Object.fromEntries(route.rawBody.contentTypes.map((type) => [type, { schema: {} }])) }
  if (!takesJson(route)) return undefined
  const { required } = route.body as { required?: string[] }
  return { required: (required ?? []).length > 0, content: { 'application/json': { schema: book.write(route.body) } } }
}

function successOf(route: Route, book: SchemaBook): Operation['responses'] {
  const status = route.status ?? 200
  const headers = {
    ...(route.idempotencyKey
      ? { 'Idempotent-Replayed': { description: '`true` when this is the stored answer.', schema: { type: 'string' } } }
      : {}),
    ...(status === 201 ? { Location: { description: 'Where the new thing is.', schema: { type: 'string' } } } : {}),
  }
  const types = [route.answers ?? 'application/json', ...(route.alsoAnswers ?? [])]
  const schema = route.answers ? { type: 'string' } : status === 204 ? {} : book.write(route.output)
  const content = status === 204 ? {} : { content: Object.fromEntries(types.map((type) => [type, { schema }])) }
  const kept: Operation['responses'] = route.keptMs === undefined ? {} : { 304: { description: 'What `If-None-Match` names still holds.' } }
  return { [status]: { description: route.summary, ...(Object.keys(headers).length > 0 ? { headers } : {}), ...content }, ...kept }
}

/** References to responses of their own, gathered in `shared`: most routes end in the same few ways. */
function refusalResponses(route: Route, shared: Record<string, Response>): Operation['responses'] {
  return Object.fromEntries(
    [...refusalsOf(route)].map(([status, codes]) => {
      const name = [status, ...codes].join('.')
      shared[name] ??= refusalResponse(status, codes)
      return [status, { $ref: `#/components/responses/${name}` }]
    }),
  )
}

function refusalResponse(status: number, codes: readonly string[]): Response {
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { type: 'string', enum: codes } } }],
  }
  const retryAfter = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } }
  const headers = status === 429 || status === 503 ? { headers: retryAfter } : {}
  return { description: codes.join(', '), ...headers, content: { 'application/problem+json': { schema } }, 'x-codes': codes }
}

function byName<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compare(a, b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
