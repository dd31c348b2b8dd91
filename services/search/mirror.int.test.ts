/** What is noted for an engine elsewhere, whichever engine answers: needs none. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import search from './service.ts'
import { keepMirror, mirrorOf, markOfNow, areOver } from './store/mirror.ts'
import { noteUnsent } from './store/unsent.ts'
import { add, stocked, tended, world } from './testing/market.ts'

let room: Room
beforeAll(async () => {
  world.room = room = await openRoom({ services: [search] })
})
afterAll(() => room.stop())
beforeEach(async () => {
  await db().run(sql`DELETE FROM mirror`)
  await db().run(sql`DELETE FROM unsent`)
})

const db = () => room.db('search')
const noted = () => db().rows<{ product_id: string; revision: number }>(sql`SELECT product_id, revision FROM unsent ORDER BY revision`)
const database = () => room.house.services.get('search')?.database as NonNullable<ReturnType<Room['house']['services']['get']>>['database']

test('while no mirror is kept nothing is noted; while one is, a process that searches in PostgreSQL notes too', async () => {
  const [one] = await add({ name: 'Unnoted' })
  expect(await noted()).toEqual([])
  await keepMirror(db(), 1)
  await stocked(one as never, 3)
  await room.settled()
  expect(await noted()).toMatchObject([{ product_id: one?.productId }])
  await tended()
  expect(await noted()).toHaveLength(1)
})

test('of two transactions that change a product at once, the one that commits last has the higher revision', async () => {
  const [one] = await add({ name: 'Contended' })
  await keepMirror(db(), 1)
  const id = one?.productId as string
  let commit = () => {}
  const held = new Promise<void>((done) => (commit = done))
  let isNoted = () => {}
  const first = new Promise<void>((done) => (isNoted = done))
  const slow = database().transaction(async (tx) => {
    await noteUnsent(tx, [id])
    isNoted()
    await held
    return (await tx.one<{ revision: number }>(sql`SELECT revision FROM unsent`)).revision
  })
  await first
  const quick = database().transaction(async (tx) => {
    await noteUnsent(tx, [id])
    return (await tx.one<{ revision: number }>(sql`SELECT revision FROM unsent`)).revision
  })
  // Numbers that others draw meanwhile: the waiting one must not have its own already.
  await db().run(sql`SELECT nextval('revisions') FROM generate_series(1, 5)`)
  commit()
  const [before, after] = await Promise.all([slow, quick])
  expect(after).toBeGreaterThan(before + 5)
})

test('a mirror that nobody has kept for an hour ends, with all that was noted for it', async () => {
  const [one] = await add({ name: 'Forsaken' })
  await keepMirror(db(), 1)
  await stocked(one as never, 2)
  await room.settled()
  await tended()
  expect(await mirrorOf(db())).toBeDefined()
  await db().run(sql`UPDATE mirror SET tended_at = now() - interval '61 minutes'`)
  await tended()
  expect([await mirrorOf(db()), await noted()]).toEqual([undefined, []])
})

test('all that began before are over only when the slowest has ended', async () => {
  let commit = () => {}
  const held = new Promise<void>((done) => (commit = done))
  let hasBegun = () => {}
  const begun = new Promise<void>((done) => (hasBegun = done))
  const slow = database().transaction(async (tx) => {
    await tx.run(sql`UPDATE index_state SET changed = changed`)
    hasBegun()
    await held
  })
  await begun
  const mark = await markOfNow(db())
  expect(await areOver(db(), mark)).toBe(false)
  commit()
  await slow
  // Whatever else writes on this server counts as well.
  await expect.poll(() => areOver(db(), mark), { timeout: 20_000 }).toBe(true)
})
