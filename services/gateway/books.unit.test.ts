import type { CallFn } from '@stoa/chassis/service.ts'
import { expect, test } from 'vitest'
import { booksAtRest } from './books.ts'

interface Report {
  readonly ok: boolean
  readonly atRest?: boolean
}

/** Two services whose reports are given for each round; undefined: it does not answer. The last one stays. */
function houseOf(rounds: readonly (Report | undefined)[]) {
  let asked = 0
  const call = async ({ service, name }: { service: string; name: string }) => {
    if (service === 'platform') return { items: ['quiet', 'moving'] }
    expect(name).toBe('chassis:RunChecks')
    const report = service === 'quiet' ? { ok: true } : rounds[Math.min(asked++, rounds.length - 1)]
    if (!report) throw new Error('away')
    const { ok, atRest = true } = report
    return { checks: [{ name: `${service}: a book`, ok, examined: 3, broken: ok ? 0 : 1, examples: ok ? [] : ['one'] }], atRest }
  }
  return { call: call as unknown as CallFn, asked: () => asked }
}

test('when every book is right and nothing moves, one look is enough', async () => {
  const { call, asked } = houseOf([{ ok: true }])
  expect(await booksAtRest(call, 25)).toEqual({
    ok: true,
    checks: [
      { name: 'quiet: a book', ok: true, examined: 3, broken: 0, examples: [] },
      { name: 'moving: a book', ok: true, examined: 3, broken: 0, examples: [] },
    ],
  })
  expect(asked()).toBe(1)
})

test('when books are wrong or still move, they are looked at again until they rest', async () => {
  const { call, asked } = houseOf([{ ok: false }, { ok: true, atRest: false }, { ok: true }])
  expect((await booksAtRest(call, 25)).ok).toBe(true)
  expect(asked()).toBe(3)
})

test('when nobody waits, what is broken is told at once', async () => {
  const { call, asked } = houseOf([{ ok: false }, { ok: true }])
  expect((await booksAtRest(call, 0)).checks[1]).toMatchObject({ ok: false, broken: 1, examples: ['one'] })
  expect(asked()).toBe(1)
})

test('when whoever asked is gone, nobody looks again', async () => {
  const { call, asked } = houseOf([{ ok: false }])
  expect((await booksAtRest(call, 25, AbortSignal.abort())).ok).toBe(false)
  expect(asked()).toBe(1)
})

test('when a service does not answer, that is what is broken, and the others are told as they are', async () => {
  const { call } = houseOf([undefined])
  expect(await booksAtRest(call, 0)).toMatchObject({
    ok: false,
    checks: [
      { name: 'quiet: a book', ok: true },
      { name: 'moving: answers', ok: false, broken: 1 },
    ],
  })
})
