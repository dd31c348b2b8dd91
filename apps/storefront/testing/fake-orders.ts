import type { Order, PlacedOrder } from '../app/visit/shop.ts'
import { idOf } from './fake-goods.ts'
import { problem, type FakeRequest, type FakeRoute, type FakeShop } from './fake-api.ts'

const money = (amount: number) => ({ amount, currency: 'EUR' })
const taxIn = (amount: number) => Math.round((amount * 24) / 124)
const options = [
  { id: 'standard', name: 'Standard', price: money(490), promise: { earliest: '2026-11-24', latest: '2026-11-26' } },
  { id: 'express', name: 'Express', price: money(1290), promise: { earliest: '2026-11-23', latest: '2026-11-23' } },
]
const HOLD_MS = 30 * 60_000

/** Delivery, quotes, orders and payments. Cards settle when the order is next looked at. */
export function fakeOrders(shop: FakeShop): [RegExp, FakeRoute][] {
  const orders = new Map<string, { order: Order; owner: string | null; token: string; settle?: () => void }>()
  const keys = new Map<string, { body: string; placed: PlacedOrder }>()

  function price(request: FakeRequest) {
    const lines = [...shop.carts.linesOf(request)].map(([sku, quantity]) => {
      const unitPrice = shop.carts.find(sku)?.variant.price ?? money(0)
      const total = unitPrice.amount * quantity
      return { sku, quantity, unitPrice, discount: money(0), tax: money(taxIn(total)), total: money(total), why: [] }
    })
    const subtotal = lines.reduce((sum, line) => sum + line.total.amount, 0)
    const shipping = options.find((one) => one.id === request.body.shippingOption)?.price.amount ?? 0
    return {
      lines,
      subtotal: money(subtotal),
      shipping: money(shipping),
      discount: money(0),
      tax: money(taxIn(subtotal + shipping)),
      taxIncluded: true,
      total: money(subtotal + shipping),
    }
  }

  function move(order: Order, status: Order['status'], text: string): void {
    order.status = status
    order.timeline.push({ at: new Date().toISOString(), status, text })
  }

  function settlement(order: Order, token: string | undefined): (() => void) | undefined {
    if (order.payment.method === 'bank-transfer') return undefined
    if (token === undefined && order.payment.method === 'card') return undefined
    if (/declined|insufficient/.test(token ?? '')) {
      return () => {
        order.payment.state = 'failed'
        order.cancelReason = 'payment-declined'
        order.cancellableUntil = null
        move(order, 'CANCELLED', 'The card was declined.')
      }
    }
    return () => {
      order.payment.state = order.payment.method === 'card' ? 'authorized' : 'none'
      move(order, 'CONFIRMED', 'The order is confirmed.')
    }
  }

  function place(request: FakeRequest): Response {
    const { body } = request
    const key = `${request.account ?? 'guest'} ${request.headers['Idempotency-Key']}`
    const known = keys.get(key)
    if (known) {
      if (known.body !== JSON.stringify(body)) return problem(422, 'idempotency-key-reused')
      return Response.json(known.placed, { status: 201, headers: { 'Idempotent-Replayed': 'true' } })
    }
    const priced = price(request)
    if (priced.lines.length === 0) return problem(409, 'cart-empty')
    if (!request.account && !body.email)
      return problem(422, 'invalid-request', { errors: [{ path: 'email', code: 'required', message: 'is required' }] })
    const orderId = idOf(`order ${key}`)
    const { lines, ...totals } = priced
    const placedAt = new Date().toISOString()
    const order: Order = {
      orderId,
      number: `S-${100_041 + orders.size + 1}`,
      status: 'PENDING',
      lines: lines.map(({ why: _why, ...line }) => {
        const found = shop.carts.find(line.sku)
        return { ...line, productId: found?.product.id ?? orderId, name: found?.product.name ?? line.sku }
      }),
      totals,
      shippingAddress: body.shippingAddress,
      shippingOption: body.shippingOption,
      payment: { state: 'authorizing', method: body.payment.method, provider: 'sandbox' },
      shipments: [],
      timeline: [{ at: placedAt, status: 'PENDING', text: 'The order was placed.' }],
      cancellableUntil: new Date(Date.now() + HOLD_MS).toISOString(),
      placedAt,
    }
    if (body.payment.method === 'card' && !body.payment.token) {
      order.payment = {
        ...order.payment,
        state: 'requires-action',
        nextAction: { type: 'redirect', url: `http://provider.invalid/pay/${orderId}` },
      }
    }
    if (body.payment.method === 'bank-transfer') {
      order.payBy = new Date(Date.now() + 7 * 86_400_000).toISOString()
      order.payment = {
        ...order.payment,
        state: 'none',
        transfer: {
          iban: 'GR16 0110 1250 0000 0001 2300 695',
          bic: 'ETHNGRAA',
          recipient: 'Stoa',
          reference: order.number,
          payBy: order.payBy,
        },
      }
    }
    const token = `view-${orderId}`
    const settle = settlement(order, body.payment.token)
    orders.set(orderId, { order, owner: request.account, token, ...(settle ? { settle } : {}) })
    for (const line of lines) {
      const variant = shop.carts.find(line.sku)?.variant
      if (variant) variant.available -= line.quantity
    }
    shop.carts.linesOf(request).clear()
    const placed: PlacedOrder = {
      orderId,
      number: order.number,
      status: 'PENDING',
      total: totals.total,
      ...(request.account ? {} : { viewToken: token }),
      payment: { state: order.payment.state, ...(order.payment.nextAction ? { nextAction: order.payment.nextAction } : {}) },
    }
    keys.set(key, { body: JSON.stringify(body), placed })
    return Response.json(placed, { status: 201 })
  }

  function seen(request: FakeRequest, id: string) {
    const found = orders.get(id)
    if (!found) return undefined
    const mine = found.owner !== null && found.owner === request.account
    return mine || request.query.get('token') === found.token || request.headers['Order-Token'] === found.token ? found : undefined
  }

  return [
    [/^POST \/api\/shipping\/calculate$/, ({ body }) => Response.json({ options: body.address.country === 'US' ? [] : options })],
    [
      /^POST \/api\/checkout\/quote$/,
      (request) => Response.json({ quoteId: 'quote-1', expiresAt: new Date(Date.now() + 900_000).toISOString(), ...price(request) }),
    ],
    [/^POST \/api\/orders$/, (request) => place(request)],
    [
      /^GET \/api\/orders$/,
      (request) =>
        Response.json({
          items: [...orders.values()]
            .filter(({ owner }) => owner !== null && owner === request.account)
            .reverse()
            .map(({ order }) => ({
              orderId: order.orderId,
              number: order.number,
              status: order.status,
              total: order.totals.total,
              placedAt: order.placedAt,
              lines: order.lines.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
            })),
          nextCursor: null,
        }),
    ],
    [
      /^GET \/api\/orders\/([^/]+)$/,
      (request, [id]) => {
        const found = seen(request, id as string)
        if (!found) return problem(404, 'not-found')
        const before = Response.json(found.order)
        found.settle?.()
        delete found.settle
        return before
      },
    ],
    [
      /^POST \/api\/orders\/([^/]+)\/cancel$/,
      (request, [id]) => {
        const found = seen(request, id as string)
        if (!found) return problem(404, 'not-found')
        delete found.settle
        found.order.cancelReason = 'customer'
        found.order.cancellableUntil = null
        move(found.order, 'CANCELLED', 'You cancelled the order.')
        return Response.json(found.order)
      },
    ],
  ]
}
