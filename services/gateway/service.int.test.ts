import { Type } from 'typebox'
import { event, object } from '@stoa/chassis/contract.ts'
import { bookCheck, defineService, on } from '@stoa/chassis/service.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import gateway from './service.ts'

const PARKED_WITHIN_MS = 15_000
const LetterPosted = event('LetterPosted', {
  summary: 'A letter was posted.',
  topic: 'letters',
  version: 1,
  key: 'box',
  data: object({ box: Type.String(), text: Type.String() }),
})
/** What the reader could not read, and what it has read. */
const illegible = new Set<string>()
const received: string[] = []
const book = { broken: 0, fails: false }
const reader = defineService({
  name: 'reader',
  owns: 'Letters, for this test.',
  consumers: [
    on(LetterPosted, async ({ data }) => {
      if (illegible.has(data.text)) throw new Error(`cannot read '${data.text}'`)
      received.push(data.text)
    }),
  ],
  checks: [
    bookCheck('letters add up', async () => {
      if (book.fails) throw new Error('SELECT secret FROM /var/lib')
      return { examined: 7, broken: book.broken, examples: book.broken > 0 ? ['box-1'] : [] }
    }),
  ],
})

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [gateway, reader] })
})
afterAll(() => room.stop())

const admin = () => room.account({ roles: ['admin'] })
const list = async (query = '') => (await room.request(`GET /api/dead-letters${query}`, { as: admin() })).body.items
const replay = (key: string, more: object = {}) =>
  room.request('POST /api/dead-letters/replay', { as: admin(), body: { service: 'reader', stream: 'letters', key, ...more } })
/** Posts letters to a box of its own, the first of which cannot be read. */
async function parked(...texts: string[]): Promise<string> {
  const box = newId()
  illegible.add(texts[0] as string)
  for (const text of texts) await room.publish(LetterPosted, { box, text })
  await expect.poll(async () => (await lettersOf(box)).length, { timeout: PARKED_WITHIN_MS }).toBe(texts.length)
  return box
}
const lettersOf = async (box: string) => (await list()).find((one: { key: string }) => one.key === box)?.events ?? []

describe('dead letters', () => {
  test('when an event cannot be read, it and those behind it wait, in order, and others go on', async () => {
    const box = await parked('smudged', 'clear')
    await room.publish(LetterPosted, { box: newId(), text: 'other box' })
    await room.settled()
    expect(received).toContain('other box')
    expect(received).not.toContain('clear')
    expect((await list()).find((one: { key: string }) => one.key === box)).toMatchObject({
      service: 'reader',
      stream: 'letters',
      events: [
        { type: 'LetterPosted', data: { box, text: 'smudged' }, error: expect.stringContaining('smudged') },
        { data: { text: 'clear' } },
      ],
    })
  })

  test('when the fault is mended, replay applies them in order, once, and the list is empty of them', async () => {
    const box = await parked('torn', 'second', 'third')
    expect((await replay(box)).body).toEqual({ applied: 0, left: 3 })
    illegible.delete('torn')
    expect((await replay(box)).body).toEqual({ applied: 3, left: 0 })
    expect(received.filter((one) => ['torn', 'second', 'third'].includes(one))).toEqual(['torn', 'second', 'third'])
    expect(await lettersOf(box)).toEqual([])
    expect((await replay(box)).body.code).toBe('not-found')
    await room.publish(LetterPosted, { box, text: 'after all' })
    await room.settled()
    expect(received).toContain('after all')
  })

  test('when one in the middle still fails, replay stops before it', async () => {
    const box = await parked('wet', 'dry', 'burnt')
    illegible.add('burnt')
    illegible.delete('wet')
    expect((await replay(box)).body).toEqual({ applied: 2, left: 1 })
    expect((await lettersOf(box))[0].data.text).toBe('burnt')
  })

  test('when service, stream or key are of nothing that waits, it is not-found', async () => {
    for (const more of [{ service: 'nobody' }, { service: 'platform' }, { stream: 'no-such' }, { key: 'no-such' }])
      expect((await replay('x', more)).body).toMatchObject({ status: 404, code: 'not-found' })
  })

  test('a list may be as short as wanted', async () => {
    await parked('one')
    await parked('two')
    expect(await list('?limit=1')).toHaveLength(1)
  })
})

describe('the check of the books', () => {
  const check = async () => (await room.request('POST /api/books/check', { as: admin(), body: {} })).body
  const named = (report: { checks: { name: string }[] }, name: string) => report.checks.find((one) => one.name === name)

  test('names every service’s checks, those of the house among them, and what is broken', async () => {
    await parked('lost')
    book.broken = 1
    const report = await check()
    book.broken = 0
    expect(report.ok).toBe(false)
    expect(named(report, 'reader: letters add up')).toEqual({
      name: 'reader: letters add up',
      ok: false,
      examined: 7,
      broken: 1,
      examples: ['box-1'],
    })
    expect(named(report, 'reader: no parked event')).toMatchObject({ ok: false })
    expect(named(report, 'reader: every stream it listens to is read to the head')).toMatchObject({ ok: true })
    expect(named(report, 'outside: no gap in its streams')).toMatchObject({ ok: true })
    expect(named(await check(), 'reader: letters add up')).toMatchObject({ ok: true, examined: 7 })
  })

  test('what the last look found is a metric, and the house looks by itself every hour', async () => {
    const broken = async () =>
      (await room.house.metricsText()).split('\n').find((one) => one.startsWith('stoa_books_broken{check="reader: letters add up"}'))
    book.broken = 2
    await check()
    expect(await broken()).toMatch(/ 2$/)
    book.broken = 0
    await room.advance(3600)
    await expect.poll(broken, { timeout: PARKED_WITHIN_MS }).toMatch(/ 0$/)
  })

  test('when a check cannot be run, it is broken, and tells nothing of our insides', async () => {
    book.fails = true
    const report = await check()
    book.fails = false
    expect(named(report, 'reader: letters add up')).toEqual({
      name: 'reader: letters add up',
      ok: false,
      examined: 0,
      broken: 1,
      examples: ['the check could not be run'],
    })
  })
})

test.each([
  ['GET /api/dead-letters', undefined],
  ['POST /api/dead-letters/replay', { service: 'reader', stream: 'letters', key: 'x' }],
  ['GET /api/dead-letters/repairs', undefined],
  ['POST /api/dead-letters/repair', { service: 'reader', stream: 'x', partition: 0, seq: 1, revision: 0, reason: 'why', data: {} }],
  ['POST /api/dead-letters/drop', { service: 'reader', stream: 'x', partition: 0, seq: 1, revision: 0, reason: 'why' }],
  ['POST /api/books/check', {}],
])('%s is for administrators alone', async (door, body) => {
  const asked = async (as?: Parameters<Room['account']>[0]) =>
    (await room.request(door, { ...(as ? { as: room.account(as) } : {}), ...(body ? { body } : {}) })).body.code
  expect(await asked()).toBe('unauthenticated')
  for (const role of ['customer', 'vendor', 'pos', 'warehouse'] as const)
    expect([role, await asked({ roles: [role] })]).toEqual([role, 'forbidden'])
  expect(await asked({ roles: ['admin'] })).not.toBe('forbidden')
})
