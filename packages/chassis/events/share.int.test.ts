import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PARTITIONS } from '../contract.ts'
import { Database } from '../database/database.ts'
import { provisionFromTemplate } from '../database/provision.ts'
import { sql } from '../database/sql.ts'
import { testServer } from '../testing/server.ts'
import { Replica } from './share.ts'

let database: Database
beforeAll(async () => {
  const migrations = join(import.meta.dirname, '../testing/no-migrations')
  const connection = await provisionFromTemplate(testServer(), 'shared', migrations, randomBytes(6).toString('hex'))
  database = new Database(connection, { connectionsMax: 12 })
})
afterAll(() => database.close())
beforeEach(() => database.run(sql`DELETE FROM chassis.replicas`))

const arrive = () => {
  const id = newId()
  return { id, replica: new Replica(database, id) }
}
const partsOf = ({ replica }: { replica: Replica }) =>
  Array.from({ length: PARTITIONS }, (_, part) => part).filter((part) => replica.share.has('order.events', part))
const age = (id: string, seconds: number) =>
  database.run(sql`UPDATE chassis.replicas SET seen_at = clock_timestamp() - make_interval(secs => ${seconds}::float8) WHERE id = ${id}`)
const everything = Array.from({ length: PARTITIONS }, (_, part) => part)

test('a replica has nothing before its first beat, everything while alone, and half when another came', async () => {
  const [one, other] = [arrive(), arrive()]
  expect(partsOf(one)).toEqual([])
  expect(await one.replica.beat()).toBe(true)
  expect(partsOf(one)).toEqual(everything)
  expect(await one.replica.beat()).toBe(false)
  await other.replica.beat()
  expect(await one.replica.beat()).toBe(true)
  expect([...partsOf(one), ...partsOf(other)].toSorted()).toEqual(everything)
  expect(partsOf(one)).toHaveLength(PARTITIONS / 2)
})

test('the term of a share is another whenever the share is', async () => {
  const [one, other] = [arrive(), arrive()]
  await one.replica.beat()
  const alone = one.replica.share
  await one.replica.beat()
  expect(one.replica.share).toBe(alone)
  await other.replica.beat()
  await one.replica.beat()
  expect(one.replica.share.term).not.toBe(alone.term)
})

test('who leaves owns nothing at once, and the others have it with their next beat', async () => {
  const [one, other] = [arrive(), arrive()]
  for (const { replica } of [one, other, one]) await replica.beat()
  await other.replica.leave()
  expect(partsOf(other)).toEqual([])
  expect(await one.replica.beat()).toBe(true)
  expect(partsOf(one)).toEqual(everything)
})

test('who was not seen for 7 s is gone, and back with everything shared anew when it beats again', async () => {
  const [one, other] = [arrive(), arrive()]
  for (const { replica } of [one, other, one]) await replica.beat()
  await age(other.id, 6)
  expect(await one.replica.beat()).toBe(false)
  await age(other.id, 8)
  expect(await one.replica.beat()).toBe(true)
  expect(partsOf(one)).toEqual(everything)
  // It has not heard of it yet: this is where the fence of positions is needed.
  expect(partsOf(other)).toHaveLength(PARTITIONS / 2)
  await other.replica.beat()
  await one.replica.beat()
  expect([...partsOf(one), ...partsOf(other)].toSorted()).toEqual(everything)
})

test('one that slept too long itself is still there after its own beat', async () => {
  const one = arrive()
  await one.replica.beat()
  await age(one.id, 60)
  await one.replica.beat()
  const rows = await database.rows<{ id: string; fresh: boolean }>(
    sql`SELECT id, seen_at > clock_timestamp() - interval '5 seconds' AS fresh FROM chassis.replicas`,
  )
  expect(rows).toEqual([{ id: one.id, fresh: true }])
  expect(partsOf(one)).toEqual(everything)
})

test('replicas that wake up together, each taken for dead by the others, do not hinder each other', async () => {
  const all = Array.from({ length: 10 }, arrive)
  for (const { replica } of all) await replica.beat()
  for (let round = 0; round < 5; round++) {
    await database.run(sql`UPDATE chassis.replicas SET seen_at = clock_timestamp() - interval '1 minute'`)
    await Promise.all(all.map(({ replica }) => replica.beat()))
  }
  for (const { replica } of all) await replica.beat()
  expect(all.flatMap(partsOf).toSorted()).toEqual(everything)
})

test('while the database is away the share stays as it was', async () => {
  const away = new Database({ host: '127.0.0.1', port: 1, user: 'x', password: 'x', database: 'x' }, { connectionsMax: 1 })
  const replica = new Replica(away, newId())
  const before = replica.share
  await expect(replica.beat()).rejects.toThrow()
  expect(replica.share).toBe(before)
  await away.close()
})
