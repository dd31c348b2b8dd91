import { describe, expect, test } from 'vitest'
import { createLookup } from './batcher.ts'
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
