import type { Order, PlacedOrder } from '../app/visit/shop.ts'
import { idOf } from './fake-goods.ts'
import { euro, type FakeRequest, type FakeRoute, type FakeShop, problem, taxIn } from './fake-types.ts'

const options = [
  { id: 'standard', name: 'Standard', price: euro(490), promise: { earliest: '2026-11-24', latest: '2026-11-26' } },
  { id: 'express', name: 'Express', price: euro(1290), promise: { earliest: '2026-11-23', latest: '2026-11-23' } },
]
const WINDOW_MS = 30 * 60_000
const TRANSFER_MS = 7 * 86_400_000
const QUOTE_MS = 15 * 60_000

interface Kept {
  readonly order: Order
  readonly owner: string | null
  readonly token: string
  settle: (() => void) | undefined
}

/** Orders and what they cost. Cards settle when the order has been looked at once. */
export class OrderBook {
  readonly #shop: FakeShop
  readonly #orders = new Map<string, Kept>()
  readonly #keys = new Map<string, { body: string; placed: PlacedOrder }>()

  constructor(shop: FakeShop) {
    this.#shop = shop
  }

  price(request: FakeRequest) {
    const lines = [...this.#shop.carts.linesOf(request)].map(([sku, quantity]) => {
      const unitPrice = this.#shop.carts.find(sku)?.variant.price ?? euro(0)
      const total = unitPrice.amount * quantity
      return { sku, quantity, unitPrice, discount: euro(0), tax: euro(taxIn(total)), total: euro(total), why: [] }
    })
    const goods = lines.reduce((sum, line) => sum + line.total.amount, 0)
    const shipping = options.find((one) => one.id === request.body.shippingOption)?.price.amount ?? 0
    return {
      lines,
      subtotal: euro(goods),
      shipping: euro(shipping),
      discount: euro(0),
      tax: euro(taxIn(goods + shipping)),
      taxIncluded: true,
      total: euro(goods + shipping),
    }
  }

  place(request: FakeRequest): Response {
    const { body } = request
    const key = `${request.account ?? 'guest'} ${request.headers['Idempotency-Key']}`
    const known = this.#keys.get(key)
    if (known) {
      if (known.body !== JSON.stringify(body)) return problem(422, 'idempotency-key-reused')
      return Response.json(known.placed, { status: 201, headers: { 'Idempotent-Replayed': 'true' } })
    }
    if (this.#shop.carts.linesOf(request).size === 0) return problem(409, 'cart-empty')
    if (request.account === null && !body.email) {
      return problem(422, 'invalid-request', { errors: [{ path: 'email', code: 'required', message: 'is required' }] })
    }
    const order = this.#write(request, idOf(`order ${key}`))
    const token = `view-${order.orderId}`
    this.#orders.set(order.orderId, { order, owner: request.account, token, settle: settlementOf(order, body.payment.token) })
    this.#take(request)
    const placed: PlacedOrder = {
      orderId: order.orderId,
      number: order.number,
      status: 'PENDING',
      total: order.totals.total,
      ...(request.account === null ? { viewToken: token } : {}),
      payment: { state: order.payment.state, ...(order.payment.nextAction ? { nextAction: order.payment.nextAction } : {}) },
    }
    this.#keys.set(key, { body: JSON.stringify(body), placed })
    return Response.json(placed, { status: 201 })
  }

  #write(request: FakeRequest, orderId: string): Order {
    const { body } = request
    const { lines, ...totals } = this.price(request)
    const placedAt = new Date().toISOString()
    const number = `S-${100_042 + this.#orders.size}`
    return {
      orderId,
      number,
      status: 'PENDING',
      lines: lines.map(({ why: _why, ...line }) => {
        const product = this.#shop.carts.find(line.sku)?.product
        return { ...line, productId: product?.id ?? orderId, name: product?.name ?? line.sku }
      }),
      totals,
      shippingAddress: body.shippingAddress,
      shippingOption: body.shippingOption,
      payment: paymentOf(body.payment, orderId, number),
      shipments: [],
      timeline: [{ at: placedAt, status: 'PENDING', text: 'The order was placed.' }],
      cancellableUntil: new Date(Date.now() + WINDOW_MS).toISOString(),
      placedAt,
    }
  }

  #take(request: FakeRequest): void {
    const lines = this.#shop.carts.linesOf(request)
    for (const [sku, units] of lines) {
      const variant = this.#shop.carts.find(sku)?.variant
      if (variant) variant.available -= units
    }
    lines.clear()
  }

  seenBy(request: FakeRequest, id: string | undefined): Kept | undefined {
    const found = this.#orders.get(id ?? '')
    if (!found) return undefined
    const mine = found.owner !== null && found.owner === request.account
    const shown = [request.query.get('token'), request.headers['Order-Token']]
    return mine || shown.includes(found.token) ? found : undefined
  }

  /** Brings the cart up to what the order held. */
  again(request: FakeRequest, order: Order): Response {
    const { carts } = this.#shop
    let answer = carts.show(request)
    const notAdded = order.lines.flatMap(({ sku, name, quantity: wanted }) => {
      const units = Math.min(wanted, carts.find(sku)?.variant.available ?? 0)
      if (units > 0) answer = carts.set(request, sku, units)
      return units < wanted ? [{ sku, name, wanted, inCart: units, reason: 'insufficient-stock' }] : []
    })
    return Response.json({ cart: {}, notAdded }, { headers: answer.headers })
  }

  listOf(request: FakeRequest): Response {
    const words = (request.query.get('q') ?? '').toLowerCase().split(/\s+/)
    const textOf = ({ number, lines }: Order) => [number, ...lines.flatMap(({ sku, name }) => [sku, name])].join(' ').toLowerCase()
    const own = [...this.#orders.values()]
      .filter(({ owner, order }) => owner !== null && owner === request.account && words.every((word) => textOf(order).includes(word)))
      .reverse()
    return Response.json({
      items: own.map(({ order: { orderId, number, status, totals, placedAt, lines } }) => ({
        orderId,
        number,
        status,
        total: totals.total,
        placedAt,
        lines: lines.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
      })),
      nextCursor: null,
    })
  }
}

function paymentOf(asked: { method: Order['payment']['method']; token?: string }, orderId: string, reference: string): Order['payment'] {
  const base = { method: asked.method, provider: 'sandbox' }
  if (asked.method === 'card' && asked.token === undefined) {
    return { ...base, state: 'requires-action', nextAction: { type: 'redirect', url: `http://provider.invalid/pay/${orderId}` } }
  }
  if (asked.method !== 'bank-transfer') return { ...base, state: 'authorizing' }
  const payBy = new Date(Date.now() + TRANSFER_MS).toISOString()
  return {
    ...base,
    state: 'none',
    transfer: { iban: 'GR16 0110 1250 0000 0001 2300 695', bic: 'ETHNGRAA', recipient: 'Stoa', reference, payBy },
  }
}

function settlementOf(order: Order, token: string | undefined): (() => void) | undefined {
  const { method } = order.payment
  if (method === 'bank-transfer' || (method === 'card' && token === undefined)) return undefined
  if (/declined|insufficient/.test(token ?? '')) {
    return () => {
      order.payment.state = 'failed'
      end(order, 'payment-declined', 'The card was declined.')
    }
  }
  return () => {
    order.payment.state = method === 'card' ? 'authorized' : 'none'
    order.status = 'CONFIRMED'
    order.timeline.push({ at: new Date().toISOString(), status: 'CONFIRMED', text: 'The order is confirmed.' })
  }
}

function end(order: Order, reason: NonNullable<Order['cancelReason']>, text: string): void {
  order.status = 'CANCELLED'
  order.cancelReason = reason
  order.cancellableUntil = null
  order.timeline.push({ at: new Date().toISOString(), status: 'CANCELLED', text })
}

export function orderRoutes(orders: OrderBook): FakeRoute[] {
  return [
    [/^POST \/api\/shipping\/calculate$/, ({ body }) => Response.json({ options: body.address.country === 'US' ? [] : options })],
    [
      /^POST \/api\/checkout\/quote$/,
      (request) =>
        Response.json({ quoteId: 'quote-1', expiresAt: new Date(Date.now() + QUOTE_MS).toISOString(), ...orders.price(request) }),
    ],
    [/^POST \/api\/orders$/, (request) => orders.place(request)],
    [/^GET \/api\/orders$/, (request) => orders.listOf(request)],
    [
      /^GET \/api\/orders\/([^/]+)$/,
      (request, [id]) => {
        const found = orders.seenBy(request, id)
        if (!found) return problem(404, 'not-found')
        const before = Response.json(found.order)
        found.settle?.()
        found.settle = undefined
        return before
      },
    ],
    [
      /^POST \/api\/orders\/([^/]+)\/reorder$/,
      (request, [id]) => {
        const found = orders.seenBy(request, id)
        return found ? orders.again(request, found.order) : problem(404, 'not-found')
      },
    ],
    [
      /^POST \/api\/orders\/([^/]+)\/cancel$/,
      (request, [id]) => {
        const found = orders.seenBy(request, id)
        if (!found) return problem(404, 'not-found')
        found.settle = undefined
        end(found.order, 'customer', 'You cancelled the order.')
        return Response.json(found.order)
      },
    ],
  ]
}
