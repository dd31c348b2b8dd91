import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account, Room } from '@stoa/chassis/testing/room.ts'
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import { newId } from '@stoa/kit/ids.ts'
import { add, allPages, list, names, openMarket } from './testing/market.ts'

let room: Room
let admin: Account
beforeAll(async () => {
  room = await openMarket()
  admin = room.account({ roles: ['admin'] })
})
afterAll(() => room.stop())

const send = (door: string, body?: unknown, headers?: Record<string, string>) =>
  room.request(door, { as: admin, ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) })
const remove = async (kind: string, id: string) => expect((await send(`DELETE /api/search/${kind}/${id}`)).status).toBe(204)

describe('synonyms', () => {
  beforeAll(() =>
    add({ name: 'Huge television' }, { name: 'TV stand' }, { name: 'Solid state disk fast' }, { name: 'SSD slow' }, { name: 'Solid oak' }),
  )

  test('whoever asks for one word finds what holds another of its group, as soon as it is there and as long', async () => {
    expect(await names('q=tv')).toEqual(['TV stand'])
    const made = await send('POST /api/search/synonyms', { words: ['TV', 'televisions'] })
    expect(made).toMatchObject({ status: 201, body: { words: ['TV', 'televisions'], version: 1, changedBy: admin.accountId } })
    expect((await names('q=tv')).toSorted()).toEqual(['Huge television', 'TV stand'])
    expect((await names('q=televisions')).toSorted()).toEqual(['Huge television', 'TV stand'])
    await remove('synonyms', made.body.id)
    expect(await names('q=tv')).toEqual(['TV stand'])
  })

  test('a phrase is one thing: its words count together', async () => {
    const { body } = await send('POST /api/search/synonyms', { words: ['solid state disk', 'SSD'] })
    expect((await names('q=ssd')).toSorted()).toEqual(['SSD slow', 'Solid state disk fast'])
    expect((await names('q=solid+state+disk')).toSorted()).toEqual(['SSD slow', 'Solid state disk fast'])
    await remove('synonyms', body.id)
  })

  test('a change names the version that was shown', async () => {
    const { body } = await send('POST /api/search/synonyms', { words: ['couch', 'sofa'], language: 'en' })
    const replace = (version: number) =>
      send(`PUT /api/search/synonyms/${body.id}`, { words: ['couch', 'settee'] }, { 'if-match': `"${version}"` })
    expect(await replace(1)).toMatchObject({ status: 200, body: { words: ['couch', 'settee'], version: 2 }, headers: { etag: '"2"' } })
    expect(await replace(1)).toMatchObject({ status: 412, body: { code: 'stale' } })
    expect((await send(`PUT /api/search/synonyms/${newId()}`, { words: ['a', 'b'] }, { 'if-match': '"1"' })).body.code).toBe('not-found')
    expect((await send('GET /api/search/synonyms?limit=1')).body.items).toMatchObject([{ id: body.id, words: ['couch', 'settee'] }])
    expect((await send('GET /api/search/synonyms?cursor=nonsense')).body.code).toBe('invalid-cursor')
    await remove('synonyms', body.id)
    expect((await send(`DELETE /api/search/synonyms/${body.id}`)).body.code).toBe('not-found')
  })

  test('what cannot be a synonym is refused, every fault named', async () => {
    const { status, body } = await send('POST /api/search/synonyms', { words: ['lamp', '!!!', 'one two three four five', 'Lamps'] })
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid-request' })
    expect(body.errors.map((one: { path: string }) => one.path)).toEqual(['words[1]', 'words[2]', 'words[3]'])
    expect((await send('POST /api/search/synonyms', { words: ['alone'] })).status).toBe(422)
  })
})

describe('placements', () => {
  let goods: ProductDocument[]
  const place = (question: string, pinned: number[], buried: number[]) =>
    send('POST /api/search/placements', {
      question,
      pinned: pinned.map((at) => goods[at]?.productId),
      buried: buried.map((at) => goods[at]?.productId),
    })
  beforeAll(async () => {
    goods = await add(
      { name: 'Garden chair' },
      { name: 'Garden chair blue', brand: 'Pinned' },
      { name: 'Garden chair with a very long name indeed' },
      { name: 'Sunshade' },
      { name: 'Garden gnome' },
    )
  })

  test('pinned goods come first, even those without the words, buried ones last, on every page once', async () => {
    expect((await names('q=garden+chair'))[0]).toBe('Garden chair')
    const { body } = await place('Garden Chairs', [3, 2], [0])
    const order = ['Sunshade', 'Garden chair with a very long name indeed', 'Garden chair blue', 'Garden gnome', 'Garden chair']
    expect(await names('q=garden+chair')).toEqual(order)
    expect((await allPages('q=garden+chair&limit=2')).map((one) => one.name)).toEqual(order)
    expect((await list('q=garden+chair&facets=true')).body.total).toBe(5)
    expect(await names('q=garden+chair&brand=pinned')).toEqual(['Garden chair blue'])
    await remove('placements', body.id)
    expect((await names('q=garden+chair'))[0]).toBe('Garden chair')
  })

  test('a question that nothing answers shows what was pinned for it', async () => {
    expect(await names('q=parasol')).toEqual([])
    const { body } = await place('parasol', [3], [])
    expect(await names('q=parasol')).toEqual(['Sunshade'])
    await remove('placements', body.id)
  })

  test('a question has one order; a stale change, a taken question and a product in both places are refused', async () => {
    const { body } = await place('gnome', [4], [])
    expect(await place('GNOMES', [], [])).toMatchObject({ status: 409, body: { code: 'question-taken' } })
    const other = await place('shade', [], [])
    const replace = (question: string, version: number) =>
      send(`PUT /api/search/placements/${other.body.id}`, { question, pinned: [], buried: [] }, { 'if-match': `"${version}"` })
    expect((await replace('gnome', 1)).body.code).toBe('question-taken')
    expect((await replace('shades', 1)).body).toMatchObject({ question: 'shades', version: 2 })
    expect((await replace('shades', 1)).body.code).toBe('stale')
    const { status, body: refused } = await place('?!', [1, 2], [2])
    expect({ status, paths: refused.errors.map((one: { path: string }) => one.path) }).toEqual({
      status: 422,
      paths: ['buried[0]', 'question'],
    })
    expect((await send('GET /api/search/placements?limit=1')).body).toMatchObject({
      items: [{ question: 'shades' }],
      nextCursor: expect.any(String),
    })
    await remove('placements', body.id)
    await remove('placements', other.body.id)
    expect((await send(`DELETE /api/search/placements/${body.id}`)).body.code).toBe('not-found')
  })

  test('a shop has no more of them than it may', async () => {
    await room.db('search').run(fill('placements', 'question, key, pinned, buried', `'q' || n, 'q' || n, '{}', '{}'`))
    expect(await place('one too many', [], [])).toMatchObject({ status: 409, body: { code: 'too-many-wishes' } })
    await room.db('search').run(fill('synonyms', 'words, phrases, keys', `'{}', '{}', '{}'`))
    expect((await send('POST /api/search/synonyms', { words: ['a', 'b'] })).body.code).toBe('too-many-wishes')
  })
})

test('a shopper may wish nothing', async () => {
  const shopper = room.account()
  for (const door of ['GET /api/search/synonyms', 'GET /api/search/placements'])
    expect((await room.request(door, { as: shopper })).status).toBe(403)
})

function fill(table: string, columns: string, values: string) {
  const by = newId()
  return {
    text: `INSERT INTO ${table} (id, changed_by, ${columns}) SELECT gen_random_uuid(), $1, ${values} FROM generate_series(1, 2000) AS n`,
    values: [by],
  }
}
