/** What the committed .proto files promise: every value that validates comes out as it went in. */
import { join } from 'node:path'
import { GrpcProtocol } from '@stoa/chassis/calls/grpc-protocol.ts'
import { refuse } from '@stoa/chassis/contract.ts'
import { loadContracts } from '@stoa/chassis/documents/contracts.ts'
import { grpcServices } from '@stoa/chassis/documents/proto.ts'
import { valuesOf } from '@stoa/chassis/testing/schema-values.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { root } from '../../cli/paths.ts'

const { calls } = await loadContracts(join(root, 'contracts'))
const services = grpcServices(calls.map(({ contract }) => contract))
const protocol = new GrpcProtocol(join(root, 'contracts/generated'))
const RUNS = { numRuns: 25 }

test('gRPC carries the calls of orders, inventory, payments and pricing', () => {
  expect([...services.keys()]).toEqual(['inventory', 'orders', 'payments', 'pricing'])
  expect(calls.filter(({ contract }) => services.has(contract.service) && contract.over !== 'grpc')).toEqual([])
})

describe.each([...services.values()].flat().map((one) => [`${one.service}.${one.name}`, one] as const))('%s', (_, contract) => {
  const method = protocol.methodOf(contract)

  test('takes every input through unchanged', () => {
    fc.assert(
      fc.property(valuesOf(contract.input), (input) => {
        expect(method.readInput(method.writeInput(input))).toStrictEqual(input)
      }),
      RUNS,
    )
  })

  test('takes every output through unchanged', () => {
    fc.assert(
      fc.property(valuesOf(contract.output), (output) => {
        expect(method.readOutcome(method.writeOutcome(output))).toStrictEqual(output)
      }),
      RUNS,
    )
  })

  test('takes its refusals through unchanged', () => {
    for (const code of Object.keys(contract.refusals ?? {})) {
      const refusal = refuse(code, { detail: 'Only 3.', availableUnits: 3, lines: [{ sku: 'a', none: null }] })
      expect(method.readOutcome(method.writeOutcome(refusal))).toStrictEqual(refusal)
    }
  })
})
