import { refuse } from '@stoa/chassis/contract.ts'
import { setFailPoints } from '@stoa/chassis/fail-point.ts'
import { OrderCreated } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, eur } from './testing/neighbours.ts'
import { openShop, type Shop, type Wish } from './testing/shop.ts'

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
const heldFor = (sku: string) => [...shop.neighbours.held.values()].filter((one) => one.lines.some((line) => line.sku === sku))

describe('an order that is placed', () => {
  test('answers PENDING with number, total, place and a pass for the guest', async () => {
    const answer = await shop.post()
    expect(answer).toMatchObject({
      status: 201,
      body: { status: 'PENDING', total: eur(2490), payment: { state: 'authorizing' }, viewToken: expect.any(String) },
      headers: { location: `/api/orders/${answer.body.orderId}` },
    })
    expect(answer.body.number).toMatch(/^S-\d{6}$/)
    expect(await created(answer.body.orderId)).toEqual([
      expect.objectContaining({ accountId: null, cartId: null, number: answer.body.number, total: eur(2490), method: 'card' }),
    ])
    expect(shop.neighbours.held.get(answer.body.orderId)).toMatchObject({ lines: [{ quantityUnits: 2 }], holdSeconds: 900 })
  })

  test('when its buyer has an account, it belongs to them and needs no pass', async () => {
    const as = shop.room.account()
    const answer = await shop.post({ as })
    expect([answer.status, answer.body.viewToken]).toEqual([201, undefined])
    expect((await created(answer.body.orderId))[0]).toMatchObject({ accountId: as.accountId })
  })

  test('when a card has no token, it answers the provider’s page, which leads back with the pass', async () => {
    const { body } = await shop.post({ token: null })
    expect(body.payment).toEqual({
      state: 'requires-action',
      nextAction: { type: 'redirect', url: `https://gateway.example/pay/${body.orderId}` },
    })
    expect(shop.neighbours.prepared.get(body.orderId)?.returnUrl).toBe(
      `https://shop.example/orders/${body.orderId}?token=${body.viewToken}`,
    )
    expect((await shop.see(body.orderId)).payment.nextAction.url).toContain(body.orderId)
  })

  test('when a SKU is named twice, also by its product, it is one line', async () => {
    const { sku, productId } = shop.neighbours.product(10, { options: { colour: 'black' } })
    const { orderId } = await shop.place({
      items: [
        { sku, quantity: 1 },
        { productId, quantity: 2 },
      ],
    })
    const { lines } = await shop.see(orderId)
    expect(lines).toEqual([expect.objectContaining({ sku, quantity: 3, name: `Piece ${sku}, black` })])
  })

  test('when it is a cart, guest’s or account’s, its lines are ordered and taken out of it', async () => {
    const { sku } = shop.neighbours.product()
    const cartId = newId()
    shop.neighbours.cart = { cartId, items: [{ sku, quantity: 3 }] }
    const cart: Wish = { body: { items: undefined, cart: true } }
    const { orderId } = await shop.place({ ...cart, cookies: { stoa_cart: 'the-cart-of-a-guest' } })
    expect(shop.neighbours.asked('cart.CartOf').at(-1)).toEqual({ guestToken: 'the-cart-of-a-guest' })
    expect(shop.neighbours.asked('cart.TakeOrderedLines', orderId)).toEqual([{ cartId, orderId, lines: [{ sku, quantity: 3 }] }])
    expect((await created(orderId))[0]).toMatchObject({ cartId })
    const as = shop.room.account()
    shop.neighbours.away.add('cart.TakeOrderedLines')
    expect((await shop.post({ ...cart, as })).status).toBe(201)
    expect(shop.neighbours.asked('cart.CartOf').at(-1)).toEqual({ accountId: as.accountId })
  })

  test('when the buyer is in groups, they are priced by them', async () => {
    await shop.post({ as: shop.room.account({ groups: ['trade'] }) })
    expect(shop.neighbours.asked('pricing.PriceBasket').at(-1)).toMatchObject({ groups: ['trade'] })
    await shop.post()
    expect(shop.neighbours.asked('pricing.PriceBasket').at(-1)).not.toHaveProperty('groups')
  })

  test('when quote, coupon, currency and billing address are given, they are passed on and kept', async () => {
    const billingAddress = { ...ADDRESS, name: 'The Library' }
    const { orderId } = await shop.place({ body: { quoteId: 'a-quote', coupon: 'SAGE', currency: 'CHF', billingAddress } })
    expect(shop.neighbours.asked('pricing.PriceBasket').at(-1)).toMatchObject({ quoteId: 'a-quote', coupon: 'SAGE', currency: 'CHF' })
    expect(await shop.see(orderId)).toMatchObject({ billingAddress, totals: { total: { amount: 2490, currency: 'CHF' } } })
  })
})

describe('an order that is refused', () => {
  const code = async (wish: Wish) => {
    const { status, body } = await shop.post(wish)
    return [status, body.code]
  }

  test('when faults are in it that no schema names, all are told at once as invalid-request', async () => {
    const { status, body } = await shop.post({
      email: undefined as never,
      items: [{ quantity: 1 }, { quantity: 0 }],
      body: { email: undefined },
    })
    expect([status, body.code]).toEqual([422, 'invalid-request'])
    expect(body.errors.map((one: { path: string }) => one.path).sort()).toEqual(
      ['email', 'items[0]', 'items[1]', 'items[1].quantity'].sort(),
    )
    expect((await shop.post({ body: { cart: true } })).body.errors).toMatchObject([{ path: 'items', code: 'exactly-one' }])
  })

  test('when a product has several variants, naming it alone is invalid-request', async () => {
    const { productId } = shop.neighbours.product()
    shop.neighbours.product(5, { productId })
    const { status, body } = await shop.post({ items: [{ productId, quantity: 1 }] })
    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ path: 'items[0].productId', code: 'ambiguous' })]])
  })

  test('when one SKU in several lines comes to more than a line may hold, it is invalid-request', async () => {
    const { sku } = shop.neighbours.product(100_000)
    const { status, body } = await shop.post({
      items: [
        { sku, quantity: 6000 },
        { sku, quantity: 6000 },
      ],
    })
    expect([status, body.code, body.errors?.[0]?.path]).toEqual([422, 'invalid-request', 'items[1].quantity'])
    expect(heldFor(sku)).toEqual([])
  })

  test('when a SKU is unknown or no longer on sale, it is unknown-sku and says which', async () => {
    const { sku } = shop.neighbours.product(5, { active: false })
    const { status, body } = await shop.post({
      items: [
        { sku, quantity: 1 },
        { sku: 'NO-SUCH', quantity: 1 },
      ],
    })
    expect([status, body.code, body.skus]).toEqual([404, 'unknown-sku', [sku, 'NO-SUCH']])
  })

  test('when stock is short, it is insufficient-stock and names each line; nothing is held', async () => {
    const [plenty, scarce] = [shop.neighbours.product(), shop.neighbours.product(1)]
    const { status, body } = await shop.post({
      items: [
        { sku: plenty.sku, quantity: 2 },
        { sku: scarce.sku, quantity: 2 },
      ],
    })
    expect([status, body.code, body.lines]).toEqual([409, 'insufficient-stock', [{ sku: scarce.sku, availableUnits: 1 }]])
    expect(heldFor(plenty.sku)).toEqual([])
  })

  test.each(['quote-expired', 'quote-mismatch', 'invalid-request', 'unknown-sku'] as const)(
    'when pricing refuses with %s, so does the shop',
    async (refused) => {
      shop.neighbours.next.set('pricing.PriceBasket', refuse(refused))
      const statuses = { 'quote-expired': 409, 'quote-mismatch': 409, 'invalid-request': 422, 'unknown-sku': 404 }
      expect(await code({})).toEqual([statuses[refused], refused])
    },
  )

  test('when the cart is empty, it is cart-empty', async () => {
    shop.neighbours.cart = { cartId: null, items: [] }
    expect(await code({ body: { items: undefined, cart: true } })).toEqual([409, 'cart-empty'])
  })

  test('when payments cannot be taken, it is unavailable and the stock is free again', async () => {
    const { sku } = shop.neighbours.product()
    shop.neighbours.next.set('payments.PreparePayment', refuse('unavailable'))
    expect(await code({ items: [{ sku, quantity: 1 }] })).toEqual([503, 'unavailable'])
    expect(heldFor(sku)).toEqual([])
  })

  test.each(['catalog.DescribeSkus', 'pricing.PriceBasket', 'inventory.ReserveStock', 'payments.PreparePayment', 'identity.OpenPersonKey'])(
    'when %s does not answer, it is unavailable with Retry-After, and the same key goes on once it does',
    async (call) => {
      const wish: Wish = { key: newId(), items: [{ sku: shop.neighbours.product().sku, quantity: 1 }] }
      shop.neighbours.away.add(call)
      const refused = await shop.post(wish)
      expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'unavailable', '1'])
      shop.neighbours.away.clear()
      const placed = await shop.post(wish)
      expect(placed.status).toBe(201)
      expect(await created(placed.body.orderId)).toHaveLength(1)
    },
  )

  test('when identity has no key for the buyer, it is unavailable', async () => {
    shop.neighbours.next.set('identity.OpenPersonKey', refuse('not-found'))
    expect(await code({})).toEqual([503, 'unavailable'])
  })
})

describe('a key that is used again', () => {
  const wishFor = (more: Wish = {}): Wish & { sku: string } => {
    const { sku } = shop.neighbours.product(50)
    return { key: newId(), items: [{ sku, quantity: 1 }], sku, ...more }
  }

  test('when 50 requests come at once with one key, there is one order and its stock was asked for under one id', async () => {
    const wish = wishFor()
    const answers = await Promise.all(Array.from({ length: 50 }, () => shop.post(wish)))
    const placed = answers.filter((one) => one.status === 201)
    expect(placed.length).toBeGreaterThan(0)
    expect(new Set(placed.map((one) => JSON.stringify(one.body))).size).toBe(1)
    for (const one of answers.filter((answer) => answer.status !== 201))
      expect([one.status, one.body.code]).toEqual([409, 'idempotency-key-in-use'])
    const again = await shop.post(wish)
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true'])
    expect(again.body).toEqual(placed[0]?.body)
    expect(heldFor(wish.sku)).toHaveLength(1)
    expect(await created(again.body.orderId)).toHaveLength(1)
    expect(again.headers.location).toBe(`/api/orders/${again.body.orderId}`)
  })

  test('when the body is another, it is idempotency-key-reused; without any key, idempotency-key-missing', async () => {
    const wish = wishFor()
    await shop.place(wish)
    expect((await shop.post({ ...wish, email: 'other@example.com' })).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' })
    const keyless = await shop.room.request('POST /api/orders', { body: {} })
    expect(keyless.body).toMatchObject({ status: 400, code: 'idempotency-key-missing' })
  })

  test('when it was refused, the key is free and the next try gets new ids', async () => {
    const wish = wishFor({ items: undefined as never })
    const { sku } = shop.neighbours.product(0)
    const items = [{ sku, quantity: 1 }]
    expect((await shop.post({ ...wish, items })).body.code).toBe('insufficient-stock')
    shop.neighbours.stock.set(sku, 1)
    expect((await shop.post({ ...wish, items })).status).toBe(201)
    const ids = shop.neighbours.heard
      .filter(({ input }) => JSON.stringify(input).includes(`"${sku}","quantityUnits"`))
      .map((one) => one.input.orderId)
    expect(new Set(ids).size).toBe(2)
  })

  test.each(['orders.before-reserve', 'orders.after-reserve', 'orders.after-prepare', 'orders.after-commit'])(
    'when the shop stumbles at %s, the same key goes on with the same order',
    async (point) => {
      const wish = wishFor()
      setFailPoints(`${point}=throw`)
      const stumbled = await shop.post(wish)
      expect([stumbled.status, stumbled.body.code]).toEqual([500, 'internal'])
      const [held] = heldFor(wish.sku)
      expect(held === undefined).toBe(point === 'orders.before-reserve')
      const placed = await shop.post(wish)
      expect(placed.status).toBe(201)
      if (held) expect(placed.body.orderId).toBe(held.orderId)
      expect(heldFor(wish.sku)).toHaveLength(1)
      expect(await created(placed.body.orderId)).toHaveLength(1)
      expect((await shop.post(wish)).body).toEqual(placed.body)
    },
  )

  test.each(['orders.after-reserve', 'orders.after-prepare'])(
    'when the shop stumbles at %s and nobody asks again, the sweeper finishes the order',
    async (point) => {
      const wish = wishFor()
      setFailPoints(`${point}=throw`)
      await shop.post(wish)
      const [held] = heldFor(wish.sku)
      await shop.room.advance(40)
      await expect.poll(async () => (await created(held?.orderId ?? '')).length, { timeout: 15_000 }).toBe(1)
      const placed = await shop.post(wish)
      expect([placed.status, placed.body.orderId, placed.headers['idempotent-replayed']]).toEqual([201, held?.orderId, 'true'])
    },
  )

  test('when a hold ran out while the request lay abandoned, the next try is told to try again and then gets new ids', async () => {
    const wish = wishFor()
    setFailPoints('orders.after-reserve=throw')
    await shop.post(wish)
    const [held] = heldFor(wish.sku)
    await shop.neighbours.calls['inventory.ReleaseStock']?.({ orderId: held?.orderId } as never)
    expect((await shop.post(wish)).body).toMatchObject({ status: 503, code: 'unavailable' })
    const placed = await shop.post(wish)
    expect(placed.status).toBe(201)
    expect(placed.body.orderId).not.toBe(held?.orderId)
  })

  test('when a request that held stock goes on and is refused, its stock is free again', async () => {
    const wish = wishFor({ method: 'bank-transfer' })
    setFailPoints('orders.after-reserve=throw')
    await shop.post(wish)
    expect(heldFor(wish.sku)).toHaveLength(1)
    shop.neighbours.next.set('pricing.PriceBasket', refuse('quote-expired'))
    expect((await shop.post(wish)).body.code).toBe('quote-expired')
    expect(heldFor(wish.sku)).toEqual([])
  })
})
