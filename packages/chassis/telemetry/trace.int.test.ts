import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { event, object, route } from '../contract.ts'
import { sql, type Tx } from '../database/sql.ts'
import { defineService, handle, job, on, onBatch, orchestrate, timer, worker } from '../service.ts'
import { openRoom, type Room } from '../testing/room.ts'
import { newTraceparent, publishTogether, traceIdOf, tracesOf } from '../testing/traces.ts'
import { currentTraceId, withTraceOf } from './trace.ts'

const letter = (name: string, topic = 'post.events') =>
  event(name, { summary: `${name}.`, topic, version: 1, key: 'id', data: object({ id: Type.String() }) })
const Asked = letter('Asked', 'outside.events')
const Sung = letter('Sung', 'outside.events')
const Answered = letter('Answered')
const Other = letter('Other')
const Echoed = letter('Echoed')
const Rang = letter('Rang')
const Toiled = letter('Toiled')
const Ticked = letter('Ticked')
const Written = letter('Written')

/** Sizes of the batches that came in, and what timers and tasks do besides; each test sets its own. */
let batches: number[] = []
let stumbles = 0
const stumble = () => {
  if (stumbles-- > 0) throw new Error('stumbled')
}

const bell = timer('post.bell', async (id, { tx }) => {
  tx.publish(Rang, { id })
  stumble()
})
const toil = worker('post.toil', { concurrency: 8, leaseSeconds: 60 }, async (task, { transaction, log }) => {
  stumble()
  log.info({ task: task.key }, 'toiling')
  await transaction(async (tx) => {
    tx.publish(Toiled, { id: task.key })
    await task.finish(tx)
  })
})
const answer = (tx: Tx, id: string) => {
  tx.publish(Answered, { id })
  tx.publish(Other, { id: `other ${id}` })
  tx.schedule(bell, id, 0)
  // By a key of its own, as tasks of one order may have.
  withTraceOf(id, () => tx.schedule(toil, `toil ${id}`, 0))
}
const spec = { permission: 'public', class: 'browse', body: object({ id: Type.String() }), output: object({}) } as const
const Write = route('POST /letters', { ...spec, summary: 'Writes.' })
const WriteSlowly = route('POST /slow-letters', { ...spec, summary: 'Writes.', idempotencyKey: 'required' })
const post = defineService({
  name: 'post',
  owns: 'Letters.',
  publishes: [Answered, Other, Echoed, Rang, Toiled, Ticked, Written],
  consumers: [
    onBatch(Asked, async (events, { tx }) => {
      batches.push(events.length)
      for (const { key } of events) answer(tx, key)
    }),
    on(Sung, async ({ key }, { tx }) => tx.publish(Echoed, { id: `echo of ${key}` })),
  ],
  timers: [bell],
  workers: [toil],
  jobs: [
    job('post.tick', 3600, async ({ transaction }) => {
      await transaction(async (tx) => {
        tx.publish(Ticked, { id: 'one' })
        tx.publish(Ticked, { id: 'two' })
      })
    }),
  ],
  routes: [
    handle(Write, async ({ input, tx }) => {
      answer(tx, input.id)
      return {}
    }),
    orchestrate(WriteSlowly, async ({ input, transaction, log }) => {
      log.info({ letter: input.id }, 'writing')
      stumble()
      await transaction(async (tx) => tx.publish(Written, input))
      return {}
    }),
  ],
})

let room: Room
let lines: string[] = []
beforeAll(async () => {
  room = await openRoom({ services: [post], logTo: (line) => lines.push(line) })
})
beforeEach(() => {
  batches = []
  lines = []
  stumbles = 0
})
afterAll(() => room.stop())

const ids = (name: string, count: number) => Array.from({ length: count }, (_, index) => ({ id: `${name}-${index}` }))
const renamed = (traces: Map<string, string | undefined>, prefix: string) => new Map([...traces].map(([key, id]) => [prefix + key, id]))
/** Waits until `done`, each time moving the clock on by what is waited for: one who failed may be put back only after it was moved. */
async function comes(done: () => Promise<boolean>, seconds: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await done()) return
    await room.advance(seconds)
    await new Promise((go) => setTimeout(go, 20))
  }
  throw new Error('it does not come')
}
const logged = (message: string) =>
  lines
    .map((line) => JSON.parse(line) as { msg: string; traceId?: string; task?: string; timer?: string })
    .filter((line) => line.msg === message)

test('in a batch of many orders’ events what follows of each has its trace: events, timers and tasks, and their log lines', async () => {
  const traces = await publishTogether(room, Asked, ids('batch', 40))
  await room.settled()
  expect(Math.max(...batches)).toBeGreaterThan(1)
  const published = async (type: typeof Asked, prefix: string) =>
    new Map([...(await tracesOf(room, type))].filter(([key]) => key.startsWith(prefix)))
  expect(await published(Answered, 'batch')).toEqual(traces)
  expect(await published(Rang, 'batch')).toEqual(traces)
  expect(await published(Toiled, 'toil batch')).toEqual(renamed(traces, 'toil '))
  expect(new Map(logged('toiling').map((line) => [line.task, line.traceId]))).toEqual(renamed(traces, 'toil '))
  // Whose they are cannot be known.
  expect(new Set((await published(Other, 'other batch')).values())).toEqual(new Set([undefined]))
})

test('a handler that is given one event after the other works under the trace of each, under whatever key it publishes', async () => {
  const traces = await publishTogether(room, Sung, ids('song', 10))
  await room.settled()
  expect(await tracesOf(room, Echoed)).toEqual(renamed(traces, 'echo of '))
})

test('a request’s trace goes on in its events, timers and tasks, also when these stumble at first, and is told with the fault', async () => {
  const traceparent = newTraceparent()
  const id = traceIdOf(traceparent)
  stumbles = 2
  const sent = await room.request('POST /api/letters', { body: { id: 'asked' }, headers: { traceparent } })
  expect(sent.headers['x-request-id']).toBe(id)
  await comes(async () => (await tracesOf(room, Rang)).has('asked') && (await tracesOf(room, Toiled)).has('toil asked'), 400)
  for (const [type, key] of [
    [Answered, 'asked'],
    [Other, 'other asked'],
    [Rang, 'asked'],
    [Toiled, 'toil asked'],
  ] as const)
    expect([type.name, (await tracesOf(room, type)).get(key)]).toEqual([type.name, id])
  const failures = [...logged('a timer failed and will fire again'), ...logged('a task failed and will be tried again')]
  expect(failures.map((line) => line.traceId)).toEqual([id, id])
  expect(logged('request').map((line) => line.traceId)).toEqual([id])
})

test('a moment that nobody’s trace is known of, and each run of a job, begin one', async () => {
  await room.house.services.get('post')?.database.transaction(async (tx) => {
    tx.schedule(toil, 'old one', 0)
    tx.schedule(toil, 'old two', 0)
  })
  expect(currentTraceId()).toBeUndefined()
  await room.settled()
  await comes(async () => (await tracesOf(room, Ticked)).has('two'), 3601)
  const toiled = await tracesOf(room, Toiled)
  const ticked = await tracesOf(room, Ticked)
  const begun = [toiled.get('old one'), toiled.get('old two'), ticked.get('one')]
  for (const one of begun) expect(one).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(begun).size).toBe(3)
  expect(ticked.get('two')).toBe(ticked.get('one'))
})

test('a request that is taken up again after its process died goes on with its trace', async () => {
  const traceparent = newTraceparent()
  stumbles = 1
  const headers = { traceparent, 'idempotency-key': 'taken up again' }
  expect(await room.request('POST /api/slow-letters', { body: { id: 'slow' }, headers })).toMatchObject({ status: 500 })
  await room.db('post').run(sql`UPDATE chassis.idempotency_keys SET held_until = clock_timestamp()`)
  await comes(async () => (await tracesOf(room, Written)).has('slow'), 60)
  expect((await tracesOf(room, Written)).get('slow')).toBe(traceIdOf(traceparent))
  expect(new Set(logged('writing').map((line) => line.traceId))).toEqual(new Set([traceIdOf(traceparent)]))
  expect(logged('writing').length).toBeGreaterThan(1)
})
