import { expect, test } from 'vitest'
import { Fault, isTransient } from '../fault.ts'
import { PLAIN_SESSION, type CommitFate, type MemoryTx } from '../proof/memory-database.ts'
import { MemoryWorld } from '../proof/memory-world.ts'
import type { Connection } from '../proof/world.ts'
import { PARKED_KEYS_MAX, StreamReader } from './consume.ts'
import { partitionOf } from './partition.ts'
import type { LogRecord, StreamSource } from './ports.ts'

const STREAM = 'shop.events'
const keyIn = (part: number, than = '') =>
  Array.from({ length: 1000 }, (_, index) => `key-${index}`).find((key) => partitionOf(key) === part && key !== than) as string

class Shop {
  readonly world = new MemoryWorld([STREAM], { now: () => 1000, advance: () => {} })
  fate: CommitFate = 'done'
  readonly here: Connection<MemoryTx> = this.world.connect({ ...PLAIN_SESSION, commitFate: () => this.#next() })
  applied: string[][] = []
  readonly failing = new Map<string, Error>()

  #next(): CommitFate {
    const next = this.fate
    this.fate = 'done'
    return next
  }

  /** Publishes the next event of each key, and sequences. */
  async publish(...keys: string[]): Promise<void> {
    await this.here.produce(async (tx) => {
      for (const key of keys) this.here.publish(tx, STREAM, key, await this.here.bump(tx, key))
    })
    while ((await this.here.sequencer.sequence(500)).moved > 0);
  }

  reader(source: StreamSource = this.here.source(STREAM), types = ['Changed']): StreamReader<MemoryTx> {
    return new StreamReader<MemoryTx>({
      consumer: 'reader',
      source,
      store: this.here.consumers,
      types: new Set(types),
      isTransient,
      apply: async (_type, records, tx) => {
        this.applied.push(records.map(nameOf))
        for (const one of records) {
          await this.here.note(tx, { by: 'reader', ...(one.data as { key: string; n: number }), part: one.part, seq: one.seq })
          const error = this.failing.get(nameOf(one)) ?? this.failing.get('*')
          if (error) throw error
        }
      },
    })
  }

  get effects(): string[] {
    return this.world.booksNow().effects.map(({ key, n }) => `${key}/${n}`)
  }

  get parked(): string[] {
    return this.world.booksNow().parked.map(({ key, n }) => `${key}/${n}`)
  }

  /** Takes a record out of the stream, as a carrier that lost it would; answers how to put it back. */
  lose(part: number, seq: number): () => void {
    const at = `${STREAM}/${part}/${seq}`
    const record = this.world.producer.table<LogRecord>('log').get(at) as LogRecord
    this.world.producer.apply(new Map([['log', new Map([[at, null]])]]))
    return () => this.world.producer.apply(new Map([['log', new Map([[at, record]])]]))
  }
}

function nameOf(record: LogRecord): string {
  const { key, n } = record.data as { key: string; n: number }
  return `${key}/${n}`
}

/** Steps until `reader` stands still; failures are tried again, as the loop does. */
async function settle(reader: StreamReader<MemoryTx>): Promise<string> {
  for (let step = 0; step < 50; step++) {
    const outcome = await reader.step().catch(() => undefined)
    if (outcome?.outcome === 'idle') return 'idle'
    if (outcome?.outcome === 'halted') return outcome.reason
  }
  throw new Error('it never stands still')
}

test('events of one type in a row are handled at once, and the position moves with them', async () => {
  const shop = new Shop()
  await shop.publish('a', 'a', 'a')
  const reader = shop.reader()
  expect(await reader.step()).toMatchObject({ outcome: 'moved', events: 3 })
  expect(shop.applied).toEqual([['a/1', 'a/2', 'a/3']])
  expect(await reader.step()).toEqual({ outcome: 'idle' })
  expect(reader.positions.get(partitionOf('a'))?.lastSeq).toBe(3)
})

test('events without a handler only move the position', async () => {
  const shop = new Shop()
  await shop.publish('a', 'a')
  const reader = shop.reader(undefined, ['Other'])
  expect(await reader.step()).toMatchObject({ outcome: 'moved', events: 2 })
  expect([shop.applied, reader.positions.get(partitionOf('a'))?.lastSeq]).toEqual([[], 2])
})

test('one who passes events that a rival passed before is fenced, and then stands where the rival does', async () => {
  const shop = new Shop()
  await shop.publish('a')
  const [quick, slow] = [shop.reader(undefined, ['Other']), shop.reader(undefined, ['Other'])]
  await settle(quick)
  await settle(slow)
  await shop.publish('a', 'a')
  const [first, second] = await Promise.all([quick.step(), slow.step()])
  expect([first.outcome, second.outcome].toSorted()).toEqual(['fenced', 'moved'])
  expect(await settle(slow)).toBe('idle')
  expect(slow.positions.get(partitionOf('a'))?.lastSeq).toBe(3)
})

test('a gap halts its partition at the last event before it, others go on, and the mended stream is read on', async () => {
  const shop = new Shop()
  const [one, other] = [keyIn(1), keyIn(2)]
  await shop.publish(one, one, one, other)
  const mend = shop.lose(1, 2)
  const reader = shop.reader()
  expect(await settle(reader)).toBe(`GAP ${STREAM}/1: 3 after 1`)
  expect(shop.effects.toSorted()).toEqual([`${one}/1`, `${other}/1`].toSorted())
  await shop.publish(other)
  expect(await settle(reader)).toContain('GAP')
  expect(shop.effects).toContain(`${other}/2`)
  mend()
  expect(await settle(reader)).toBe('idle')
  expect(shop.effects.filter((name) => name.startsWith(one))).toEqual([`${one}/1`, `${one}/2`, `${one}/3`])
})

test('a foreign incarnation halts its partition, also for a reader that was started anew', async () => {
  const shop = new Shop()
  await shop.publish('a')
  await settle(shop.reader())
  await shop.publish('a')
  const source = shop.here.source(STREAM)
  const restored: StreamSource = {
    stream: STREAM,
    heads: () => source.heads(),
    read: async (...args) => (await source.read(...args)).map((one) => ({ ...one, incarnation: 'another' })),
  }
  expect(await settle(shop.reader(restored))).toContain(`INCARNATION ${STREAM}/${partitionOf('a')}: another where`)
  expect(shop.effects).toEqual(['a/1'])
})

test('repeats are dropped: 1 2 3 2 3 4 has four effects', async () => {
  const shop = new Shop()
  await shop.publish('a', 'a', 'a', 'a')
  const all = await shop.here.source(STREAM).read(new Map([[partitionOf('a'), 0]]), 10)
  const mirror: StreamSource = {
    stream: STREAM,
    heads: async () => new Map(),
    read: async () => [0, 1, 2, 1, 2, 3].map((index) => all[index] as LogRecord),
  }
  const reader = shop.reader(mirror)
  await reader.step()
  expect(await reader.step()).toEqual({ outcome: 'idle' })
  expect(shop.effects).toEqual(['a/1', 'a/2', 'a/3', 'a/4'])
})

test('an event that fails for good is parked after three tries of its batch, with what follows on its key, and replayed in order', async () => {
  const shop = new Shop()
  const [key, other] = [keyIn(3), keyIn(3, keyIn(3))]
  await shop.publish(key, other, key, other)
  shop.failing.set(`${key}/1`, new TypeError('poison'))
  const reader = shop.reader()
  for (let tries = 0; tries < 3; tries++) await expect(reader.step()).rejects.toThrow('poison')
  expect(shop.parked).toEqual([])
  expect(await reader.step()).toMatchObject({ outcome: 'moved', events: 4 })
  expect([shop.parked, shop.effects]).toEqual([
    [`${key}/1`, `${key}/2`],
    [`${other}/1`, `${other}/2`],
  ])
  await shop.publish(key, other)
  await settle(reader)
  expect([shop.parked, shop.effects.at(-1)]).toEqual([[`${key}/1`, `${key}/2`, `${key}/3`], `${other}/3`])
  expect(await reader.replay(key)).toBe(0)
  shop.failing.clear()
  expect(await reader.replay(key)).toBe(3)
  expect([shop.parked, shop.effects.slice(-3)]).toEqual([[], [`${key}/1`, `${key}/2`, `${key}/3`]])
})

test('a replay that meets poison again keeps what went through and stops there', async () => {
  const shop = new Shop()
  await shop.publish('a', 'a', 'a')
  shop.failing.set('a/1', new Error('poison'))
  const reader = shop.reader()
  await settle(reader)
  shop.failing.clear()
  shop.failing.set('a/2', new Error('poison'))
  expect(await reader.replay('a')).toBe(1)
  expect([shop.effects, shop.parked]).toEqual([['a/1'], ['a/2', 'a/3']])
})

test('a passing fault is waited out however often it comes: nothing is parked', async () => {
  const shop = new Shop()
  await shop.publish('a')
  shop.failing.set('a/1', new Fault('unavailable', 'a neighbour is away'))
  const reader = shop.reader()
  for (let tries = 0; tries < 10; tries++) await expect(reader.step()).rejects.toThrow('away')
  shop.failing.set('a/1', new Error('poison'))
  for (let tries = 0; tries < 3; tries++) await expect(reader.step()).rejects.toThrow('poison')
  shop.failing.set('a/1', new Fault('unavailable', 'a neighbour is away'))
  await expect(reader.step()).rejects.toThrow('away')
  expect(shop.parked).toEqual([])
  shop.failing.clear()
  await settle(reader)
  expect(shop.effects).toEqual(['a/1'])
})

test('a storm of poison halts the consumer before it has parked more than 1,000 keys', async () => {
  const shop = new Shop()
  await shop.publish(...Array.from({ length: PARKED_KEYS_MAX + 300 }, (_, index) => `key-${index}`))
  shop.failing.set('*', new Error('the handler is broken'))
  const reader = shop.reader()
  expect(await settle(reader)).toContain('the handler is broken, not its events')
  const parked = shop.parked.length
  expect(parked).toBeGreaterThan(PARKED_KEYS_MAX - 200)
  expect(parked).toBeLessThanOrEqual(PARKED_KEYS_MAX)
  expect(await settle(reader)).toContain('the handler is broken')
  expect([shop.parked.length, shop.effects]).toEqual([parked, []])
  shop.failing.clear()
  expect(await settle(reader)).toBe('idle')
  expect(shop.effects.length).toBe(PARKED_KEYS_MAX + 300 - parked)
})

test.each<CommitFate>(['done-untold', 'lost'])(
  'when the outcome of the commit is unknown (%s), each effect is there once in the end',
  async (fate) => {
    const shop = new Shop()
    await shop.publish('a', 'a')
    const reader = shop.reader()
    shop.fate = fate
    await expect(reader.step()).rejects.toMatchObject({ code: 'commit-unknown' })
    await settle(reader)
    expect(shop.effects).toEqual(['a/1', 'a/2'])
  },
)

test('a rival that moved on leaves the slower reader fenced, and then at the same place', async () => {
  const shop = new Shop()
  await shop.publish('a')
  const [quick, slow] = [shop.reader(), shop.reader()]
  await settle(slow)
  await shop.publish('a')
  await settle(quick)
  const stale = shop.here.source(STREAM)
  const behind = shop.reader({
    stream: STREAM,
    heads: () => stale.heads(),
    read: async (after, limit) => stale.read(new Map([...after.keys()].map((part) => [part, 0])), limit),
  })
  expect(await behind.step()).toEqual({ outcome: 'idle' })
  await shop.publish('a')
  const [first, second] = await Promise.all([quick.step(), slow.step()])
  expect([first.outcome, second.outcome].toSorted()).toEqual(['fenced', 'moved'])
  await settle(slow)
  expect(shop.effects).toEqual(['a/1', 'a/2', 'a/3'])
  expect(slow.positions.get(partitionOf('a'))?.lastSeq).toBe(3)
})

test('a consumer restored to an earlier time reads on from there, with its effects as they were then', async () => {
  const shop = new Shop()
  await shop.publish('a', 'a')
  await settle(shop.reader())
  const tables = ['positions', 'effects'] as const
  const saved = tables.map((name) => [name, new Map(shop.world.consumer.table(name))] as const)
  await shop.publish('a', 'a')
  await settle(shop.reader())
  for (const key of shop.world.consumer.table('effects').keys())
    if (!saved[1]?.[1].has(key)) shop.world.consumer.apply(new Map([['effects', new Map([[key, null]])]]))
  shop.world.consumer.apply(new Map(saved))
  expect(shop.effects).toEqual(['a/1', 'a/2'])
  await settle(shop.reader())
  expect(shop.effects).toEqual(['a/1', 'a/2', 'a/3', 'a/4'])
})
