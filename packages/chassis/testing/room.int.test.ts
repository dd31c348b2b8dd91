import { Type } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, event, object, refuse, route } from '../contract.ts'
import { defineService, handle, on, orchestrate, read, timer, worker } from '../service.ts'
import { sql } from '../database/sql.ts'
import { openRoom, type Room } from './room.ts'

const Counted = event('Counted', {
  summary: 'x',
  topic: 'counter.events',
  version: 1,
  key: 'name',
  data: object({ name: Type.String(), value: Type.Integer() }),
})
const Count = route('POST /counters/{name}', {
  summary: 'Counts.',
  permission: 'public',
  class: 'staff',
  params: object({ name: Type.String() }),
  body: object({ by: Type.Integer({ minimum: 1 }), limit: Type.Optional(Type.Integer()) }),
  output: object({ value: Type.Integer() }),
  idempotencyKey: 'optional',
  status: 201,
  refusals: { 'too-much': 409 },
})
const Double = call('echo.Double', {
  summary: 'Doubles.',
  input: object({ value: Type.Integer() }),
  output: object({ value: Type.Integer() }),
  repeatable: true,
})
const CountDouble = route('POST /doubles/{name}', {
  summary: 'Counts twice.',
  permission: 'customer',
  class: 'staff',
  params: object({ name: Type.String() }),
  body: object({ by: Type.Integer({ minimum: 1 }) }),
  output: object({ value: Type.Integer(), id: Type.String() }),
  idempotencyKey: 'required',
})

const ring = timer('counter.ring', async (key, { tx }) => {
  await tx.run(
    sql`INSERT INTO counters (name, value) VALUES (${`rang-${key}`}, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1`,
  )
})
const toil = worker('counter.toil', { concurrency: 2, leaseSeconds: 5 }, async (task, { transaction }) => {
  await transaction(async (tx) => {
    if (!(await task.finish(tx))) return
    await tx.run(
      sql`INSERT INTO counters (name, value) VALUES (${`toiled-${task.key}`}, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1`,
    )
  })
})
let failures = 0
const counter = defineService({
  name: 'counter',
  owns: 'Counters.',
  publishes: [Counted],
  timers: [ring],
  workers: [toil],
  routes: [
    handle(Count, async ({ input, params, tx, reply }) => {
      const { value } = await tx.one<{ value: number }>(
        sql`INSERT INTO counters (name, value) VALUES (${params.name}, ${input.by}) ON CONFLICT (name) DO UPDATE SET value = counters.value + ${input.by} RETURNING value`,
      )
      if (input.limit !== undefined && value > input.limit) return refuse('too-much', { limit: input.limit })
      tx.publish(Counted, { name: params.name, value })
      tx.schedule(ring, params.name, 0)
      tx.schedule(toil, params.name, 0)
      reply.location(`/counters/${params.name}`)
      return { value }
    }),
    orchestrate(CountDouble, async ({ input, params, call: ask, transaction, fixedIds, rememberAnswer }) => {
      const { id } = await fixedIds('id')
      const doubled = await ask(Double, { value: input.by })
      if ('refused' in doubled) throw new Error('no')
      if (failures-- > 0) throw new Error('stumbled')
      return transaction(async (tx) => {
        const row = await tx.one<{ value: number }>(
          sql`INSERT INTO counters (name, value) VALUES (${params.name}, ${doubled.value}) ON CONFLICT (name) DO UPDATE SET value = counters.value + ${doubled.value} RETURNING value`,
        )
        const answer = { value: row.value, id }
        await rememberAnswer(tx, answer)
        return answer
      })
    }),
  ],
})
const echo = defineService({
  name: 'echo',
  owns: 'Echoes.',
  calls: [read(Double, async ({ input }) => ({ value: input.value * 2 }))],
  consumers: [
    on(Counted, async ({ data }, { tx }) => {
      if (data.value === 13) throw new Error('unlucky')
      await tx.run(sql`INSERT INTO heard (name, value) VALUES (${data.name}, ${data.value})`)
    }),
  ],
})

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [counter, echo] })
  await room.db('counter').run(sql`CREATE TABLE IF NOT EXISTS counters (name text PRIMARY KEY, value int NOT NULL)`)
  await room.db('echo').run(sql`CREATE TABLE IF NOT EXISTS heard (id bigint GENERATED ALWAYS AS IDENTITY, name text, value int)`)
})
afterAll(() => room.stop())

test('a count is answered, published, heard once, rung and toiled', async () => {
  const answer = await room.request('POST /api/counters/a', { body: { by: 2 } })
  expect(answer).toMatchObject({ status: 201, body: { value: 2 }, headers: { location: '/counters/a' } })
  await room.settled()
  expect(await room.db('echo').rows(sql`SELECT name, value FROM heard WHERE name = 'a'`)).toEqual([{ name: 'a', value: 2 }])
  expect(await room.db('counter').rows(sql`SELECT name FROM counters ORDER BY name`)).toEqual([
    { name: 'a' },
    { name: 'rang-a' },
    { name: 'toiled-a' },
  ])
})

test('a refusal rolls back and is a problem document', async () => {
  const answer = await room.request('POST /api/counters/b', { body: { by: 5, limit: 3 } })
  expect(answer).toMatchObject({ status: 409, body: { code: 'too-much', limit: 3, title: 'Too much' } })
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(await room.db('counter').rows(sql`SELECT name FROM counters WHERE name = 'b'`)).toEqual([])
})

test('every bad field is named at once', async () => {
  const answer = await room.request('POST /api/counters/b?x=1', { body: { by: 0, extra: true } })
  expect(answer.status).toBe(422)
  expect(answer.body.errors.map((one: { path: string; code: string }) => `${one.path} ${one.code}`).sort()).toEqual([
    'by too-small',
    'extra unknown-field',
    'x unknown-field',
  ])
})

test('the same key and body answers the same once; another body is refused', async () => {
  const send = (by: number) => room.request('POST /api/counters/k', { body: { by }, headers: { 'idempotency-key': 'key-of-the-test' } })
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(4)))
  expect(new Set(answers.map((one) => one.status))).toEqual(new Set([201]))
  expect(answers.filter((one) => one.headers['idempotent-replayed'] === 'true')).toHaveLength(9)
  expect(await room.db('counter').rows(sql`SELECT value FROM counters WHERE name = 'k'`)).toEqual([{ value: 4 }])
  expect(await send(5)).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } })
})

test('after a fault a retry goes on with the ids it had', async () => {
  const as = room.account()
  const headers = { 'idempotency-key': 'stumbling-key' }
  failures = 1
  expect((await room.request('POST /api/doubles/d', { body: { by: 1 }, headers, as })).status).toBe(500)
  const second = await room.request('POST /api/doubles/d', { body: { by: 1 }, headers, as })
  expect(second).toMatchObject({ status: 200, body: { value: 2 } })
  const third = await room.request('POST /api/doubles/d', { body: { by: 1 }, headers, as })
  expect(third.body).toEqual(second.body)
})

test('guests are unauthenticated, a missing key is 400 after that, other methods are 405', async () => {
  expect((await room.request('POST /api/doubles/d', { body: { by: 1 } })).status).toBe(401)
  expect((await room.request('POST /api/doubles/d', { body: { by: 0 }, as: room.account() })).body.code).toBe('idempotency-key-missing')
  expect((await room.request('GET /api/doubles/d')).status).toBe(405)
  expect((await room.request('GET /api/nowhere')).status).toBe(404)
})

test('a poison event parks its key, later events of the key behind it, and others go on', async () => {
  await room.request('POST /api/counters/poison', { body: { by: 13 } })
  await room.request('POST /api/counters/poison', { body: { by: 1 } })
  await room.request('POST /api/counters/other', { body: { by: 1 } })
  await room.settled()
  expect(await room.db('echo').rows(sql`SELECT name, value FROM heard WHERE name IN ('poison', 'other')`)).toEqual([
    { name: 'other', value: 1 },
  ])
  expect(await room.db('echo').rows(sql`SELECT data->>'value' AS value FROM chassis.parked ORDER BY seq`)).toEqual([
    { value: '13' },
    { value: '14' },
  ])
})
