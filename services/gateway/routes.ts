import { refuse } from '@stoa/chassis/contract.ts'
import { replayParkedOf, ServiceNames } from '@stoa/chassis/platform.ts'
import { read } from '@stoa/chassis/service.ts'
import { CheckBooks, ListDeadLetters, ReplayDeadLetter } from '@stoa/contracts/gateway.ts'
import { booksAtRest } from './books.ts'
import { deadLetters } from './dead-letters.ts'

export const listDeadLetters = read(ListDeadLetters, async ({ query, call }) => deadLetters(call, query.limit ?? 50))

export const replayDeadLetter = read(ReplayDeadLetter, async ({ input, call }) => {
  const names = await call(ServiceNames, {})
  if (!names.items.includes(input.service)) return refuse('not-found')
  const replayed = await call(replayParkedOf(input.service), { stream: input.stream, key: input.key })
  if (replayed.applied === 0 && replayed.left === 0) return refuse('not-found')
  return replayed
})

export const checkBooks = read(CheckBooks, async ({ input, call, signal }) => booksAtRest(call, input.waitSeconds ?? 0, signal))
