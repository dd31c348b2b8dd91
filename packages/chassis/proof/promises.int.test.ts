import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { sql, type Tx } from '../database/sql.ts'
import { type Step, StreamReader } from '../events/consume.ts'
import { partitionOf } from '../events/partition.ts'
import { isTransient } from '../fault.ts'
import { testServer } from '../testing/server.ts'
import { checkAlways } from './checks.ts'
import { CONSUMERS, STREAM } from './lives.ts'
import { PostgresWorld, provisionWorld, Terminator, type WorldAddress } from './postgres-world.ts'
import { Random } from './random.ts'
import type { Connection, Numbered } from './world.ts'

let address: WorldAddress
let world: PostgresWorld
let here: Connection<Tx>
let terminator: Terminator
beforeAll(async () => {
  address = await provisionWorld(testServer())
  world = new PostgresWorld(address, [STREAM], 24)
  here = world.connect()
  terminator = new Terminator(testServer(), address)
  await terminator.connect()
})
beforeEach(() => world.reset())
afterAll(async () => {
  await world.close()
  await terminator.close()
})

const A = 'key-a'
const PART = partitionOf(A)

function publish(...keys: string[]): Promise<void> {
  return here.produce(async (tx) => {
    for (const key of keys) here.publish(tx, STREAM, key, await here.bump(tx, key))
  })
}

async function sequenceAll(): Promise<void> {
  while ((await here.sequencer.sequence(500)).moved > 0);
}

function readerOf(consumer: string, poison: (event: Numbered) => boolean = () => false): StreamReader<Tx> {
  return new StreamReader<Tx>({
    consumer,
    source: here.source(STREAM),
    store: here.consumers,
    types: new Set(['Changed']),
    isTransient,
    apply: async (_type, records, tx) => {
      for (const { data, part, seq } of records) {
        await here.note(tx, { by: consumer, ...(data as Numbered), part, seq })
        if (poison(data as Numbered)) throw new Error('poison')
      }
    },
  })
}

/** Reads until the reader stands still. */
async function readAll(reader: StreamReader<Tx>): Promise<Step> {
  for (let tries = 0; tries < 200; tries++) {
    const step = await reader.step().catch(() => undefined)
    if (step?.outcome === 'idle' || step?.outcome === 'halted') return step
  }
  throw new Error('it never stands still')
}

async function effectsOf(consumer: string): Promise<string[]> {
  return (await world.books()).effects.filter((one) => one.by === consumer).map(({ key, n }) => `${key}/${n}`)
}

/** A client of its own, outside every pool. */
async function withClient<T>(connection: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

test('16 writers on 50 hot keys, rival sequencers and consumers, five terminated backends: P1, P2, P3 and P5 hold', {
  timeout: 90_000,
}, async () => {
  const random = new Random(50)
  const [writers, each] = [16, 60]
  let writing = writers
  const settling = () => writing > 0
  const write = async () => {
    for (let left = each; left > 0; ) {
      const keys = [...new Set(Array.from({ length: random.whole(1, 2) }, () => `hot-${random.whole(1, 50)}`))].toSorted()
      const thought = random.chance(0.5) ? random.whole(0, 4) : 0
      const written = await here
        .produce(async (tx) => {
          for (const key of keys) here.publish(tx, STREAM, key, await here.bump(tx, key))
          if (thought > 0) await pause(thought)
        })
        .then(
          () => true,
          () => false,
        )
      if (written) left--
    }
    writing--
  }
  const rival = async (work: () => Promise<boolean>) => {
    for (let rests = 0; settling() || rests < 3; ) {
      const moved = await work().catch(() => false)
      if (!moved && !settling()) rests++
      if (!moved) await pause(2)
    }
  }
  const sequencing = () => here.sequencer.sequence(100).then(({ moved }) => moved > 0)
  const reading = (consumer: string) => {
    const reader = readerOf(consumer)
    return () => reader.step().then(({ outcome }) => outcome === 'moved')
  }
  const striking = async () => {
    for (let strikes = 0; strikes < 5 && settling(); ) {
      await pause(60)
      if (await terminator.strike((count) => random.whole(0, count - 1))) strikes++
      checkAlways(await world.books().catch(() => world.books()))
    }
  }
  const consumers = [...CONSUMERS, ...CONSUMERS].map((consumer) => rival(reading(consumer)))
  await Promise.all([...Array.from({ length: writers }, write), rival(sequencing), rival(sequencing), ...consumers, striking()])
  await sequenceAll()
  for (const consumer of CONSUMERS) await readAll(readerOf(consumer))
  const books = await world.books()
  checkAlways(books)
  const events = [...books.aggregates.values()].reduce((sum, n) => sum + n, 0)
  expect(events).toBeGreaterThanOrEqual(writers * each)
  expect([books.outbox.length, books.log.length, books.effects.length]).toEqual([0, events, events * CONSUMERS.length])
  expect(books.parked).toEqual([])
})

test('an event whose commit comes late is picked up in a later batch, though a younger one went before', async () => {
  await withClient(address.producer, async (late) => {
    await late.query('BEGIN')
    await late.query(
      `INSERT INTO chassis.outbox (stream, part, key, event_id, type, version, data) VALUES ($1, $2, $3, gen_random_uuid(), 'Changed', 1, '{"key":"key-a","n":1}')`,
      [STREAM, PART, A],
    )
    await publish('other')
    await sequenceAll()
    const reader = readerOf('ledger')
    await readAll(reader)
    expect(await effectsOf('ledger')).toEqual(['other/1'])
    await late.query('COMMIT')
    await sequenceAll()
    await readAll(reader)
    expect(await effectsOf('ledger')).toEqual(['other/1', 'key-a/1'])
  })
})

test.each([2, 500])('events keep the order of their ids wherever their rows lie in the table (%i at a time)', async (limit) => {
  for (let n = 1; n <= 30; n++) await publish(A)
  // An update writes a row anew behind all others.
  for (const nth of [25, 3, 17, 9, 21, 1, 13])
    await world.producer.run(
      sql`UPDATE chassis.outbox SET traceparent = 'moved' WHERE id = (SELECT min(id) + ${nth}::int FROM chassis.outbox)`,
    )
  while ((await here.sequencer.sequence(limit)).moved > 0);
  const { log } = await world.books()
  expect(log.map((one) => one.n)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
})

test('a transaction held open in another database stalls nobody', async () => {
  const server = testServer()
  await withClient(
    { host: server.host, port: server.port, user: server.superuser, password: server.password, database: 'postgres' },
    async (foreign) => {
      await foreign.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      await foreign.query('CREATE TEMP TABLE held AS SELECT pg_current_xact_id() AS xid')
      await publish(A, A)
      await sequenceAll()
      await readAll(readerOf('ledger'))
      expect(await effectsOf('ledger')).toEqual(['key-a/1', 'key-a/2'])
      await foreign.query('ROLLBACK')
    },
  )
})

test('a transaction held open in the producer’s own database holds back its own events only', async () => {
  await withClient(address.producer, async (foreign) => {
    await foreign.query('BEGIN')
    await foreign.query(`INSERT INTO aggregates (key, n) VALUES ('held', 1)`)
    await publish(A)
    await sequenceAll()
    await readAll(readerOf('ledger'))
    expect(await effectsOf('ledger')).toEqual(['key-a/1'])
    await foreign.query('ROLLBACK')
  })
})

test('a sequencer whose backend is terminated before its commit has moved nothing; the next one moves all', async () => {
  await publish(A, A, A)
  await withClient(address.producer, async (holder) => {
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM chassis.stream_head FOR UPDATE')
    const ended = here.sequencer.sequence(10).catch((error: unknown) => error)
    await pause(50)
    while (!(await terminateWaiting())) await pause(10)
    expect(isTransient(await ended)).toBe(true)
    await holder.query('ROLLBACK')
  })
  expect((await world.books()).outbox).toHaveLength(3)
  expect((await here.sequencer.sequence(10)).moved).toBe(3)
  checkAlways(await world.books())
})

async function terminateWaiting(): Promise<boolean> {
  const server = testServer()
  return withClient(
    { host: server.host, port: server.port, user: server.superuser, password: server.password, database: 'postgres' },
    async (admin) => {
      const killed = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`,
        [address.producer.database],
      )
      return (killed.rowCount ?? 0) > 0
    },
  )
}

test('a gap in the stream halts its partition; mended, it is read on without loss', async () => {
  await publish(A, A, A)
  await sequenceAll()
  const lost = await world.producer.one<{ row: string }>(
    sql`WITH gone AS (DELETE FROM chassis.stream_log WHERE stream = ${STREAM} AND part = ${PART} AND seq = 2 RETURNING *) SELECT row_to_json(gone)::text AS row FROM gone`,
  )
  const reader = readerOf('ledger')
  expect(await readAll(reader)).toEqual({ outcome: 'halted', reason: `GAP ${STREAM}/${PART}: 3 after 1` })
  expect(await effectsOf('ledger')).toEqual(['key-a/1'])
  await world.producer.run(
    sql`INSERT INTO chassis.stream_log SELECT * FROM json_populate_record(NULL::chassis.stream_log, ${lost.row}::json)`,
  )
  expect(await readAll(reader)).toEqual({ outcome: 'idle' })
  expect(await effectsOf('ledger')).toEqual(['key-a/1', 'key-a/2', 'key-a/3'])
})

test('a producer restored to an earlier time under a new incarnation is not read on by mistake', async () => {
  await publish(A, A)
  await sequenceAll()
  const reader = readerOf('ledger')
  await readAll(reader)
  await world.producer.run(sql`DELETE FROM chassis.stream_log WHERE seq > 1`)
  await world.producer.run(sql`UPDATE chassis.stream_head SET next_seq = 2, incarnation = gen_random_uuid() WHERE part = ${PART}`)
  await world.producer.run(sql`UPDATE aggregates SET n = 1`)
  await publish(A, A)
  await sequenceAll()
  const step = await readAll(reader)
  expect(step).toMatchObject({ outcome: 'halted', reason: expect.stringContaining(`INCARNATION ${STREAM}/${PART}`) as string })
  expect(await readAll(readerOf('ledger'))).toEqual(step)
  expect(await effectsOf('ledger')).toEqual(['key-a/1', 'key-a/2'])
})

test('a consumer’s database restored to an earlier time reads on from its position of then', async () => {
  await publish(A, A)
  await sequenceAll()
  await readAll(readerOf('ledger'))
  await world.consumer.run({ text: 'CREATE TABLE saved_positions AS SELECT * FROM chassis.consumer_position', values: [] })
  await publish(A, 'other', A)
  await sequenceAll()
  await readAll(readerOf('ledger'))
  await world.consumer.run(sql`DELETE FROM effects WHERE n > 2 OR key = 'other'`)
  await world.consumer.run(sql`DELETE FROM chassis.consumer_position`)
  await world.consumer.run({ text: 'INSERT INTO chassis.consumer_position SELECT * FROM saved_positions', values: [] })
  expect(await readAll(readerOf('ledger'))).toEqual({ outcome: 'idle' })
  const books = await world.books()
  expect(books.effects).toHaveLength(5)
  checkAlways(books)
})

test('a storm of poison halts the consumer as a broken handler; a handler that is mended reads on, and the parked are replayed', {
  timeout: 60_000,
}, async () => {
  const keys = Array.from({ length: 1150 }, (_, index) => `storm-${index}`)
  await publish(...keys)
  await sequenceAll()
  expect(await readAll(readerOf('ledger', () => true))).toMatchObject({
    outcome: 'halted',
    reason: expect.stringContaining('the handler is broken') as string,
  })
  const { parked } = await world.books()
  expect(parked.length).toBeLessThanOrEqual(1000)
  const mended = readerOf('ledger')
  expect(await readAll(mended)).toEqual({ outcome: 'idle' })
  for (const { key } of parked) expect(await mended.replay(key)).toBe(1)
  const books = await world.books()
  expect([books.parked.length, books.effects.length]).toEqual([0, keys.length])
  checkAlways(books)
})

test('a replay and new events of its key do not overtake each other', async () => {
  let poisoned = true
  const reader = readerOf('ledger', ({ key, n }) => poisoned && key === A && n === 1)
  await publish(A, A)
  await sequenceAll()
  await readAll(reader)
  expect((await world.books()).parked).toHaveLength(2)
  poisoned = false
  await publish(A, A)
  await sequenceAll()
  const rival = readerOf('ledger')
  await Promise.all([reader.replay(A), readAll(rival)])
  await readAll(reader)
  while ((await reader.replay(A)) > 0);
  checkAlways(await world.books())
  expect(await effectsOf('ledger')).toEqual([1, 2, 3, 4].map((n) => `key-a/${n}`))
})

test('every partition can be read, and an idle stream says so', async () => {
  expect((await here.source(STREAM).heads()).size).toBe(PARTITIONS)
  expect(await readerOf('ledger').step()).toEqual({ outcome: 'idle' })
})
