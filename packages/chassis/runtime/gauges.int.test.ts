import { Type } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { event, object, route } from '../contract.ts'
import { defineService, gauge as ownGauge, on, read } from '../service.ts'
import { sql } from '../database/sql.ts'
import { openRoom, type Room } from '../testing/room.ts'

const Rang = event('Rang', { summary: 'x', topic: 'bells', version: 1, key: 'bell', data: object({ bell: Type.String() }) })
const Look = route('GET /bells', { summary: 'Looks.', permission: 'public', class: 'browse', output: object({}) })
let release = () => {}
const listener = defineService({
  name: 'listener',
  owns: 'What bells say.',
  consumers: [
    on(Rang, async ({ data }) => {
      if (data.bell === 'cracked') throw new Error('cannot be heard')
    }),
  ],
  gauges: [ownGauge('bells', async ({ db }) => (await db.one<{ bells: number }>(sql`SELECT 3 AS bells`)).bells)],
  routes: [
    read(Look, async () => {
      await new Promise<void>((go) => (release = go))
      return {}
    }),
  ],
})

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [listener] })
})
afterAll(() => room.stop())

const gauge = async (name: string) => {
  const line = (await room.house.metricsText()).split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

test('events that are not applied yet and those that were parked are counted when somebody looks', async () => {
  await room.settled()
  expect(await gauge('stoa_event_lag_events{service="listener",stream="bells"}')).toBe(0)
  await room.publish(Rang, { bell: 'cracked' })
  await room.settled()
  await expect.poll(() => gauge('stoa_events_parked{service="listener",stream="bells"}'), { timeout: 15_000 }).toBe(1)
  expect(await gauge('stoa_event_lag_events{service="listener",stream="bells"}')).toBe(0)
})

test('requests at work are counted by class of route', async () => {
  expect(await gauge('stoa_http_at_work{class="browse"}')).toBe(0)
  const looking = room.request('GET /api/bells')
  await expect.poll(() => gauge('stoa_http_at_work{class="browse"}')).toBe(1)
  expect(await gauge('stoa_http_waiting{class="browse"}')).toBe(0)
  release()
  await looking
  expect(await gauge('stoa_http_at_work{class="browse"}')).toBe(0)
})

test('what a service says of itself is asked when somebody looks', async () => {
  expect(await gauge('stoa_service_gauge{service="listener",name="bells"}')).toBe(3)
})
