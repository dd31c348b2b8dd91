/** Every room that orders speaks to, played by maps: they keep what they were asked, and stumble where a test wants it. */
import { createHash } from 'node:crypto'
import { refuse, type Refusal } from '@stoa/chassis/contract.ts'
import type { Static } from 'typebox'
import type { Cart as CartView, CartOf, RefillCart } from '@stoa/contracts/cart.ts'
import type { SkuFacts } from '@stoa/contracts/catalog.ts'
import type { ReserveStock } from '@stoa/contracts/inventory.ts'
import type { PaymentsOf, PreparePayment } from '@stoa/contracts/payments.ts'
import type { PriceBasket } from '@stoa/contracts/pricing.ts'
import type { Address } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'

export const ADDRESS: Address = {
  name: 'Hypatia of Alexandria',
  line1: 'Serapeumsgasse 7',
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
}
export const UNIT_MINOR = 1000
export const SHIPPING_MINOR = 490
export const TRANSFER = { iban: 'DE02', bic: 'BIC', recipient: 'Stoa', reference: 'S-1', payBy: '2030-01-01T00:00:00.000Z' }

export const eur = (amount: number) => ({ amount, currency: 'EUR' })
const EMPTY_CART: Static<typeof CartView> = {
  id: null,
  version: 0,
  items: [],
  coupons: [],
  subtotal: eur(0),
  discount: eur(0),
  tax: eur(0),
  taxIncluded: true,
  total: eur(0),
  currency: 'EUR',
}

type Hold = Static<typeof ReserveStock.input>
type Prepared = Static<typeof PreparePayment.input>
type Payment = Static<typeof PaymentsOf.output>['items'][number]
type Cart = Static<typeof CartOf.output>

export interface Heard {
  readonly call: string
  readonly input: Readonly<Record<string, unknown>>
}

export type Neighbours = ReturnType<typeof playNeighbours>

/** Plays catalog, pricing, inventory, payments, identity, cart and shipping. */
export function playNeighbours() {
  const played = {
    /** Everything that was asked, in order. */
    heard: [] as Heard[],
    products: new Map<string, SkuFacts>(),
    stock: new Map<string, number>(),
    held: new Map<string, Hold>(),
    released: new Set<string>(),
    /** Orders whose hold is firm. */
    committed: new Set<string>(),
    prepared: new Map<string, Prepared>(),
    cart: { cartId: null, items: [] } as Cart,
    contacts: new Map<string, string>(),
    addresses: new Map<string, Address>(),
    payments: new Map<string, Payment>(),
    shipments: new Map<string, { trackingNumber: string; delivered: boolean }>(),
    /** Calls that do not answer. */
    away: new Set<string>(),
    /** Answers to give instead, once each. */
    next: new Map<string, Refusal>(),
    calls: {} as Record<string, (input: never) => unknown>,
    /** A product of one variant with this much stock. */
    product(stock = 1000, more: Partial<SkuFacts> = {}): SkuFacts {
      const sku = more.sku ?? `SKU-${played.products.size + 1}`
      const facts: SkuFacts = {
        sku,
        productId: newId(),
        variantId: newId(),
        slug: sku.toLowerCase(),
        name: `Piece ${sku}`,
        options: {},
        image: null,
        active: true,
        ...more,
      }
      played.products.set(sku, facts)
      played.stock.set(sku, stock)
      return facts
    },
    /** What a call was asked for an order. */
    asked: (call: string, orderId?: string) =>
      played.heard.filter((one) => one.call === call && (orderId === undefined || one.input.orderId === orderId)).map((one) => one.input),
  }
  const rooms = { ...goods(played), ...money(played), ...people(played) }
  for (const [name, answer] of Object.entries(rooms))
    played.calls[name] = (input: never) => {
      if (played.away.has(name)) throw Object.assign(new Error(`${name} is away`), { code: 'ECONNREFUSED' })
      played.heard.push({ call: name, input })
      const instead = played.next.get(name)
      played.next.delete(name)
      return instead ?? (answer as (asked: never) => unknown)(input)
    }
  return played
}

type Books = Pick<
  ReturnType<typeof playNeighbours>,
  'products' | 'stock' | 'held' | 'released' | 'committed' | 'prepared' | 'cart' | 'contacts' | 'addresses' | 'payments' | 'shipments'
>

function goods(books: Books) {
  return {
    'catalog.DescribeSkus': ({ skus, productIds }: { skus: string[]; productIds: string[] }) => ({
      items: [...books.products.values()].filter((one) => skus.includes(one.sku) || productIds.includes(one.productId)),
    }),
    'pricing.PriceBasket': priced,
    'inventory.ReserveStock': (hold: Hold) => reserve(books, hold),
    'inventory.ReleaseStock': ({ orderId }: { orderId: string }) => {
      const hold = books.held.get(orderId)
      for (const { sku, quantityUnits } of hold?.lines ?? []) books.stock.set(sku, (books.stock.get(sku) ?? 0) + quantityUnits)
      books.held.delete(orderId)
      books.released.add(orderId)
      return { released: hold !== undefined }
    },
    'inventory.ExtendHold': ({ orderId }: { orderId: string }) => ({ held: books.held.has(orderId) }),
    'inventory.ReservationsOf': ({ orderIds }: { orderIds: string[] }) => ({
      items: orderIds.flatMap((orderId) =>
        books.held.has(orderId) ? [{ orderId, state: books.committed.has(orderId) ? 'committed' : 'held' }] : [],
      ),
    }),
    'cart.CartOf': () => books.cart,
    'cart.RefillCart': ({ accountId, lines }: Static<typeof RefillCart.input>) => ({
      cart: EMPTY_CART,
      guestToken: accountId === undefined ? 'the-guest' : null,
      short: lines
        .filter(({ sku }) => !books.stock.has(sku))
        .map(({ sku, quantity }) => ({ sku, wanted: quantity, inCart: 0, reason: 'unavailable' })),
    }),
    'cart.TakeOrderedLines': () => ({ taken: true }),
    'shipping.CreateShipment': ({ orderId, trackingNumber = 'MADE-UP-1' }: { orderId: string; trackingNumber?: string }) => {
      if (!books.shipments.has(orderId)) books.shipments.set(orderId, { trackingNumber, delivered: false })
      return shipmentOf(books, orderId)
    },
    'shipping.MarkDelivered': ({ orderId }: { orderId: string }) => {
      const shipment = books.shipments.get(orderId)
      if (shipment) shipment.delivered = true
      return { delivered: shipment !== undefined }
    },
    'shipping.ShipmentsOf': ({ orderId }: { orderId: string }) => ({
      items: books.shipments.has(orderId) ? [shipmentOf(books, orderId)] : [],
    }),
  }
}

function reserve(books: Books, hold: Hold) {
  const { orderId, lines } = hold
  const answer = { orderId, lines, expiresAt: '2030-01-01T00:00:00.000Z' }
  if (books.held.has(orderId)) return answer
  if (books.released.has(orderId)) return refuse('reservation-released')
  const short = lines.filter((one) => (books.stock.get(one.sku) ?? 0) < one.quantityUnits)
  if (short.length > 0)
    return refuse('insufficient-stock', { lines: short.map(({ sku }) => ({ sku, availableUnits: books.stock.get(sku) ?? 0 })) })
  for (const { sku, quantityUnits } of lines) books.stock.set(sku, (books.stock.get(sku) ?? 0) - quantityUnits)
  books.held.set(orderId, hold)
  return answer
}

function shipmentOf(books: Books, orderId: string) {
  const { trackingNumber, delivered } = books.shipments.get(orderId) as { trackingNumber: string; delivered: boolean }
  return { id: orderId, carrier: 'sandbox', trackingNumber, state: delivered ? 'delivered' : 'handed-over', events: [] }
}

function priced({ items, currency = 'EUR' }: Static<typeof PriceBasket.input>) {
  const of = (amount: number) => ({ amount, currency })
  const lines = items.map(({ sku, quantity }) => ({
    sku,
    quantity,
    unitPrice: of(UNIT_MINOR),
    discount: of(0),
    tax: of(160 * quantity),
    total: of(UNIT_MINOR * quantity),
    why: [],
  }))
  const subtotal = lines.reduce((sum, one) => sum + one.total.amount, 0)
  const tax = lines.reduce((sum, one) => sum + one.tax.amount, 78)
  return {
    lines,
    subtotal: of(subtotal),
    discount: of(0),
    shipping: of(SHIPPING_MINOR),
    tax: of(tax),
    taxIncluded: true,
    total: of(subtotal + SHIPPING_MINOR),
    currency,
  }
}

function money(books: Books) {
  return {
    'payments.PreparePayment': (asked: Prepared) => {
      books.prepared.set(asked.orderId, asked)
      if (asked.method === 'cash-on-delivery') return { state: 'authorized' }
      if (asked.method === 'card' && asked.token === undefined)
        return { state: 'requires-action', nextAction: { type: 'redirect', url: `https://gateway.example/pay/${asked.orderId}` } }
      return { state: asked.method === 'card' ? 'authorizing' : 'none' }
    },
    'payments.PaymentsOf': ({ orderIds }: { orderIds: string[] }) => ({
      items: orderIds.flatMap((orderId) => books.payments.get(orderId) ?? []),
    }),
    'payments.BookReceipt': () => ({ booked: true }),
  }
}

function people(books: Books) {
  return {
    'identity.OpenPersonKey': ({ personId }: { personId: string }) => ({
      personId,
      key: createHash('sha256').update(personId).digest('base64'),
    }),
    'identity.ContactOf': ({ accountId }: { accountId: string }) => {
      const email = books.contacts.get(accountId)
      return email === undefined ? refuse('not-found') : { email, name: null, language: 'en', wantsEmail: true }
    },
    'identity.AccountByEmail': ({ email }: { email: string }) => {
      const [accountId] = [...books.contacts].find(([, address]) => address === email) ?? []
      return accountId === undefined ? refuse('not-found') : { accountId }
    },
    'identity.DefaultAddress': ({ accountId }: { accountId: string }) => books.addresses.get(accountId) ?? refuse('address-missing'),
  }
}
