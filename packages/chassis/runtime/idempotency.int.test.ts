import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { object, refuse, route } from '../contract.ts'
import { sql } from '../database/sql.ts'
import { gate } from '../proof/patience.ts'
import { defineService, handle, orchestrate } from '../service.ts'
import { openRoom, type Account, type Room } from '../testing/room.ts'
import { HOLD_SECONDS, KEEP_HOURS, renewHolds, RUN_SECONDS_MAX, type Held } from './idempotency.ts'

const spec = {
  summary: 'Buys.',
  permission: 'public',
  class: 'checkout',
  body: object({ units: Type.Integer() }),
  output: object({ id: Type.String(), units: Type.Integer() }),
  status: 201,
  refusals: { 'too-many': 409 },
} as const
const Buy = route('POST /purchases', { ...spec, idempotencyKey: 'required' })
const Order = route('POST /orders', { ...spec, idempotencyKey: 'required' })

/** What the handlers of a test do besides. */
let during: () => Promise<void> = async () => {}

const shop = defineService({
  name: 'shop',
  owns: 'Purchases.',
  routes: [
    handle(Buy, async ({ input, tx, newId, reply }) => {
      await during()
      const id = newId()
      await tx.run(sql`INSERT INTO purchases (id, units) VALUES (${id}, ${input.units})`)
      if (input.units > 100) return refuse('too-many')
      reply.location(`/purchases/${id}`)
      return { id, units: input.units }
    }),
    orchestrate(Order, async ({ input, transaction, fixedIds, rememberAnswer }) => {
      const { id } = await fixedIds('id')
      await during()
      if (input.units > 100) return refuse('too-many')
      return transaction(async (tx) => {
        await tx.run(sql`INSERT INTO purchases (id, units) VALUES (${id}, ${input.units})`)
        const answer = { id, units: input.units }
        await rememberAnswer(tx, answer)
        return answer
      })
    }),
  ],
})

let room: Room
let lines: string[]
beforeAll(async () => {
  room = await openRoom({ services: [shop], logTo: (line) => lines.push(line) })
  await room.db('shop').run(sql`CREATE TABLE purchases (id uuid NOT NULL, units integer NOT NULL)`)
})
beforeEach(async () => {
  lines = []
  during = async () => {}
  await room.db('shop').run(sql`TRUNCATE purchases, chassis.idempotency_keys`)
})
afterAll(() => room.stop())

const post = (door: string, key: string, units = 1, as?: Account) =>
  room.request(`POST /api/${door}`, { body: { units }, headers: { 'idempotency-key': key }, ...(as ? { as } : {}) })
const purchases = () => room.db('shop').rows<{ id: string; units: number }>(sql`SELECT id, units FROM purchases`)
const keys = async () => (await room.db('shop').one<{ count: number }>(sql`SELECT count(*) AS count FROM chassis.idempotency_keys`)).count

describe.each(['purchases', 'orders'])('POST /%s', (door) => {
  test('50 times at once with one key has one effect; the others are the same answer, or told to wait', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(door, 'the-same-key')))
    const [only, ...more] = await purchases()
    expect([only?.units, more]).toEqual([1, []])
    const won = answers.filter((one) => one.status === 201)
    expect(new Set(won.map((one) => (one.body as { id: string }).id))).toEqual(new Set([only?.id]))
    expect(won.filter((one) => one.headers['idempotent-replayed'] === undefined)).toHaveLength(1)
    for (const one of answers.filter((answer) => answer.status !== 201))
      expect(one).toMatchObject({ status: 409, body: { code: 'idempotency-key-in-use' }, headers: { 'retry-after': '1' } })
    const later = await post(door, 'the-same-key')
    expect(later).toMatchObject({ status: 201, body: won[0]?.body, headers: { 'idempotent-replayed': 'true' } })
  })

  test('with the key of another request is refused and changes nothing', async () => {
    await post(door, 'the-same-key', 1)
    expect(await post(door, 'the-same-key', 2)).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } })
    expect(await purchases()).toHaveLength(1)
  })

  test('with the key of somebody else is a request of its own', async () => {
    const [one, other] = [room.account(), room.account()]
    const ids = [
      await post(door, 'the-same-key', 1, one),
      await post(door, 'the-same-key', 1, other),
      await post(door, 'the-same-key'),
    ].map((answer) => (answer.body as { id: string }).id)
    expect(new Set(ids).size).toBe(3)
  })

  test('when refused, keeps neither effect nor answer: a later try may succeed', async () => {
    expect(await post(door, 'the-same-key', 101)).toMatchObject({ status: 409, body: { code: 'too-many' } })
    expect([await purchases(), await keys()]).toEqual([[], 0])
    expect((await post(door, 'the-same-key', 100)).status).toBe(201)
  })

  test('after a fault goes on with the same key at once, and has one effect', async () => {
    during = () => Promise.reject(new Error('stumbled'))
    expect((await post(door, 'the-same-key')).status).toBe(500)
    expect(await purchases()).toEqual([])
    during = async () => {}
    expect((await post(door, 'the-same-key')).status).toBe(201)
    expect(await purchases()).toHaveLength(1)
  })

  test('answers are kept for 72 hours; then the same key is a new request', async () => {
    const first = await post(door, 'the-same-key', 1)
    await room.advance((KEEP_HOURS - 1) * 3600)
    expect((await post(door, 'the-same-key', 1)).body).toEqual(first.body)
    await room.advance(2 * 3600)
    const second = await post(door, 'the-same-key', 2)
    expect(second).toMatchObject({ status: 201, body: { units: 2 } })
    expect(await purchases()).toHaveLength(2)
  })
})

test('the location of an answer is replayed with it', async () => {
  const first = await post('purchases', 'the-same-key')
  expect(first.headers.location).toMatch(/^\/purchases\//)
  expect((await post('purchases', 'the-same-key')).headers.location).toBe(first.headers.location)
})

/** Asks until nobody else is at it: the sweeper may be quicker. */
async function answerOf(key: string): ReturnType<typeof post> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await post('orders', key)
    if (answer.status !== 409) return answer
    await new Promise((go) => setTimeout(go, 20))
  }
  throw new Error('somebody is at it for ever')
}

/** Begins a request that is not over before the gate opens. */
async function stuckRequest(key: string) {
  const [stuck, begun] = [gate(), gate()]
  during = () => {
    begun.open()
    return stuck.passed
  }
  const answer = post('orders', key)
  await begun.passed
  during = async () => {}
  return { answer, goOn: () => stuck.open() }
}

test('a request that does not answer is taken over after 30 s with its ids, and its own end then undoes itself', async () => {
  const { answer: first, goOn } = await stuckRequest('the-same-key')
  expect((await post('orders', 'the-same-key')).status).toBe(409)
  await room.advance(RUN_SECONDS_MAX + 1)
  const second = await answerOf('the-same-key')
  expect(second.status).toBe(201)
  goOn()
  expect((await first).status).toBe(500)
  expect(await purchases()).toEqual([{ id: (second.body as { id: string }).id, units: 1 }])
  expect((await post('orders', 'the-same-key')).body).toEqual(second.body)
})

/** By the database's clock; negative: it lapsed. */
const heldFor = async (key: string) =>
  (
    await room
      .db('shop')
      .one<{ seconds: number }>(
        sql`SELECT extract(epoch FROM held_until - clock_timestamp())::float8 AS seconds FROM chassis.idempotency_keys WHERE key = ${key}`,
      )
  ).seconds
const lapseSoon = (key: string) =>
  room.db('shop').run(sql`UPDATE chassis.idempotency_keys SET held_until = clock_timestamp() + interval '1 second' WHERE key = ${key}`)
const untilRenewed = (key: string) => expect.poll(() => heldFor(key), { timeout: HOLD_SECONDS * 2000 }).toBeGreaterThan(HOLD_SECONDS - 1)

describe('a key that is held', () => {
  test('stays so while its request runs', async () => {
    const { answer, goOn } = await stuckRequest('the-same-key')
    await lapseSoon('the-same-key')
    await untilRenewed('the-same-key')
    expect((await post('orders', 'the-same-key')).status).toBe(409)
    goOn()
    expect((await answer).status).toBe(201)
  })

  test('is renewed for no longer than a request may run', async () => {
    const { answer, goOn } = await stuckRequest('the-same-key')
    const left = HOLD_SECONDS - 1
    await room.advance(RUN_SECONDS_MAX - left)
    const held = await room.db('shop').one<Held>(sql`SELECT scope, key, fingerprint, holder FROM chassis.idempotency_keys`)
    await renewHolds(room.db('shop'), [held])
    expect(await heldFor('the-same-key')).toBeLessThanOrEqual(left)
    goOn()
    expect((await answer).status).toBe(201)
  })

  test('stays so while another waits for its last transaction', async () => {
    const [one, other] = [await stuckRequest('one-key-of-two'), await stuckRequest('other-key-of-two')]
    await room.house.services.get('shop')?.database.transaction(async (tx) => {
      await tx.run(sql`SELECT 1 FROM chassis.idempotency_keys WHERE key = 'one-key-of-two' FOR UPDATE`)
      await lapseSoon('other-key-of-two')
      await untilRenewed('other-key-of-two')
    })
    one.goOn()
    other.goOn()
    expect([(await one.answer).status, (await other.answer).status]).toEqual([201, 201])
  })

  test('by a process that died is free for a retry after 5 s, for the sweeper after 30', async () => {
    const { answer, goOn } = await stuckRequest('the-same-key')
    // Nobody here is its holder any more, as if that had been elsewhere.
    const holderDied = sql`UPDATE chassis.idempotency_keys SET holder = gen_random_uuid()`
    await room.db('shop').run(holderDied)
    await room.advance(HOLD_SECONDS + 1)
    expect(await room.house.services.get('shop')?.resumeAbandoned()).toBe(0)
    expect(await purchases()).toEqual([])
    const retried = await post('orders', 'the-same-key')
    // Nor has the sweeper answered it a moment ago.
    expect([retried.status, retried.headers['idempotent-replayed']]).toEqual([201, undefined])
    goOn()
    expect((await answer).status).toBe(500)
    expect(await purchases()).toHaveLength(1)
  })
})

/** Waits for the sweeper, at most 10 s. */
async function untilPurchases(count: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if ((await purchases()).length >= count) return
    await new Promise((go) => setTimeout(go, 20))
  }
}

test('a request whose client never came back is resumed by the sweeper, with the ids it had', async () => {
  during = () => Promise.reject(new Error('stumbled'))
  await post('orders', 'the-same-key', 7)
  during = async () => {}
  const { ids } = await room.db('shop').one<{ ids: string[] }>(sql`SELECT ids FROM chassis.idempotency_keys`)
  await room.advance(RUN_SECONDS_MAX + 1)
  await untilPurchases(1)
  expect(await purchases()).toEqual([{ id: ids[0], units: 7 }])
  expect((await post('orders', 'the-same-key', 7)).headers['idempotent-replayed']).toBe('true')
})

test('a request that cannot be resumed keeps no other from being resumed', async () => {
  during = () => Promise.reject(new Error('stumbled'))
  await post('orders', 'broken-key', 1)
  await post('orders', 'sound-key', 2)
  during = async () => {}
  await room
    .db('shop')
    .run(
      sql`UPDATE chassis.idempotency_keys SET request = 'unreadable', created_at = created_at - interval '1 hour' WHERE key = 'broken-key'`,
    )
  await room.advance(RUN_SECONDS_MAX + 1)
  await untilPurchases(1)
  expect((await purchases()).map((one) => one.units)).toEqual([2])
  expect(lines.some((line) => line.includes('an abandoned request failed again'))).toBe(true)
})

test('what is kept of a request cannot be read in the database', async () => {
  during = () => Promise.reject(new Error('stumbled'))
  await post('orders', 'the-same-key', 4711)
  const { request } = await room.db('shop').one<{ request: string }>(sql`SELECT request FROM chassis.idempotency_keys`)
  expect(request).not.toContain('4711')
  expect(Buffer.from(request, 'base64url').toString('latin1')).not.toContain('units')
})
