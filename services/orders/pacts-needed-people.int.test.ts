import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, SOME_ID, text, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { AccountByEmail, AccountVerified, ContactOf, DefaultAddress, OpenPersonKey } from '@stoa/contracts/identity.ts'
import { BookReceipt, PaymentsOf, PreparePayment } from '@stoa/contracts/payments.ts'
import { ADDRESS, eur, TRANSFER } from './testing/neighbours.ts'
import { openShop, type Shop } from './testing/shop.ts'

const needs = new Needs('orders', [OpenPersonKey, ContactOf, AccountByEmail, DefaultAddress, PreparePayment, PaymentsOf, BookReceipt])
let shop: Shop
beforeAll(async () => {
  shop = await openShop({}, { among: (played) => needs.neighbours(played) })
  shop.neighbours.product(1000, { sku: 'A' })
})
afterAll(() => shop.room.stop())
afterAll(() => needs.close())

const items = [{ sku: 'A', quantity: 2 }]
const known = { 'somebody is registered': {} }
const unknown = { 'nobody is registered': {} }
const refused = exactly('not-found')
const account = { accountId: uuidOf('accountId') }

describe('identity', () => {
  const key = text('^[A-Za-z0-9+/]{43}=$', Buffer.alloc(32, 7).toString('base64'))

  test('gives the key that a guest’s contact is sealed with', () =>
    needs.of(OpenPersonKey, { asks: { personId: uuid(), guest: true }, answers: { key } }, async () =>
      expect((await shop.post({ items })).status).toBe(201),
    ))

  test('gives an account’s key', () =>
    needs.of(OpenPersonKey, { given: known, asks: { personId: uuidOf('accountId'), guest: false }, answers: { key } }, async () =>
      expect((await shop.post({ as: shop.room.account(), items })).status).toBe(201),
    ))

  test('has no key for an account that is gone, and nothing is ordered', () =>
    needs.of(OpenPersonKey, { given: unknown, asks: { personId: uuidOf('accountId'), guest: false }, refuses: { refused } }, async () =>
      expect((await shop.post({ as: shop.room.account(), items })).status).toBe(503),
    ))

  const mine = async (accountId: string) =>
    (await shop.room.request('GET /api/orders', { as: shop.room.account({ accountId }) })).body.items
  const verified = async () => {
    await shop.room.publish(AccountVerified, { accountId: SOME_ID })
    await shop.room.settled()
  }

  test('says by which address guest orders of a new account are found', async () => {
    const { orderId } = await shop.place({ items, email: 'zeno@example.org' })
    await needs.of(ContactOf, { given: known, asks: account, answers: { email: 'zeno@example.org' } }, async () => {
      await verified()
      expect(await mine(SOME_ID)).toMatchObject([{ orderId }])
    })
  })

  test('knows no address of an account that is gone, which then gets no orders', async () => {
    await shop.place({ items, email: 'zeno@example.org' })
    const before = await mine(SOME_ID)
    await needs.of(ContactOf, { given: unknown, asks: account, refuses: { refused } }, async () => {
      await verified()
      expect(await mine(SOME_ID)).toEqual(before)
    })
  })

  const ordersOf = async (email: string) =>
    (await shop.room.request(`GET /api/orders?email=${email}`, { as: shop.staff })).body.items.map(
      (one: { orderId: string }) => one.orderId,
    )
  const email = text('.+@.+', 'cleanthes@example.org')

  test('says whose address it is, for staff who look for its orders', async () => {
    const { orderId } = await shop.place({ as: shop.room.account({ accountId: SOME_ID }), items })
    await needs.of(
      AccountByEmail,
      { given: { 'somebody is registered': { email: 'cleanthes@example.org' } }, asks: { email }, answers: { accountId: uuid() } },
      async () => expect(await ordersOf('cleanthes@example.org')).toContain(orderId),
    )
  })

  test('knows nobody with the address, and only guest orders are found', async () => {
    const { orderId } = await shop.place({ items, email: 'nobody@example.org' })
    await needs.of(AccountByEmail, { given: unknown, asks: { email: 'nobody@example.org' }, refuses: { refused } }, async () =>
      expect(await ordersOf('nobody@example.org')).toEqual([orderId]),
    )
  })

  const simply = async () => {
    const as = shop.room.account()
    const { productId } = shop.neighbours.product()
    const body = { userId: as.accountId, items: [{ productId, qty: 1 }], paymentMethod: 'CARD' }
    const { body: placed } = await shop.room.request('POST /api/order', { as, body })
    return placed.orderId === undefined ? placed : shop.see(placed.orderId)
  }

  test('says where an order goes that names no address', () =>
    needs.of(DefaultAddress, { given: { 'somebody has an address': ADDRESS }, asks: account, answers: { ...ADDRESS } }, async () =>
      expect(await simply()).toMatchObject({ shippingAddress: ADDRESS }),
    ))

  test('refuses where there is none', () =>
    needs.of(DefaultAddress, { given: known, asks: account, refuses: { refused: exactly('address-missing') } }, async () =>
      expect(await simply()).toMatchObject({ status: 422, code: 'address-missing' }),
    ))
})

describe('payments', () => {
  const fresh = { 'nothing is known of the order': {} }
  const asks = {
    orderId: uuidOf('orderId'),
    amount: eur(2490),
    returnUrl: text('^http://.+/orders/.+$', `http://127.0.0.1/orders/${SOME_ID}`),
  }

  test('takes a card before there is the order', () =>
    needs.of(
      PreparePayment,
      { given: fresh, asks: { ...asks, method: 'card', token: 'tok_ok' }, answers: { state: exactly('authorizing') } },
      async () => expect((await shop.post({ items })).body).toMatchObject({ payment: { state: 'authorizing' } }),
    ))

  test('says at which page a card is chosen', () =>
    needs.of(
      PreparePayment,
      {
        given: fresh,
        asks: { ...asks, method: 'card' },
        answers: { state: exactly('requires-action'), nextAction: { type: exactly('redirect'), url: 'http://127.0.0.1:1/pay' } },
      },
      async () =>
        expect((await shop.post({ items, token: null })).body).toMatchObject({
          payment: { state: 'requires-action', nextAction: { type: 'redirect', url: 'http://127.0.0.1:1/pay' } },
        }),
    ))

  test('refuses a card while nobody takes it', () =>
    needs.of(
      PreparePayment,
      {
        given: { ...fresh, 'the card provider is away': {} },
        asks: { ...asks, method: 'card' },
        refuses: { refused: exactly('unavailable') },
      },
      async () => expect(await shop.post({ items, token: null })).toMatchObject({ status: 503 }),
    ))

  const byTransfer = () => shop.place({ items, method: 'bank-transfer' })

  test('says where a transfer goes', async () => {
    const { orderId } = await byTransfer()
    await needs.of(
      PaymentsOf,
      {
        given: { 'a transfer is awaited': {} },
        asks: { orderIds: [uuidOf('orderId')] },
        answers: { items: [{ transfer: TRANSFER }] },
      },
      async () => expect(await shop.see(orderId)).toMatchObject({ payment: { transfer: TRANSFER } }),
    )
  })

  test('books a transfer that staff saw arrive', async () => {
    const { orderId } = await byTransfer()
    await needs.of(BookReceipt, { given: { 'a transfer is awaited': {} }, asks: { orderId: uuidOf('orderId') }, answers: {} }, async () =>
      expect((await shop.move(orderId, 'CONFIRMED')).status).toBe(200),
    )
  })

  test('refuses to book one that nobody awaits', async () => {
    const { orderId } = await byTransfer()
    await needs.of(
      BookReceipt,
      { given: fresh, asks: { orderId: uuidOf('orderId') }, refuses: { refused: exactly('illegal-transition') } },
      async () => expect(await shop.move(orderId, 'CONFIRMED')).toMatchObject({ status: 409, body: { code: 'illegal-transition' } }),
    )
  })
})

test('the pacts that are committed say this', () => needs.areCommitted())
