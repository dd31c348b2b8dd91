import { Type } from 'typebox'
import { event, object } from '@stoa/chassis/contract.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { defineService, on } from '@stoa/chassis/service.ts'
import { openRoom, type Account, type Room } from '@stoa/chassis/testing/room.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import gateway from './service.ts'

const PARKED_WITHIN_MS = 15_000
const posted = { topic: 'letters', version: 1, key: 'box' as const }
const LetterPosted = event('LetterPosted', {
  summary: 'A letter was posted.',
  ...posted,
  data: object({ box: Type.String(), text: Type.String({ maxLength: 40 }), stamps: Type.Integer({ minimum: 0 }) }),
})
const BoxPainted = event('BoxPainted', { summary: 'Nobody here reads this.', ...posted, data: object({ box: Type.String() }) })
const received: string[] = []
const reader = defineService({
  name: 'reader',
  owns: 'Letters, for this test.',
  consumers: [
    on(LetterPosted, async ({ data }) => {
      if (data.stamps === 0) throw new Error('no stamps')
      received.push(data.text)
    }),
  ],
})
const postOffice = defineService({ name: 'post', owns: 'Boxes, for this test.', publishes: [LetterPosted, BoxPainted] })

let room: Room
let admin: Account
beforeAll(async () => {
  room = await openRoom({ services: [gateway, reader, postOffice] })
  admin = room.account({ roles: ['admin'] })
})
afterAll(() => room.stop())

interface Parked {
  partition: number
  seq: number
  revision: number
  data: Record<string, unknown>
}
const keys = async () => (await room.request('GET /api/dead-letters?limit=100', { as: admin })).body.items
const lettersOf = async (box: string): Promise<Parked[]> => (await keys()).find((one: { key: string }) => one.key === box)?.events ?? []
const repairsOf = async (box: string) =>
  (await room.request('GET /api/dead-letters/repairs', { as: admin })).body.items.filter((one: { key: string }) => one.key === box)
/** Posts letters to a box of its own; those without stamps cannot be read. */
async function parked(...stamps: number[]): Promise<{ box: string; texts: string[]; letters: Parked[] }> {
  const box = newId()
  const texts = stamps.map((_, index) => `${box.slice(-4)}-${index + 1}`)
  for (const [index, count] of stamps.entries()) await room.publish(LetterPosted, { box, text: texts[index] as string, stamps: count })
  await expect.poll(async () => (await lettersOf(box)).length, { timeout: PARKED_WITHIN_MS }).toBe(stamps.length)
  return { box, texts, letters: await lettersOf(box) }
}
const placeOf = ({ partition, seq, revision }: Parked) => ({ service: 'reader', stream: 'letters', partition, seq, revision })
const post = (act: 'repair' | 'drop' | 'replay', body: object, as: Account = admin) =>
  room.request(`POST /api/dead-letters/${act}`, { as, body })
const repair = (letter: Parked, data: object, more: object = {}, as: Account = admin) =>
  post('repair', { ...placeOf(letter), data, reason: 'stamped by hand', ...more }, as)
const drop = (letter: Parked, more: object = {}, as: Account = admin) =>
  post('drop', { ...placeOf(letter), reason: 'it was a joke', ...more }, as)
const replay = async (key: string) => (await post('replay', { service: 'reader', stream: 'letters', key })).body
const readOf = (texts: string[]) => received.filter((one) => texts.includes(one))

describe('a parked event', () => {
  test('when its data is changed, replay goes on with it, in order, and the original is kept with who, when and why', async () => {
    const { box, texts, letters } = await parked(0, 1, 2)
    const [first] = letters as [Parked]
    expect(first.revision).toBe(0)
    const answer = await repair(first, { ...first.data, stamps: 1 })
    expect([answer.status, answer.body]).toEqual([200, { revision: 1 }])
    expect((await lettersOf(box))[0]).toMatchObject({ revision: 1, data: { ...first.data, stamps: 1 } })
    expect(readOf(texts)).toEqual([])
    expect(await replay(box)).toEqual({ applied: 3, left: 0 })
    expect(readOf(texts)).toEqual(texts)
    const [kept, ...others] = await repairsOf(box)
    expect(others).toEqual([])
    expect(kept).toMatchObject({ service: 'reader', action: 'changed', revision: 1, by: admin.accountId, reason: 'stamped by hand' })
    expect([kept.before, kept.after]).toEqual([first.data, { ...first.data, stamps: 1 }])
    expect(Math.abs(Date.now() - Date.parse(kept.at))).toBeLessThan(60_000)
  })

  test('when it is dropped, those behind it are replayed without it, later ones are free, and what it was is kept', async () => {
    const { box, texts, letters } = await parked(0, 1)
    const answer = await drop(letters[0] as Parked)
    expect([answer.status, answer.body]).toEqual([200, { left: 1 }])
    expect(await replay(box)).toEqual({ applied: 1, left: 0 })
    expect(readOf(texts)).toEqual([texts[1]])
    expect(await repairsOf(box)).toMatchObject([{ action: 'dropped', by: admin.accountId, before: letters[0]?.data, after: null }])
    const alone = await parked(0)
    expect((await drop(alone.letters[0] as Parked)).body).toEqual({ left: 0 })
    await room.publish(LetterPosted, { box: alone.box, text: `${alone.box}`, stamps: 1 })
    await room.settled()
    expect(received).toContain(alone.box)
  })

  test('when the data does not fit the contract, or names another key, every fault is named and nothing changes', async () => {
    const { box, letters } = await parked(0)
    const [letter] = letters as [Parked]
    const bad = await repair(letter, { box: newId(), text: 7, surprise: true })
    expect([bad.status, bad.body.code]).toEqual([422, 'invalid-request'])
    expect(bad.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'data.box',
      'data.stamps',
      'data.surprise',
      'data.text',
    ])
    for (const reason of ['', '   ', undefined]) {
      expect((await repair(letter, { ...letter.data, stamps: 1 }, { reason })).status).toBe(422)
      expect((await drop(letter, { reason })).status).toBe(422)
    }
    expect([await lettersOf(box), await repairsOf(box)]).toEqual([[letter], []])
  })

  test('when two administrators repair it at once, one of them does and the other is told', async () => {
    const { box, letters } = await parked(0)
    const [letter] = letters as [Parked]
    const other = room.account({ roles: ['admin'] })
    const answers = await Promise.all([
      repair(letter, { ...letter.data, stamps: 1 }),
      repair(letter, { ...letter.data, stamps: 2 }, {}, other),
      drop(letter, {}, other),
    ])
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1)
    for (const lost of answers.filter((one) => one.status !== 200)) expect(['stale', 'not-found']).toContain(lost.body.code)
    expect(await repairsOf(box)).toHaveLength(1)
    const second = await parked(0)
    const [seen] = second.letters as [Parked]
    await repair(seen, { ...seen.data, stamps: 3 })
    expect(await repair(seen, { ...seen.data, stamps: 4 })).toMatchObject({ status: 412, body: { code: 'stale' } })
    expect(await drop(seen)).toMatchObject({ status: 412, body: { code: 'stale' } })
    expect((await repair({ ...seen, revision: 1 }, { ...seen.data, stamps: 4 })).body).toEqual({ revision: 2 })
    expect((await repairsOf(second.box)).map((one: { revision: number }) => one.revision)).toEqual([2, 1])
  })

  test('when it is dropped while it is replayed, either it was applied or it was dropped, never both', async () => {
    for (let round = 0; round < 6; round++) {
      const { box, texts, letters } = await parked(0)
      const [letter] = letters as [Parked]
      await repair(letter, { ...letter.data, stamps: 1 })
      const [dropped, replayed] = await Promise.all([drop({ ...letter, revision: 1 }), replay(box)])
      const applied = readOf(texts).length
      expect([dropped.status, applied]).toEqual(applied === 1 ? [404, 1] : [200, 0])
      expect(replayed.applied ?? 0).toBe(applied)
      expect(await lettersOf(box)).toEqual([])
    }
  })

  test('when nothing here reads its type, its data is not changed; it may be dropped', async () => {
    const { box } = await parked(0)
    await room.publish(BoxPainted, { box })
    await expect.poll(async () => (await lettersOf(box)).length, { timeout: PARKED_WITHIN_MS }).toBe(2)
    const [, painted] = (await lettersOf(box)) as [Parked, Parked]
    expect(await repair(painted, { box })).toMatchObject({ status: 409, body: { code: 'not-repairable' } })
    expect((await drop(painted)).body).toEqual({ left: 1 })
  })

  test('when service, stream or place are of nothing that waits, it is not-found', async () => {
    const { letters } = await parked(0)
    const [letter] = letters as [Parked]
    for (const more of [{ service: 'nobody' }, { service: 'platform' }, { stream: 'no-such' }, { seq: letter.seq + 1000 }]) {
      expect(await repair(letter, letter.data, more)).toMatchObject({ status: 404, body: { code: 'not-found' } })
      expect(await drop(letter, more)).toMatchObject({ status: 404, body: { code: 'not-found' } })
    }
  })
})

test('what was kept of a repair cannot be without its data', async () => {
  const broken = room.db('reader').run(sql`UPDATE chassis.parked_repairs SET after = NULL WHERE action = 'changed'`)
  await expect(broken).rejects.toThrow(/check/)
})
