import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Replicas, Unreached } from './replicas.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = new AbortController().signal
const both = ['a', 'b']

/** Replicas of which those in `away` cannot be reached; `asked` tells who was asked. */
function open(away = new Set<string>()) {
  const asked: string[] = []
  const replicas = new Replicas((address) => address)
  const ask = (work: () => Promise<string> = async () => 'answer') =>
    replicas.ask('things', both, never, (address) => {
      asked.push(address)
      return away.has(address) ? Promise.reject(new Unreached(address)) : work()
    })
  return { asked, ask, replicas }
}

test('replicas take turns, and the less busy one is asked first', async () => {
  const { asked, ask } = open()
  await ask()
  await ask()
  expect(asked.toSorted()).toEqual(both)
  const work = Promise.withResolvers<string>()
  const slow = ask(() => work.promise)
  const [busy] = asked.splice(0).slice(-1)
  for (let index = 0; index < 4; index++) await ask()
  expect(new Set(asked)).toEqual(new Set(both.filter((one) => one !== busy)))
  work.resolve('late')
  expect(await slow).toBe('late')
})

test('one that is not reached costs nothing but its turn, is left in peace, and is then tried by one alone', async () => {
  const away = new Set(['a'])
  const { asked, ask } = open(away)
  for (let index = 0; index < 10; index++) expect(await ask()).toBe('answer')
  expect(asked.filter((one) => one === 'a')).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1001)
  asked.length = 0
  await Promise.all(Array.from({ length: 6 }, () => ask()))
  expect(asked.filter((one) => one === 'a')).toHaveLength(1)
  away.clear()
  await vi.advanceTimersByTimeAsync(1001)
  asked.length = 0
  for (let index = 0; index < 6; index++) await ask()
  expect(asked.filter((one) => one === 'a')).toHaveLength(3)
})

test('each is tried once, and whatever else goes wrong is not tried elsewhere', async () => {
  const { asked, ask } = open(new Set(both))
  await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked.toSorted()).toEqual(both)
  const other = open()
  await expect(other.ask(() => Promise.reject(new Error('broke off')))).rejects.toThrow('broke off')
  expect(other.asked).toHaveLength(1)
})

test('without any address, or a caller, nobody is asked', async () => {
  const { replicas } = open()
  const ask = async () => 'answer'
  await expect(replicas.ask('things', [], never, ask)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(replicas.ask('things', both, AbortSignal.abort(new Error('gone')), ask)).rejects.toThrow('gone')
})
