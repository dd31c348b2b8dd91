/** Rules that the documents made from the real contracts keep. */
import { join } from 'node:path'
import { loadContracts } from '@stoa/chassis/documents/contracts.ts'
import { buildOpenApi, type Operation } from '@stoa/chassis/documents/openapi.ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { root } from '../../cli/paths.ts'
import { buildAsyncApi } from './asyncapi.ts'

const contracts = await loadContracts(join(root, 'contracts'))
const openapi = buildOpenApi(contracts)
const operations = Object.entries(openapi.paths).flatMap(([path, own]) =>
  Object.entries(own).map(([method, operation]) => ({ path, method, operation: operation as Operation })),
)

/** References of a document that lead nowhere. */
function danglingRefs(document: object): string[] {
  const refs: string[] = []
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref') refs.push(String(value))
    return value
  })
  const found = (ref: string) =>
    ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document)
  return refs.filter((ref) => !ref.startsWith('#/') || found(ref) === undefined)
}

describe('openapi.json', () => {
  test('describes routes of more than one contract', () => {
    expect(new Set(operations.flatMap(({ operation }) => operation.tags)).size).toBeGreaterThan(1)
  })

  test('gives every operation an id of its own', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.length).toBe(new Set(ids).size)
  })

  test('every reference leads somewhere', () => {
    expect(danglingRefs(openapi)).toEqual([])
  })

  test('declares exactly the parameters that stand in each path', () => {
    const wrong = operations.filter(({ path, operation }) => {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1])
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name)
      return inPath.sort().join() !== declared.sort().join()
    })
    expect(wrong.map(({ path, method }) => `${method} ${path}`)).toEqual([])
  })

  test('says of every operation who may use it, and how it may end', () => {
    const wrong = operations.filter(
      ({ operation }) => !operation['x-permission'] || !Object.keys(operation.responses).some((status) => status.startsWith('2')),
    )
    expect(wrong.map(({ path, method }) => `${method} ${path}`)).toEqual([])
  })

  test('has only schemas that a validator of JSON Schema 2020-12 takes', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema({ $id: 'https://stoa.example/openapi', components: openapi.components })
    for (const name of Object.keys(openapi.components.schemas)) {
      expect(() => ajv.compile({ $ref: `https://stoa.example/openapi#/components/schemas/${name}` })).not.toThrow()
    }
  })
})

describe('asyncapi.json', () => {
  test('every reference leads somewhere', () => {
    const rooms = [{ definition: { name: 'all', owns: 'all', publishes: contracts.events.map(({ contract }) => contract) }, callsOf: [] }]
    expect(danglingRefs(buildAsyncApi(contracts, rooms))).toEqual([])
  })

  test('keys every event by a required field of its data', () => {
    const wrong = contracts.events.filter(({ contract }) => !(contract.data as { required?: string[] }).required?.includes(contract.key))
    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})
