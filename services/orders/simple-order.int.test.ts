import { refuse } from '@stoa/chassis/contract.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { setFailPoints } from '@stoa/chassis/fail-point.ts'
import { OrderCreated } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS } from './testing/neighbours.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ STOA_ORIGIN: 'https://shop.example' })
})
afterAll(() => shop.room.stop())
afterEach(() => {
  setFailPoints('')
  shop.neighbours.away.clear()
  shop.neighbours.next.clear()
})

const created = async (orderId: string) => (await shop.room.events(OrderCreated)).filter((one) => one.orderId === orderId)

describe('seed 2’s own order', () => {
  const wish = () => {
    const as = shop.room.account()
    const { productId } = shop.neighbours.product(10)
    shop.neighbours.addresses.set(as.accountId, ADDRESS)
    return { as, productId, body: { userId: as.accountId, items: [{ productId, qty: 2 }], paymentMethod: 'CARD' } }
  }
  const post = ({ as, body }: Pick<ReturnType<typeof wish>, 'as' | 'body'>, headers = {}) =>
    shop.room.request('POST /api/order', { as, body, headers })

  test('is placed to the default address with the saved card', async () => {
    const asked = wish()
    const { status, body, headers } = await post(asked)
    expect([status, body, headers.location]).toEqual([201, { orderId: body.orderId, status: 'PENDING' }, `/api/orders/${body.orderId}`])
    expect(shop.neighbours.prepared.get(body.orderId)).toMatchObject({ method: 'card', token: 'tok_ok' })
    expect((await shop.room.request(`GET /api/orders/${body.orderId}`, { as: asked.as })).body.shippingAddress).toEqual(ADDRESS)
  })

  test('when it comes again within a minute without a key, also at once, it is the same order; later it is another', async () => {
    const asked = wish()
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(asked)))
    const ids = answers.map((one) => one.body.orderId)
    expect(new Set(ids).size).toBe(1)
    expect(await created(ids[0])).toHaveLength(1)
    expect((await post({ ...asked, body: { ...asked.body, paymentMethod: 'BANK_TRANSFER' } })).body.orderId).not.toBe(ids[0])
    await shop.room.advance(61)
    expect((await post(asked)).body.orderId).not.toBe(ids[0])
  })

  test('when it comes again, it is told as it stands, and nobody is asked for anything anew', async () => {
    const asked = wish()
    const { orderId } = (await post(asked)).body
    const before = shop.neighbours.asked('inventory.ReserveStock', orderId).length
    expect((await post(asked)).body).toEqual({ orderId, status: 'PENDING' })
    expect(shop.neighbours.asked('inventory.ReserveStock', orderId)).toHaveLength(before)
    expect(shop.neighbours.asked('payments.PreparePayment', orderId)).toHaveLength(1)
  })

  test('when it has a key, the key decides', async () => {
    const asked = wish()
    const [first, again, other] = [
      await post(asked, { 'idempotency-key': `key-of-${asked.productId}` }),
      await post(asked, { 'idempotency-key': `key-of-${asked.productId}` }),
      await post(asked, { 'idempotency-key': `other-of-${asked.productId}` }),
    ]
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([first.body, 'true'])
    expect(other.body.orderId).not.toBe(first.body.orderId)
  })

  test('when it is for somebody else, it is forbidden', async () => {
    const asked = wish()
    expect((await post({ ...asked, as: shop.room.account() })).body).toMatchObject({ status: 403, code: 'forbidden' })
  })

  test('when there is no default address, it is address-missing', async () => {
    const asked = wish()
    shop.neighbours.addresses.clear()
    expect((await post(asked)).body).toMatchObject({ status: 422, code: 'address-missing' })
  })

  test('when payments refuse it once, the same body can be ordered right after', async () => {
    const asked = wish()
    shop.neighbours.next.set('payments.PreparePayment', refuse('unavailable'))
    expect((await post(asked)).body).toMatchObject({ status: 503, code: 'unavailable' })
    expect((await post(asked)).status).toBe(201)
  })

  test('when stock is short or the product unknown, it says so', async () => {
    const asked = wish()
    expect((await post({ ...asked, body: { ...asked.body, items: [{ productId: asked.productId, qty: 11 }] } })).body.code).toBe(
      'insufficient-stock',
    )
    expect((await post({ ...asked, body: { ...asked.body, items: [{ productId: newId(), qty: 1 }] } })).body.code).toBe('unknown-sku')
  })

  test('when pricing answers what this door does not promise, it is unavailable', async () => {
    shop.neighbours.next.set('pricing.PriceBasket', refuse('quote-mismatch'))
    expect((await post(wish())).body).toMatchObject({ status: 503, code: 'unavailable' })
  })

  test('when the shop is not a demo, a card is refused as payment-method-missing', async () => {
    const real = await openShop({ STOA_DEMO: 'off' })
    try {
      const as = real.room.account()
      real.neighbours.addresses.set(as.accountId, ADDRESS)
      const items = [{ productId: real.neighbours.product().productId, qty: 1 }]
      const order = (paymentMethod: string) =>
        real.room.request('POST /api/order', { as, body: { userId: as.accountId, items, paymentMethod } })
      expect((await order('CARD')).body).toMatchObject({ status: 422, code: 'payment-method-missing' })
      expect((await order('CASH_ON_DELIVERY')).status).toBe(201)
      const { body } = await real.post({ method: 'card' })
      expect([body.status, body.errors]).toEqual([
        422,
        [{ path: 'payment.method', code: 'not-offered', message: 'cards are not taken here' }],
      ])
      expect((await real.post({ method: 'cash-on-delivery' })).status).toBe(201)
    } finally {
      await real.room.stop()
    }
  })

  test('when requests of more than an hour ago are swept, younger ones stay', async () => {
    await post(wish())
    const count = async () => (await shop.room.db('orders').one<{ n: number }>(sql`SELECT count(*) AS n FROM recent_requests`)).n
    await shop.room.advance(3700)
    await post(wish())
    await shop.room.advance(600)
    await expect.poll(count, { timeout: 15_000 }).toBe(1)
  })
})
