import { sql } from '@stoa/chassis/database/sql.ts'
import { COOKIE_AGAIN_SECONDS } from '@stoa/chassis/runtime/cookies.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCartRoom, restock, shoppersOf, units } from './testing/shop.ts'

let room: Room
beforeAll(async () => {
  room = await openCartRoom()
})
afterAll(() => room.stop())
beforeEach(restock)

const { look, add, shopper, guestWith } = shoppersOf(() => room)
const withKey = (key: string, cart?: string) => ({
  headers: { 'idempotency-key': key },
  ...(cart === undefined ? {} : { cookies: { stoa_cart: cart } }),
})
const newKey = () => `key-${newId()}`
type Answer = Awaited<ReturnType<typeof add>>
const cartOf = (answer: Answer) => answer.cookies.find((one) => one.name === 'stoa_cart')?.value
const replayed = (answer: Answer) => [answer.status, answer.headers['idempotent-replayed']]

describe('a guest whose first answer was lost', () => {
  test('when the same request comes again, gets the same cart with a cookie that opens it', async () => {
    const key = newKey()
    const lost = await add('A', 2, withKey(key))
    const again = await add('A', 2, withKey(key))
    expect([...replayed(again), again.body.id]).toEqual([200, 'true', lost.body.id])
    expect(again.cookies).toMatchObject([{ name: 'stoa_cart', httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 2_592_000 }])
    const who = { cookies: { stoa_cart: cartOf(again) ?? '' } }
    expect(units(await look(who))).toEqual({ A: 2 })
    expect(units(await add('B', 1, who))).toEqual({ A: 2, B: 1 })
    expect(cartOf(again)).toBe(cartOf(lost))
  })

  test('when the answer did arrive after all, the cookie it gave is taken as well', async () => {
    const key = newKey()
    const first = await add('A', 2, withKey(key))
    const again = await add('A', 2, withKey(key, cartOf(first)))
    expect([...replayed(again), again.body.id, cartOf(again)]).toEqual([200, 'true', first.body.id, cartOf(first)])
  })

  test('when the request brought a cookie of no cart, the same one brings the answer’s again', async () => {
    const key = newKey()
    const lost = await add('A', 2, withKey(key, 'made-up'))
    expect(cartOf(await add('A', 2, withKey(key, 'made-up')))).toBe(cartOf(lost))
  })

  test('when much later the key comes again, it opens nothing any more', async () => {
    const key = newKey()
    await add('A', 2, withKey(key))
    await room.advance(COOKIE_AGAIN_SECONDS + 1)
    const again = await add('A', 2, withKey(key))
    expect([...replayed(again), again.cookies]).toEqual([200, 'true', []])
  })
})

describe('somebody else with the same key', () => {
  test('when the body is another, is refused and gets no cookie', async () => {
    const key = newKey()
    await add('A', 2, withKey(key))
    const other = await add('A', 3, withKey(key))
    expect([other.status, other.body.code, other.cookies]).toEqual([422, 'idempotency-key-reused', []])
  })

  test('when they bring another cart, are refused, see nothing, and their cart stays as it was', async () => {
    const key = newKey()
    await add('A', 2, withKey(key))
    const them = await guestWith('B', 1)
    const other = await add('A', 2, withKey(key, them.cookies?.stoa_cart))
    expect([other.status, other.body.code, other.body.items, other.cookies]).toEqual([422, 'idempotency-key-reused', undefined, []])
    expect(units(await look(them))).toEqual({ B: 1 })
  })

  test('when the cart was there before and they bring none, are refused: a key alone opens no cart', async () => {
    const key = newKey()
    const owner = await guestWith('B', 1)
    expect((await add('A', 2, withKey(key, owner.cookies?.stoa_cart))).status).toBe(200)
    const other = await add('A', 2, withKey(key))
    expect([other.status, other.body.code, other.cookies]).toEqual([422, 'idempotency-key-reused', []])
    expect(replayed(await add('A', 2, withKey(key, owner.cookies?.stoa_cart)))).toEqual([200, 'true'])
  })

  test('when they are logged in, theirs is a request of its own in a cart of its own', async () => {
    const key = newKey()
    const first = await add('A', 2, withKey(key))
    const other = await add('A', 2, { ...withKey(key), ...shopper() })
    expect([other.status, other.headers['idempotent-replayed'], other.cookies]).toEqual([200, undefined, []])
    expect(other.body.id).not.toBe(first.body.id)
  })

  test('when they read the rows, they find no cookie', async () => {
    const given = cartOf(await add('A', 1, withKey(newKey()))) ?? ''
    const { text } = await room
      .db('cart')
      .one<{ text: string }>(sql`SELECT string_agg(row_to_json(k)::text, ' ') AS text FROM chassis.idempotency_keys k`)
    expect(given).toHaveLength(65)
    expect(text).not.toContain(given)
    expect(text).not.toContain(Buffer.from(given).toString('base64url').slice(2, 40))
  })
})
