/** Outbox, sequencer, streams, consumers. */
import type { Mutant } from './mutant.ts'

const consume = { file: 'packages/chassis/events/consume.ts', tier: 'unit', test: 'packages/chassis/events/consume.unit.test.ts' } as const
const simulated = {
  file: 'packages/chassis/events/consume.ts',
  tier: 'unit',
  test: 'packages/chassis/proof/simulation.unit.test.ts',
  title: '2,000 seeds',
} as const
const ports = {
  file: 'packages/chassis/events/postgres-streams.ts',
  tier: 'int',
  test: 'packages/chassis/proof/postgres-ports.int.test.ts',
} as const
const promises = {
  file: 'packages/chassis/events/postgres-streams.ts',
  tier: 'int',
  test: 'packages/chassis/proof/promises.int.test.ts',
} as const
const advance = 'if (!(await store.advance(tx, consumer, source.stream, moves))) throw new Fenced()'

const consumerMutants: readonly Mutant[] = [
  {
    ...consume,
    breaks: 'P5: nobody looks whether the position moved',
    edits: [[advance, 'await store.advance(tx, consumer, source.stream, moves)']],
    title: 'a rival that moved on leaves the slower reader fenced',
  },
  {
    ...simulated,
    breaks: 'P5: the same, seen by the simulation',
    edits: [[advance, 'await store.advance(tx, consumer, source.stream, moves)']],
  },
  {
    ...consume,
    breaks: 'P5: the position moves in a transaction of its own',
    edits: [[advance, 'if (!(await store.transaction((own) => store.advance(own, consumer, source.stream, moves)))) throw new Fenced()']],
    title: 'an event that fails for good is parked',
  },
  {
    ...simulated,
    breaks: 'P5: the same, seen by the simulation',
    edits: [[advance, 'if (!(await store.transaction((own) => store.advance(own, consumer, source.stream, moves)))) throw new Fenced()']],
  },
  {
    ...simulated,
    breaks: 'P3: events of a parked key overtake it',
    edits: [['const free = records.filter((one) => !parked.has(one.key))', 'const free = records']],
  },
  {
    ...consume,
    breaks: 'P3: later events of a poisoned key in the same batch are applied',
    edits: [['poisoned.add(record.key)', '']],
    title: 'an event that fails for good is parked',
  },
  {
    ...consume,
    breaks: 'poison leaves its half-done effects',
    edits: [
      [
        'await store.savepoint(tx, () => this.#run(tx, [record]))\n      } catch (error) {\n        if (isTransient(error)) throw error',
        'await this.#run(tx, [record])\n      } catch (error) {\n        if (isTransient(error)) throw error',
      ],
    ],
    title: 'an event that fails for good is parked',
  },
  {
    ...consume,
    breaks: 'a passing fault is taken for poison',
    edits: [['if (isTransient(error)) throw error\n        poisoned', 'poisoned']],
    title: 'a passing fault is waited out',
  },
  {
    ...consume,
    breaks: 'a broken handler parks everything',
    edits: [['if (keys + poisoned.size > PARKED_KEYS_MAX)', 'if (keys > Number.MAX_SAFE_INTEGER)']],
    title: 'a storm of poison',
  },
  {
    ...consume,
    breaks: 'P1: a gap is skipped',
    edits: [
      ['record.seq > last + 1', 'record.seq < last'],
      ['record.seq === last + 1', 'record.seq > last'],
    ],
    title: 'a gap halts its partition',
  },
  {
    ...consume,
    breaks: 'P5: repeats are applied again',
    edits: [['record.seq === last + 1', 'record.seq <= last + 1']],
    title: 'repeats are dropped',
  },
  {
    ...consume,
    breaks: 'a restored stream is read on',
    edits: [['incarnation !== null && incarnation !== record.incarnation', 'incarnation === record.incarnation && record.seq < 0']],
    title: 'a foreign incarnation halts',
  },
  {
    ...simulated,
    breaks: 'P5: replays of one key at once both apply it',
    edits: [['await store.fence(tx, consumer, source.stream, partitionOf(key))', '']],
  },
]

const streamMutants: readonly Mutant[] = [
  {
    breaks: 'what concerns nobody is not parked behind what is',
    file: 'packages/chassis/events/postgres-streams.ts',
    edits: [['p.key = ANY(${keys}::text[]))`', 'p.key = ANY(${keys}::text[]) AND false)`']],
    tier: 'int',
    test: 'services/gateway/repairs.int.test.ts',
    title: 'when nothing here reads its type, its data is not changed; it may be dropped',
  },
  {
    ...ports,
    breaks: 'P5: the position is set, not compared and set',
    edits: [['AND c.last_seq = m.since AND', 'AND']],
    title: 'a move that does not begin where the position stands',
  },
  {
    ...ports,
    breaks: 'the incarnation is not compared',
    edits: [[' AND (c.incarnation IS NULL OR c.incarnation = m.incarnation)', '']],
    title: 'a move of another incarnation is refused',
  },
  {
    ...ports,
    breaks: 'P5: some of several moves are enough',
    edits: [
      [
        '(await tx.run(advancing(consumer, stream, moves, []))) === moves.length',
        '(await tx.run(advancing(consumer, stream, moves, []))) > 0',
      ],
    ],
    title: 'when one of several moves is refused',
  },
  {
    ...ports,
    breaks: 'P2: sequencers do not lock the head of the stream',
    edits: [
      ['SELECT 1 FROM chassis.stream_head ORDER BY stream, part FOR UPDATE', 'SELECT 1 FROM chassis.stream_head ORDER BY stream, part'],
    ],
    test: 'packages/chassis/database/database.int.test.ts',
    title: 'the numbers of the stream are given under a lock',
  },
  {
    ...promises,
    breaks: 'P3: the sequencer takes events in any order',
    edits: [[' ORDER BY o.id LIMIT', ' LIMIT']],
    title: 'events keep the order of their ids',
  },
  {
    ...promises,
    breaks: 'P3: the sequencer numbers events in any order',
    edits: [['(PARTITION BY t.stream, t.part ORDER BY t.id)', '(PARTITION BY t.stream, t.part ORDER BY t.event_id::text DESC)']],
    title: 'events keep the order of their ids',
  },
  {
    ...ports,
    breaks: 'P1: the sequencer drops events of an unopened stream',
    edits: [['SELECT o.id FROM chassis.outbox o JOIN chassis.stream_head USING (stream, part)', 'SELECT o.id FROM chassis.outbox o']],
    title: 'an event of a stream that was never opened',
  },
  {
    ...ports,
    breaks: 'a fence fences nothing',
    edits: [['AND part = ${part} FOR UPDATE`', 'AND part = ${part}`']],
    title: 'a fence keeps rivals from moving',
  },
  {
    ...ports,
    breaks: 'parked events come back out of order',
    edits: [['AND key = ${key} ORDER BY seq FOR UPDATE', 'AND key = ${key} ORDER BY seq DESC FOR UPDATE']],
    title: 'parked events are kept once each',
  },
]

const transactions = {
  file: 'packages/chassis/database/database.ts',
  tier: 'int',
  test: 'packages/chassis/database/database.int.test.ts',
} as const

const outboxMutants: readonly Mutant[] = [
  {
    ...transactions,
    breaks: 'P1: events are published after the commit',
    edits: [
      ['const written = [this.#writeOutbox(), ...this.#writeMoments()]', 'const written: Promise<unknown>[] = []'],
      [
        "if (result.command !== 'COMMIT') throw new Error('the transaction was rolled back')",
        'void result\n    await Promise.all([this.#writeOutbox(), ...this.#writeMoments()])',
      ],
    ],
    title: 'when the outbox cannot be written',
  },
  {
    ...transactions,
    breaks: 'P1: rows are kept and events lost when a transaction throws',
    edits: [["await client.query('ROLLBACK')\n    return undefined", "await client.query('COMMIT')\n    return undefined"]],
    title: 'what is thrown rolls back rows and events',
  },
  {
    ...transactions,
    breaks: 'a refusal does not roll back',
    edits: [["await client.query('ROLLBACK')\n        return result", "await client.query('COMMIT')\n        return result"]],
    title: 'a returned refusal rolls back',
  },
  {
    ...transactions,
    breaks: 'P1: events of an undone savepoint are published',
    edits: [['this.#outgoing.length = before.outgoing', '']],
    title: 'a savepoint that fails takes back',
  },
  {
    ...transactions,
    breaks: 'a failed transaction passes as committed',
    edits: [["if (result.command !== 'COMMIT') throw new Error('the transaction was rolled back')", 'void result']],
    title: 'a statement that failed unseen',
  },
  {
    ...transactions,
    breaks: 'a terminated backend ends the process',
    edits: [["this.#pool.on('connect', (client) => client.on('error', () => {}))", '']],
    title: 'a backend that is terminated costs its transaction',
  },
]

const repairMutants: readonly Mutant[] = [
  {
    file: 'packages/chassis/runtime/repairs.ts',
    tier: 'int',
    test: 'services/gateway/repairs.int.test.ts',
    breaks: 'a repair overwrites another that it never saw',
    edits: [['if (found.revision !== place.revision)', 'if (found.revision < 0)']],
    title: 'when two administrators repair it at once',
  },
  {
    file: 'packages/chassis/runtime/repairs.ts',
    tier: 'int',
    test: 'services/gateway/repairs.int.test.ts',
    breaks: 'a repaired event no longer fits its contract',
    edits: [['if (errors.length > 0) return refuse', 'if (errors.length < 0) return refuse']],
    title: 'when the data does not fit the contract',
  },
]

export const eventMutants: readonly Mutant[] = [...consumerMutants, ...streamMutants, ...outboxMutants, ...repairMutants]
