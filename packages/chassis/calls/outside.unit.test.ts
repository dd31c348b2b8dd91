import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { call, object, type Call } from '../contract.ts'
import { InProcessCarrier, type CallCarrier } from './carrier.ts'
import { RoutedCarrier } from './outside.ts'

const nothing = object({})
const ask = (name: `${string}.${string}`, over?: 'grpc') =>
  call(name, {
    summary: 'Asks.',
    input: nothing,
    output: object({ by: Type.String() }),
    repeatable: true,
    ...(over ? { over } : {}),
  }) as unknown as Call

test('a service of this process is asked here, others by what the contract says', async () => {
  const inside = new InProcessCarrier()
  inside.attach('here', async () => ({ by: 'itself' }))
  const by = (name: string): CallCarrier => ({ send: async () => ({ by: name }) })
  const carrier = new RoutedCarrier(inside, { http: by('HTTP'), grpc: by('gRPC') })
  const { signal } = new AbortController()
  expect(await carrier.send(ask('here.Ask', 'grpc'), {}, signal)).toEqual({ by: 'itself' })
  expect(await carrier.send(ask('away.Ask', 'grpc'), {}, signal)).toEqual({ by: 'gRPC' })
  expect(await carrier.send(ask('away.Ask'), {}, signal)).toEqual({ by: 'HTTP' })
})
