import assert from 'node:assert/strict'
import { refuse } from '@stoa/chassis/contract.ts'
import { dropParkedOf, repairParkedOf, replayParkedOf, ServiceNames } from '@stoa/chassis/platform.ts'
import { read, type CallFn, type Caller } from '@stoa/chassis/service.ts'
import { CheckBooks, DropDeadLetter, ListDeadLetters, ListRepairs, RepairDeadLetter, ReplayDeadLetter } from '@stoa/contracts/gateway.ts'
import { booksAtRest } from './books.ts'
import { deadLetters, repairs } from './dead-letters.ts'

export const listDeadLetters = read(ListDeadLetters, async ({ query, call }) => deadLetters(call, query.limit ?? 50))

export const listRepairs = read(ListRepairs, async ({ query, call }) => repairs(call, query.limit ?? 50))

export const repairDeadLetter = read(RepairDeadLetter, async ({ input: { service, ...repair }, call, caller }) => {
  if (!(await isHere(call, service))) return refuse('not-found')
  return call(repairParkedOf(service), { ...repair, by: accountOf(caller) })
})

export const dropDeadLetter = read(DropDeadLetter, async ({ input: { service, ...drop }, call, caller }) => {
  if (!(await isHere(call, service))) return refuse('not-found')
  return call(dropParkedOf(service), { ...drop, by: accountOf(caller) })
})

export const replayDeadLetter = read(ReplayDeadLetter, async ({ input, call }) => {
  if (!(await isHere(call, input.service))) return refuse('not-found')
  const replayed = await call(replayParkedOf(input.service), { stream: input.stream, key: input.key })
  if (replayed.applied === 0 && replayed.left === 0) return refuse('not-found')
  return replayed
})

export const checkBooks = read(CheckBooks, async ({ input, call, signal }) => booksAtRest(call, input.waitSeconds ?? 0, signal))

async function isHere(call: CallFn, service: string): Promise<boolean> {
  return (await call(ServiceNames, {})).items.includes(service)
}

/** Whoever repairs signs with their account: the door is open to administrators alone. */
function accountOf(caller: Caller): string {
  assert(caller.kind === 'account')
  return caller.accountId
}
