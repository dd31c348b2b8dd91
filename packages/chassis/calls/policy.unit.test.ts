import { Type } from 'typebox'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { call, object, type Call } from '../contract.ts'
import { Fault } from '../fault.ts'
import type { CallCarrier } from './carrier.ts'
import { createCall, RetryBudget } from './policy.ts'

const empty = object({})
const Ask = call('neighbour.Ask', {
  summary: 'Asks.',
  input: empty,
  output: object({ n: Type.Integer() }),
  repeatable: false,
  over: 'grpc',
})
const AskAgain = call('neighbour.AskAgain', { summary: 'Asks.', input: empty, output: object({ n: Type.Integer() }), repeatable: true })
const AskOther = call('other.Ask', { summary: 'Asks.', input: empty, output: object({ n: Type.Integer() }), repeatable: true })
const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A caller whose neighbour answers as `answer` says; `sent` counts what reached it. */
function neighbour(answer: (contract: Call, signal: AbortSignal) => Promise<unknown>) {
  const heard: string[] = []
  const seen = { sent: 0, heard }
  const carrier: CallCarrier = {
    send: (contract, _input, signal) => {
      seen.sent++
      return answer(contract, signal)
    },
  }
  return { seen, ask: createCall(carrier, (contract, _seconds, ok) => heard.push(`${contract.name} ${ok}`)) }
}

test('an answer and a refusal come through as they are', async () => {
  const { ask, seen } = neighbour(async (contract) => (contract === Ask ? { n: 1 } : { refused: 'no' }))
  expect(await ask(Ask, {})).toEqual({ n: 1 })
  expect(await ask(AskAgain, {})).toEqual({ refused: 'no' })
  expect(seen.heard).toEqual(['Ask true', 'AskAgain true'])
})

test('a neighbour that does not answer is given up at the deadline, and told so', async () => {
  let aborted: unknown
  const { ask } = neighbour((_, signal) => {
    signal.addEventListener('abort', () => (aborted = signal.reason))
    return new Promise(() => {})
  })
  const asked = ask(Ask, {}).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(1999)
  expect(aborted).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(await asked).toMatchObject({ code: 'deadline-exceeded' })
  expect(aborted).toBeInstanceOf(Fault)
})

test('a neighbour that cannot be reached is unavailable; an error of its own stays what it is', async () => {
  const bug = new TypeError('bug')
  const { ask } = neighbour((contract) => Promise.reject(contract === Ask ? away() : bug))
  await expect(ask(Ask, {})).rejects.toMatchObject({ code: 'unavailable' })
  await expect(ask(AskAgain, {})).rejects.toBe(bug)
})

test('only what may be repeated is tried again, once', async () => {
  const { ask, seen } = neighbour(() => Promise.reject(away()))
  await ask(Ask, {}).catch(() => {})
  expect(seen.sent).toBe(1)
  await ask(AskAgain, {}).catch(() => {})
  expect(seen.sent).toBe(3)
})

test('after ten faults in a row the breaker opens for this neighbour alone; after a second one call tries, and closes it', async () => {
  let isAway = true
  const { ask, seen } = neighbour((contract) =>
    contract.service === 'neighbour' && isAway ? Promise.reject(away()) : Promise.resolve({ n: 1 }),
  )
  for (let index = 0; index < 10; index++) await expect(ask(Ask, {})).rejects.toMatchObject({ code: 'unavailable' })
  expect(seen.sent).toBe(10)
  await expect(ask(Ask, {})).rejects.toThrow('is not asked for the moment')
  expect(seen.sent).toBe(10)
  expect(await ask(AskOther, {})).toEqual({ n: 1 })
  await vi.advanceTimersByTimeAsync(1001)
  await expect(ask(Ask, {})).rejects.toMatchObject({ code: 'unavailable' })
  expect(seen.sent).toBe(12)
  await expect(ask(Ask, {})).rejects.toThrow('is not asked for the moment')
  isAway = false
  await vi.advanceTimersByTimeAsync(1001)
  expect(await ask(Ask, {})).toEqual({ n: 1 })
  expect(await ask(Ask, {})).toEqual({ n: 1 })
})

test('errors of the neighbour’s own do not open the breaker', async () => {
  const { ask, seen } = neighbour(() => Promise.reject(new TypeError('bug')))
  for (let index = 0; index < 30; index++) await ask(Ask, {}).catch(() => {})
  expect(seen.sent).toBe(30)
})

test('retries add at most a tenth to the load, beside a reserve of ten', async () => {
  let asked = 0
  const { ask, seen } = neighbour(() => (++asked % 3 === 0 ? Promise.reject(away()) : Promise.resolve({ n: 1 })))
  const calls = 2000
  for (let index = 0; index < calls; index++) await ask(AskAgain, {}).catch(() => {})
  const retries = seen.sent - calls
  expect(retries).toBeGreaterThan(calls / 20)
  expect(retries).toBeLessThanOrEqual(calls / 10 + 10)
})

test('the budget never holds more than its reserve', () => {
  const budget = new RetryBudget()
  for (let index = 0; index < 10_000; index++) budget.deposit()
  let taken = 0
  while (budget.withdraw()) taken++
  expect(taken).toBe(10)
})

test('without a word of its own a call has 2 s over gRPC and 5 s over HTTP', async () => {
  const { ask } = neighbour(() => new Promise(() => {}))
  const ends = [ask(Ask, {}), ask(AskOther, {})].map((asked) => asked.catch((error: Error) => error.message))
  await vi.advanceTimersByTimeAsync(2000)
  expect(await ends[0]).toBe('neighbour.Ask did not answer in 2000 ms')
  // Asked twice, as it may be repeated.
  await vi.advanceTimersByTimeAsync(8000)
  expect(await ends[1]).toBe('other.Ask did not answer in 5000 ms')
})

test('what a call asks in turn ends with the call, and is not begun when no time is left', async () => {
  const ended: string[] = []
  let calls = 0
  const { ask } = neighbour(async (contract) => {
    calls++
    if (contract === AskOther) return new Promise(() => {})
    await ask(AskOther, {}).catch((error: Error) => ended.push(error.message))
    return new Promise(() => {})
  })
  const asked = ask(Ask, {}).catch((error: Error) => error.message)
  await vi.advanceTimersByTimeAsync(2000)
  expect(await asked).toBe('neighbour.Ask did not answer in 2000 ms')
  await vi.advanceTimersByTimeAsync(0)
  expect(ended).toEqual(['no time was left to ask other.Ask'])
  expect(calls).toBe(2)
})
