import { refuse } from '@stoa/chassis/contract.ts'
import { listParkedOf, replayParkedOf, ServiceNames } from '@stoa/chassis/platform.ts'
import { read } from '@stoa/chassis/service.ts'
import { CheckBooks, ListDeadLetters, ReplayDeadLetter } from '@stoa/contracts/gateway.ts'
import { booksAtRest } from './books.ts'

export const listDeadLetters = read(ListDeadLetters, async ({ query, call }) => {
  const limit = query.limit ?? 50
  const names = await call(ServiceNames, {})
  const all = await Promise.all(names.items.map((service) => call(listParkedOf(service), { limit })))
  return { items: all.flatMap((one) => one.items).slice(0, limit) }
})

export const replayDeadLetter = read(ReplayDeadLetter, async ({ input, call }) => {
  const names = await call(ServiceNames, {})
  if (!names.items.includes(input.service)) return refuse('not-found')
  const replayed = await call(replayParkedOf(input.service), { stream: input.stream, key: input.key })
  if (replayed.applied === 0 && replayed.left === 0) return refuse('not-found')
  return replayed
})

export const checkBooks = read(CheckBooks, async ({ input, call, signal }) => booksAtRest(call, input.waitSeconds ?? 0, signal))
