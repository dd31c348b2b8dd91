import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMetrics } from '../telemetry/metrics.ts'
import { LIFE_MS_MAX } from './keeper.ts'
import { Kept, type Making } from './kept.ts'
import { keeperSuite, markOf } from './keeper-suite.ts'
import { MemoryKeeper } from './memory-keeper.ts'

describe('kept in memory', () => {
  const keeper = new MemoryKeeper()
  keeperSuite(() => [keeper, keeper])

  test('a value ends with its time, whoever asked for it meanwhile', async () => {
    let now = 0
    const own = new MemoryKeeper({ now: () => now })
    await own.keep('name', 'value', { mark: await markOf(own, 'name'), shows: ['thing'], ms: 100 })
    now = 99
    expect(await own.find('name')).toEqual({ value: 'value' })
    now = 100
    expect(await own.find('name')).toHaveProperty('mark')
  })

  test('when it is full, what was not asked for the longest goes first', async () => {
    const own = new MemoryKeeper({ lengthMax: 350 })
    const keep = async (name: string) => own.keep(name, 'x'.repeat(100), { mark: await markOf(own, name), shows: ['t'], ms: 1000 })
    for (const name of ['a', 'b', 'c']) await keep(name)
    expect(await own.find('a')).toHaveProperty('value')
    await keep('d')
    const found = await Promise.all(['a', 'b', 'c', 'd'].map((name) => own.find(name)))
    expect(found.map((one) => 'value' in one)).toEqual([true, false, true, true])
  })
})

test('what is to be kept for too long is a mistake, and nobody overlooks it', async () => {
  const kept = new Kept(new MemoryKeeper(), { service: 'shop', space: 'own' }, createMetrics())
  const making = (ms: number): Making<string> => ({
    ms,
    make: async () => 'made',
    pack: (value) => ({ value, shows: ['thing'] }),
    unpack: String,
  })
  await expect(kept.through('name', making(LIFE_MS_MAX + 1))).rejects.toThrow('60000 at most')
  await expect(kept.keep('name', 'value', { mark: { epoch: '', seq: 0 }, shows: ['thing'], ms: LIFE_MS_MAX + 1 })).rejects.toThrow(
    'at most',
  )
  expect(await kept.through('name', making(LIFE_MS_MAX))).toBe('made')
  expect(await kept.find('name')).toEqual({ value: 'made' })
})

/** Things that change, a source that reads them slowly, and what readers saw: each by the steps that fast-check gives. */
interface Step {
  readonly do: 'read' | 'change' | 'go on' | 'wait'
  readonly which: number
}

/** Answers what is wrong, if anything is. Every pause between two actions may be as long as other actions need. */
async function play(steps: readonly Step[]): Promise<string[]> {
  let clock = 0
  const keeper = new MemoryKeeper({ now: () => clock })
  // Two processes, as far as single flights go.
  const processes = [0, 1].map(() => new Kept(keeper, { service: 'shop', space: 'own' }, createMetrics()))
  const versions = [0, 0, 0]
  const paused: (() => void)[] = []
  const pause = () => new Promise<void>((go) => paused.push(go))
  const wrong: string[] = []
  const reading: Promise<void>[] = []
  const making = (thing: number): Making<number> => ({
    ms: 5000,
    make: async () => {
      await pause()
      const read = versions[thing] as number
      await pause()
      return read
    },
    pack: (read) => ({ value: String(read), shows: [`thing ${thing}`] }),
    unpack: Number,
  })
  for (const { do: what, which } of steps) {
    const thing = which % versions.length
    if (what === 'wait') clock += which * 500
    if (what === 'go on') paused.splice(which % Math.max(1, paused.length), 1)[0]?.()
    if (what === 'change') {
      versions[thing] = (versions[thing] as number) + 1
      await keeper.forget([`thing ${thing}`])
    }
    if (what === 'read') {
      const atLeast = versions[thing] as number
      const kept = processes[which % 2] as Kept
      reading.push(
        kept.through(`name ${thing}`, making(thing)).then((seen) => {
          if (seen < atLeast) wrong.push(`thing ${thing}: version ${seen} was told after ${atLeast} was acknowledged`)
        }),
      )
    }
    // What can go on without being let goes on.
    await new Promise((done) => setImmediate(done))
  }
  const done = Promise.all(reading)
  let isDone = false
  void done.then(() => (isDone = true))
  while (!isDone) {
    for (const go of paused.splice(0)) go()
    await new Promise((next) => setImmediate(next))
  }
  return wrong
}

describe('whoever reads and whoever changes, in any order', () => {
  test('nobody is told what is older than a change that was acknowledged before he asked', async () => {
    const step = fc.record({ do: fc.constantFrom('read', 'read', 'go on', 'go on', 'change', 'wait'), which: fc.nat(11) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
        expect(await play(steps as Step[])).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
