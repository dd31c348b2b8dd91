import { beforeEach, expect, test } from 'vitest'
import { Kept } from '../cache/kept.ts'
import { MemoryKeeper } from '../cache/memory-keeper.ts'
import { KEPT_MS_MAX } from '../contract.ts'
import { Fault } from '../fault.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { loginsOf, loginThing } from './logins.ts'

let now = 0
let keeper: MemoryKeeper
let questions: string[][]
let over: Set<string>
beforeEach(() => {
  now = 0
  keeper = new MemoryKeeper({ now: () => now })
  questions = []
  over = new Set()
})

function logins({ kept = true } = {}) {
  const space = { service: 'identity', space: 'logins' } as const
  return loginsOf(new Kept(kept ? keeper : undefined, space, createMetrics()), async (ids) => {
    questions.push(ids)
    return ids.filter((id) => !over.has(id))
  })
}

test('a login is asked about once, then kept, and asked about anew when it ends', async () => {
  const { goesOn } = logins()
  expect([await goesOn('a'), await goesOn('a')]).toEqual([true, true])
  expect(questions).toEqual([['a']])
  over.add('a')
  await keeper.forget([loginThing('a')])
  expect([await goesOn('a'), await goesOn('a')]).toEqual([false, false])
  expect(questions).toEqual([['a'], ['a']])
})

test('one that ends by itself, or while nobody could be told, is believed for no longer than answers are kept', async () => {
  const { goesOn } = logins()
  expect(await goesOn('a')).toBe(true)
  over.add('a')
  now = KEPT_MS_MAX - 1
  expect(await goesOn('a')).toBe(true)
  now = KEPT_MS_MAX
  expect(await goesOn('a')).toBe(false)
})

test('many logins of one moment are one question', async () => {
  over.add('c')
  const { goesOn } = logins()
  expect(await Promise.all(['a', 'b', 'c', 'a'].map(goesOn))).toEqual([true, true, false, true])
  expect(questions).toEqual([['a', 'b', 'c']])
})

test('where nothing is kept, it is asked each time', async () => {
  const { goesOn } = logins({ kept: false })
  expect(await goesOn('a')).toBe(true)
  over.add('a')
  expect(await goesOn('a')).toBe(false)
})

test('while it cannot be asked the token is believed, and nothing is kept; a bug is no reason to believe it', async () => {
  let failure: Error = new Fault('unavailable', 'identity is away')
  const kept = new Kept(keeper, { service: 'identity', space: 'logins' }, createMetrics())
  const { goesOn } = loginsOf(kept, () => (failure ? Promise.reject(failure) : Promise.resolve([])))
  expect(await goesOn('a')).toBe(true)
  failure = new TypeError('a bug')
  await expect(goesOn('a')).rejects.toThrow('a bug')
})
