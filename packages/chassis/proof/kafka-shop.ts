/** A producer and a consumer with Kafka between them: what the proofs on real brokers act in. */
import { StreamReader, type Step } from '../events/consume.ts'
import { partitionOf } from '../events/partition.ts'
import type { StreamSource } from '../events/ports.ts'
import { sql, type Tx } from '../database/sql.ts'
import { isTransient } from '../fault.ts'
import type { EventPublisher, KafkaCarrier } from '../kafka/carrier.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import type { ServiceDefinition } from '../service.ts'
import { changedOn, PostgresWorld, type WorldAddress } from './postgres-world.ts'

export const STREAM = 'proof.events'
const SILENT = createLog({ level: 'silent' })

/** The service of the proofs. */
export const PROOF_SERVICE: ServiceDefinition = { name: 'proof', owns: 'Aggregates.', publishes: [changedOn(STREAM)] }

export class KafkaShop {
  readonly world: PostgresWorld
  readonly address: WorldAddress

  constructor(address: WorldAddress) {
    this.address = address
    this.world = new PostgresWorld(address, [STREAM])
  }

  async reset(): Promise<void> {
    await this.world.reset()
    await this.world.producer.run(sql`DELETE FROM chassis.published`)
  }

  /** Puts `count` events of `keys` aggregates into the stream, in turns. */
  async write(count: number, keys: readonly string[] = Array.from({ length: 60 }, (_, index) => `key-${index}`)): Promise<void> {
    const { producer } = this.world
    const before = new Map(
      (await producer.rows<{ key: string; n: number }>(sql`SELECT key, n FROM aggregates`)).map((row) => [row.key, row.n]),
    )
    const events = Array.from({ length: count }, (_, index) => {
      const key = keys[index % keys.length] as string
      const n = (before.get(key) ?? 0) + 1
      before.set(key, n)
      return { key, n }
    })
    for (let from = 0; from < events.length; from += 5000) {
      const some = events.slice(from, from + 5000)
      await producer.run(sql`
        INSERT INTO chassis.outbox (stream, part, key, event_id, type, version, data)
        SELECT ${STREAM}, e.part, e.key, gen_random_uuid(), 'Changed', 1, json_build_object('key', e.key, 'n', e.n)
        FROM unnest((SELECT ${some.map((one) => one.key)})::text[], (SELECT ${some.map((one) => one.n)})::int[], (SELECT ${some.map((one) => partitionOf(one.key))})::smallint[])
          WITH ORDINALITY AS e(key, n, part, i) ORDER BY e.i`)
    }
    await producer.run(sql`
      INSERT INTO aggregates (key, n) SELECT * FROM unnest((SELECT ${[...before.keys()]})::text[], (SELECT ${[...before.values()]})::int[])
      ON CONFLICT (key) DO UPDATE SET n = excluded.n`)
    const { sequencer } = this.world.connect()
    while ((await sequencer.sequence(2000)).moved > 0);
  }

  publisher(carrier: KafkaCarrier, log: Log = SILENT): EventPublisher {
    carrier.learn([PROOF_SERVICE])
    return carrier.publisher({ db: this.world.producer, stream: STREAM, owns: () => true, log })
  }

  /** Publishes until the database says that nothing is left. */
  async publishAll(publisher: EventPublisher, patienceMs = 60_000): Promise<void> {
    const until = Date.now() + patienceMs
    while ((await this.left()) > 0) {
      if (Date.now() > until) throw new Error('publishing does not come to an end')
      await publisher.step().catch((error: unknown) => {
        if (!isTransient(error)) throw error
        return new Promise((resolve) => setTimeout(resolve, 100))
      })
    }
  }

  async left(): Promise<number> {
    const { left } = await this.world.producer.one<{ left: number }>(sql`
      SELECT coalesce(sum(h.next_seq - 1 - coalesce(p.seq, 0)), 0)::int AS left FROM chassis.stream_head h LEFT JOIN chassis.published p USING (stream, part) WHERE h.stream = ${STREAM}`)
    return left
  }

  reader(source: StreamSource, consumer = 'reader'): StreamReader<Tx> {
    const here = this.world.connect()
    return new StreamReader<Tx>({
      consumer,
      source,
      store: here.consumers,
      types: new Set(['Changed']),
      isTransient,
      apply: async (_type, records, tx) => {
        const rows = records.map((one) => ({ ...(one.data as { key: string; n: number }), part: one.part, seq: one.seq }))
        await tx.run(sql`
          INSERT INTO effects (by, key, n, part, seq)
          SELECT ${consumer}, * FROM unnest((SELECT ${rows.map((one) => one.key)})::text[], (SELECT ${rows.map((one) => one.n)})::int[], (SELECT ${rows.map((one) => one.part)})::smallint[], (SELECT ${rows.map((one) => one.seq)})::bigint[])`)
      },
    })
  }

  /** Reads until the consumer's positions are the stream's heads, or it halts. */
  async readAll(reader: StreamReader<Tx>, patienceMs = 60_000): Promise<Step> {
    const until = Date.now() + patienceMs
    const heads = await this.world.connect().source(STREAM).heads()
    for (;;) {
      const step = await reader.step().catch((error: unknown): Step => {
        if (!isTransient(error)) throw error
        return { outcome: 'idle' }
      })
      if (step.outcome === 'halted') return step
      if ([...heads].every(([part, head]) => (reader.positions.get(part)?.lastSeq ?? 0) >= head)) return step
      if (Date.now() > until) throw new Error(`reading does not come to an end: ${JSON.stringify([...reader.positions.values()])}`)
      if (step.outcome === 'idle') await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** What of a consumer's effects is not exactly the stream, once each and in order; empty when all is well. */
  async wrong(consumer = 'reader'): Promise<string[]> {
    const { log } = await this.world.books()
    const rows = await this.world.consumer.rows<{ part: number; seq: number; key: string; n: number }>(
      sql`SELECT part, seq, key, n FROM effects WHERE by = ${consumer} ORDER BY part, id`,
    )
    const wrong: string[] = []
    if (rows.length !== log.length) wrong.push(`${rows.length} effects of ${log.length} events`)
    for (const [index, event] of log.entries()) {
      const row = rows[index]
      if (wrong.length < 5 && (row?.part !== event.part || row.seq !== event.seq || row.key !== event.key || row.n !== event.n))
        wrong.push(`${event.part}/${event.seq}: ${JSON.stringify(row)}`)
    }
    return wrong
  }
}
