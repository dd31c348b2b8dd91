import { describe, expect, test } from 'vitest'
import { createBatcher, createLookup, createSharedWrite } from './batcher.ts'
import type { Tx } from './database/sql.ts'
import { currentTraceId, traceparentFor, withTrace } from './telemetry/trace.ts'

describe('a lookup', () => {
  const numbers = (log: number[][]) =>
    createLookup(async (keys: number[]) => {
      log.push(keys)
      await new Promise((done) => setTimeout(done, 5))
      return new Map(keys.filter((key) => key >= 0).map((key) => [key, `n${key}`]))
    })

  test('asks once for all callers of a moment, and gives each what he asked for', async () => {
    const log: number[][] = []
    const look = numbers(log)
    const answers = await Promise.all([look([1, 2]), look([2, 3]), look([]), look([-1])])
    expect(log).toEqual([[1, 2, 3, -1]])
    expect(answers.map((one) => [...one])).toEqual([
      [
        [1, 'n1'],
        [2, 'n2'],
      ],
      [
        [2, 'n2'],
        [3, 'n3'],
      ],
      [],
      [],
    ])
  })

  test('never answers with what was read before the question', async () => {
    let now = 'old'
    const look = createLookup(async (keys: string[]) => {
      const read = now
      await new Promise((done) => setTimeout(done, 5))
      return new Map(keys.map((key) => [key, read]))
    })
    const first = look(['a'])
    await new Promise((done) => setTimeout(done, 2))
    now = 'new'
    expect((await look(['a'])).get('a')).toBe('new')
    expect((await first).get('a')).toBe('old')
  })

  test('tells a failure to all who asked, and works again after it', async () => {
    let isAway = true
    const look = createLookup(async (keys: string[]) => {
      if (isAway) throw new Error('away')
      return new Map(keys.map((key) => [key, key]))
    })
    const asked = await Promise.allSettled([look(['a']), look(['b'])])
    expect(asked.map((one) => one.status)).toEqual(['rejected', 'rejected'])
    isAway = false
    expect([...(await look(['a']))]).toEqual([['a', 'a']])
  })
})

describe('a shared write', () => {
  const BATCH = { itemsMax: 10, waitMs: 1, lanes: 1, queueMax: 100 }
  /** Transactions that are remembered when they commit; `bad` items fail theirs. */
  const shared = () => {
    const committed: string[][] = []
    const transaction = async <T>(work: (tx: Tx) => Promise<T>) => {
      const written: string[] = []
      const result = await work(written as unknown as Tx)
      committed.push(written)
      return result
    }
    const write = createSharedWrite<{ name: string; context: { transaction: typeof transaction } }>(BATCH, async (tx, items) => {
      for (const { name } of items) {
        await new Promise((done) => setImmediate(done))
        if (name.startsWith('bad')) throw new Error(name)
        ;(tx as unknown as string[]).push(name)
      }
    })
    return { committed, write: (name: string) => write({ name, context: { transaction } }) }
  }

  test('is one transaction for all who come in one moment, or while another is at work', async () => {
    const { committed, write } = shared()
    const first = [write('a'), write('b')]
    await new Promise((done) => setTimeout(done, 1))
    await Promise.all([...first, write('c'), write('d')])
    expect(committed.flat()).toEqual(['a', 'b', 'c', 'd'])
    expect(committed.length).toBeLessThanOrEqual(3)
  })

  test('when one fails, he alone hears of it, and what the others wrote is there once', async () => {
    const { committed, write } = shared()
    const outcomes = await Promise.allSettled([write('a'), write('bad one'), write('b'), write('bad two')])
    expect(outcomes.map((one) => (one.status === 'rejected' ? one.reason.message : 'written'))).toEqual([
      'written',
      'bad one',
      'written',
      'bad two',
    ])
    expect(committed).toEqual([['a'], ['b']])
  })

  test('when what is thrown is nothing at all, it is a failure all the same', async () => {
    const transaction = () => Promise.reject(undefined)
    const write = createSharedWrite(BATCH, async () => {})
    await expect(write({ context: { transaction } })).rejects.toBeUndefined()
  })
})

describe('traces', () => {
  const OPTIONS = { itemsMax: 10, waitMs: 1, lanes: 1, queueMax: 100 }
  const id = (digit: string) => digit.repeat(32)
  const under = <T>(digit: string, work: () => T) => withTrace(`00-${id(digit)}-${'e'.repeat(16)}-01`, work)
  type Seen = readonly [own: string | undefined, ofAll: string | undefined]
  const seenBy = (key: string): Seen => [traceparentFor(key)?.slice(3, 35), currentTraceId()]
  const keyed = () =>
    createBatcher<string, Seen>(
      OPTIONS,
      async (keys) => {
        await new Promise((go) => setTimeout(go, 5))
        return keys.map(seenBy)
      },
      (key) => [key],
    )

  test('what a batch does under the key of an item has the trace of that item, and the batch itself none', async () => {
    const ask = keyed()
    const together = await Promise.all(['a', 'b', 'c'].map((key) => under(key, () => ask(key))))
    expect(together).toEqual(['a', 'b', 'c'].map((key) => [id(key), undefined]))
  })

  test('those who come while a batch is at work, and are worked on after it, have their own traces as well', async () => {
    const ask = keyed()
    const first = under('a', () => ask('a'))
    await new Promise((go) => setTimeout(go, 2))
    const [alone, ...later] = await Promise.all([first, under('b', () => ask('b')), under('c', () => ask('c'))])
    expect([alone, ...later]).toEqual([
      [id('a'), id('a')],
      [id('b'), undefined],
      [id('c'), undefined],
    ])
    expect(await under('d', () => ask('d'))).toEqual([id('d'), id('d')])
  })

  test('without keys a batch of several has no trace, and one of a single trace has that', async () => {
    const seen: (string | undefined)[] = []
    const look = createLookup(async (keys: string[]) => {
      seen.push(currentTraceId())
      return new Map(keys.map((key) => [key, key]))
    })
    await Promise.all([under('a', () => look(['one'])), under('b', () => look(['two']))])
    await Promise.all([under('c', () => look(['one'])), under('c', () => look(['two']))])
    expect(seen).toEqual([undefined, id('c')])
  })

  test('who must write for himself, because another failed, still writes under his own trace', async () => {
    const written: [string, string | undefined][] = []
    const transaction = <T>(work: (tx: Tx) => Promise<T>) => work({} as Tx)
    const write = createSharedWrite<{ name: string; context: { transaction: typeof transaction } }>(
      OPTIONS,
      async (_tx, items) => {
        if (items.some((one) => one.name === 'bad')) throw new Error('bad')
        for (const { name } of items) written.push([name, traceparentFor(name)?.slice(3, 35)])
      },
      ({ name }) => [name],
    )
    const context = { transaction }
    await Promise.allSettled(['a', 'bad', 'b'].map((name) => under(name[0] === 'b' ? 'b' : 'a', () => write({ name, context }))))
    expect(written.toSorted()).toEqual([
      ['a', id('a')],
      ['b', id('b')],
    ])
  })
})
