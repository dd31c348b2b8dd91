import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locate, type LogView } from './locate.ts'

const BATCH = 3

/** A log in memory, cut into batches as a broker would cut it; counts what is read of it. */
class MemoryLog implements LogView {
  read = 0
  readonly first: number
  readonly #seqs: readonly number[]
  readonly #wide: number

  constructor(seqs: readonly number[], { first = 0, wide = 20 } = {}) {
    this.#seqs = seqs
    this.first = first
    this.#wide = wide
  }

  get end(): number {
    return this.first + this.#seqs.length
  }

  async page(offset: number, wide: boolean) {
    const from = offset - this.first
    const to = Math.min(this.#seqs.length, wide ? from + this.#wide : (Math.floor(from / BATCH) + 1) * BATCH)
    const seqs = this.#seqs.slice(from, to).map((seq, index) => ({ offset: offset + index, seq }))
    this.read += seqs.length
    return { seqs, next: this.first + to }
  }

  at(offset: number): number | undefined {
    return this.#seqs[offset - this.first]
  }
}

/** What publishers that die, come back late and overlap can write: each sends from at most one after what was acknowledged to anybody. */
const validLog = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 12 })), { maxLength: 40 })
  .map((sends) => {
    const seqs: number[] = []
    let highest = 0
    for (const [where, count] of sends) {
      const from = 1 + Math.floor(where * highest)
      // Most go on where the log ends.
      const begin = where > 0.5 ? highest + 1 : from
      for (let seq = begin; seq < begin + count; seq++) seqs.push(seq)
      highest = Math.max(highest, begin + count - 1)
    }
    return { seqs, highest }
  })

test('whatever publishers repeat, every number of the log is found, and the next one is not yet there', async () => {
  await fc.assert(
    fc.asyncProperty(validLog, fc.integer({ min: 0, max: 5000 }), fc.nat(), async ({ seqs, highest }, first, pick) => {
      const log = new MemoryLog(seqs, { first })
      const wanted = 1 + (pick % (highest + 1))
      const located = await locate(log, wanted)
      if (wanted > highest) expect(located).toEqual({ notYet: log.end })
      else expect('found' in located && log.at(located.found)).toBe(wanted)
    }),
    { numRuns: 500 },
  )
})

test('in a log of any numbers whatever, what is there is found, and what is not is called missing or not yet there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 32 }),
      async (seqs, wanted) => {
        const log = new MemoryLog(seqs)
        const located = await locate(log, wanted)
        if (seqs.includes(wanted)) expect('found' in located && log.at(located.found)).toBe(wanted)
        else if ('missing' in located) expect(log.at(located.missing.above)).toBeGreaterThan(wanted)
        else expect([located, seqs.some((seq) => seq > wanted)]).toEqual([{ notYet: log.end }, false])
      },
    ),
    { numRuns: 1000 },
  )
})

test('in a long log without repeats, little is read', async () => {
  const log = new MemoryLog(Array.from({ length: 1_000_000 }, (_, index) => index + 1))
  expect(await locate(log, 654_321)).toEqual({ found: 654_320 })
  expect(log.read).toBeLessThan(100)
})

test('when the wanted number is beyond the end, only the end is looked through', async () => {
  const log = new MemoryLog(Array.from({ length: 1_000_000 }, (_, index) => index + 1))
  expect(await locate(log, 1_000_001)).toEqual({ notYet: 1_000_000 })
  expect(log.read).toBeLessThan(4000)
})

test('when a long repeat at the end hides a number, it is found further back', async () => {
  const seqs = [...Array.from({ length: 20_000 }, (_, index) => index + 1), ...Array.from({ length: 18_000 }, (_, index) => index + 1)]
  const log = new MemoryLog(seqs, { wide: 500 })
  expect(await locate(log, 19_990)).toEqual({ found: 19_989 })
})
