/** Sequencer, stream and consumer store. */
import assert from 'node:assert/strict'
import { PARTITIONS } from '../contract.ts'
import type { LogRecord, Move } from '../events/ports.ts'
import type { Case, Rig } from './ports-suite.ts'
import { gate, isStillWaiting } from './patience.ts'

const STREAM = 'suite.events'
const CONSUMER = 'reader'
const ALL = new Map(Array.from({ length: PARTITIONS }, (_, part) => [part, 0]))

async function publish<Tx>({ here }: Rig<Tx>, keys: readonly string[], stream: string = STREAM): Promise<void> {
  await here.produce(async (tx) => {
    for (const key of keys) here.publish(tx, stream, key, await here.bump(tx, key))
  })
}

async function sequenceAll<Tx>({ here }: Rig<Tx>): Promise<void> {
  for (let round = 0; round < 100; round++) if ((await here.sequencer.sequence(50)).moved === 0) return
  throw new Error('the outbox does not end')
}

async function written<Tx>(rig: Rig<Tx>, keys: readonly string[]): Promise<LogRecord[]> {
  await publish(rig, keys)
  await sequenceAll(rig)
  return rig.here.source(STREAM).read(ALL, 1000)
}

function moveTo(record: LogRecord, from: number): Move {
  return { part: record.part, incarnation: record.incarnation, from, to: record.seq }
}

async function positionOf<Tx>(rig: Rig<Tx>, part: number): Promise<number | undefined> {
  return (await rig.here.consumers.positions(CONSUMER, STREAM)).find((one) => one.part === part)?.lastSeq
}

const seqsOf = (records: readonly LogRecord[], part: number) => records.filter((one) => one.part === part).map((one) => one.seq)

class Undo extends Error {}
const undo = (error: unknown) => assert.ok(error instanceof Undo, String(error))

const streamCases: Case[] = [
  {
    title: 'events of one transaction are numbered from 1 in each partition, in the order of publishing',
    run: async (rig) => {
      const keys = ['a', 'b', 'a', 'c', 'a', 'b', 'd', 'e', 'f', 'a']
      const records = await written(rig, keys)
      assert.equal(records.length, keys.length)
      for (const part of ALL.keys())
        assert.deepEqual(
          seqsOf(records, part),
          Array.from({ length: seqsOf(records, part).length }, (_, index) => index + 1),
        )
      assert.deepEqual(
        records.filter((one) => one.key === 'a').map((one) => one.data),
        [1, 2, 3, 4].map((n) => ({ key: 'a', n })),
      )
      assert.equal(new Set(records.map((one) => one.eventId)).size, keys.length)
    },
  },
  {
    title: 'the sequencer says how many events moved and which streams grew, and moves no more than asked for',
    run: async (rig) => {
      assert.deepEqual(await rig.here.sequencer.sequence(10), { moved: 0, streams: [] })
      await publish(rig, ['a', 'b', 'c'])
      await publish(rig, ['a'], 'suite.other')
      assert.equal((await rig.here.sequencer.sequence(3)).moved, 3)
      assert.equal((await rig.world.books()).outbox.length, 1)
      assert.deepEqual(await rig.here.sequencer.sequence(3), { moved: 1, streams: ['suite.other'] })
    },
  },
  {
    title: 'what a rolled-back transaction published is nowhere',
    run: async (rig) => {
      const { here } = rig
      const failed = here.produce(async (tx) => {
        here.publish(tx, STREAM, 'a', await here.bump(tx, 'a'))
        throw new Undo()
      })
      await failed.catch(undo)
      await sequenceAll(rig)
      const books = await rig.world.books()
      assert.deepEqual([books.outbox, books.log, books.aggregates.size], [[], [], 0])
    },
  },
  {
    title: 'rival sequencers give every event one number, without a gap, in the order of its key',
    run: async (rig) => {
      for (let round = 0; round < 12; round++) await publish(rig, ['a', 'b', 'c', 'd', 'a'])
      const moved = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? rig.here : rig.rival).sequencer.sequence(3)))
      assert.equal(
        moved.reduce((sum, one) => sum + one.moved, 0),
        60,
      )
      const { log, outbox, heads } = await rig.world.books()
      assert.equal(outbox.length, 0)
      for (const part of ALL.keys()) {
        const seqs = log.filter((one) => one.part === part).map((one) => one.seq)
        assert.deepEqual(
          seqs,
          Array.from({ length: seqs.length }, (_, index) => index + 1),
        )
        assert.equal(heads.find((one) => one.part === part && one.stream === STREAM)?.nextSeq, seqs.length + 1)
      }
      assert.deepEqual(
        log.filter((one) => one.key === 'a').map((one) => one.n),
        Array.from({ length: 24 }, (_, index) => index + 1),
      )
    },
  },
  {
    title: 'a transaction that is still open holds back its own events only',
    run: async (rig) => {
      const { here, rival } = rig
      const commit = gate()
      const begun = gate()
      const late = rival.produce(async (tx) => {
        rival.publish(tx, STREAM, 'late', await rival.bump(tx, 'late'))
        begun.open()
        await commit.passed
      })
      await begun.passed
      try {
        await publish(rig, ['early'])
        await sequenceAll(rig)
        assert.deepEqual(
          (await here.source(STREAM).read(ALL, 10)).map((one) => one.key),
          ['early'],
        )
      } finally {
        commit.open()
        await late
      }
      await sequenceAll(rig)
      assert.deepEqual((await here.source(STREAM).read(ALL, 10)).map((one) => one.key).sort(), ['early', 'late'])
    },
  },
  {
    title: 'an event of a stream that was never opened waits in the outbox and holds up no other',
    run: async (rig) => {
      await publish(rig, ['a'], 'suite.unopened')
      await publish(rig, ['b'])
      await rig.here.sequencer.sequence(10)
      await rig.here.sequencer.sequence(10)
      const { outbox, log } = await rig.world.books()
      assert.deepEqual([outbox, log.map((one) => one.key)], [[{ key: 'a', n: 1 }], ['b']])
    },
  },
  {
    title: 'a reader gets what comes after its positions, in order, and shares a page fairly between partitions',
    run: async (rig) => {
      const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`)
      const all = await written(rig, keys)
      const source = rig.here.source(STREAM)
      assert.deepEqual(await source.heads(), new Map([...ALL.keys()].map((part) => [part, Math.max(0, ...seqsOf(all, part))])))
      const page = await source.read(ALL, 12)
      for (const part of ALL.keys()) assert.deepEqual(seqsOf(page, part), seqsOf(all, part).slice(0, 2))
      const rest = await source.read(new Map([...ALL.keys()].map((part) => [part, 2])), 1000)
      for (const part of ALL.keys()) assert.deepEqual(seqsOf(rest, part), seqsOf(all, part).slice(2))
      assert.deepEqual(await rig.here.source('suite.other').read(ALL, 10), [])
    },
  },
]

const positionCases: Case[] = [
  {
    title: 'a consumer begins before the first event of every partition',
    run: async (rig) => {
      const positions = await rig.here.consumers.positions(CONSUMER, STREAM)
      assert.deepEqual(
        positions,
        [...ALL.keys()].map((part) => ({ part, incarnation: null, lastSeq: 0 })),
      )
    },
  },
  {
    title: 'a position moves with the effects of its transaction',
    run: async (rig) => {
      const [record] = (await written(rig, ['a'])) as [LogRecord]
      const { consumers } = rig.here
      await consumers.positions(CONSUMER, STREAM)
      const moved = await consumers.transaction(async (tx) => {
        const moving = await consumers.advance(tx, CONSUMER, STREAM, [moveTo(record, 0)])
        await rig.here.note(tx, { by: CONSUMER, key: 'a', n: 1, part: record.part, seq: record.seq })
        return moving
      })
      assert.equal(moved, true)
      assert.equal(await positionOf(rig, record.part), 1)
      assert.equal((await rig.world.books()).effects.length, 1)
    },
  },
  {
    title: 'a rollback puts the position back and undoes effects, parked events and what was scheduled',
    run: async (rig) => {
      const [record] = (await written(rig, ['a'])) as [LogRecord]
      const { consumers } = rig.here
      await consumers.positions(CONSUMER, STREAM)
      const failed = consumers.transaction(async (tx) => {
        assert.equal(await consumers.advance(tx, CONSUMER, STREAM, [moveTo(record, 0)]), true)
        await rig.here.note(tx, { by: CONSUMER, key: 'a', n: 1 })
        await consumers.park(tx, CONSUMER, [record], 'poison')
        rig.here.schedule(tx, 'timer', 'a', 0, null)
        throw new Undo()
      })
      await failed.catch(undo)
      const { effects, parked, moments } = await rig.world.books()
      assert.deepEqual([await positionOf(rig, record.part), effects, parked, moments], [0, [], [], []])
    },
  },
  {
    title: 'a move that does not begin where the position stands is refused',
    run: async (rig) => {
      const [first, second] = (await written(rig, ['a', 'a'])) as [LogRecord, LogRecord]
      const { consumers } = rig.here
      const advance = (moves: readonly Move[]) => consumers.transaction((tx) => consumers.advance(tx, CONSUMER, STREAM, moves))
      await consumers.positions(CONSUMER, STREAM)
      assert.equal(await advance([moveTo(second, 1)]), false)
      assert.equal(await advance([moveTo(first, 0)]), true)
      assert.equal(await advance([moveTo(first, 0)]), false)
      assert.equal(await advance([moveTo(second, 1)]), true)
      assert.equal(await positionOf(rig, first.part), 2)
    },
  },
  {
    title: 'a move of another incarnation is refused',
    run: async (rig) => {
      const [first, second] = (await written(rig, ['a', 'a'])) as [LogRecord, LogRecord]
      const { consumers } = rig.here
      await consumers.positions(CONSUMER, STREAM)
      assert.equal(await consumers.transaction((tx) => consumers.advance(tx, CONSUMER, STREAM, [moveTo(first, 0)])), true)
      const foreign = { ...moveTo(second, 1), incarnation: '00000000-0000-4000-8000-000000000000' }
      assert.equal(await consumers.transaction((tx) => consumers.advance(tx, CONSUMER, STREAM, [foreign])), false)
    },
  },
  {
    title: 'passing moves each position that stands where its move begins, and none past a key with parked events',
    run: async (rig) => {
      const records = await written(
        rig,
        Array.from({ length: 20 }, (_, index) => `key-${index}`),
      )
      const [one, other] = [...ALL.keys()].flatMap((part) => records.find((record) => record.part === part) ?? []) as [LogRecord, LogRecord]
      const { consumers } = rig.here
      await consumers.positions(CONSUMER, STREAM)
      assert.equal(await consumers.pass(CONSUMER, STREAM, [moveTo(one, 0), moveTo(other, 7)], []), false)
      assert.deepEqual([await positionOf(rig, one.part), await positionOf(rig, other.part)], [1, 0])
      await consumers.transaction((tx) => consumers.park(tx, CONSUMER, [one], 'poison'))
      assert.equal(await consumers.pass(CONSUMER, STREAM, [moveTo(other, 0)], [other.key, one.key]), false)
      assert.equal(await positionOf(rig, other.part), 0)
      assert.equal(await consumers.pass(CONSUMER, STREAM, [moveTo(other, 0)], [other.key]), true)
      assert.equal(await positionOf(rig, other.part), 1)
    },
  },
  {
    title: 'when one of several moves is refused, the whole advance is refused',
    run: async (rig) => {
      const records = await written(
        rig,
        Array.from({ length: 20 }, (_, index) => `key-${index}`),
      )
      const [one, other] = [...ALL.keys()].flatMap((part) => records.find((record) => record.part === part) ?? []) as [LogRecord, LogRecord]
      const { consumers } = rig.here
      await consumers.positions(CONSUMER, STREAM)
      assert.equal(
        await consumers.transaction((tx) => consumers.advance(tx, CONSUMER, STREAM, [moveTo(one, 0), { ...moveTo(other, 7), to: 8 }])),
        false,
      )
    },
  },
  {
    title: 'of rivals that move from the same place, one does',
    run: async (rig) => {
      const [record] = (await written(rig, ['a'])) as [LogRecord]
      await rig.here.consumers.positions(CONSUMER, STREAM)
      const tries = Array.from({ length: 8 }, async (_, index) => {
        const { consumers } = index % 2 ? rig.here : rig.rival
        return consumers.transaction((tx) => consumers.advance(tx, CONSUMER, STREAM, [moveTo(record, 0)]))
      })
      assert.deepEqual((await Promise.all(tries)).sort(), [false, false, false, false, false, false, false, true])
    },
  },
  {
    title: 'a fence keeps rivals from moving in its partition until it falls',
    run: async (rig) => {
      const [record] = (await written(rig, ['a'])) as [LogRecord]
      const { here, rival } = rig
      await here.consumers.positions(CONSUMER, STREAM)
      const fall = gate()
      const up = gate()
      const fenced = here.consumers.transaction(async (tx) => {
        await here.consumers.fence(tx, CONSUMER, STREAM, record.part)
        up.open()
        await fall.passed
      })
      await up.passed
      const moving = rival.consumers.transaction((tx) => rival.consumers.advance(tx, CONSUMER, STREAM, [moveTo(record, 0)]))
      try {
        assert.equal(await isStillWaiting(moving, rig.patienceMs), true)
      } finally {
        fall.open()
        await fenced
      }
      assert.equal(await moving, true)
    },
  },
]

const parkingCases: Case[] = [
  {
    title: 'parked events are kept once each, by key and in order, until they are taken out',
    run: async (rig) => {
      const records = await written(rig, ['a', 'b', 'a', 'a'])
      const { consumers } = rig.here
      await consumers.transaction((tx) => consumers.park(tx, CONSUMER, [...records].reverse(), 'poison'))
      await consumers.transaction((tx) => consumers.park(tx, CONSUMER, records.slice(0, 2), 'again'))
      assert.deepEqual(await consumers.countParked(CONSUMER, STREAM), { keys: 2, events: 4 })
      assert.deepEqual(await consumers.countParked('another', STREAM), { keys: 0, events: 0 })
      await consumers.transaction(async (tx) => {
        assert.deepEqual(await consumers.parkedKeys(tx, CONSUMER, STREAM, ['a', 'z']), new Set(['a']))
        const parked = await consumers.parkedOf(tx, CONSUMER, STREAM, 'a')
        assert.deepEqual(
          parked.map((one) => one.data),
          [1, 2, 3].map((n) => ({ key: 'a', n })),
        )
        await consumers.unpark(tx, CONSUMER, parked[0] as LogRecord)
      })
      assert.deepEqual(await consumers.countParked(CONSUMER, STREAM), { keys: 2, events: 3 })
      assert.equal((await consumers.transaction((tx) => consumers.parkedOf(tx, CONSUMER, STREAM, 'a'))).length, 2)
    },
  },
  {
    title: 'a savepoint that fails undoes its own writes and leaves the rest',
    run: async (rig) => {
      const { here } = rig
      await here.consumers.transaction(async (tx) => {
        await here.note(tx, { by: 'before', key: 'a', n: 1 })
        here.schedule(tx, 'timer', 'before', 0, null)
        const failed = here.consumers.savepoint(tx, async () => {
          await here.note(tx, { by: 'within', key: 'a', n: 1 })
          here.schedule(tx, 'timer', 'within', 0, null)
          throw new Undo()
        })
        await failed.catch(undo)
        await here.consumers.savepoint(tx, () => here.note(tx, { by: 'after', key: 'a', n: 1 }))
      })
      const { effects, moments } = await rig.world.books()
      assert.deepEqual([effects.map((one) => one.by), moments.map((one) => one.key)], [['before', 'after'], ['before']])
    },
  },
  {
    title: 'a savepoint that fails takes back what was published in it',
    run: async (rig) => {
      const { here } = rig
      await here.produce(async (tx) => {
        here.publish(tx, STREAM, 'kept', await here.bump(tx, 'kept'))
        await here.consumers
          .savepoint(tx, async () => {
            here.publish(tx, STREAM, 'undone', 1)
            throw new Undo()
          })
          .catch(undo)
      })
      assert.deepEqual((await rig.world.books()).outbox, [{ key: 'kept', n: 1 }])
    },
  },
]

export const eventCases: readonly Case[] = [...streamCases, ...positionCases, ...parkingCases]
