/** The cart's room with its neighbours played: wares that tests put on sale, and neighbours that can be switched off. */
import type { Keeper } from '@stoa/chassis/cache/keeper.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import type { Played } from '@stoa/chassis/testing/pacts/needs.ts'
import { openRoom, type Account, type Room } from '@stoa/chassis/testing/room.ts'
import { newId } from '@stoa/kit/ids.ts'
import cart from '../service.ts'

interface Ware {
  price: number
  available: number
  active: boolean
}
type Basket = { sku: string; quantity: number }[]

export const productId = newId()
export const money = (amount: number) => ({ amount, currency: 'EUR' })
/** What is sold; `restock` puts A to D on sale again. */
export const wares = new Map<string, Ware>()
/** Services that cannot be reached. */
export const away = new Set<string>()
/** For whom prices were asked last, and how often they were. */
export const priced: { buyer?: object; times: number } = { times: 0 }
/** Orders that exist. */
export const orders = new Set<string>()

export function restock(): void {
  away.clear()
  wares.clear()
  for (const sku of ['A', 'B', 'C', 'D']) wares.set(sku, { price: 1000, available: 50, active: true })
}

/** Who the cart asks. */
export const calls = {
  'catalog.DescribeSkus': describeSkus,
  'pricing.PriceItems': priceItems,
  'inventory.AvailabilityOf': availabilityOf,
  'orders.OrderStates': orderStates,
}

export function openCartRoom({ played = calls, keeper }: { played?: Played; keeper?: Keeper } = {}): Promise<Room> {
  return openRoom({
    services: [cart],
    ...(keeper ? { keeper } : {}),
    deadlines: { cart: ['carts.updated_at', 'keyed_additions.at', 'taken_orders.taken_at'] },
    calls: played,
  })
}

/** How somebody comes: logged in, with a cookie, with headers. */
export type Who = { as?: Account; cookies?: Record<string, string>; headers?: Record<string, string> }
export const both = (account: Who, guest: Who): Who => ({ ...account, ...guest })
export const units = (answer: { body: { items: Basket } }) => Object.fromEntries(answer.body.items.map((one) => [one.sku, one.quantity]))

/** What shoppers do in `room`. */
export function shoppersOf(room: () => Room) {
  const look = (who: Who = {}) => room().request('GET /api/cart', who)
  const add = (sku: string, quantity: number, who: Who = {}) => room().request('POST /api/cart/items', { body: { sku, quantity }, ...who })
  return {
    look,
    add,
    change: (sku: string, quantity: number, who: Who) => room().request(`PATCH /api/cart/items/${sku}`, { body: { quantity }, ...who }),
    remove: (sku: string, who: Who) => room().request(`DELETE /api/cart/items/${sku}`, who),
    /** Somebody logged in, without a cart. */
    shopper: (): Who => ({ as: room().account() }),
    /** A guest whose cart holds something: the cookie that names it. */
    guestWith: async (sku: string, quantity: number): Promise<Who> => {
      const answer = await add(sku, quantity)
      return { cookies: { stoa_cart: answer.cookies[0]?.value ?? '' } }
    },
    cartIdOf: async (who: Who) => (await look(who)).body.id as string,
  }
}

function pass(service: string): void {
  if (away.has(service)) throw new Fault('unavailable', `${service} is away for the test`)
}

function describeSkus({ skus }: { skus: string[] }) {
  pass('catalog')
  const facts = (sku: string) => ({
    sku,
    productId,
    variantId: productId,
    slug: sku.toLowerCase(),
    name: `The ${sku}`,
    options: {},
    image: null,
  })
  return { items: skus.filter((sku) => wares.has(sku)).map((sku) => ({ ...facts(sku), active: wares.get(sku)?.active })) }
}

function priceItems({ items, ...buyer }: { items: Basket }) {
  pass('pricing')
  priced.buyer = buyer
  priced.times++
  const lines = items.flatMap(({ sku, quantity }) => {
    const unit = wares.get(sku)?.price
    if (unit === undefined) return []
    return { sku, quantity, unitPrice: money(unit), discount: money(0), tax: money(quantity), total: money(unit * quantity), why: [] }
  })
  return { lines, subtotal: money(0), discount: money(0), tax: money(0), taxIncluded: true, total: money(0), currency: 'EUR' }
}

function availabilityOf({ skus }: { skus: string[] }) {
  pass('inventory')
  return { items: skus.filter((sku) => wares.has(sku)).map((sku) => ({ sku, available: wares.get(sku)?.available, low: false })) }
}

function orderStates({ orderIds }: { orderIds: string[] }) {
  return { items: orderIds.filter((id) => orders.has(id)).map((orderId) => ({ orderId, status: 'PENDING', total: money(1) })) }
}
