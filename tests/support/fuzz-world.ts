/** What a fuzzer needs to be taken seriously: accounts, goods, orders and cursors that exist, one for each door that uses them up. */
import { randomUUID } from 'node:crypto'
import { ADDRESS, ask, logIn, makeProduct, postOrder, until } from './client.ts'
import type { Door } from './fuzz-document.ts'
import { newPerson, type Person } from './people.ts'

export interface World {
  readonly person: Person
  /** The access token of somebody who may open a door. */
  tokenFor(door: Door): string | undefined
  /** Puts back what other doors took away. */
  prepare(door: Door): Promise<unknown>
  /** What stands for a name at a door. */
  live(door: Door, name: string): unknown
  /** A body that the door would take. */
  example(door: Door): Record<string, unknown>
  /** The first cursor of a door's own list. */
  readonly cursors: ReadonlyMap<string, string>
  readonly products: readonly string[]
}

/** Doors after which a token opens nothing any more. */
const ENDS_LOGINS = /^\/logout/
const QUIET = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' }
const euros = (amount: number) => ({ amount, currency: 'EUR' })

/** Makes everything in a shop. Throws: when the shop does not let it. */
export async function makeWorld(origin: string): Promise<World> {
  const staff = new Map<string, string>()
  for (const role of ['admin', 'warehouse', 'vendor', 'pos']) staff.set(role, (await logIn(origin, `${role}@stoa.example`)).token)
  const admin = staff.get('admin') as string
  const [person, promoted] = [await newPerson(origin, { address: true }), await newPerson(origin)]
  const [renewed, leaving] = [await newPerson(origin), await newPerson(origin)]
  const login = { token: leaving.token }
  const [sold, changed, dropped] = [
    await makeProduct(origin, admin, 500_000),
    await makeProduct(origin, admin, 5),
    await makeProduct(origin, admin, 5),
  ]
  const order = async (method: string, quantity = 1) =>
    (await postOrder(origin, { sku: sold.sku, token: person.token, method, quantity })).body.orderId as string
  const orders = {
    seen: await order('bank-transfer'),
    cancelled: await order('bank-transfer'),
    moved: await order('card'),
    paid: await order('card'),
  }
  const confirmed = (orderId: string) =>
    until(
      () => ask(origin, `GET /api/orders/${orderId}`, { token: admin }),
      ({ body }) => body.status === 'CONFIRMED',
      20,
    )
  for (const orderId of [orders.moved, orders.paid]) await confirmed(orderId)
  await ask(origin, `PUT /api/orders/${orders.paid}/status`, {
    token: admin,
    body: { status: 'SHIPPED', trackingNumber: `FUZZ-${orders.paid}` },
  })
  const payment = () => ask(origin, `GET /api/payment/status?orderId=${orders.paid}`, { token: admin })
  await until(payment, ({ body }) => body.state === 'captured', 20)
  const importId = await imported(origin, admin, changed.sku)
  const search = await searchWishes(origin, admin, sold.id)
  const lists = { changed: await priceList(origin, admin, changed.sku), dropped: await priceList(origin, admin, changed.sku) }
  const basket = { items: [{ sku: sold.sku, quantity: 1 }] }
  const bodies = examplesOf({ person, sold, changed, orders, basket })
  return {
    person,
    tokenFor: (door) => {
      if (door.roles.length > 0) return staff.get(door.roles.includes('admin') ? 'admin' : (door.roles[0] as string))
      if (ENDS_LOGINS.test(door.path)) return login.token
      return door.path === '/password/change' ? renewed.token : person.token
    },
    prepare: async (door) => {
      if (ENDS_LOGINS.test(door.path)) login.token = (await logIn(origin, leaving.email, leaving.password)).token
      if (door.path.startsWith('/cart/items/'))
        await ask(origin, 'POST /api/cart/items', { token: person.token, body: { sku: sold.sku, quantity: 1 } })
    },
    example: (door) => bodies[door.name]?.() ?? {},
    live: (door, name) => liveValues(door, { person, promoted, sold, changed, dropped, orders, importId, lists, search })[name],
    cursors: await cursorsOf(origin, admin, person.token, sold.sku),
    products: [sold.id, changed.id, dropped.id],
  }
}

type Goods = { readonly id: string; readonly sku: string }
type Orders = Readonly<Record<'seen' | 'cancelled' | 'moved' | 'paid', string>>
interface Parts {
  readonly person: Person
  readonly promoted: Person
  readonly sold: Goods
  readonly changed: Goods
  readonly dropped: Goods
  readonly orders: Orders
  readonly importId: string
  readonly lists: Readonly<Record<'changed' | 'dropped', string>>
  /** Ids of wishes by the door that uses them. */
  readonly search: Readonly<Record<string, string>>
}

function liveValues(door: Door, parts: Parts): Record<string, unknown> {
  const { orders } = parts
  const ids: Record<string, string> = {
    'PUT /users/{id}/groups': parts.promoted.id,
    'PUT /users/{id}/roles': parts.promoted.id,
    'DELETE /products/{id}': parts.dropped.id,
    'PUT /products/{id}': parts.changed.id,
    'GET /price-lists/{id}': parts.lists.changed,
    'PUT /price-lists/{id}': parts.lists.changed,
    'DELETE /price-lists/{id}': parts.lists.dropped,
    ...parts.search,
  }
  const own: Record<string, string> = {
    'POST /orders/{orderId}/cancel': orders.cancelled,
    'PUT /orders/{orderId}/status': orders.moved,
    'POST /payment/refund': orders.paid,
  }
  return {
    id: ids[door.name] ?? (door.path.startsWith('/imports') ? parts.importId : parts.sold.id),
    orderId: own[door.name] ?? orders.seen,
    sku:
      door.name === 'POST /products'
        ? `T-${randomUUID().slice(0, 13)}`
        : door.name === 'PUT /products/{id}'
          ? parts.changed.sku
          : parts.sold.sku,
    productId: parts.sold.id,
    userId: parts.person.id,
    country: 'DE',
    currency: 'EUR',
    postalCode: '10115',
    shippingOption: 'standard',
    shippingAddress: ADDRESS,
    quantity: 1,
    qty: 1,
    waitSeconds: 0,
    status: door.path === '/products' ? 'draft' : undefined,
    to: door.path === '/sandbox/inbox' ? parts.person.email : undefined,
    'Idempotency-Key': randomUUID(),
  }
}

function examplesOf(
  parts: Pick<Parts, 'person' | 'sold' | 'changed' | 'orders'> & { basket: object },
): Record<string, () => Record<string, unknown>> {
  const { person, sold, changed, orders, basket } = parts
  const place = { country: 'DE', postalCode: '10115' }
  const product = (sku: string) => ({
    name: 'A fuzzy piece',
    brand: 'Fuzz',
    status: 'draft',
    attributes: { colour: 'grey' },
    variants: [{ sku, price: euros(100) }],
  })
  const letter = { service: 'orders', stream: 'order.events', partition: 0, seq: 1, revision: 0, reason: 'fuzz' }
  const entry = { email: person.email, password: person.password }
  const register = () => ({ email: `fuzz-${randomUUID().slice(0, 8)}@example.com`, password: 'a quiet colonnade' })
  return {
    'POST /register': register,
    'POST /users/register': register,
    'POST /login': () => entry,
    'POST /users/login': () => entry,
    'POST /password/forgot': () => ({ email: person.email }),
    'POST /password/reset': () => ({ token: 'none', password: 'a quiet colonnade' }),
    'POST /password/change': () => ({ current: person.password, next: person.password }),
    'POST /users/verify': () => ({ token: 'none' }),
    'PUT /users/update': () => ({
      name: 'A Fuzzer',
      addresses: [{ ...ADDRESS, default: true }],
      preferences: { language: 'de', quietHours: QUIET },
    }),
    'PUT /users/{id}/groups': () => ({ groups: ['trade'] }),
    'PUT /users/{id}/roles': () => ({ roles: ['customer'] }),
    'POST /products': () => product(`T-${randomUUID().slice(0, 13)}`),
    'PUT /products/{id}': () => product(changed.sku),
    'POST /price-lists': () => tradeList(changed.sku),
    'PUT /price-lists/{id}': () => tradeList(changed.sku),
    'POST /search/synonyms': synonyms,
    'PUT /search/synonyms/{id}': synonyms,
    'POST /search/placements': () => placement(sold.id),
    'PUT /search/placements/{id}': () => placement(sold.id),
    'POST /stock/{sku}/adjustments': () => ({ delta: 1, reason: 'fuzz' }),
    'PUT /stock/{sku}/threshold': () => ({ units: 1 }),
    'POST /cart/items': () => ({ sku: sold.sku, quantity: 1 }),
    'PATCH /cart/items/{sku}': () => ({ quantity: 1 }),
    'POST /checkout/quote': () => ({ ...basket, shippingAddress: place, shippingOption: 'standard' }),
    'POST /shipping/calculate': () => ({ ...basket, address: place }),
    'POST /shipping/track': () => ({ orderId: orders.paid }),
    'POST /orders': () => ({
      ...basket,
      email: 'fuzz@example.com',
      shippingAddress: ADDRESS,
      shippingOption: 'standard',
      payment: { method: 'cash-on-delivery' },
    }),
    'POST /order': () => ({ userId: person.id, items: [{ productId: sold.id, qty: 1 }], paymentMethod: 'CASH_ON_DELIVERY' }),
    'PUT /orders/{orderId}/status': () => ({ status: 'PROCESSING' }),
    'POST /payment/checkout': () => ({ orderId: orders.seen, method: 'cash-on-delivery' }),
    'POST /payment/refund': () => ({ orderId: orders.paid, amount: euros(1), reason: 'fuzz' }),
    'POST /notifications/send': () => ({ userId: person.id, channel: 'email', template: 'plain', data: { subject: 'Fuzz', text: 'Fuzz' } }),
    'POST /dead-letters/replay': () => ({ service: 'orders', stream: 'order.events', key: randomUUID() }),
    'POST /dead-letters/repair': () => ({ ...letter, data: {} }),
    'POST /dead-letters/drop': () => ({ ...letter }),
  }
}

/** One word: between letters and digits another begins. */
const word = () =>
  randomUUID()
    .slice(0, 13)
    .replaceAll('-', '')
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] as string)
const synonyms = () => ({ words: [`fuzz ${word()}`, 'fuzzy thing'] })
const placement = (productId: string) => ({ question: `fuzz ${word()}`, pinned: [productId], buried: [] })

/** A wish of each kind that may be replaced, and one that may be deleted. */
async function searchWishes(origin: string, token: string, productId: string): Promise<Record<string, string>> {
  const ids: Record<string, string> = {}
  for (const method of ['PUT', 'DELETE'])
    for (const [kind, body] of [
      ['synonyms', synonyms()],
      ['placements', placement(productId)],
    ] as const)
      ids[`${method} /search/${kind}/{id}`] = (await ask(origin, `POST /api/search/${kind}`, { token, body })).body.id
  return ids
}

const tradeList = (sku: string) => ({ name: 'Fuzz', currency: 'EUR', group: 'fuzz', prices: [{ sku, minQuantity: 2, price: 90 }] })

async function priceList(origin: string, token: string, sku: string): Promise<string> {
  return (await ask(origin, 'POST /api/price-lists', { token, body: tradeList(sku) })).body.id
}

async function imported(origin: string, token: string, sku: string): Promise<string> {
  const line = JSON.stringify({ name: 'A fuzzy piece', status: 'draft', variants: [{ sku, price: euros(100) }] })
  const headers = { 'content-type': 'application/x-ndjson' }
  return (await ask(origin, 'POST /api/imports/products', { token, headers, body: `${line}\n` })).body.importId
}

/** Cursors that the shop itself gave. */
async function cursorsOf(origin: string, admin: string, token: string, sku: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const lists: readonly (readonly [string, string, string])[] = [
    ['GET /products', '/api/products?limit=1', token],
    ['GET /orders', '/api/orders?limit=1', token],
    ['GET /price-lists', '/api/price-lists?limit=1', admin],
    ['GET /search/synonyms', '/api/search/synonyms?limit=1', admin],
    ['GET /search/placements', '/api/search/placements?limit=1', admin],
    ['GET /notifications/history', '/api/notifications/history?limit=1', token],
    ['GET /stock/{sku}/movements', `/api/stock/${sku}/movements?limit=1`, admin],
    ['GET /sandbox/inbox', '/api/sandbox/inbox?limit=1', token],
    ['GET /sandbox/gateway/charges', '/api/sandbox/gateway/charges?limit=1', admin],
  ]
  for (const [name, path, who] of lists) {
    const { body } = await ask(origin, `GET ${path}`, { token: who })
    if (typeof body.nextCursor === 'string') found.set(name, body.nextCursor)
  }
  return found
}
