/** A shop of two small services that uses every part of the chassis, for processes that are killed and for the one that takes over. */
import { Type } from 'typebox'
import { call, event, object, route } from '../contract.ts'
import type { ConnectionSettings } from '../database/database.ts'
import { sql } from '../database/sql.ts'
import { type House, openHouse } from '../runtime/house.ts'
import { defineService, handle, on, orchestrate, read, timer, worker } from '../service.ts'
import { bare } from '../testing/bare.ts'

const Counted = event('Counted', {
  summary: 'A counter moved.',
  topic: 'counter.events',
  version: 1,
  key: 'name',
  data: object({ name: Type.String(), n: Type.Integer() }),
})
const params = object({ name: Type.String() })
const Count = route('POST /counters/{name}', {
  summary: 'Counts.',
  permission: 'public',
  class: 'staff',
  params,
  output: object({ n: Type.Integer() }),
  idempotencyKey: 'required',
})
const Place = route('POST /orders/{name}', {
  summary: 'Orders.',
  permission: 'public',
  class: 'checkout',
  params,
  output: object({ id: Type.String(), price: Type.Integer() }),
  idempotencyKey: 'required',
})
const PriceOf = call('listener.PriceOf', {
  summary: 'The price.',
  input: params,
  output: object({ price: Type.Integer() }),
  repeatable: true,
})

const ring = timer('counter.ring', async (key, { tx }) => {
  await tx.run(sql`INSERT INTO marks (kind, name) VALUES ('rang', ${key})`)
})
const toil = worker('counter.toil', { concurrency: 2, leaseSeconds: 2 }, async (task, { transaction }) => {
  await transaction(async (tx) => {
    await tx.run(sql`INSERT INTO marks (kind, name) VALUES ('toiled', ${task.key})`)
    if (!(await task.finish(tx))) throw new Error('lease lost')
  })
})

const counter = defineService({
  name: 'counter',
  owns: 'Counters and orders.',
  publishes: [Counted],
  timers: [ring],
  workers: [toil],
  routes: [
    handle(Count, async ({ params: { name }, tx }) => {
      const { n } = await tx.one<{ n: number }>(
        sql`INSERT INTO counters (name, n) VALUES (${name}, 1) ON CONFLICT (name) DO UPDATE SET n = counters.n + 1 RETURNING n`,
      )
      tx.publish(Counted, { name, n })
      tx.schedule(ring, `${name}/${n}`, 0)
      tx.schedule(toil, `${name}/${n}`, 0)
      return { n }
    }),
    orchestrate(Place, async ({ params: { name }, call: ask, transaction, fixedIds, rememberAnswer }) => {
      const { id } = await fixedIds('id')
      const priced = await ask(PriceOf, { name })
      if ('refused' in priced) throw new Error('no price')
      return transaction(async (tx) => {
        await tx.run(sql`INSERT INTO marks (kind, name, id) VALUES ('ordered', ${name}, ${id})`)
        const answer = { id, price: priced.price }
        await rememberAnswer(tx, answer)
        return answer
      })
    }),
  ],
})

const listener = defineService({
  name: 'listener',
  owns: 'What it heard.',
  calls: [read(PriceOf, async ({ input }) => ({ price: input.name.length }))],
  consumers: [
    on(Counted, async ({ data }, { tx }) => {
      await tx.run(sql`INSERT INTO marks (kind, name) VALUES ('heard', ${`${data.name}/${data.n}`})`)
    }),
  ],
})

export const CRASH_TABLES =
  'CREATE TABLE counters (name text PRIMARY KEY, n integer NOT NULL); CREATE TABLE marks (id text, kind text NOT NULL, name text NOT NULL)'
const COUNTS = 4
const ORDERS = 2

/** Opens the shop on its two databases. */
export async function openCrashShop(connections: { counter: ConnectionSettings; listener: ConnectionSettings }): Promise<House> {
  const house = await openHouse({
    ...bare(),
    rootSecret: Buffer.alloc(32, 7),
    services: [
      { definition: counter, connection: connections.counter, connectionsMax: 6 },
      { definition: listener, connection: connections.listener, connectionsMax: 4 },
    ],
  })
  await house.start()
  return house
}

/** What a client asks for, with the same keys each time, until each is answered. */
export async function askForAll(house: House): Promise<void> {
  const requests = [
    ...Array.from({ length: COUNTS }, (_, index) => ['counters', index]),
    ...Array.from({ length: ORDERS }, (_, index) => ['orders', index]),
  ]
  for (const [door, index] of requests) await askUntilAnswered(house, `/api/${door}/a`, `${door}-key-${index}`)
}

const TRIES_MAX = 50
const RETRY_MS = 100

async function askUntilAnswered(house: House, url: string, key: string): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const { statusCode } = await house.server.inject({ method: 'POST', url, headers: { 'idempotency-key': key } })
    if (statusCode === 200) return
    await new Promise((go) => setTimeout(go, RETRY_MS))
  }
  throw new Error(`no answer from ${url}`)
}

/** What must be in the books in the end: each request's effects, once. */
export function expectedMarks(): string[] {
  const counts = Array.from({ length: COUNTS }, (_, index) => `a/${index + 1}`)
  return [
    ...['heard', 'rang', 'toiled'].flatMap((kind) => counts.map((name) => `${kind} ${name}`)),
    ...Array.from({ length: ORDERS }, () => 'ordered a'),
  ].toSorted()
}

const REST_MS_MAX = 15_000

/** Waits until the marks are as many as expected, and nothing moves any more; answers them. */
export async function marksAtRest(house: House): Promise<string[]> {
  const until = Date.now() + REST_MS_MAX
  for (;;) {
    const services = [...house.services.values()]
    const marks = (
      await Promise.all(services.map(({ database }) => database.rows<{ mark: string }>(sql`SELECT kind || ' ' || name AS mark FROM marks`)))
    ).flat()
    const moving = await Promise.all(
      services.map(({ database }) =>
        database.one<{ moving: number }>(
          sql`SELECT (SELECT count(*) FROM chassis.outbox) + (SELECT count(*) FROM chassis.moments) AS moving`,
        ),
      ),
    )
    const still = moving.every((one) => one.moving === 0) && marks.length >= expectedMarks().length
    if (still || Date.now() > until) return marks.map((one) => one.mark).toSorted()
    await new Promise((go) => setTimeout(go, 20))
  }
}
