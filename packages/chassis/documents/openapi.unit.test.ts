import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { object, type Route, route, staff } from '../contract.ts'
import { type Contracts, contractsOf } from './contracts.ts'
import { buildOpenApi, type Operation } from './openapi.ts'

const Money = object({ amount: Type.Integer(), currency: Type.String() })
const Tree = Type.Cyclic({ Tree: object({ name: Type.String(), children: Type.Array(Type.Ref('Tree')) }) }, 'Tree')

const PlaceThing = route('POST /things/{id}', {
  summary: 'Places a thing.',
  permission: staff('things:write', 'admin', 'warehouse'),
  class: 'staff',
  params: object({ id: Type.String() }),
  query: object({ dry: Type.Optional(Type.Boolean()) }),
  body: object({ price: Money, size: Type.Optional(Type.Union([Type.Literal('s'), Type.Literal('l')])) }),
  output: object({ price: Money, tree: Tree }),
  status: 201,
  refusals: { 'thing-taken': 409, 'not-found': 404 },
  idempotencyKey: 'required',
  aliases: ['/thing/{id}'],
})
const WatchThing = route('GET /things/{id}/events', {
  summary: 'Watches.',
  permission: 'public',
  class: 'browse',
  params: object({ id: Type.String() }),
  output: object({}),
  answers: 'text/event-stream',
})
const ListThings = route('GET /things', {
  summary: 'Lists.',
  permission: 'public',
  class: 'browse',
  output: object({}),
  keptMs: 1000,
})
const SendFile = route('POST /files', {
  summary: 'Stores.',
  permission: 'customer',
  class: 'staff',
  rawBody: { as: 'stream', contentTypes: ['text/csv'], maxBytes: 9 },
  output: object({}),
  status: 204,
})
const ChangeThing = route('PUT /things/{id}', {
  summary: 'Changes.',
  permission: 'customer',
  class: 'cart',
  params: object({ id: Type.String() }),
  body: object({}),
  output: object({}),
  ifMatch: 'required',
})

const contracts = contractsOf(new Map([['things', { Money, PlaceThing, WatchThing, ListThings, SendFile, ChangeThing }]]))
const document = buildOpenApi(contracts)
const place = document.paths['/things/{id}']?.post as Operation

/** Statuses of an operation with the codes of each. */
function codesOf(operation: Operation | undefined): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(operation?.responses ?? {}).flatMap(([status, response]) => {
      const shared = '$ref' in response ? document.components.responses[response.$ref.split('/').at(-1) ?? ''] : undefined
      return shared ? [[status, shared['x-codes'] ?? []]] : []
    }),
  )
}

describe('an operation', () => {
  test('when its permission is a staff one, names it with its roles', () => {
    expect([place['x-permission'], place['x-roles'], place.security]).toEqual(['things:write', ['admin', 'warehouse'], [{ bearer: [] }]])
  })

  test('when the route is public, a token may be left out', () => {
    const watch = document.paths['/things/{id}/events']?.get
    expect([watch?.['x-permission'], watch?.security]).toEqual(['public', [{}, { bearer: [] }]])
  })

  test('has its own refusals and those that come with what it asks for', () => {
    expect(codesOf(place)).toEqual({
      400: ['invalid-json', 'idempotency-key-missing'],
      401: ['unauthenticated'],
      403: ['forbidden'],
      404: ['not-found'],
      406: ['not-acceptable'],
      409: ['idempotency-key-in-use', 'thing-taken'],
      413: ['payload-too-large'],
      415: ['unsupported-media-type'],
      422: ['invalid-request', 'idempotency-key-reused'],
      429: ['too-many-requests'],
      503: ['unavailable'],
    })
  })

  test('when it asks for If-Match, refuses with 412 and 428', () => {
    const codes = codesOf(document.paths['/things/{id}']?.put)
    expect([codes[412], codes[428]]).toEqual([['stale'], ['precondition-required']])
  })

  test('lists path, query and header parameters', () => {
    expect(place.parameters?.map((one) => `${one.in} ${one.name}${one.required ? '!' : ''}`)).toEqual([
      'path id!',
      'query dry',
      'header Idempotency-Key!',
    ])
  })

  test('when the body is raw, names its content types and no JSON', () => {
    expect(document.paths['/files']?.post?.requestBody).toEqual({ required: true, content: { 'text/csv': { schema: {} } } })
  })

  test('when it answers 204, has no content', () => {
    expect(document.paths['/files']?.post?.responses[204]).toEqual({ description: 'Stores.' })
  })

  test('when its answer may be kept, also says 304', () => {
    expect(Object.keys(document.paths['/things']?.get?.responses ?? {})).toEqual(expect.arrayContaining(['200', '304']))
    expect(Object.keys(place.responses)).not.toContain('304')
  })

  test('when it answers server-sent events, says so and takes Last-Event-ID', () => {
    const watch = document.paths['/things/{id}/events']?.get as Operation
    expect(watch.responses[200]).toMatchObject({ content: { 'text/event-stream': { schema: { type: 'string' } } } })
    expect(watch.parameters?.map(({ name }) => name)).toContain('Last-Event-ID')
  })
})

describe('an alias', () => {
  test('is a path of its own with an operation id of its own', () => {
    expect(document.paths['/thing/{id}']?.post).toMatchObject({ operationId: 'PlaceThingAlias', 'x-alias-of': '/things/{id}' })
  })
})

describe('schemas', () => {
  test('when a shape has a name, is written once and referred to', () => {
    expect(place.requestBody?.content['application/json']?.schema.properties).toMatchObject({
      price: { $ref: '#/components/schemas/Money' },
    })
    expect(document.components.schemas.Money).toMatchObject({ type: 'object', required: ['amount', 'currency'] })
  })

  test('when a shape holds itself, refers to its own component', () => {
    expect(document.components.schemas.Tree).toMatchObject({ properties: { children: { items: { $ref: '#/components/schemas/Tree' } } } })
    expect(JSON.stringify(document)).not.toContain('$defs')
  })

  test('when a union is of literals, is an enumeration', () => {
    expect(place.requestBody?.content['application/json']?.schema.properties).toMatchObject({ size: { type: 'string', enum: ['s', 'l'] } })
  })

  test('when two files export different shapes of one name, the second is told apart by its file', () => {
    const Line = object({ a: Type.String() })
    const Other = object({ b: Type.String() })
    const Get = route('GET /lines', { summary: 'Gets.', permission: 'public', class: 'browse', output: object({ one: Line, two: Other }) })
    const schemas = buildOpenApi(
      contractsOf(
        new Map([
          ['a-first', { Line, Get }],
          ['the-second', { Line: Other }],
        ]),
      ),
    ).components.schemas
    expect(Object.keys(schemas)).toEqual(['FieldError', 'Line', 'Problem', 'TheSecondLine'])
  })
})

describe('doors that clash', () => {
  const build = (...routes: Route[]) => {
    const named = routes.map((contract, index) => ({ name: `R${index}`, file: 'x', contract }))
    return () => buildOpenApi({ routes: named, calls: [], events: [], schemas: [] } satisfies Contracts)
  }

  test('when two routes have one method and path, is an error that names both', () => {
    expect(build(SendFile, SendFile)).toThrow('POST /files is declared twice: R0 and R1')
  })

  test('when paths differ only in the names of parameters, is an error', () => {
    expect(build(ChangeThing, { ...ChangeThing, method: 'GET', path: '/things/{slug}' })).toThrow('differ only in the names')
  })
})
