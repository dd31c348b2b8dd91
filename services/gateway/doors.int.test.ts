import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { bookCheck, defineService, on } from '@stoa/chassis/service.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { newId } from '@stoa/kit/ids.ts'
import { ProductRated } from '@stoa/contracts/reviews.ts'
import gateway from './service.ts'

const poisoned = new Set<string>()
let bookIsRight = true
const listener = defineService({
  name: 'listener',
  owns: 'What it heard.',
  consumers: [
    on(ProductRated, async ({ data }) => {
      if (poisoned.has(data.productId)) throw new Error('cannot be digested')
    }),
  ],
  checks: [
    bookCheck('its book is right', async () => ({ examined: 3, broken: bookIsRight ? 0 : 1, examples: bookIsRight ? [] : ['page 7'] })),
  ],
})

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [gateway, listener] })
})
afterAll(() => room.stop())
beforeEach(() => {
  bookIsRight = true
})
const admin = () => room.account({ roles: ['admin'] })

test('when an event is poison, it is listed with its error, and replayed once it can be digested', async () => {
  const productId = newId()
  poisoned.add(productId)
  await room.publish(ProductRated, { productId, average: 4, count: 1 })
  await room.publish(ProductRated, { productId, average: 5, count: 2 })
  await room.settled()
  const listed = await room.request('GET /api/dead-letters', { as: admin() })
  expect(listed.body.items).toMatchObject([
    {
      service: 'listener',
      stream: 'review.events',
      key: productId,
      events: [{ error: 'Error: cannot be digested' }, { data: { count: 2 } }],
    },
  ])
  const replay = { service: 'listener', stream: 'review.events', key: productId }
  expect(await room.request('POST /api/dead-letters/replay', { as: admin(), body: replay })).toMatchObject({
    body: { applied: 0, left: 2 },
  })
  poisoned.clear()
  expect(await room.request('POST /api/dead-letters/replay', { as: admin(), body: replay })).toMatchObject({
    body: { applied: 2, left: 0 },
  })
  expect((await room.request('GET /api/dead-letters', { as: admin() })).body.items).toEqual([])
})

test('when nothing is parked under a key, or the service is unknown, a replay is not-found', async () => {
  const of = (service: string) => ({ service, stream: 'review.events', key: newId() })
  expect((await room.request('POST /api/dead-letters/replay', { as: admin(), body: of('listener') })).body.code).toBe('not-found')
  expect((await room.request('POST /api/dead-letters/replay', { as: admin(), body: of('nobody') })).body.code).toBe('not-found')
})

test('when a book is wrong, the check says which and names what is broken', async () => {
  const right = await room.request('POST /api/books/check', { as: admin(), body: {} })
  expect(right.body).toMatchObject({ ok: true })
  expect(right.body.checks.map((one: { name: string }) => one.name)).toContain('listener: no parked event')
  bookIsRight = false
  const wrong = await room.request('POST /api/books/check', { as: admin(), body: {} })
  expect(wrong.body.ok).toBe(false)
  expect(wrong.body.checks.filter((one: { ok: boolean }) => !one.ok)).toEqual([
    { name: 'listener: its book is right', ok: false, examined: 3, broken: 1, examples: ['page 7'] },
  ])
})

test('when somebody else than an admin asks, it is refused', async () => {
  for (const door of ['GET /api/dead-letters', 'POST /api/books/check', 'POST /api/dead-letters/replay']) {
    expect((await room.request(door, door.startsWith('POST') ? { body: {} } : {})).status).toBe(401)
    expect((await room.request(door, { as: room.account(), ...(door.startsWith('POST') ? { body: {} } : {}) })).status).toBe(403)
  }
})
