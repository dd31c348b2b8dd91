import { join, resolve } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { KEPT_MS_MAX, object, route } from '../contract.ts'
import { loadContracts } from '../documents/contracts.ts'
import { mayBeKept } from './kept-answers.ts'

const { routes, events } = await loadContracts(join(resolve(import.meta.dirname, '../../..'), 'contracts'))
const asked = (headers: Record<string, string>) => ({ headers }) as unknown as FastifyRequest

/** The doors whose answers are the same for everybody. Whoever adds one must have looked for what depends on who asks. */
const FOR_ANYBODY = ['GET /categories', 'GET /products', 'GET /products/suggest', 'GET /products/{id}']

test('of all doors of the shop only those of the public catalogue may be kept, and for nobody who says who he is', () => {
  const kept = routes.filter(({ contract }) => mayBeKept(contract, asked({ cookie: 'stoa_cart=x' })))
  expect(kept.map(({ contract }) => `${contract.method} ${contract.path}`).sort()).toEqual(FOR_ANYBODY)
  for (const { contract } of kept) {
    expect(contract).toMatchObject({ method: 'GET', permission: 'public', class: 'browse' })
    expect(contract.keptMs).toBeLessThanOrEqual(KEPT_MS_MAX)
  }
  expect(routes.filter(({ contract }) => mayBeKept(contract, asked({ authorization: 'Bearer x' })))).toEqual([])
  expect(routes.length).toBeGreaterThan(kept.length)
})

test('a door that is not for anybody to browse cannot be declared as one that is kept', () => {
  const spec = { summary: 'x', permission: 'public', class: 'browse', output: object({}), keptMs: 1000 } as const
  expect(route('GET /things', spec).keptMs).toBe(1000)
  expect(() => route('POST /things', spec)).toThrow('may not be kept')
  expect(() => route('GET /things', { ...spec, permission: 'customer' })).toThrow('may not be kept')
  expect(() => route('GET /things', { ...spec, class: 'cart' })).toThrow('may not be kept')
  expect(() => route('GET /things', { ...spec, answers: 'text/csv', output: Type.Unknown() })).toThrow('may not be kept')
  expect(() => route('GET /things', { ...spec, keptMs: KEPT_MS_MAX + 1 })).toThrow('may not be kept')
})

test('what an event touches is a text among its data', () => {
  const touching = events.filter(({ contract }) => contract.touches !== undefined)
  expect(touching.length).toBeGreaterThan(0)
  for (const { contract } of touching) {
    const { properties } = contract.data as unknown as { properties: Record<string, { type?: string }> }
    expect(properties[contract.touches as string]?.type).toBe('string')
  }
})
