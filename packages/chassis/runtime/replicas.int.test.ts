/** Replicas of a service at work on one database: they share what there is to read, come, go and die, and every event has its effect once. */
import { newId } from '@stoa/kit/ids.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { afterEach, expect, test } from 'vitest'
import { event, object } from '../contract.ts'
import { StreamReader } from '../events/consume.ts'
import { partitionOf } from '../events/partition.ts'
import { PostgresConsumerStore, PostgresSource } from '../events/postgres-streams.ts'
import { ALONE } from '../events/share.ts'
import { sql } from '../database/sql.ts'
import { isTransient } from '../fault.ts'
import { defineService, on } from '../service.ts'
import type { ServiceRuntime } from './service-runtime.ts'
import { openJoined, type Joined, type JoinedReplica } from '../testing/joined.ts'
import type { Tx } from '../database/sql.ts'

const Counted = event('Counted', {
  summary: 'One more.',
  topic: 'counts.updated',
  version: 1,
  key: 'name',
  data: object({ name: Type.String(), n: Type.Integer() }),
})
const apply = (tx: Tx, { name, n }: { name: string; n: number }) => tx.run(sql`INSERT INTO effects (name, n) VALUES (${name}, ${n})`)
const counts = defineService({
  name: 'counts',
  owns: 'Counts.',
  publishes: [Counted],
  consumers: [on(Counted, async ({ data }, { tx }) => void (await apply(tx, data)))],
  prepare: async ({ db }) =>
    void (await db.run(
      sql`CREATE TABLE IF NOT EXISTS effects (id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, n integer NOT NULL)`,
    )),
})
const NAMES = Array.from({ length: 12 }, (_, index) => `name-${index}`)

let joined: Joined
afterEach(() => joined.stop())

const publish = async (n: number, names: readonly string[] = NAMES) => {
  const { database } = (joined.replicas[0] as JoinedReplica).house.services.get('counts') as ServiceRuntime
  await database.transaction(async (tx) => {
    for (const name of names) tx.publish(Counted, { name, n })
  })
}
const effects = async () => {
  const rows = await joined.database.rows<{ name: string; n: number }>(sql`SELECT name, n FROM effects ORDER BY id`)
  return rows.map(({ name, n }) => `${name}/${n}`)
}
const members = async () => (await joined.database.rows(sql`SELECT id FROM chassis.replicas`)).length
/** All of them, and those of each name in order. */
const expectAll = async (upTo: number) => {
  const wanted = NAMES.flatMap((name) => Array.from({ length: upTo }, (_, n) => `${name}/${n}`))
  await expect.poll(async () => (await effects()).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(wanted.length)
  const seen = await effects()
  expect(seen.toSorted()).toEqual(wanted.toSorted())
  for (const name of NAMES)
    expect(seen.filter((one) => one.startsWith(`${name}/`))).toEqual(wanted.filter((one) => one.startsWith(`${name}/`)))
}

const MORE_MAX = 400

test('while one replica comes and goes, and another does not know that its time is over, every event has its effect once, in order', async () => {
  joined = await openJoined(counts)
  // One that slept: it thinks that all is its own.
  const stale = new StreamReader<Tx>({
    consumer: 'counts',
    source: new PostgresSource(joined.database, Counted.topic),
    store: new PostgresConsumerStore(joined.database),
    types: new Set(['Counted']),
    isTransient,
    share: () => ALONE,
    apply: async (_type, records, tx) => {
      for (const { data } of records) await apply(tx, data as { name: string; n: number })
    },
  })
  const outcomes = new Set<string>()
  let isOver = false
  const rival = (async () => {
    while (!isOver) {
      outcomes.add((await stale.step()).outcome)
      await sleep(20)
    }
  })()
  let n = 0
  for (let round = 0; round < 3; round++) {
    const opening = joined.replica()
    for (let index = 0; index < 10; index++) await publish(n++)
    const guest = await opening
    await expect.poll(members, { timeout: 10_000 }).toBe(2)
    for (let index = 0; index < 10; index++) await publish(n++)
    await guest.stop()
    expect(await members()).toBe(1)
  }
  // The one that slept has won and lost.
  for (let more = 0; more < MORE_MAX && !(outcomes.has('fenced') && outcomes.has('moved')); more++) {
    await publish(n++)
    await sleep(10 + (more % 40))
  }
  await expectAll(n)
  isOver = true
  await rival
  expect([outcomes.has('halted'), outcomes.has('fenced') && outcomes.has('moved')]).toEqual([false, true])
})

test('what a replica wrote wakes the reader in another at once: nobody waits for his own next look', async () => {
  joined = await openJoined(counts)
  const guest = await joined.replica()
  await expect.poll(members, { timeout: 5000 }).toBe(2)
  // Until the first has heard of the second.
  await sleep(2500)
  const away = NAMES.filter((name) => guest.house.services.get('counts')?.share.has(Counted.topic, partitionOf(name)))
  const own = joined.replicas[0]?.house.services.get('counts')
  expect(away.filter((name) => own?.share.has(Counted.topic, partitionOf(name)))).toEqual([])
  expect(away.length).toBeGreaterThan(0)
  for (let n = 0; n < 5; n++) {
    const began = performance.now()
    await publish(n, away)
    await expect.poll(async () => (await effects()).length, { interval: 10, timeout: 10_000 }).toBe(away.length * (n + 1))
    // Its own next look is 5 s away.
    expect(performance.now() - began).toBeLessThan(2000)
  }
})

test('what belongs to a replica that died is worked on by the others as soon as it is missed', async () => {
  joined = await openJoined(counts)
  const dead = newId()
  await joined.database.run(sql`INSERT INTO chassis.replicas (id, seen_at) VALUES (${dead}, clock_timestamp())`)
  const own = () => joined.replicas[0]?.house.services.get('counts')?.share
  const lost = () => NAMES.filter((name) => !own()?.has(Counted.topic, partitionOf(name)))
  await expect.poll(() => lost().length, { timeout: 5000 }).toBeGreaterThan(0)
  const names = lost()
  await publish(0)
  await expect.poll(async () => (await effects()).length).toBe(NAMES.length - names.length)
  await joined.database.run(sql`UPDATE chassis.replicas SET seen_at = clock_timestamp() - interval '8 seconds' WHERE id = ${dead}`)
  await expectAll(1)
})
