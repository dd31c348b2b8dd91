/** A room (or several) at work for a test: own databases, real streams, neighbours played by functions. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { JWK } from 'jose'
import type { Static } from 'typebox'
import { LiveSessions, SigningKeys } from '@stoa/contracts/identity.ts'
import { newId } from '@stoa/kit/ids.ts'
import type { Keeper } from '../cache/keeper.ts'
import type { CallTarget } from '../calls/carrier.ts'
import type { Call, EventContract, Outcome, Role } from '../contract.ts'
import type { Database } from '../database/database.ts'
import { dropDatabases, provisionFromTemplate } from '../database/provision.ts'
import { sql, type Db } from '../database/sql.ts'
import { apiNotFound } from '../http/server.ts'
import { isTransient } from '../fault.ts'
import { unpublished } from '../kafka/published.ts'
import { wakeMoments } from '../runtime/housekeeping.ts'
import { openHouse, type House, type HouseOptions } from '../runtime/house.ts'
import { streamsOf } from '../runtime/publishing.ts'
import type { ServiceDefinition } from '../service.ts'
import { createLog } from '../telemetry/log.ts'
import { bare } from './bare.ts'
import { testServer } from './server.ts'
import { openMint, type TokenMint } from './tokens.ts'

export interface RoomOptions {
  readonly services: readonly ServiceDefinition[]
  /** Neighbours' calls by `service.Name`. */
  readonly calls?: Readonly<Record<string, (input: never, signal: AbortSignal) => unknown>>
  /** Keeps answers although neighbours are played: the test tells it what they touch. */
  readonly keeper?: Keeper
  readonly env?: Readonly<Record<string, string>>
  /** Columns of deadlines by the database's clock that `advance` moves: `{ inventory: ['reservations.expires_at'] }`. */
  readonly deadlines?: Readonly<Record<string, readonly string[]>>
  /** Rate limits as in a shop; off otherwise. */
  readonly rateLimits?: boolean
  /** Lines the services log; silent otherwise. */
  readonly logTo?: (line: string) => void
}

export interface Account {
  readonly accountId: string
  readonly roles: readonly Role[]
  readonly groups: readonly string[]
  readonly sessionId: string
}

export interface RoomResponse<Body = unknown> {
  readonly status: number
  readonly body: Body
  readonly headers: Record<string, string | string[] | undefined>
  readonly cookies: readonly { name: string; value: string }[]
}

export interface RequestOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly as?: Account
  readonly cookies?: Readonly<Record<string, string>>
  /** Where the request comes from; loopback otherwise. */
  readonly address?: string
}

export interface Room {
  readonly house: House
  /** `room.request('POST /api/orders', {...})`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  request(door: string, options?: RequestOptions): Promise<RoomResponse<any>>
  call<C extends Call>(contract: C, input: Static<C['input']>): Promise<Outcome<C>>
  /** Publishes through a real outbox and sequencer: as the owner of the topic when it is here, else as a stranger. */
  publish<E extends EventContract>(event: E, data: Static<E['data']>): Promise<void>
  /** Waits (20 s at most) until every outbox is empty, every reader is at its head and nothing is due. */
  settled(): Promise<void>
  /** What was published so far. */
  events<E extends EventContract>(event: E): Promise<Static<E['data']>[]>
  db(service: string): Db
  /** Moves timers, tasks, leases, jobs, held keys and the declared deadlines that many seconds nearer. */
  advance(seconds: number): Promise<void>
  account(options?: { roles?: readonly Role[]; groups?: readonly string[]; accountId?: string }): Account
  stop(): Promise<void>
}

const SETTLE_MS_MAX = 20_000
const OUTSIDE = 'outside'

/** Opens rooms for a test file or a single test. */
export async function openRoom(options: RoomOptions): Promise<Room> {
  const definitions = [...options.services, outsideOf(options.services)]
  const suffix = randomBytes(6).toString('hex')
  const services = await Promise.all(
    definitions.map(async (definition) => ({
      definition,
      connection: await provisionFromTemplate(testServer(), definition.name, migrationsOf(definition.name), suffix),
      connectionsMax: 8,
    })),
  )
  const databases = services.map(({ connection }) => connection.database)
  const mint = await openMint()
  const carried = await carriedByKafka(definitions)
  const house = await openHouse({
    ...bare(options.env),
    services,
    ...carried?.parts,
    ...(options.logTo ? { log: createLog({ level: 'debug', destination: { write: options.logTo } }) } : {}),
    rateLimits: options.rateLimits ?? false,
    elsewhere: neighbours(options),
    ...(options.keeper ? { keeper: options.keeper } : {}),
    ...askIdentity(mint, options.services),
  })
  house.server.setNotFoundHandler(apiNotFound(house.doors))
  await house.start()
  return {
    house,
    request: async (door, request = {}) => {
      const [method, url] = door.split(' ') as [string, string]
      const authorization = request.as ? { authorization: `Bearer ${await mint.tokenOf(request.as)}` } : {}
      const sent = await house.server.inject({
        method: method as 'GET',
        url,
        headers: { ...authorization, ...request.headers },
        ...(request.address ? { remoteAddress: request.address } : {}),
        ...(request.cookies ? { cookies: { ...request.cookies } } : {}),
        ...(request.body === undefined ? {} : { payload: request.body as object }),
      })
      return {
        status: sent.statusCode,
        body: /[/+]json\b/.test(String(sent.headers['content-type'])) && sent.body !== '' ? sent.json() : sent.body,
        headers: sent.headers as RoomResponse['headers'],
        cookies: sent.cookies,
      }
    },
    call: (contract, input) => house.call(contract, input),
    publish: async (event, data) => {
      const owner = [...house.services.values()].find((one) =>
        (one.definition.publishes ?? []).some((published) => published.topic === event.topic),
      )
      if (!owner) throw new Error(`nobody here listens to ${event.topic}`)
      await owner.database.transaction(async (tx) => tx.publish(event, data))
    },
    settled: () => settled(house),
    events: (event) => eventsOf(house, event),
    db: (service) => databaseOf(house, service),
    advance: (seconds) => advance(house, options.deadlines ?? {}, seconds),
    account: (given = {}) => ({
      accountId: given.accountId ?? newId(),
      roles: given.roles ?? ['customer'],
      groups: given.groups ?? [],
      sessionId: newId(),
    }),
    stop: () => close(house, carried, databases),
  }
}

/** Databases of a whole run would be gigabytes: each room takes its own with it. */
async function close(house: House, carried: { close(): Promise<void> } | undefined, databases: readonly string[]): Promise<void> {
  await house.stop()
  await carried?.close()
  await dropDatabases(testServer(), databases)
}

/** With STOA_TEST_CARRIER=kafka, events of every room go over the brokers of this test run, on topics of its own. */
async function carriedByKafka(definitions: readonly ServiceDefinition[]) {
  if (process.env.STOA_TEST_CARRIER !== 'kafka') return undefined
  const { Meddler, openTestCarrier, testPrefix } = await import('./kafka.ts')
  const prefix = testPrefix()
  const kafka = openTestCarrier(prefix)
  await kafka.ensureTopics(definitions)
  // A topic that was just made has no leaders for a moment.
  for (const topic of new Set(definitions.flatMap((one) => (one.publishes ?? []).map((event) => event.topic))))
    for (
      let tries = 0;
      tries < 100 &&
      !(await kafka
        .source(topic)
        .heads()
        .catch(() => undefined));
      tries++
    )
      await new Promise((go) => setTimeout(go, 20))
  return {
    parts: { kafka, signals: kafka.signals },
    close: async () => {
      await kafka.close()
      const meddler = new Meddler()
      await meddler.clean(prefix)
      await meddler.close()
    },
  }
}

/** Publishes what nobody here publishes but somebody listens to. */
function outsideOf(services: readonly ServiceDefinition[]): ServiceDefinition {
  const own = new Set(services.flatMap((one) => (one.publishes ?? []).map((event) => event.topic)))
  const wanted = services.flatMap((one) => (one.consumers ?? []).map((consumer) => consumer.event)).filter((event) => !own.has(event.topic))
  return { name: OUTSIDE, owns: 'Events of rooms that are not in this test.', publishes: wanted }
}

function migrationsOf(service: string): string {
  const folder = join(resolve(import.meta.dirname, '../../../services'), service, 'migrations')
  return existsSync(folder) ? folder : join(import.meta.dirname, 'no-migrations')
}

function neighbours(options: RoomOptions): Map<string, CallTarget> {
  const here = new Set(options.services.map((one) => one.name))
  const names = new Set(Object.keys(options.calls ?? {}).map((one) => one.split('.')[0] as string))
  const overridden = [...names].filter((name) => here.has(name))
  if (overridden.length > 0) throw new Error(`${overridden.join(', ')} is here itself`)
  return new Map(
    [...names].map((service) => [
      service,
      async (name, input, signal) => {
        const play = options.calls?.[`${service}.${name}`]
        if (!play) throw Object.assign(new Error(`${service}.${name} is not played here`), { code: 'ECONNREFUSED' })
        return play(input as never, signal)
      },
    ]),
  )
}

/** What identity says, where it is among the rooms, beside what tokens were made of without it. */
function askIdentity(
  { publicKey, knows }: TokenMint,
  services: readonly ServiceDefinition[],
): Pick<HouseOptions, 'fetchKeys' | 'liveSessions'> {
  if (!services.some((one) => one.name === 'identity')) return { fetchKeys: async () => ({ keys: [publicKey] }) }
  return {
    fetchKeys: async (call) => {
      const answered = await call(SigningKeys, {})
      return { keys: [publicKey, ...('keys' in answered ? (answered.keys as JWK[]) : [])] }
    },
    liveSessions: async (call, ids) => {
      const asked = ids.filter((id) => !knows(id))
      const { sessionIds } = asked.length === 0 ? { sessionIds: [] } : await call(LiveSessions, { sessionIds: asked })
      return [...ids.filter(knows), ...sessionIds]
    },
  }
}

function databaseOf(house: House, service: string): Database {
  const found = house.services.get(service)
  if (!found) throw new Error(`no service '${service}' in this room`)
  return found.database
}

async function settled(house: House): Promise<void> {
  const until = Date.now() + SETTLE_MS_MAX
  let calm = 0
  while (Date.now() < until) {
    const unrest = await unrestOf(house)
    calm = unrest === undefined ? calm + 1 : 0
    if (calm >= 2) return
    await new Promise((go) => setTimeout(go, 10))
  }
  throw new Error(`not settled after ${SETTLE_MS_MAX} ms: ${await unrestOf(house)}`)
}

/** What still moves, if anything does. A broker that cannot answer yet is unrest. */
async function unrestOf(house: House): Promise<string | undefined> {
  return movementOf(house).catch((error: unknown) => {
    if (!isTransient(error)) throw error
    return String(error)
  })
}

async function movementOf(house: House): Promise<string | undefined> {
  for (const service of house.services.values()) {
    const { outbox, due } = await service.database.one<{ outbox: number; due: number }>(sql`
      SELECT (SELECT count(*) FROM chassis.outbox) AS outbox, (SELECT count(*) FROM chassis.moments WHERE due_at <= clock_timestamp() OR lease IS NOT NULL) AS due`)
    if (outbox > 0) return `${service.service}: ${outbox} events in the outbox`
    if (due > 0) return `${service.service}: ${due} moments due`
    const unsent = service.parts.kafka ? await unpublished(service.database, streamsOf(service)) : []
    const waiting = unsent.find((one) => one.events > 0)
    if (waiting) return `${service.service}: ${waiting.events} events of ${waiting.stream} not published`
  }
  for (const service of house.services.values())
    for (const stream of new Set((service.definition.consumers ?? []).map((one) => one.event.topic))) {
      const heads = await house.sourceOf(stream)?.heads()
      const rows = await service.database.rows<{ part: number; last_seq: number }>(
        sql`SELECT part, last_seq FROM chassis.consumer_position WHERE consumer = ${service.service} AND stream = ${stream}`,
      )
      const positions = new Map(rows.map((row) => [row.part, row.last_seq]))
      for (const [part, head] of heads ?? [])
        if ((positions.get(part) ?? 0) < head)
          return `${service.service} has read ${positions.get(part) ?? 0} of ${head} in ${stream}/${part}`
    }
  return undefined
}

async function eventsOf<E extends EventContract>(house: House, event: E): Promise<Static<E['data']>[]> {
  for (const service of house.services.values()) {
    if (!(service.definition.publishes ?? []).some((one) => one.topic === event.topic)) continue
    const rows = await service.database.rows<{ data: Static<E['data']> }>(sql`
      SELECT data FROM (SELECT data, event_id FROM chassis.stream_log WHERE type = ${event.name} UNION ALL SELECT data, event_id FROM chassis.outbox WHERE type = ${event.name}) e ORDER BY event_id`)
    return rows.map((row) => row.data)
  }
  return []
}

async function advance(house: House, deadlines: Readonly<Record<string, readonly string[]>>, seconds: number): Promise<void> {
  for (const service of house.services.values()) {
    const { database } = service
    await database.run(
      sql`UPDATE chassis.moments SET due_at = due_at - make_interval(secs => ${seconds}::float8), leased_until = leased_until - make_interval(secs => ${seconds}::float8)`,
    )
    await database.run(sql`UPDATE chassis.job_runs SET due_at = due_at - make_interval(secs => ${seconds}::float8)`)
    await database.run(
      sql`UPDATE chassis.idempotency_keys SET held_since = held_since - make_interval(secs => ${seconds}::float8), held_until = held_until - make_interval(secs => ${seconds}::float8), created_at = created_at - make_interval(secs => ${seconds}::float8)`,
    )
    for (const column of deadlines[service.service] ?? []) {
      const [table, name] = column.split('.') as [string, string]
      await database.run({
        text: `UPDATE ${table} SET ${name} = ${name} - make_interval(secs => $1::float8) WHERE ${name} IS NOT NULL`,
        values: [seconds],
      })
    }
    wakeMoments(house.signals, service.definition)
    house.signals.raise(`jobs:${service.service}`)
  }
}
