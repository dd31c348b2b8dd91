/** Answers for anybody: made once, told again, made anew when something they show is touched. */
import { newId } from '@stoa/kit/ids.ts'
import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { event, object, refuse, route } from '../contract.ts'
import { setFailPoints } from '../fail-point.ts'
import { defineService, handle, on, read } from '../service.ts'
import { openRoom, type Room } from '../testing/room.ts'

const Changed = event('Changed', {
  summary: 'x',
  topic: 'shelf.events',
  version: 1,
  key: 'name',
  touches: 'name',
  data: object({ name: Type.String(), value: Type.Integer() }),
})
const params = object({ name: Type.String() })
const browse = { summary: 'x', permission: 'public', class: 'browse' } as const
const Thing = object({ value: Type.Integer(), asked: Type.String() })
const Look = route('GET /things/{name}', {
  ...browse,
  params,
  query: object({ a: Type.Optional(Type.String()), b: Type.Optional(Type.String()) }),
  output: Thing,
  keptMs: 5000,
  refusals: { 'not-found': 404 },
})
const LookTagged = route('GET /tagged/{name}', { ...browse, params, output: Thing, keptMs: 5000 })
const LookDerived = route('GET /derived/{name}', { ...browse, params, output: Thing, keptMs: 5000 })
const Put = route('PUT /things/{name}', {
  summary: 'x',
  permission: 'public',
  class: 'staff',
  params,
  body: object({ value: Type.Integer(), quietly: Type.Optional(Type.Boolean()) }),
  output: object({}),
})

/** What is there, what was made of it, and how often somebody looked. */
const values = new Map<string, number>()
const derived = new Map<string, number>()
let made = 0
let wait: Promise<void> | undefined

const shelf = defineService({
  name: 'shelf',
  owns: 'Things, for this test.',
  routes: [
    read(Look, async ({ params: { name }, reply, caller, cookies, headers, address, origin }) => {
      made++
      const value = values.get(name)
      await wait
      if (value === undefined) return refuse('not-found')
      reply.shows([name])
      return { value, asked: JSON.stringify([caller, cookies, headers, address, origin]) }
    }),
    read(LookTagged, async ({ params: { name }, reply }) => {
      reply.etag(7)
      reply.shows([name])
      return { value: values.get(name) ?? 0, asked: '' }
    }),
    handle(Put, async ({ params: { name }, input: { value, quietly }, tx }) => {
      values.set(name, value)
      if (quietly) tx.touch([name])
      else tx.publish(Changed, { name, value })
      return {}
    }),
  ],
  publishes: [Changed],
})
const mirror = defineService({
  name: 'mirror',
  owns: 'What was made of things, for this test.',
  routes: [
    read(LookDerived, async ({ params: { name }, reply }) => {
      reply.shows([name])
      return { value: derived.get(name) ?? 0, asked: '' }
    }),
  ],
  consumers: [on(Changed, async ({ data: { name, value } }) => void derived.set(name, value))],
})

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [shelf, mirror] })
})
afterAll(() => room.stop())
beforeEach(() => {
  made = 0
  wait = undefined
})

const put = (name: string, value: number, more: object = {}) => room.request(`PUT /api/things/${name}`, { body: { value, ...more } })
/** What follows from a change forgets what was kept a second time, a moment later; whoever counts waits for that. */
const putAtRest = (name: string, value: number) => put(name, value).then(() => room.settled())
const look = (name: string, options = {}) => room.request(`GET /api/things/${name}`, options)

describe('an answer for anybody', () => {
  test('is made once, until something it shows is published or touched', async () => {
    const name = newId()
    await putAtRest(name, 1)
    expect([(await look(name)).body.value, (await look(name)).body.value, made]).toEqual([1, 1, 1])
    await put(newId(), 5)
    expect([(await look(name)).body.value, made]).toEqual([1, 1])
    await put(name, 2)
    expect([(await look(name)).body.value, made]).toEqual([2, 2])
    await put(name, 3, { quietly: true })
    expect([(await look(name)).body.value, made]).toEqual([3, 3])
  })

  test('is another one for another question, however it is put', async () => {
    const name = newId()
    await putAtRest(name, 1)
    for (const query of ['?a=1&b=2', '?b=2&a=1', '?a=1', '?b=1', '?a=1%26b=2', '']) await look(name + query)
    expect(made).toBe(5)
  })

  test('is made once for all who ask in one moment', async () => {
    const name = newId()
    await putAtRest(name, 1)
    const answers = await Promise.all(Array.from({ length: 10 }, () => look(name)))
    expect([new Set(answers.map((one) => one.body.value)), made]).toEqual([new Set([1]), 1])
  })

  test('that was being made while something it shows was changed is given to nobody who asks later', async () => {
    const name = newId()
    await put(name, 1)
    let go = () => {}
    wait = new Promise((done) => (go = done))
    const early = look(name)
    await expect.poll(() => made).toBe(1)
    await put(name, 2)
    wait = undefined
    expect((await look(name)).body.value).toBe(2)
    go()
    await early
    expect((await look(name)).body.value).toBe(2)
  })

  test('knows nothing of who asked', async () => {
    const name = newId()
    await put(name, 1)
    const asked = { cookies: { stoa_cart: 'mine' }, headers: { 'x-mine': 'mine', origin: 'https://mine.example' }, address: '10.9.8.7' }
    expect(JSON.parse((await look(name, asked)).body.asked)).toEqual([{ kind: 'guest' }, {}, {}, '', ''])
  })

  test('is not kept where it is a refusal', async () => {
    const name = newId()
    expect([(await look(name)).status, (await look(name)).status, made]).toEqual([404, 404, 2])
    values.set(name, 1)
    expect((await look(name)).status).toBe(200)
  })

  test('follows what another service makes of an event, too', async () => {
    const name = newId()
    const mirrored = async () => (await room.request(`GET /api/derived/${name}`)).body.value
    expect(await mirrored()).toBe(0)
    await put(name, 1)
    // Kept again before the event came.
    await mirrored()
    await room.settled()
    expect(await mirrored()).toBe(1)
  })

  test('is forgotten also when nobody knows whether the change took place', async () => {
    const name = newId()
    // What follows from the first change passes the point as well.
    await putAtRest(name, 1)
    await look(name)
    setFailPoints('transaction.after-commit=throw')
    try {
      expect((await put(name, 2)).status).toBe(500)
    } finally {
      setFailPoints('')
    }
    expect((await look(name)).body.value).toBe(2)
  })
})

test('whoever says who he is gets an answer of his own, which nobody keeps', async () => {
  const name = newId()
  await putAtRest(name, 1)
  await look(name)
  const own = await look(name, { as: room.account() })
  expect([JSON.parse(own.body.asked)[0].kind, own.headers['cache-control'], own.headers.etag]).toEqual(['account', 'no-store', undefined])
  expect([JSON.parse((await look(name)).body.asked)[0].kind, made]).toEqual(['guest', 2])
})

describe('a cache on the way', () => {
  test('may keep an answer for anybody, asks whether it still holds, and is told so without a body', async () => {
    const name = newId()
    await put(name, 1)
    const { headers } = await look(name)
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=0, must-revalidate',
      vary: expect.stringContaining('Authorization') as string,
      etag: expect.stringMatching(/^"[\w-]{22}"$/) as string,
    })
    const tag = headers.etag as string
    for (const given of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const { status, body, headers: again } = await look(name, { headers: { 'if-none-match': given } })
      expect([status, body, again.etag, again['cache-control']]).toEqual([304, '', tag, headers['cache-control']])
    }
    expect((await look(name, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    expect((await look(name, { headers: { 'if-none-match': tag }, as: room.account() })).status).toBe(200)
    await put(name, 2)
    const changed = await look(name, { headers: { 'if-none-match': tag } })
    expect([changed.status, changed.body.value, changed.headers.etag === tag]).toEqual([200, 2, false])
  })

  test('is never told that an answer holds by a tag that names something else', async () => {
    const name = newId()
    const first = await room.request(`GET /api/tagged/${name}`)
    const second = await room.request(`GET /api/tagged/${name}`, { headers: { 'if-none-match': first.headers.etag as string } })
    expect([first.headers.etag, second.headers.etag, second.status]).toEqual(['"7"', '"7"', 200])
  })
})
