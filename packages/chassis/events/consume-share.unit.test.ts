/** Readers that share a stream: each reads what is its own, and begins where others left off. */
import { expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { isTransient } from '../fault.ts'
import { PLAIN_SESSION, type MemoryTx } from '../proof/memory-database.ts'
import { MemoryWorld } from '../proof/memory-world.ts'
import type { Connection } from '../proof/world.ts'
import { StreamReader } from './consume.ts'
import { partitionOf } from './partition.ts'
import type { LogRecord } from './ports.ts'
import type { Share } from './share.ts'

const STREAM = 'shop.events'
const keyIn = (part: number) =>
  Array.from({ length: 1000 }, (_, index) => `key-${index}`).find((key) => partitionOf(key) === part) as string
const keys = Array.from({ length: PARTITIONS }, (_, part) => keyIn(part))
const ofParts = (term: number, ...parts: number[]): Share => ({ term, has: (_stream, part) => parts.includes(part) })

class Shop {
  readonly world = new MemoryWorld([STREAM], { now: () => 1000, advance: () => {} })
  readonly here: Connection<MemoryTx> = this.world.connect(PLAIN_SESSION)
  readonly failing = new Set<string>()

  async publish(...of: string[]): Promise<void> {
    await this.here.produce(async (tx) => {
      for (const key of of) this.here.publish(tx, STREAM, key, await this.here.bump(tx, key))
    })
    while ((await this.here.sequencer.sequence(500)).moved > 0);
  }

  /** Forgets the beginning of a partition, as a stream that keeps only so much. */
  forget(part: number, upTo: number): void {
    for (let seq = 1; seq <= upTo; seq++) this.world.producer.apply(new Map([['log', new Map([[`${STREAM}/${part}/${seq}`, null]])]]))
  }

  /** A reader whose share is what `share.now` says. */
  reader(share: { now: Share }) {
    const seen: string[] = []
    const reader = new StreamReader<MemoryTx>({
      consumer: 'reader',
      source: this.here.source(STREAM),
      store: this.here.consumers,
      types: new Set(['Changed']),
      isTransient,
      share: () => share.now,
      apply: async (_type, records, tx) => {
        for (const one of records) {
          const { key, n } = one.data as { key: string; n: number }
          if (this.failing.has(key)) throw new Error(`${key} is poison`)
          seen.push(`${key}/${n}`)
          await this.here.note(tx, { by: 'reader', key, n, part: one.part, seq: (one as LogRecord).seq })
        }
      },
    })
    return { reader, seen }
  }

  get effects(): string[] {
    return this.world.booksNow().effects.map(({ key, n }) => `${key}/${n}`)
  }
}

async function settle(reader: StreamReader<MemoryTx>): Promise<string> {
  for (let step = 0; step < 50; step++) {
    const { outcome } = await reader.step()
    if (outcome === 'idle' || outcome === 'halted') return outcome
  }
  throw new Error('it never stands still')
}

test('a reader without a share reads nothing; two readers read what is theirs, and together everything', async () => {
  const shop = new Shop()
  await shop.publish(...keys)
  const [one, other] = [{ now: ofParts(0) }, { now: ofParts(1, 1, 3, 5) }]
  const [first, second] = [shop.reader(one), shop.reader(other)]
  expect(await settle(first.reader)).toBe('idle')
  expect(first.seen).toEqual([])
  one.now = ofParts(1, 0, 2, 4)
  await settle(first.reader)
  await settle(second.reader)
  expect(first.seen).toEqual([0, 2, 4].map((part) => `${keys[part]}/1`))
  expect(second.seen).toEqual([1, 3, 5].map((part) => `${keys[part]}/1`))
})

test('what changed hands is read on from where its last reader left it', async () => {
  const shop = new Shop()
  const [one, other] = [{ now: ofParts(1, 0, 1, 2) }, { now: ofParts(1, 3, 4, 5) }]
  const [first, second] = [shop.reader(one), shop.reader(other)]
  await shop.publish(...keys)
  await Promise.all([settle(first.reader), settle(second.reader)])
  ;[one.now, other.now] = [ofParts(2, 3, 4, 5), ofParts(2, 0, 1, 2)]
  await shop.publish(...keys)
  await Promise.all([settle(first.reader), settle(second.reader)])
  expect(shop.effects.toSorted()).toEqual(keys.flatMap((key) => [`${key}/1`, `${key}/2`]).toSorted())
  expect(first.seen.slice(3)).toEqual([3, 4, 5].map((part) => `${keys[part]}/2`))
})

test('one that thinks too much is its own is fenced, and every event has its effect once', async () => {
  const shop = new Shop()
  const [stale, rightful] = [shop.reader({ now: ofParts(1, 0, 1, 2, 3, 4, 5) }), shop.reader({ now: ofParts(1, 0, 1, 2) })]
  await shop.publish(...keys)
  await settle(stale.reader)
  await shop.publish(...keys)
  await settle(rightful.reader)
  await shop.publish(...keys)
  const outcomes = [await stale.reader.step(), await stale.reader.step()].map(({ outcome }) => outcome)
  expect(outcomes).toEqual(['fenced', 'moved'])
  await settle(rightful.reader)
  expect(shop.effects.toSorted()).toEqual(keys.flatMap((key) => [`${key}/1`, `${key}/2`, `${key}/3`]).toSorted())
})

test.each([
  ['a share that changed and came back', true],
  ['a rival that worked here unseen', false],
])('after %s, what the stream no longer holds is no gap', async (_, isTold) => {
  const shop = new Shop()
  const share = { now: ofParts(1, 2) }
  const [mine, rival] = [shop.reader(share), shop.reader({ now: ofParts(1, 2) })]
  await shop.publish(keyIn(2))
  await settle(mine.reader)
  await shop.publish(keyIn(2), keyIn(2))
  await settle(rival.reader)
  shop.forget(2, 3)
  await shop.publish(keyIn(2))
  if (isTold) share.now = ofParts(3, 2)
  expect(await settle(mine.reader)).toBe('idle')
  expect(mine.seen).toEqual([`${keyIn(2)}/1`, `${keyIn(2)}/4`])
  // What nobody has read is one.
  await shop.publish(keyIn(2), keyIn(2))
  shop.forget(2, 5)
  expect(await settle(mine.reader)).toBe('halted')
  expect(await settle(mine.reader)).toBe('halted')
})

test('failures in what was given away do not count against what came instead', async () => {
  const shop = new Shop()
  const share = { now: ofParts(1, 1) }
  const { reader } = shop.reader(share)
  await shop.publish(keyIn(1), keyIn(2))
  for (const part of [1, 2]) shop.failing.add(keyIn(part))
  for (let tries = 0; tries < 3; tries++) await expect(reader.step()).rejects.toThrow('poison')
  share.now = ofParts(2, 2)
  for (let tries = 0; tries < 3; tries++) await expect(reader.step()).rejects.toThrow('poison')
  expect(shop.world.booksNow().parked).toEqual([])
  await reader.step()
  expect(shop.world.booksNow().parked.map(({ key }) => key)).toEqual([keyIn(2)])
})
