import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { add, list, openMarket, tended } from './testing/market.ts'

let room: Room
beforeAll(async () => {
  room = await openMarket()
  await add({ name: 'Blue umbrella' }, { name: 'Red umbrella' }, { name: 'Umbrella stand', brand: 'Umbra' })
})
afterAll(() => room.stop())

const suggested = async (q: string) =>
  (await room.request(`GET /api/products/suggest?q=${q}`)).body.items.filter((one: { kind: string }) => one.kind === 'query')
/** Asks in one stretch of time, and lets it pass. */
async function ask(...queries: string[]) {
  for (const query of queries) await list(query)
  await tended()
  await room.db('search').run(sql`UPDATE questions SET last_stretch = last_stretch - 1`)
}

test('what was asked and found at several times is suggested; what few asked, nobody found, or was meant otherwise is not', async () => {
  const asked = [
    'q=umbrella',
    'q=Blue+Umbrella&limit=3',
    'q=umbrella+for+joe@example.com',
    'q=umbrella+0301234567',
    'q=umbrelo',
    'q=qqqzzz',
    'q=umbrella&brand=Umbra',
  ]
  await ask(...asked)
  await ask(...asked)
  expect(await suggested('umb')).toEqual([])
  await ask(...asked, 'q=umbrella+stand')
  expect(await suggested('umb')).toEqual([{ text: 'umbrella', kind: 'query' }])
  expect(await suggested('blue')).toEqual([{ text: 'blue umbrella', kind: 'query' }])
  const kept = await room.db('search').rows<{ question: string }>(sql`SELECT question FROM questions ORDER BY question`)
  expect(kept.map((one) => one.question)).toEqual(['blue umbrella', 'umbrella', 'umbrella stand'])
})

test('of too many questions those of fewest times are forgotten', async () => {
  await room
    .db('search')
    .run(
      sql`INSERT INTO questions (question, asked, stretches, last_stretch) SELECT 'made up ' || n, 1, 2, 1000000000 FROM generate_series(1, 20000) AS n`,
    )
  await ask('q=red+umbrella')
  const { count, rare } = await room
    .db('search')
    .one<{ count: number; rare: number }>(sql`SELECT count(*) AS count, count(*) FILTER (WHERE stretches = 1) AS rare FROM questions`)
  expect({ count, rare }).toEqual({ count: 20_000, rare: 0 })
})
