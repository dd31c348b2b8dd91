import { Fault } from '@stoa/chassis/fault.ts'
import type { CallFn } from '@stoa/chassis/service.ts'
import { expect, test } from 'vitest'
import { deadLetters } from './dead-letters.ts'

const letter = (service: string, key: string) => ({ service, stream: 'order.events', key, events: [] })
const houseOf = (answers: Readonly<Record<string, readonly string[] | Error>>) =>
  (async ({ service }: { service: string }) => {
    if (service === 'platform') return { items: Object.keys(answers) }
    const answer = answers[service]
    if (answer instanceof Error) throw answer
    return { items: (answer ?? []).map((key) => letter(service, key)) }
  }) as unknown as CallFn

test('letters of all services are listed together, as many as asked for', async () => {
  const call = houseOf({ cart: ['a', 'b'], orders: ['c'] })
  expect(await deadLetters(call, 50)).toEqual({ items: [letter('cart', 'a'), letter('cart', 'b'), letter('orders', 'c')], away: [] })
  expect((await deadLetters(call, 2)).items).toHaveLength(2)
})

test('when a service does not answer, it is named and the letters of the others are listed', async () => {
  const call = houseOf({ cart: new Fault('unavailable', 'away'), orders: ['c'] })
  expect(await deadLetters(call, 50)).toEqual({ items: [letter('orders', 'c')], away: ['cart'] })
})

test('when a service answers nonsense, that is a bug of ours and not hidden', async () => {
  await expect(deadLetters(houseOf({ cart: new TypeError('bug') }), 50)).rejects.toThrow(TypeError)
})
