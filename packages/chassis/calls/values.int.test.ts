/** Whatever validates arrives as it was sent, in and out, by every carrier. */
import { join } from 'node:path'
import fc from 'fast-check'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, object, type Call } from '../contract.ts'
import { loadContracts } from '../documents/contracts.ts'
import { platformCallsOf } from '../platform.ts'
import { grpcWay, httpWay } from '../testing/carriers.ts'
import { valuesOf } from '../testing/schema-values.ts'
import type { CallCarrier } from './carrier.ts'

const Leaf = object({ n: Type.Integer(), s: Type.Optional(Type.String()) })
const nullable = <T extends Parameters<typeof Type.Array>[0]>(schema: T) => Type.Union([schema, Type.Null()])
/** Everything a schema may hold that protobuf knows no word for, beside what it does. */
const Odd = object({
  x: Type.Number(),
  literal: Type.Union([Type.Literal('a'), Type.Literal('b')]),
  maybeNull: Type.Optional(nullable(Type.Boolean())),
  leaf: nullable(Leaf),
  leaves: Type.Optional(nullable(Type.Array(Leaf))),
  holes: Type.Array(nullable(Type.Integer())),
  grid: Type.Array(Type.Array(Type.Number())),
  told: Type.Optional(
    Type.Union([object({ kind: Type.Literal('one'), n: Type.Integer() }), object({ kind: Type.Literal('two') }), Type.Null()]),
  ),
  untold: Type.Array(Type.Union([object({ a: Type.String() }), object({ b: Type.Integer() })])),
  mixed: Type.Union([Type.String(), Type.Integer()]),
  any: Type.Unknown(),
  maybeAny: Type.Optional(Type.Unknown()),
  record: Type.Record(Type.String(), Type.Unknown()),
  open: Type.Object({ a: Type.Optional(Type.Integer()) }),
  empty: object({}),
})
const Carry = call('odd.Carry', { summary: 'Carries.', input: Odd, output: Odd, over: 'grpc', repeatable: true }) as unknown as Call

const { calls } = await loadContracts(join(import.meta.dirname, '../../../contracts'))
const contracts = [...calls.map(({ contract }) => contract), ...platformCallsOf('orders'), Carry]
const grpc = contracts.filter(({ over }) => over === 'grpc')
const http = httpWay()
const ways = [http, grpcWay(grpc)]
const carriers = new Map<string, CallCarrier>()
let heard: unknown
let next: unknown

beforeAll(async () => {
  for (const way of ways) {
    const replica = await way.serve(way === http ? contracts : grpc, async (_, input) => {
      heard = input
      return next
    })
    carriers.set(way.name, way.caller([replica.port]))
  }
})
afterAll(() => Promise.all(ways.map((way) => way.end())))

const never = new AbortController().signal

/** Sends random inputs and outputs through. */
function carriesAll(contract: Call, carrier: () => CallCarrier, runs: number): Promise<void> {
  return fc.assert(
    fc.asyncProperty(valuesOf(contract.input), valuesOf(contract.output), async (input, output) => {
      next = output
      expect(await carrier().send(contract, input, never)).toStrictEqual(output)
      expect(heard).toStrictEqual(input)
    }),
    { numRuns: runs },
  )
}

describe('HTTP', () => {
  test.each(contracts.map((one) => [`${one.service}.${one.name}`, one] as const))('%s', (_, contract) =>
    carriesAll(contract, () => carriers.get('HTTP') as CallCarrier, contract === Carry ? 200 : 8),
  )
})

describe('gRPC', () => {
  test('carries the odd as well', () => carriesAll(Carry, () => carriers.get('gRPC') as CallCarrier, 200))
})
