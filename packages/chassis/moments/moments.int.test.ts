import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { object, route } from '../contract.ts'
import { sql, type Tx } from '../database/sql.ts'
import { gate } from '../proof/patience.ts'
import { defineService, handle, job, timer, worker, type Task } from '../service.ts'
import { openRoom, type Room } from '../testing/room.ts'

const Plan = route('POST /plans/{key}', {
  summary: 'Plans.',
  permission: 'public',
  class: 'staff',
  params: object({ key: Type.String() }),
  body: object({ timerIn: Type.Optional(Type.Number()), taskIn: Type.Optional(Type.Number()), note: Type.Optional(Type.String()) }),
  output: object({}),
})

/** What happens inside; each test sets its own. */
let onTask: (task: Task) => Promise<void> = async () => {}
let onTimer: (key: string) => Promise<void> = async () => {}
let jobs = 0

const write = (tx: Tx, kind: string, key: string, data: unknown) =>
  tx.run(sql`INSERT INTO marks (mark) VALUES (${`${kind} ${key} ${String(data)}`})`)
const bell = timer('shop.bell', async (key, { tx, data }) => {
  await write(tx, 'rang', key, data)
  await onTimer(key)
})
const toil = worker('shop.toil', { concurrency: 2, leaseSeconds: 60 }, async (task, { transaction }) => {
  await onTask(task)
  await transaction(async (tx) => {
    await write(tx, 'toiled', task.key, task.data)
    if (!(await task.finish(tx))) throw new Error('lease lost')
  })
})
const shop = defineService({
  name: 'shop',
  owns: 'Plans.',
  timers: [bell],
  workers: [toil],
  jobs: [
    job('shop.tick', 3600, async () => {
      jobs++
    }),
  ],
  routes: [
    handle(Plan, async ({ params: { key }, input, tx }) => {
      if (input.timerIn !== undefined) tx.schedule(bell, key, input.timerIn, input.note)
      if (input.taskIn !== undefined) tx.schedule(toil, key, input.taskIn, input.note)
      return {}
    }),
  ],
})

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [shop] })
  await room.db('shop').run(sql`CREATE TABLE marks (id bigint GENERATED ALWAYS AS IDENTITY, mark text NOT NULL)`)
})
beforeEach(async () => {
  onTask = async () => {}
  onTimer = async () => {}
  await room.db('shop').run(sql`TRUNCATE marks`)
})
afterAll(() => room.stop())

const plan = (key: string, body: object) => room.request(`POST /api/plans/${key}`, { body })
const marks = async () => (await room.db('shop').rows<{ mark: string }>(sql`SELECT mark FROM marks ORDER BY id`)).map((one) => one.mark)
const moments = async () =>
  room
    .db('shop')
    .rows<{ attempts: number; last_error: string | null }>(sql`SELECT attempts, last_error FROM chassis.moments WHERE name LIKE 'shop.%'`)

/** Waits until `done`, at most 10 s. */
async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await done()) return
    await new Promise((go) => setTimeout(go, 20))
  }
  throw new Error('it does not come')
}

test('a timer comes when its time has come, once, with its data', async () => {
  await plan('a', { timerIn: 3600, note: 'tea' })
  await room.advance(3000)
  await room.settled()
  expect(await marks()).toEqual([])
  await room.advance(700)
  await room.settled()
  await room.advance(7200)
  await room.settled()
  expect(await marks()).toEqual(['rang a tea'])
})

test('a timer whose handler fails leaves nothing of itself and comes again until it is through', async () => {
  let failures = 2
  onTimer = () => (failures-- > 0 ? Promise.reject(new Error('stumbled')) : Promise.resolve())
  await plan('a', { timerIn: 0 })
  await until(async () => (await moments())[0]?.attempts === 1)
  expect([await marks(), (await moments())[0]?.last_error]).toEqual([[], 'Error: stumbled'])
  await room.advance(400)
  await until(async () => failures < 1 && (await moments())[0]?.attempts !== 1)
  await room.advance(400)
  await room.settled()
  expect([await marks(), failures]).toEqual([['rang a null'], -1])
})

test('a task scheduled anew while it runs is done again afterwards, with what it was given last', async () => {
  const begun = gate()
  const goOn = gate()
  onTask = async () => {
    begun.open()
    await goOn.passed
  }
  await plan('a', { taskIn: 0, note: 'first' })
  await begun.passed
  await plan('a', { taskIn: 0, note: 'second' })
  goOn.open()
  await until(async () => (await marks()).length === 2)
  await room.settled()
  expect([await marks(), await moments()]).toEqual([['toiled a first', 'toiled a second'], []])
})

test('a task whose lease ran out is done by another, and the effects of the first are undone', async () => {
  const begun = gate()
  const goOn = gate()
  let runs = 0
  onTask = async () => {
    if (++runs > 1) return
    begun.open()
    await goOn.passed
  }
  await plan('a', { taskIn: 0 })
  await begun.passed
  await room.advance(61)
  await until(async () => (await marks()).length === 1)
  goOn.open()
  await room.settled()
  expect([runs, await marks(), await moments()]).toEqual([2, ['toiled a null'], []])
})

test('a task that fails comes again, later and later', async () => {
  const attempts: number[] = []
  onTask = (task) => {
    attempts.push(task.attempts)
    return attempts.length < 4 ? Promise.reject(new Error(`no ${attempts.length}`)) : Promise.resolve()
  }
  await plan('a', { taskIn: 0 })
  for (let round = 1; round < 4; round++) {
    await until(async () => (await moments())[0]?.last_error === `Error: no ${round}`)
    await room.advance(400)
  }
  await room.settled()
  expect([attempts, await marks()]).toEqual([[0, 1, 2, 3], ['toiled a null']])
})

test('no more tasks of a worker run at once than it says', async () => {
  let running = 0
  let most = 0
  onTask = async () => {
    most = Math.max(most, ++running)
    await new Promise((go) => setTimeout(go, 5))
    running--
  }
  await Promise.all(Array.from({ length: 12 }, (_, index) => plan(`task-${index}`, { taskIn: 0 })))
  await until(async () => (await marks()).length === 12)
  expect(most).toBe(2)
})

test('a job runs when its time has come, and not before', async () => {
  let before = jobs
  await room.advance(3601)
  await until(async () => jobs === before + 1)
  before = jobs
  await room.advance(1800)
  await new Promise((go) => setTimeout(go, 200))
  expect(jobs).toBe(before)
  await room.advance(1801)
  await until(async () => jobs === before + 1)
})

test('a service with nothing to do does not ask its database again and again', async () => {
  await room.settled()
  const statements = async () =>
    (
      await room
        .db('shop')
        .one<{ count: number }>(sql`SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()`)
    ).count
  await room.db('shop').run(sql`SELECT pg_stat_force_next_flush()`)
  const before = await statements()
  await new Promise((go) => setTimeout(go, 1500))
  await room.db('shop').run(sql`SELECT pg_stat_force_next_flush()`)
  expect((await statements()) - before).toBeLessThan(60)
})
