import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Replicas, Unreached, type Line } from './replicas.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = new AbortController().signal
const both = ['a', 'b']
type How = 'away' | 'silent' | 'ending' | 'well'

/** Two replicas; `are` says how they are, `asked` and `looked` who was asked and looked at. */
function open(addresses: readonly string[] = both) {
  const asked: string[] = []
  const looked: string[] = []
  const closed: string[] = []
  const are: Record<string, How> = {}
  const lineTo = (address: string): Line => ({
    look: async (signal) => {
      looked.push(address)
      if (are[address] === 'away') throw new Unreached(address)
      if (are[address] === 'silent')
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      return are[address] !== 'ending'
    },
    close: () => void closed.push(address),
  })
  const replicas = new Replicas(lineTo)
  const ask = (work: (address: string) => Promise<string> = async () => 'answer', tried: ReadonlySet<string> = new Set()) =>
    replicas.ask({
      service: 'things',
      addresses,
      signal: never,
      tried,
      ask: (_line, address) => {
        asked.push(address)
        return are[address] === 'away' ? Promise.reject(new Unreached(address)) : work(address)
      },
    })
  /** Who is asked in `times` turns. */
  const turns = async (times: number) => {
    asked.length = 0
    for (let turn = 0; turn < times; turn++) await ask()
    return [...asked].sort().join('')
  }
  return { asked, looked, closed, are, ask, turns, replicas }
}

test('replicas take turns, and the less busy one is asked first', async () => {
  const { asked, ask, turns } = open()
  expect(await turns(4)).toBe('aabb')
  const work = Promise.withResolvers<string>()
  const slow = ask(() => work.promise)
  const busy = asked.at(-1)
  expect(await turns(4)).toBe(busy === 'a' ? 'bbbb' : 'aaaa')
  work.resolve('late')
  expect(await slow).toBe('late')
  expect(await turns(4)).toBe('aabb')
})

test('one that is not reached costs nothing but its turn, is asked nothing more, and is found again soon after its return', async () => {
  const { asked, are, ask, turns } = open()
  are.a = 'away'
  for (let index = 0; index < 10; index++) expect(await ask()).toBe('answer')
  expect(asked.filter((one) => one === 'a')).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(5000)
  expect(await turns(4)).toBe('bbbb')
  are.a = 'well'
  await vi.advanceTimersByTimeAsync(1001)
  expect(await turns(4)).toBe('aabb')
})

test('one that was just lost is looked for after 200 ms, a place that stays empty every 900 ms, like any other', async () => {
  const { are, looked, turns } = open()
  are.a = 'away'
  await turns(2)
  await vi.advanceTimersByTimeAsync(1000)
  const looks = () => looked.splice(0).filter((one) => one === 'a').length
  expect(looks()).toBe(3)
  await vi.advanceTimersByTimeAsync(10_000)
  looks()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(looks()).toBe(11)
})

test('one that says it takes no more is asked only where there is no other', async () => {
  const { are, ask, turns } = open()
  await turns(2)
  are.a = 'ending'
  await vi.advanceTimersByTimeAsync(1001)
  expect(await turns(4)).toBe('bbbb')
  are.b = 'ending'
  await vi.advanceTimersByTimeAsync(1001)
  expect(await turns(4)).toBe('aabb')
  are.b = 'away'
  await vi.advanceTimersByTimeAsync(1001)
  expect(await ask()).toBe('answer')
})

test('one that does not say how it is comes last at once, is asked nothing after three looks, and is back with its first word', async () => {
  const { are, ask, turns } = open(['a', 'b'])
  await turns(2)
  are.a = 'silent'
  await vi.advanceTimersByTimeAsync(2001)
  expect(await turns(4)).toBe('bbbb')
  are.b = 'silent'
  await vi.advanceTimersByTimeAsync(2001)
  // Both may just be busy.
  expect(await ask()).toBe('answer')
  await vi.advanceTimersByTimeAsync(6000)
  await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
  are.b = 'well'
  await vi.advanceTimersByTimeAsync(2001)
  expect(await turns(2)).toBe('bb')
})

test('one that answers what it is asked is not silent, however slow its looks', async () => {
  const { are, turns } = open(['a'])
  are.a = 'silent'
  for (let round = 0; round < 6; round++) {
    expect(await turns(1)).toBe('a')
    await vi.advanceTimersByTimeAsync(1500)
  }
})

test('each is tried once, and whatever else goes wrong is not tried elsewhere', async () => {
  const { are, asked, ask } = open()
  Object.assign(are, { a: 'away', b: 'away' })
  await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked.toSorted()).toEqual(both)
  await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toHaveLength(2)
  const other = open()
  await expect(other.ask(() => Promise.reject(new Error('broke off')))).rejects.toThrow('broke off')
  expect(other.asked).toHaveLength(1)
})

test('one that was tried before is the last to be tried again', async () => {
  const { asked, ask } = open()
  for (let index = 0; index < 4; index++) await ask(undefined, new Set(['a']))
  expect(asked).toEqual(['b', 'b', 'b', 'b'])
  await ask(undefined, new Set(both))
  expect(asked).toHaveLength(5)
})

test('nobody looks at what is not asked, and a replica forgotten like that is as good as a new one', async () => {
  const { are, looked, turns } = open()
  await vi.advanceTimersByTimeAsync(5000)
  expect(looked).toEqual([])
  are.a = 'away'
  await turns(3)
  await vi.advanceTimersByTimeAsync(70_000)
  looked.length = 0
  await vi.advanceTimersByTimeAsync(60_000)
  expect(looked).toEqual([])
  are.a = 'well'
  expect(await turns(2)).toBe('ab')
})

test('without any address, or a caller, nobody is asked; closed, nobody is looked at', async () => {
  const { replicas, looked, closed, turns } = open()
  const question = { service: 'things', signal: never, ask: async () => 'answer' }
  await expect(replicas.ask({ ...question, addresses: [] })).rejects.toMatchObject({ code: 'unavailable' })
  const signal = AbortSignal.abort(new Error('gone'))
  await expect(replicas.ask({ ...question, addresses: both, signal })).rejects.toThrow('gone')
  await turns(2)
  await replicas.close()
  expect(closed.toSorted()).toEqual(both)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(looked).toEqual([])
})
